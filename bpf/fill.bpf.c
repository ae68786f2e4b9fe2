// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fill the stacks of unused slots. User space runs this program once after the load, because a
 * system call for each slot would take longer.
 */
#include "bpf/caches.bpf.h"
#include "bpf/loop.bpf.h"

/* Set by user space before the load. */
const volatile __u32 cache_slot_chunks = 0;
const volatile __u32 freed_slot_chunks = 0;

/* Fill in the chunks of a block, counted from the last one. Returns 0. */
__noinline __weak int fill_block(__u32 block)
{
	for (__u32 i = 1; i <= BLOCK; i++) {
		__u32 behind = block * BLOCK + i;

		if (behind <= cache_slot_chunks)
			fill_cache_slots(cache_slot_chunks - behind);
		if (behind <= freed_slot_chunks)
			fill_freed_slots(freed_slot_chunks - behind);
	}
	return 0;
}

/* User space runs this program by BPF_PROG_TEST_RUN; it is attached to no tracepoint. */
SEC("raw_tp")
int fill_stacks(void *ctx __attribute__((unused)))
{
	fill_slab_scans();
	for (__u32 block = 0; block < BLOCKS; block++)
		fill_block(block);
	return 0;
}
