/* SPDX-License-Identifier: GPL-2.0-only */
/* A snapshot: all caches and node structures, as one walk found them. */
#ifndef SLUBNODE_SNAPSHOT_H
#define SLUBNODE_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include "base/node_set.h"
#include "bpf/records.h"
#include "model/slabs.h"

struct snapshot_cache {
	__u64 address;
	__u32 size;           /* bytes that an object takes in its slab */
	__u32 object_size;    /* bytes of an object */
	__u32 slab_bytes;     /* of one slab */
	__u32 sheaf_capacity; /* objects in a sheaf; 0: none */
	char name[CACHE_NAME_LEN];
};

struct snapshot_structure {
	__u64 address; /* or 0: since Linux 7.1 a node without memory has a barn for its CPUs */
	__u64 barn;    /* or 0 */
	__u32 sheaves; /* in the barn */
	__u32 cache;   /* index in caches */
	__s32 nid;
	__s32 home; /* node on whose memory it lies; -1: not known */
	bool late;  /* allocated while its node had no memory; set by report_make() */
};

struct snapshot {
	struct snapshot_cache *caches;
	struct snapshot_structure *structures;
	size_t cache_count, structure_count;
	size_t allocated_count; /* of the structures: those that are more than a barn */
	struct node_set possible;
	struct node_set any_memory; /* nodes with memory of any zone */
	struct node_set memory;     /* nodes with memory that counts for structures */
	struct node_set slabs_of;   /* nodes with memory whose slabs are in the snapshot */
	struct slab_list slabs;
	bool slabs_counted;         /* the kernel counts them (CONFIG_SLUB_DEBUG) */
	struct node_set barns_used; /* nodes whose barns their CPUs use, with memory or without */
	bool late_possible;         /* this kernel allocates for nodes without memory */
	__u64 wall_ns;              /* CLOCK_REALTIME before the walk */
	__u64 walk_ns;              /* how long the walk took */
	bool hidden;                /* kallsyms shows no addresses */
	const char *walk;           /* "iterator", "list" */
	char kernel[65];            /* uname -r */
	/* sizeof, by BTF; 0: there is no such structure */
	__u64 node_bytes, barn_bytes, sheaf_bytes, pgdat_bytes;
};

#endif /* SLUBNODE_SNAPSHOT_H */
