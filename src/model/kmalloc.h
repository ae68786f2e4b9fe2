/* SPDX-License-Identifier: GPL-2.0-only */
/* What a kmalloc() takes (mm/slab_common.c: kmalloc_info; mm/slub.c: large ones). */
#ifndef SLUBNODE_KMALLOC_H
#define SLUBNODE_KMALLOC_H

#include <linux/types.h>

#define KMALLOC_BUCKETS 32

struct kmalloc {
	struct {
		__u32 object; /* bytes, at most */
		__u32 slot;   /* bytes that each takes */
	} buckets[KMALLOC_BUCKETS];
	unsigned int count;
};

/* A cache that exists; those that are no plain bucket (kmalloc-N) are passed over. */
void kmalloc_learn(struct kmalloc *k, const char *cache_name, __u32 object_size, __u32 size);

/*
 * Bytes that an allocation of so many takes; beyond the buckets pages, as many
 * as a power of two; 0 of 0.
 */
__u64 kmalloc_charged(const struct kmalloc *k, __u64 bytes);

#endif /* SLUBNODE_KMALLOC_H */
