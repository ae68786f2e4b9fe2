// SPDX-License-Identifier: GPL-2.0-only
/*
 * The freed set: node structures that were freed and not handed out again, with
 * what their bytes were then. An address leaves it when a pointer holds it
 * again, or when its slab page leaves the cache.
 *
 * Structures are allocated and freed in few functions, all cold. While one of
 * them is in flight the set is behind the kernel; who is in one is noted here,
 * and its exit puts the set right.
 */
#include "bpf/freed.bpf.h"
#include "bpf/loop.bpf.h"

const volatile bool detect = false;
__u32 freed_now = 0;
__u32 freed_chunks = 0;
__u32 removing = 0;
__u64 freed_seen = 0;
__u64 freed_dropped = 0;
__u32 allocating = 0;
__u64 allocations = 0;
__u64 failed_allocations = 0;

/* Sized by the front end, which reads freed_slots too. */
struct freed_slots freed_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, CHUNK);
	__type(value, __u32);
} free_freed_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CHUNK);
	__type(key, __u64);   /* the address */
	__type(value, __u32); /* its slot */
} freed_index SEC(".maps");

static __always_inline struct freed_slot *slot_at(__u32 index)
{
	return bpf_map_lookup_elem(&freed_slots, &index);
}

/* Inlined here, as a program's calls nest eight deep at the most. */
static __always_inline int find(__u64 address)
{
	__u32 *index = bpf_map_lookup_elem(&freed_index, &address);

	return index ? (int)*index : -1;
}

/* The slot of an address; -1: it is not in the set. */
__noinline __weak int freed_find(__u64 address)
{
	return find(address);
}

static __always_inline void slot_fill(struct freed_slot *slot, __u64 address, __u64 cache,
				      __u32 nid)
{
	__u64 id = bpf_get_current_pid_tgid();

	slot->freed.address = address;
	slot->freed.cache = cache;
	slot->freed.nid = nid;
	slot->freed.tgid = id >> 32;
	slot->freed.tid = id;
	bpf_get_current_comm(slot->freed.comm, sizeof(slot->freed.comm));
	if (bpf_probe_read_kernel_str(slot->freed.name, sizeof(slot->freed.name),
				      BPF_CORE_READ((struct kmem_cache *)cache, name)) < 0)
		slot->freed.name[0] = 0;
	slot->first.blind = failed_allocations;
	read_words(slot->first.words, address);
	/* The last: what was read before and after the time is of one structure. */
	slot->first.freed_ns = bpf_ktime_get_ns();
	slot->freed.freed_ns = slot->first.freed_ns;
}

static __always_inline void remove(__u64 address)
{
	__u32 *found = bpf_map_lookup_elem(&freed_index, &address), index;
	struct freed_slot *slot;

	if (!found)
		return;
	index = *found;
	slot = slot_at(index);
	if (slot)
		slot->freed.freed_ns = 0;
	if (!bpf_map_delete_elem(&freed_index, &address)) {
		__sync_fetch_and_add(&freed_now, -1);
		bpf_map_push_elem(&free_freed_slots, &index, BPF_ANY);
	}
}

/* A look has shown that the structure was given back. */
__noinline __weak int freed_add(__u64 address, __u64 cache, __u32 nid)
{
	struct freed_slot *slot;
	__u32 index;

	if (find(address) >= 0 || !on_slab(address))
		return 0;
	if (bpf_map_pop_elem(&free_freed_slots, &index)) {
		__sync_fetch_and_add(&freed_dropped, 1);
		return 0;
	}
	slot = slot_at(index);
	if (!slot)
		return 0;
	slot_fill(slot, address, cache, nid);
	if (bpf_map_update_elem(&freed_index, &address, &index, BPF_NOEXIST)) {
		slot->freed.freed_ns = 0; /* another look was faster */
		bpf_map_push_elem(&free_freed_slots, &index, BPF_ANY);
		return 0;
	}
	if (freed_chunks <= index / CHUNK)
		freed_chunks = index / CHUNK + 1;
	__sync_fetch_and_add(&freed_now, 1);
	__sync_fetch_and_add(&freed_seen, 1);
	/* Handed out between the look and now, it was not found in the set by who took it. */
	if (structure_state(address) == PREV_IN_USE)
		remove(address);
	return 0;
}

__noinline __weak int freed_remove(__u64 address)
{
	remove(address);
	return 0;
}

/*
 * A pointer holds the address. Handed out again, it carries no free-list word;
 * with one, the pointer dangles, and the structure is as free as it was.
 */
__noinline __weak int freed_met(__u64 address)
{
	if (freed_now && find(address) >= 0 && structure_state(address) != PREV_FREE)
		remove(address);
	return 0;
}

/* A page comes to the cache anew: what was freed on it in an earlier life is void. */
__noinline __weak int freed_new_slab(__u64 cache, __u64 page)
{
	__u64 slab, size;

	if (!freed_now || !page || cache != knode_cache)
		return 0;
	slab = address_of_page(page);
	size = BPF_CORE_READ((struct kmem_cache *)cache, size);
	for (__u32 i = 0; i < SLAB_OBJECTS; i++) {
		if (!slab || (i + 1) * size > slab_bytes((struct kmem_cache *)cache))
			break;
		freed_remove(slab + i * size);
	}
	return 0;
}

struct cold_workers cold_workers SEC(".maps");

__noinline __weak int cold_enter(__u32 allocates)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct cold_work *known = bpf_map_lookup_elem(&cold_workers, &tid);
	struct cold_work work = { .begin_ns = bpf_ktime_get_ns(),
				  .seen = freed_seen,
				  .depth = 1,
				  .allocates = allocates };

	if (known)
		known->depth++;
	else
		bpf_map_update_elem(&cold_workers, &tid, &work, BPF_ANY);
	if (allocates) {
		__sync_fetch_and_add(&allocating, 1);
		__sync_fetch_and_add(&allocations, 1);
	}
	return 0;
}

/* Returns how many structures were freed meanwhile when the outermost ends. */
__noinline __weak int cold_exit(__u32 allocates)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct cold_work *work = bpf_map_lookup_elem(&cold_workers, &tid);

	if (allocates && work)
		__sync_fetch_and_add(&allocating, -1);
	if (!work || --work->depth)
		return 0;
	return (int)(freed_seen - work->seen);
}

__noinline __weak int cold_inside(void)
{
	__u32 tid = bpf_get_current_pid_tgid();

	return bpf_map_lookup_elem(&cold_workers, &tid) != 0;
}
