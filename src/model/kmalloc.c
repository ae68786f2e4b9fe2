// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "model/kmalloc.h"

#define PAGE   4096ULL
#define PREFIX "kmalloc-"

void kmalloc_learn(struct kmalloc *k, const char *cache_name, __u32 object_size, __u32 size)
{
	const char *number = cache_name + strlen(PREFIX);

	if (strncmp(cache_name, PREFIX, strlen(PREFIX)) || *number < '0' || *number > '9')
		return;
	for (unsigned int i = 0; i < k->count; i++)
		if (k->buckets[i].object_size == object_size)
			return;
	if (k->count == KMALLOC_BUCKETS)
		return;
	k->buckets[k->count].object_size = object_size;
	k->buckets[k->count++].size = size;
}

__u64 kmalloc_charged(const struct kmalloc *k, __u64 bytes)
{
	__u64 charged = PAGE, object_size = ~0ULL;

	if (!bytes)
		return 0;
	while (charged < bytes)
		charged *= 2;
	for (unsigned int i = 0; i < k->count; i++) {
		if (k->buckets[i].object_size < bytes || k->buckets[i].object_size >= object_size)
			continue;
		object_size = k->buckets[i].object_size;
		charged = k->buckets[i].size;
	}
	return charged;
}
