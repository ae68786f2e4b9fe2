// SPDX-License-Identifier: GPL-2.0-only
/*
 * The freed set: node structures that were freed and not allocated again, with
 * their contents after the free. An address leaves the set when a node pointer
 * holds it again, or when its slab leaves the cache kmem_cache_node.
 *
 * Only a few functions allocate or free structures, and all of them are rarely called.
 * While one of them runs, the set lags behind the kernel. slub_workers names the
 * threads in such a function; when it returns, the set is updated.
 */
#include "bpf/freed.bpf.h"
#include "bpf/loop.bpf.h"

const volatile bool detect = false;
const volatile __u32 freed_slot_count = 0;
__u32 freed_now = 0;
__u32 freed_used = 0;
__u32 node_changing = 0;
__u64 freed_seen = 0;
__u64 freed_dropped = 0;
__u32 allocating = 0;
__u64 allocations = 0;
__u64 failed_allocations = 0;
__u32 works_running = 0;
__u64 works_begun = 0;
__u64 lost_ends = 0; /* functions of SLUB's own work whose end was not seen */

/* User space sets the sizes before the load, and maps freed_slots to read it. */
struct freed_slots freed_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, CHUNK);
	__type(value, __u32);
} unused_freed_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CHUNK);
	__type(key, __u64);   /* the structure's address */
	__type(value, __u32); /* its index in freed_slots */
} freed_index SEC(".maps");

/* Push an unused slot of the freed set; an index beyond its room is ignored. Returns 0. */
__noinline __weak int push_freed_slot(__u32 index)
{
	__u32 value = index;

	if (index < freed_slot_count)
		bpf_map_push_elem(&unused_freed_slots, &value, BPF_ANY);
	return 0;
}

static __always_inline struct freed_slot *slot_at(__u32 index)
{
	return bpf_map_lookup_elem(&freed_slots, &index);
}

/* Look an address up. Returns its index in freed_slots; -1: it is not in the set. */
__noinline __weak int freed_find(__u64 address)
{
	__u32 *index = bpf_map_lookup_elem(&freed_index, &address);

	return index ? (int)*index : -1;
}

/*
 * Fill in the task that freed a structure. It is known only in SLUB's own work: a walk of
 * ours finds structures that somebody else has freed.
 */
static __always_inline void fill_freer(struct freed *freed)
{
	__u64 id = in_slub_work() ? bpf_get_current_pid_tgid() : 0;

	freed->tgid = id >> 32;
	freed->tid = id;
	__builtin_memset(freed->comm, 0, sizeof(freed->comm));
	if (id)
		bpf_get_current_comm(freed->comm, sizeof(freed->comm));
}

/* Fill in the task that freed a structure, and the structure's contents. */
static __always_inline void slot_fill(struct freed_slot *slot, __u64 address, __u64 cache,
				      __u32 nid)
{
	slot->freed.address = address;
	slot->freed.cache = cache;
	slot->freed.nid = nid;
	fill_freer(&slot->freed);
	__builtin_memset(slot->freed.name, 0, sizeof(slot->freed.name));
	if (bpf_probe_read_kernel_str(slot->freed.name, sizeof(slot->freed.name),
				      BPF_CORE_READ((struct kmem_cache *)cache, name)) < 0)
		slot->freed.name[0] = 0;
	slot->first.blind = failed_allocations;
	read_words(slot->first.words, address);
	/* Set the time last, because the slot is unused while its time is 0. */
	slot->first.freed_ns = bpf_ktime_get_ns();
	slot->freed.freed_ns = slot->first.freed_ns;
}

/* Remove an address from the set, if it is there. Returns 0. */
__noinline __weak int freed_remove(__u64 address)
{
	__u32 *found = bpf_map_lookup_elem(&freed_index, &address), index;
	struct freed_slot *slot;

	if (!found)
		return 0;
	index = *found;
	slot = slot_at(index);
	if (slot)
		slot->freed.freed_ns = 0;
	if (!bpf_map_delete_elem(&freed_index, &address)) {
		__sync_fetch_and_add(&freed_now, -1);
		bpf_map_push_elem(&unused_freed_slots, &index, BPF_ANY);
	}
	return 0;
}

/*
 * Add a structure that was found to be free. The caller looks at it once more: if it was
 * allocated again before this, then the observer of that allocation has not found it in the
 * set. Returns 0.
 */
