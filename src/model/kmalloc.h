/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory that kmalloc() consumes (mm/slab_common.c: kmalloc_info[]; mm/slub.c: large
 * allocations).
 */
#ifndef SLUBNODE_KMALLOC_H
#define SLUBNODE_KMALLOC_H

#include <linux/types.h>

#define KMALLOC_BUCKETS 32

struct kmalloc {
	struct {
		__u32 object_size; /* the largest allocation that fits */
		__u32 size;        /* bytes that an object consumes */
	} buckets[KMALLOC_BUCKETS];
	unsigned int count;
};

/* Learn the sizes of a cache. A cache other than a plain bucket (kmalloc-N) is ignored. */
void kmalloc_learn(struct kmalloc *k, const char *cache_name, __u32 object_size, __u32 size);

/*
 * Return the memory that kmalloc(bytes) consumes: the smallest bucket that fits or,
 * above the largest, a power-of-two number of pages. The result for 0 is 0.
 */
__u64 kmalloc_charged(const struct kmalloc *k, __u64 bytes);

#endif /* SLUBNODE_KMALLOC_H */
