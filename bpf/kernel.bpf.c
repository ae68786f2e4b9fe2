// SPDX-License-Identifier: GPL-2.0-only
/* Addresses and sizes of the running kernel that its BTF does not have, and reads for loops. */
#include "bpf/kernel.bpf.h"

const volatile __u32 nr_node_ids = 1;
const volatile __u64 slab_caches_addr = 0;
const volatile __u64 page_offset_base_addr = 0;
const volatile __u64 vmemmap_base_addr = 0;
const volatile __u64 per_cpu_offset_addr = 0;
const volatile __u32 nr_cpu_ids = 1;
const volatile __u32 tid_step = 1;
const volatile __u32 node_bits = 0;

__u64 knode_cache = 0;
__u32 layout_is_known = 0;

/*
 * Read s->node[nid]. This is a function of its own because clang moves the
 * offset out of a caller's loop, and thereby out of the branch that checks
 * whether the field exists. Returns the node pointer, or 0.
 */
__noinline __weak __u64 read_node_ptr(__u64 cache, __u32 nid)
{
	return cache_node_ptr((struct kmem_cache *)cache, nid);
}

char LICENSE[] SEC("license") = "GPL";
