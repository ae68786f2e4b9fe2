/* SPDX-License-Identifier: GPL-2.0-only */
/* The caches that are tracked, and the records of caches, structures and walks. */
#ifndef SLUBNODE_CACHES_BPF_H
#define SLUBNODE_CACHES_BPF_H

#include "bpf/freed.bpf.h"

extern __u64 iterated; /* the cache on which the iterator holds a reference, or 0 */

/*
 * Global functions: verified once, whoever calls them. 5.10 takes scalars
 * only. Those of nothing to return return 0.
 */
int emit_cache(__u64 cache, __u64 walk, __u32 change, __u64 name);
int emit_structure(__u64 cache, __u64 walk, __u32 nid, __u32 settled);
int emit_structures(__u64 cache, __u64 walk, __u32 settled);
int emit_walk_begin(__u64 walk, __u32 reason, __u32 nid);
int emit_walk_end(__u64 walk, __u32 reason, __u32 nid, __u32 caches, __u32 complete);
int track(__u64 cache);
int is_tracked(__u64 cache);
int untrack(__u64 cache);
int walk_tracked(__u64 walk, __u32 nid, __u32 settled);

#endif /* SLUBNODE_CACHES_BPF_H */
