// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fill the stacks of unused slots. User space runs this program once after the load, because a
 * system call for each slot would take longer.
 */
#include "bpf/caches.bpf.h"
#include "bpf/loop.bpf.h"

/* Push the unused slots of this index. The highest comes first, so that the lowest is on top. */
static __always_inline void push_slots(__u32 index)
{
	push_slab_scan(index);
	push_cache_slot(index);
	push_freed_slot(index);
}

/* Push CHUNK slots of each kind, down to the first. The loops have no branches. Returns 0. */
__noinline __weak int fill_chunk(__u32 first)
{
#pragma clang loop unroll(disable)
	for (__u64 i = CHUNK; i; i--)
		push_slots(first + i - 1);
	return 0;
}

/* Push BLOCK chunks, down to the first. Returns 0. */
__noinline __weak int fill_block(__u32 first)
{
#pragma clang loop unroll(disable)
	for (__u64 i = BLOCK; i; i--)
		fill_chunk(first + (i - 1) * CHUNK);
	return 0;
}

/* User space runs this program by BPF_PROG_TEST_RUN; it is attached to no tracepoint. */
SEC("raw_tp")
int fill_stacks(void *ctx __attribute__((unused)))
{
	for (__u32 block = BLOCKS; block; block--) {
		__u32 first = (block - 1) * BLOCK * CHUNK;

		if (first < cache_slot_count || first < freed_slot_count || first < SLAB_SCANS)
			fill_block(first);
	}
	return 0;
}
