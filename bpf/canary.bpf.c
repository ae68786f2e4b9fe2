// SPDX-License-Identifier: GPL-2.0-only
/*
 * The canary: read the memory of freed structures again, at the request of user
 * space. The allocator changes it in three ways only: it allocates the structure,
 * or it returns the slab to the page allocator (either removes the structure from
 * the freed set), or it writes the free-list word. Any other change is a stray
 * write.
 */
#include "bpf/freed.bpf.h"
#include "bpf/loop.bpf.h"

__u64 sweep_compared = 0; /* structures compared */
__u64 sweep_blind = 0;    /* of those, unusable: an allocation had failed meanwhile */
__u64 sweep_skipped = 0;  /* an allocation was running, or the slot was reused */

/* Compare two copies of a structure, except for one word. Returns the bits that differ. */
static __always_inline __u64 differing_bits(const __u64 *a, const __u64 *b, __u32 except)
{
	__u64 bits = 0;

	for (__u32 i = 0; i < KNODE_WORDS; i++)
		bits |= i == except ? 0 : a[i] ^ b[i];
	return bits;
}

/* Emit a stray write, unless the slot is reused for another structure meanwhile. */
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

/*
 * Check that the allocator cannot have written to the structure since the counter
 * allocations had the value begun. Returns whether no allocation ran and the structure
 * is still in the set.
 */
static __always_inline bool untouched(struct freed_slot *slot, __u64 freed_ns, __u64 begun)
{
	barrier();
	return !allocating && allocations == begun && slot->freed.freed_ns == freed_ns;
}

/*
 * Compare a structure's words with those of the previous sweep. in_use means that its
 * free-list word is not valid. Returns whether they show a stray write.
 */
static __always_inline bool is_stray_write(const __u64 *old, const __u64 *words, bool in_use)
{
	__u32 at = BPF_CORE_READ((struct kmem_cache *)knode_cache, offset) / sizeof(*words);

	/* A valid free-list word may change; one that is not valid was overwritten. */
	return differing_bits(words, old, in_use ? KNODE_WORDS : at);
}

static __always_inline void save_look(struct freed_look *look, __u64 freed_ns, __u64 blind,
				      const __u64 *words)
{
	__builtin_memcpy(look->words, words, sizeof(look->words));
	look->blind = blind;
	look->freed_ns = freed_ns;
}

/* Compare one entry of the freed set. Returns 0. */
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
	in_use = structure_state(address) == OBJECT_ALLOCATED;
	/* Check this after everything that the comparison uses has been read. */
	if (!on_slab(address) || !untouched(slot, freed_ns, begun)) {
		__sync_fetch_and_add(&sweep_skipped, 1);
		return 0;
	}
	__sync_fetch_and_add(&sweep_compared, 1);
	/* A failed allocation has written to structures and freed them again. */
	if (blind != failed || failed_allocations != failed)
		__sync_fetch_and_add(&sweep_blind, 1);
	else if (is_stray_write(old, words, in_use))
		emit_canary(slot, freed_ns, old, words);
	save_look(&slot->last, freed_ns, failed, words);
	return 0;
}

/* Compare a chunk of the freed set. Returns 0. */
__noinline __weak int sweep_chunk(__u32 chunk)
{
	for (__u32 i = 0; i < CHUNK; i++)
		sweep_slot(chunk * CHUNK + i);
	return 0;
}

/* Compare a block of chunks. Returns 0. */
__noinline __weak int sweep_block(__u32 block)
{
	for (__u32 i = 0; i < BLOCK; i++) {
		if ((block * BLOCK + i) * CHUNK >= freed_used)
			break;
		sweep_chunk(block * BLOCK + i);
	}
	return 0;
}

/*
 * User space runs this program by BPF_PROG_TEST_RUN; it is attached to no
 * tracepoint. Its own loads hit watchpoints, so it counts as SLUB's own work.
 */
SEC("raw_tp")
int sweep(void *ctx __attribute__((unused)))
{
	__u32 tid = bpf_get_current_pid_tgid();

	slub_work_begin(0, 1);
	for (__u32 block = 0; block < BLOCKS; block++) {
		if (block * BLOCK * CHUNK >= freed_used)
			break;
		sweep_block(block);
	}
	slub_work_end(0, 1);
	bpf_map_delete_elem(&slub_workers, &tid);
	return 0;
}
