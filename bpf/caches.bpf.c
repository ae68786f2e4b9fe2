// SPDX-License-Identifier: GPL-2.0-only
/* The caches that are tracked, their pointers, and the records of both. */
#include "bpf/caches.bpf.h"
#include "bpf/loop.bpf.h"

const volatile bool follow = true;
__u64 untracked = 0;
__u64 iterated = 0;

__u32 slot_chunks = 0; /* chunks of slots that have been in use */

/*
 * Sizes of all maps: the front end sets what fits the machine.
 *
 * The caches that exist, in an array, so that a walk inside the notifier needs
 * neither slab_mutex nor the kernel's list, which changes under its feet.
 */
struct slot {
	__u64 cache; /* 0: free */
	__u64 name;  /* s->name when it was looked at last */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CHUNK);
	__type(key, __u32);
	__type(value, struct slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, CHUNK);
	__type(value, __u32);
} free_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CHUNK);
	__type(key, __u64);   /* the cache */
	__type(value, __u32); /* its slot */
} tracked SEC(".maps");

struct pointer {
	__u64 cache;
	__u64 nid;
};

/* What was seen in s->node[nid] last. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CHUNK);
	__type(key, struct pointer);
	__type(value, __u64);
} pointers SEC(".maps");

__noinline __weak int emit_cache(__u64 cache, __u64 walk, __u32 change, __u64 name)
{
	struct kmem_cache *s = (struct kmem_cache *)cache;
	struct cache_record *e = reserve_record(RECORD_CACHE, sizeof(*e));

	if (!e)
		return 0;
	e->cache = cache;
	e->walk = walk;
	e->change = change;
	e->size = BPF_CORE_READ(s, size);
	e->object_size = BPF_CORE_READ(s, object_size);
	e->refcount = BPF_CORE_READ(s, refcount) - (cache == iterated);
	e->slab_bytes = slab_bytes(s);
	e->sheaf_capacity = sheaf_capacity(s);
	if (bpf_probe_read_kernel_str(e->name, sizeof(e->name), (void *)name) < 0)
		e->name[0] = 0;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/*
 * Puts the freed set right by what the pointer holds now, and held when it was
 * looked at last. Done whether or not there is room for a record of it.
 */
__noinline __weak int follow_freed(__u64 cache, __u32 nid, __u32 settled)
{
	struct pointer key = { .cache = cache, .nid = nid };
	__u64 *seen = bpf_map_lookup_elem(&pointers, &key), previous = seen ? *seen : 0;
	__u64 address = node_pointer(cache, nid);
	__u32 state = PREV_NONE;

	if (previous && previous != address)
		state = structure_state(previous);
	/* Where the proof is none, the kernel's word is: it has done what it does. */
	if (state == PREV_FREE || (state == PREV_UNKNOWN && settled))
		freed_add(previous, cache, nid);
	if (address)
		freed_met(address);
	return 0;
}

/* What became of the structure that the pointer named when it was looked at last. */
static __always_inline void compare(struct structure_record *e)
{
	struct pointer key = { .cache = e->cache, .nid = e->nid };
	__u64 address = e->address, *seen = bpf_map_lookup_elem(&pointers, &key);

	if (seen)
		e->previous = *seen;
	if (e->previous && e->previous != address)
		e->prev_state = structure_state(e->previous);
	if (!address && e->previous)
		bpf_map_delete_elem(&pointers, &key);
	else if (address && address != e->previous &&
		 bpf_map_update_elem(&pointers, &key, &address, BPF_ANY))
		__sync_fetch_and_add(&untracked, 1);
}

/*
 * Note what s->node[nid] holds now. settled: SLUB's own work here is over, so a
 * pointer that is gone is that of a structure that was given back.
 */
__noinline __weak int emit_structure(__u64 cache, __u64 walk, __u32 nid, __u32 settled)
{
	struct pointer key = { .cache = cache, .nid = nid };
	struct structure_record *e;
	__u64 barn;

	/* Most possible nodes have never had any: not worth a record. */
	if (!cache_node((struct kmem_cache *)cache, nid, &barn) && !barn &&
	    !bpf_map_lookup_elem(&pointers, &key))
		return 0;
	e = reserve_record(RECORD_STRUCTURE, sizeof(*e));
	if (!e) {
		if (detect)
			follow_freed(cache, nid, settled);
		return 0;
	}
	e->cache = cache;
	e->walk = walk;
	e->nid = nid;
	e->address = cache_node((struct kmem_cache *)cache, nid, &e->barn);
	e->previous = 0;
	e->prev_state = PREV_NONE;
	e->home = home_of(e->address);
	e->sheaves = barn_sheaves(e->barn);
	if (detect && follow)
		follow_freed(cache, nid, settled);
	if (follow)
		compare(e);
	bpf_ringbuf_submit(e, 0);
	return 0;
}

