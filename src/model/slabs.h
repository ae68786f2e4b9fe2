/* SPDX-License-Identifier: GPL-2.0-only */
/* The slabs of caches on nodes that have memory: they keep a node from going offline. */
#ifndef SLUBNODE_SLABS_H
#define SLUBNODE_SLABS_H

#include <stdbool.h>
#include <stddef.h>
#include "bpf/records.h"

/* The slabs of one cache on one node. Their objects are capacity and no use, and are not counted. */
struct cache_slabs {
	__u64 cache; /* address */
	__s64 slabs; /* -1: not known */
	__u64 partial;
	__s64 bytes; /* as if each slab had the preferred order; -1: not known */
	int nid;
	bool reclaimable; /* the kernel can ask the owners of the objects to free them */
	char name[CACHE_NAME_LEN];
};

struct slab_list {
	struct cache_slabs *list;
	size_t count;
	size_t shown;  /* of the list; set by slab_list_sum(), like what follows */
	size_t caches; /* that have slabs there */
	__u64 partial;
	__s64 slabs, bytes, reclaimable_bytes; /* -1: not known */
};

/* Add a record, or what a record has become. Returns 0 or -ENOMEM. */
int slab_list_feed(struct slab_list *l, const struct slabs_record *r);
int slab_list_add(struct slab_list *l, const struct cache_slabs *c);

/* Drop what was added of a node; -1: all. */
void slab_list_drop(struct slab_list *l, int nid);
void slab_list_free(struct slab_list *l);

/*
 * Sort the list, the largest first, and sum it up. `counted': the kernel counts slabs
 * (CONFIG_SLUB_DEBUG). Of the list, `top' are shown; 0: all.
 */
void slab_list_sum(struct slab_list *l, bool counted, size_t top);

#endif /* SLUBNODE_SLABS_H */
