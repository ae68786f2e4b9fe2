/* SPDX-License-Identifier: GPL-2.0-only */
/* The tracked caches, and the records of caches, structures and walks. */
#ifndef SLUBNODE_CACHES_BPF_H
#define SLUBNODE_CACHES_BPF_H

#include "bpf/freed.bpf.h"
#include "bpf/loop.bpf.h"

extern const volatile __u32 cache_slot_count; /* room for tracked caches */
extern __u64 iterated_cache;   /* the cache that the iterator holds a reference to, or 0 */
extern __u32 cache_chunks;     /* chunks of tracked caches */
extern __u32 walk_digest_only; /* the present walk over all caches emits its digest alone */
extern __u32 walk_unusual;     /* what makes the ledger ask for a walk with records */

/*
 * Global functions, which the verifier checks once for all callers. Their
 * arguments are scalars, because the verifier of Linux 5.10 accepts no others.
 * walk is the id of a walk, or 0. flags are those of object_state() for the structures that
 * the node pointers name; NO_LOOK: their states are not looked at.
 */
#define NO_LOOK (~0U)

int emit_cache(__u64 cache, __u64 walk, __u32 change, __u64 name);
int emit_structure(__u64 cache, __u64 walk, __u32 nid, __u32 flags);
int emit_structures(__u64 cache, __u64 walk, __u32 flags);
int digest_name(__u64 cache);
__u64 digest_structure(__u64 cache, __u32 nid);
int emit_sought(__u64 walk);
int emit_walk_begin(__u64 walk, __u32 reason, __u32 nid);
int emit_walk_end(__u64 walk, __u32 reason, __u32 nid, __u32 caches, __u32 complete);
int track_cache(__u64 cache);
int is_tracked(__u64 cache);
int untrack_cache(__u64 cache);
int forget_cache(__u64 cache);
int track_visited(__u64 cache, __u32 name);
int push_cache_slot(__u32 index);
int walk_tracked_block(__u32 block, __u64 walk, __u32 nid, __u32 names);

/*
 * Emit the changes of all tracked caches for one node. This is no function of its own, because
 * functions call each other at most eight deep.
 */
static __always_inline void walk_tracked(__u64 walk, __u32 nid, __u32 names)
{
	for (__u32 block = 0; block < BLOCKS; block++) {
		if (block * BLOCK >= cache_chunks)
			break;
		walk_tracked_block(block, walk, nid, names);
	}
}

#endif /* SLUBNODE_CACHES_BPF_H */