__noinline __weak int emit_structures(__u64 cache, __u64 walk, __u32 settled)
{
	for (__u32 nid = 0; nid < 1024; nid++) {
		if (nid >= nr_node_ids)
			break;
		emit_structure(cache, walk, nid, settled);
	}
	return 0;
}

static __always_inline void emit_walk_record(__u64 walk, __u32 reason, __u32 phase, __u32 nid,
					     __u32 caches, __u32 complete)
{
	struct walk_record *e = reserve_record(RECORD_WALK, sizeof(*e));

	if (!e)
		return;
	e->walk = walk;
	e->reason = reason;
	e->phase = phase;
	e->nid = nid;
	e->caches = caches;
	e->complete = complete;
	e->pad = 0;
	bpf_ringbuf_submit(e, 0);
}

__noinline __weak int emit_walk_begin(__u64 walk, __u32 reason, __u32 nid)
{
	emit_walk_record(walk, reason, PHASE_BEGIN, nid, 0, 0);
	return 0;
}

__noinline __weak int emit_walk_end(__u64 walk, __u32 reason, __u32 nid, __u32 caches,
				    __u32 complete)
{
	emit_walk_record(walk, reason, PHASE_END, nid, caches, complete);
	return 0;
}

/* Give the cache a slot. Once tracked, again does nothing. */
__noinline __weak int track(__u64 cache)
{
	__u32 *at = bpf_map_lookup_elem(&tracked, &cache), index;
	struct slot *slot;

	if (at) {
		index = *at;
	} else {
		if (bpf_map_pop_elem(&free_slots, &index)) {
			__sync_fetch_and_add(&untracked, 1);
			return 0;
		}
		if (bpf_map_update_elem(&tracked, &cache, &index, BPF_NOEXIST)) {
			bpf_map_push_elem(&free_slots, &index, BPF_ANY);
			return 0; /* another walk was faster */
		}
	}
	slot = bpf_map_lookup_elem(&slots, &index);
	if (!slot)
		return 0;
	slot->name = (__u64)BPF_CORE_READ((struct kmem_cache *)cache, name);
	slot->cache = cache;
	if (slot_chunks <= index / CHUNK)
		slot_chunks = index / CHUNK + 1;
	return 0;
}

/* With caches that found no slot, any may be one of them. */
__noinline __weak int is_tracked(__u64 cache)
{
	return untracked || bpf_map_lookup_elem(&tracked, &cache);
}

__noinline __weak int untrack(__u64 cache)
{
	__u32 *at = bpf_map_lookup_elem(&tracked, &cache), index;
	struct slot *slot;

	if (!at)
		return 0;
	index = *at;
	slot = bpf_map_lookup_elem(&slots, &index);
	if (slot)
		slot->cache = 0;
	if (!bpf_map_delete_elem(&tracked, &cache))
		bpf_map_push_elem(&free_slots, &index, BPF_ANY);
	return 0;
}

static __always_inline void look_at_slot(__u32 index, __u64 walk, __u32 nid, __u32 settled)
{
	struct slot *slot = bpf_map_lookup_elem(&slots, &index);
	__u64 cache, name;

	if (!slot)
		return;
	cache = slot->cache;
	if (!cache)
		return;
	name = (__u64)BPF_CORE_READ((struct kmem_cache *)cache, name);
	if (name != slot->name) {
		slot->name = name;
		emit_cache(cache, 0, CACHE_RENAMED, name);
	}
	emit_structure(cache, walk, nid, settled);
}

__noinline __weak int walk_tracked_chunk(__u32 chunk, __u64 walk, __u32 nid, __u32 settled)
{
	for (__u32 i = 0; i < CHUNK; i++)
		look_at_slot(chunk * CHUNK + i, walk, nid, settled);
	return 0;
}

__noinline __weak int walk_tracked_block(__u32 block, __u64 walk, __u32 nid, __u32 settled)
{
	for (__u32 i = 0; i < BLOCK; i++) {
		if (block * BLOCK + i >= slot_chunks)
			break;
		walk_tracked_chunk(block * BLOCK + i, walk, nid, settled);
	}
	return 0;
}

/* All tracked caches' pointers for one node. */
__noinline __weak int walk_tracked(__u64 walk, __u32 nid, __u32 settled)
{
	for (__u32 block = 0; block < BLOCKS; block++) {
		if (block * BLOCK >= slot_chunks)
			break;
		walk_tracked_block(block, walk, nid, settled);
	}
	return 0;
}