__noinline __weak int freed_add(__u64 address, __u64 cache, __u32 nid)
{
	struct freed_slot *slot;
	__u32 index;

	if (freed_find(address) >= 0 || !on_slab(address))
		return 0;
	if (bpf_map_pop_elem(&unused_freed_slots, &index)) {
		__sync_fetch_and_add(&freed_dropped, 1);
		return 0;
	}
	slot = slot_at(index);
	if (!slot)
		return 0;
	/* The lowest unused slot comes first, so this count ends behind all that have been used. */
	if (!slot->freed.address)
		__sync_fetch_and_add(&freed_used, 1);
	slot_fill(slot, address, cache, nid);
	if (bpf_map_update_elem(&freed_index, &address, &index, BPF_NOEXIST)) {
		slot->freed.freed_ns = 0; /* another CPU has added it */
		bpf_map_push_elem(&unused_freed_slots, &index, BPF_ANY);
		return 0;
	}
	/*
	 * Count freed_seen first: user space reads it last, and takes the set for
	 * unchanged only if both are. In the other order, a structure that has left
	 * and one that has entered could look like no change.
	 */
	__sync_fetch_and_add(&freed_seen, 1);
	__sync_fetch_and_add(&freed_now, 1);
	return 0;
}

/* Remove CHUNK objects of a slab. Returns 0. */
__noinline __weak int freed_remove_chunk(__u64 first, __u32 count, __u32 size)
{
	for (__u32 i = 0; i < CHUNK; i++) {
		if (i >= count)
			break;
		freed_remove(first + i * size);
	}
	return 0;
}

/*
 * Remove every address of a slab that allocate_slab() has just allocated for the
 * cache kmem_cache_node: those structures were freed when its pages belonged to an
 * earlier slab. page is its first struct page. Returns 0.
 */
__noinline __weak int freed_new_slab(__u64 cache, __u64 page)
{
	struct kmem_cache *s = (struct kmem_cache *)cache;
	struct slab_head slab;
	__u32 size, objects;
	__u64 first;

	if (!freed_now || !page || cache != knode_cache)
		return 0;
	first = address_of_page(page) + red_left_pad(s);
	size = BPF_CORE_READ(s, size);
	read_slab_head(&slab, page);
	objects = SLAB_IN_TOTAL(slab.counters);
	for (__u32 i = 0; i < SLAB_OBJECTS; i += CHUNK) {
		if (i >= objects)
			break;
		freed_remove_chunk(first + i * size, objects - i, size);
	}
	return 0;
}

struct slub_workers slub_workers SEC(".maps");

/* Forget the functions of a thread whose ends were not seen. */
static __always_inline void slub_work_lose(struct slub_work *work)
{
	__sync_fetch_and_add(&works_running, -(__s32)work->running);
	__sync_fetch_and_add(&allocating, -(__s32)work->allocating);
	__sync_fetch_and_add(&lost_ends, 1);
}

/*
 * Note that the current thread enters a function of SLUB's own work. If its frame does not lie
 * below that of the thread's outermost function, then the end of that one was not seen.
 * Returns 0.
 */
__noinline __weak int slub_work_begin(__u32 allocates, __u64 frame)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct slub_work *known = bpf_map_lookup_elem(&slub_workers, &tid);
	struct slub_work work = { .begin_ns = bpf_ktime_get_ns(),
				  .seen = freed_seen,
				  .frame = frame,
				  .running = 1,
				  .allocating = allocates };

	if (known && frame >= known->frame) {
		slub_work_lose(known);
		known = NULL;
	}
	if (known) {
		known->running++;
		known->allocating += allocates;
	} else if (bpf_map_update_elem(&slub_workers, &tid, &work, BPF_ANY)) {
		__sync_fetch_and_add(&lost_records, 1);
		return 0;
	}
	__sync_fetch_and_add(&works_running, 1);
	__sync_fetch_and_add(&works_begun, 1);
	__sync_fetch_and_add(&look_epoch, 1);
	if (allocates) {
		__sync_fetch_and_add(&allocating, 1);
		__sync_fetch_and_add(&allocations, 1);
	}
	return 0;
}

/*
 * Note that such a function returns. The caller removes the thread's entry.
 * Returns the structures freed since the outermost function began, if this is
 * the outermost; otherwise 0.
 */
__noinline __weak int slub_work_end(__u32 allocates, __u64 frame)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct slub_work *work = bpf_map_lookup_elem(&slub_workers, &tid);

	__sync_fetch_and_add(&look_epoch, 1);
	if (!work)
		return 0;
	if (work->running) {
		work->running--;
		__sync_fetch_and_add(&works_running, -1);
	}
	if (allocates && work->allocating) {
		work->allocating--;
		__sync_fetch_and_add(&allocating, -1);
	}
	if (work->frame != frame)
		return 0;
	if (work->running || work->allocating)
		slub_work_lose(work);
	work->frame = 0;
	return (int)(freed_seen - work->seen);
}

/* Check the current thread. Returns 1 while it does SLUB's own work, otherwise 0. */
__noinline __weak int in_slub_work(void)
{
	__u32 tid = bpf_get_current_pid_tgid();

	return bpf_map_lookup_elem(&slub_workers, &tid) != 0;
}
