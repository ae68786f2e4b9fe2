// SPDX-License-Identifier: GPL-2.0-only
/*
 * The canary: freed bytes are read again, when the front end asks. What the
 * allocator does to them is known: it hands them out, which takes them out of
 * the freed set; it gives their page back, likewise; it moves the free-list
 * word. Any other change is a stray write.
 */
#include "kernel.bpf.h"

__u64 sweep_compared = 0;
__u64 sweep_blind = 0;   /* words taken anew: an allocation had failed meanwhile */
__u64 sweep_skipped = 0; /* an allocation was in flight */

static __always_inline bool words_differ(const __u64 *a, const __u64 *b, __u32 words, __u32 except)
{
	for (__u32 i = 0; i < KNODE_WORDS; i++) {
		if (i >= words)
			break;
		if (i != except && a[i] != b[i])
			return true;
	}
	return false;
}

static __always_inline void emit_canary(struct freed_slot *slot, const __u64 *words)
{
	struct canary_event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (!e) {
		__sync_fetch_and_add(&lost_accesses, 1);
		return;
	}
	fill_head(&e->event, EVENT_CANARY);
	e->freed = slot->freed;
	e->words = bpf_core_type_size(struct kmem_cache_node) / sizeof(*words);
	e->pad = 0;
	__builtin_memcpy(e->old_words, slot->words, sizeof(e->old_words));
	__builtin_memcpy(e->new_words, words, sizeof(e->new_words));
	bpf_ringbuf_submit(e, 0);
}

/* Could the allocator have written there since? Its work takes the address out of the set. */
static __always_inline bool untouched(struct freed_slot *slot, __u64 freed_ns, __u64 begun)
{
	return !allocating && allocations == begun && slot->freed.freed_ns == freed_ns;
}

static __always_inline void sweep_slot(__u32 index)
{
	struct freed_slot *slot = bpf_map_lookup_elem(&freed_slots, &index);
	__u64 words[KNODE_WORDS] = {}, freed_ns, begun = allocations, failed = failed_allocations;
	__u32 size = bpf_core_type_size(struct kmem_cache_node), offset;

	if (!slot || !slot->freed.freed_ns)
		return;
	freed_ns = slot->freed.freed_ns;
	if (!on_slab(slot->freed.address)) {
		freed_remove(slot->freed.address);
		return;
	}
	offset = BPF_CORE_READ((struct kmem_cache *)knode_cache, offset) / sizeof(*words);
	if (size > sizeof(words))
		size = sizeof(words);
	bpf_probe_read_kernel(words, size, (void *)slot->freed.address);
	if (!untouched(slot, freed_ns, begun) || !on_slab(slot->freed.address)) {
		__sync_fetch_and_add(&sweep_skipped, 1);
		return;
	}
	__sync_fetch_and_add(&sweep_compared, 1);
	if (slot->blind != failed)
		__sync_fetch_and_add(&sweep_blind, 1);
	else if (words_differ(words, slot->words, size / sizeof(*words), offset))
		emit_canary(slot, words);
	else if (structure_state(slot->freed.address) == PREV_IN_USE &&
		 words[offset & (KNODE_WORDS - 1)] != slot->words[offset & (KNODE_WORDS - 1)])
		emit_canary(slot, words);
	slot->blind = failed;
	__builtin_memcpy(slot->words, words, sizeof(slot->words));
}

__noinline __weak int sweep_chunk(__u32 chunk)
{
	for (__u32 i = 0; i < CHUNK; i++)
		sweep_slot(chunk * CHUNK + i);
	return 0;
}

/* Run by BPF_PROG_TEST_RUN; never attached to a tracepoint. */
SEC("raw_tp")
int sweep(void *ctx __attribute__((unused)))
{
	for (__u32 chunk = 0; chunk < CHUNKS; chunk++) {
		if (chunk >= freed_chunks)
			break;
		sweep_chunk(chunk);
	}
	return 0;
}
