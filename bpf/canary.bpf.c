// SPDX-License-Identifier: GPL-2.0-only
/*
 * The canary: freed bytes are read again, when the front end asks. What the
 * allocator does to them is known: it hands them out, which takes them out of
 * the freed set; it gives their page back, likewise; it moves the free-list
 * word. Any other change is a stray write.
 */
#include "bpf/freed.bpf.h"
#include "bpf/loop.bpf.h"

__u64 sweep_compared = 0;
__u64 sweep_blind = 0;   /* words taken anew: an allocation had failed meanwhile */
__u64 sweep_skipped = 0; /* an allocation was in flight, or the slot changed hands */

/* Which bits differ, in any word but one. */
static __always_inline __u64 difference(const __u64 *a, const __u64 *b, __u32 except)
{
	__u64 bits = 0;

	for (__u32 i = 0; i < KNODE_WORDS; i++)
		bits |= i == except ? 0 : a[i] ^ b[i];
	return bits;
}

/* The slot may be given to another structure at any time: then nothing is told. */
static __always_inline void emit_canary(struct freed_slot *slot, __u64 freed_ns, const __u64 *old,
					const __u64 *words)
{
	struct canary_record *e = reserve_access(RECORD_CANARY, sizeof(*e));

	if (!e)
		return;
	e->freed = slot->freed;
	e->words = bpf_core_type_size(struct kmem_cache_node) / sizeof(*words);
	e->pad = 0;
	__builtin_memcpy(e->old_words, old, sizeof(e->old_words));
	__builtin_memcpy(e->new_words, words, sizeof(e->new_words));
	barrier();
	if (slot->freed.freed_ns == freed_ns) {
		bpf_ringbuf_submit(e, 0);
	} else {
		__sync_fetch_and_add(&sweep_skipped, 1);
		bpf_ringbuf_discard(e, 0);
	}
}

/* Could the allocator have written there since? Its work takes the address out of the set. */
static __always_inline bool untouched(struct freed_slot *slot, __u64 freed_ns, __u64 begun)
{
	barrier();
	return !allocating && allocations == begun && slot->freed.freed_ns == freed_ns;
}

/* Do the words tell of a stray write? In use: so says the free-list word. */
static __always_inline bool stray(const __u64 *old, const __u64 *words, bool in_use)
{
	__u32 at = BPF_CORE_READ((struct kmem_cache *)knode_cache, offset) / sizeof(*words);

	/* Of the free-list word, what is none. */
	return difference(words, old, in_use ? KNODE_WORDS : at);
}

static __always_inline void remember(struct freed_look *look, __u64 freed_ns, __u64 blind,
				     const __u64 *words)
{
	__builtin_memcpy(look->words, words, sizeof(look->words));
	look->blind = blind;
	look->freed_ns = freed_ns;
}

__noinline __weak int sweep_slot(__u32 index)
{
	struct freed_slot *slot = bpf_map_lookup_elem(&freed_slots, &index);
	__u64 words[KNODE_WORDS] = {}, old[KNODE_WORDS];
	__u64 freed_ns, address, blind, begun = allocations, failed = failed_allocations;
	struct freed_look *look;
	bool in_use;

	if (!slot || !slot->freed.freed_ns)
		return 0;
	freed_ns = slot->freed.freed_ns;
	barrier();
	address = slot->freed.address;
	if (!on_slab(address)) {
		freed_remove(address);
		return 0;
	}
	look = slot->last.freed_ns == freed_ns ? &slot->last : &slot->first;
	blind = look->blind;
	__builtin_memcpy(old, look->words, sizeof(old));
	read_words(words, address);
	in_use = structure_state(address) == PREV_IN_USE;
	/* All that it is judged by has been read. */
	if (!on_slab(address) || !untouched(slot, freed_ns, begun)) {
		__sync_fetch_and_add(&sweep_skipped, 1);
		return 0;
	}
	__sync_fetch_and_add(&sweep_compared, 1);
	/* One that fails takes addresses out of no set: they have been written, and are back. */
	if (blind != failed || failed_allocations != failed)
		__sync_fetch_and_add(&sweep_blind, 1);
	else if (stray(old, words, in_use))
		emit_canary(slot, freed_ns, old, words);
	remember(&slot->last, freed_ns, failed, words);
	return 0;
}

__noinline __weak int sweep_chunk(__u32 chunk)
{
	for (__u32 i = 0; i < CHUNK; i++)
		sweep_slot(chunk * CHUNK + i);
	return 0;
}

__noinline __weak int sweep_block(__u32 block)
{
	for (__u32 i = 0; i < BLOCK; i++) {
		if (block * BLOCK + i >= freed_chunks)
			break;
		sweep_chunk(block * BLOCK + i);
	}
	return 0;
}

/*
 * Run by BPF_PROG_TEST_RUN; never attached to a tracepoint. Its own loads hit the
 * watchpoints: they are a cold worker's, as the allocator's are.
 */
SEC("raw_tp")
int sweep(void *ctx __attribute__((unused)))
{
	__u32 tid = bpf_get_current_pid_tgid();

	cold_enter(0);
	for (__u32 block = 0; block < BLOCKS; block++) {
		if (block * BLOCK >= freed_chunks)
			break;
		sweep_block(block);
	}
	cold_exit(0);
	bpf_map_delete_elem(&cold_workers, &tid);
	return 0;
}
