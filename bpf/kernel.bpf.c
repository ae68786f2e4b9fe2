// SPDX-License-Identifier: GPL-2.0-only
/* What the programs know of the running kernel beyond its BTF. */
#include "bpf/kernel.bpf.h"

const volatile __u32 nr_node_ids = 1;
const volatile __u64 slab_caches_at = 0;
const volatile __u64 page_offset_base_at = 0;
const volatile __u64 vmemmap_base_at = 0;
const volatile __u32 node_bits = 0;

__u64 knode_cache = 0;

/*
 * s->node[nid] alone. A function of its own: clang moves the offset out of a
 * caller's loop, and so out of the branch that asks whether the field exists.
 */
__noinline __weak __u64 node_pointer(__u64 cache, __u32 nid)
{
	__u64 barn;

	return cache_node((struct kmem_cache *)cache, nid, &barn);
}

char LICENSE[] SEC("license") = "GPL";
