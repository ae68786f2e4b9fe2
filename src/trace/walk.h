/* SPDX-License-Identifier: GPL-2.0-only */
/* One walk over all caches and nodes, taken in whole; nothing need be traced. */
#ifndef SLUBNODE_SNAPSHOT_H
#define SLUBNODE_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include "bpf/records.h"
#include "base/node_set.h"

struct snapshot_cache {
	__u64 address;
	__u32 size;           /* bytes of a slot */
	__u32 object_size;    /* bytes of an object */
	__u32 slab_bytes;     /* of one slab */
	__u32 sheaf_capacity; /* objects in a sheaf; 0: none */
	__u64 seniority;      /* seniority_of_cache() */
	char name[CACHE_NAME_LEN];
};

struct snapshot_structure {
	__u64 address; /* or 0: 7.2+, a barn of a node that has CPUs only */
	__u64 barn;    /* or 0 */
	__u32 sheaves; /* in the barn */
	__u32 cache;   /* index in caches */
	__s32 nid;
	__s32 home; /* node whose memory it sits on; -1: not known */
	bool late;  /* it came while its node had no memory; by report_make() */
};

struct snapshot {
	struct snapshot_cache *caches;
	struct snapshot_structure *structures;
	size_t cache_count, structure_count;
	struct node_set possible;
	struct node_set any_memory; /* nodes with memory of any zone */
	struct node_set memory;     /* nodes with memory that counts for structures */
	bool late_possible;         /* this kernel allocates for nodes without memory */
	__u64 boot;                 /* seniority_of_boot() */
	__u64 walk_ns;              /* how long the walk took */
	bool hidden;                /* kallsyms shows no addresses */
	const char *walk;           /* "iterator", "list" */
	/* sizeof, by BTF; 0: there is no such structure */
	__u64 node_bytes, barn_bytes, sheaf_bytes, pgdat_bytes;
};

struct snapshots;

/* Load what it takes. 0, or an exit code and the reason has been said. */
int snapshots_open(struct snapshots **snapshots, const char *btf_file);
void snapshots_close(struct snapshots *s);

/*
 * Take one; again with more room if a walk did not fit. 0, or an exit code
 * (EXIT_INCONCLUSIVE: no walk reached its end) and the reason has been said.
 */
int snapshot_take(struct snapshots *s, struct snapshot *snapshot);
void snapshot_free(struct snapshot *snapshot);

#endif /* SLUBNODE_SNAPSHOT_H */
