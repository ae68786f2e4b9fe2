/* SPDX-License-Identifier: GPL-2.0-only */
/* The cache kmem_cache_node: where it is, and how many allocations it has seen. */
#ifndef SLUBNODE_KNODE_BPF_H
#define SLUBNODE_KNODE_BPF_H

#include "bpf/slab.bpf.h"

extern const volatile bool count_slow_allocations; /* ___slab_alloc() is traced */
extern __u64 slow_allocations;                     /* its calls for kmem_cache_node */

/*
 * Global functions, which the verifier checks once for all callers. Their
 * arguments are scalars, because the verifier of Linux 5.10 accepts no others.
 */
int find_knode_cache(__u64 link);
int note_knode_cache(__u64 cache);
__u64 knode_allocations(void);

/* Count a call of ___slab_alloc(). */
static __always_inline void count_slow_allocation(__u64 cache)
{
	if (count_slow_allocations && cache == knode_cache)
		__sync_fetch_and_add(&slow_allocations, 1);
}

#endif /* SLUBNODE_KNODE_BPF_H */
