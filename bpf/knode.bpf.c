// SPDX-License-Identifier: GPL-2.0-only
/* The cache kmem_cache_node: where it is, and how many allocations it has seen. */
#include "bpf/knode.bpf.h"
#include "bpf/loop.bpf.h"

const volatile bool count_slow_allocations = false;
__u64 slow_allocations = 0;
__u64 missed_allocations = 0; /* set by user space: calls that the program missed, of any cache */

/*
 * Check that slabs have the layout that slab.bpf.c assumes: a structure of kmem_cache_node
 * itself must be allocated.
 */
static __always_inline void check_layout(__u64 cache)
{
	__u64 address = 0;

	for (__u32 nid = 0; nid < 1024; nid++) {
		if (nid >= nr_node_ids || address)
			break;
		address = read_node_ptr(cache, nid);
	}
	if (address && object_state(address, LOOK_ANYWAY) == OBJECT_ALLOCATED)
		layout_is_known = 1;
}

#define KNODE_NAME   "kmem_cache_node"
#define FIRST_CACHES 16 /* of the boot; it is the second of them, or near */

/* Take a cache for kmem_cache_node, if it has that name. Returns 1 if it has, otherwise 0. */
__noinline __weak int note_knode_cache(__u64 cache)
{
	char text[sizeof(KNODE_NAME)] = {};

	bpf_probe_read_kernel_str(text, sizeof(text),
				  BPF_CORE_READ((struct kmem_cache *)cache, name));
	for (__u32 i = 0; i < sizeof(text); i++)
		if (text[i] != KNODE_NAME[i])
			return 0;
	knode_cache = cache;
	if (!layout_is_known)
		check_layout(cache);
	return 1;
}

/*
 * Search slab_caches backwards for kmem_cache_node, from a link of the list. It is one of the
 * first caches of the boot, and new caches are added in front. Returns 0.
 */
__noinline __weak int find_knode_cache(__u64 link)
{
	for (__u32 i = 0; i < FIRST_CACHES; i++) {
		link = (__u64)BPF_CORE_READ((struct list_head *)link, prev);
		if (note_knode_cache(link - bpf_core_field_offset(struct kmem_cache, list)))
			break;
	}
	return 0;
}

/*
 * Count the changes of the lists of CHUNK CPUs, so that each allocation from a list counts.
 * A CPU that gives up its slab changes its list, too, without an allocation; a CPU with a slab
 * counts once more, so that this changes nothing. Returns the sum.
 */
__noinline __weak __u64 count_list_changes(__u32 first)
{
	__u64 cpu_slab, offset, sum = 0;

	if (!has_cpu_slabs())
		return 0;
	cpu_slab = (__u64)BPF_CORE_READ((struct kmem_cache *)knode_cache, cpu_slab);
	barrier_var(cpu_slab);
	offset = cpu_slab_offset();
	for (__u32 i = 0; i < CHUNK; i++) {
		if (first + i >= nr_cpu_ids)
			break;
		sum += cpu_slab_changes(cpu_slab, first + i);
		sum += cpu_slab_page(cpu_slab, first + i, offset) != 0;
	}
	return sum;
}

/*
 * Count the allocations from kmem_cache_node, from any zero. Some frees count as well, and an
 * allocation that takes a new slab counts twice. Returns a number of which differences are
 * never too small, or ALLOCATIONS_UNKNOWN.
 */
__noinline __weak __u64 knode_allocations(void)
{
	__u64 sum = 0;

	if (!layout_is_known)
		return ALLOCATIONS_UNKNOWN;
	/* Without lists of the CPUs each allocation calls ___slab_alloc(). */
	if (!has_cpu_slabs() || is_debugged((struct kmem_cache *)knode_cache))
		return count_slow_allocations ? slow_allocations + missed_allocations
					      : ALLOCATIONS_UNKNOWN;
	if (!per_cpu_offset_addr)
		return ALLOCATIONS_UNKNOWN;
	for (__u32 first = 0; first < 8192; first += CHUNK) {
		if (first >= nr_cpu_ids)
			break;
		sum += count_list_changes(first);
	}
	return sum;
}
