// SPDX-License-Identifier: GPL-2.0-only
/* The tracked caches, their node pointers, and the records of both. */
#include "bpf/caches.bpf.h"
#include "bpf/digest.h"
#include "bpf/loop.bpf.h"

/* Set by user space before the load: compare node pointers with their last values. */
const volatile bool compare_node_ptrs = true;
const volatile __u32 cache_slot_count = 0; /* set likewise */

__u64 untracked = 0; /* caches and node pointers for which a map had no room */
__u64 iterated_cache = 0;

__u32 cache_chunks = 0; /* chunks of cache_slots that have been in use */

/*
 * The caches that exist, in an array: a walk inside the notifier's callback can
 * neither take slab_mutex nor follow the kernel's list, which may change meanwhile.
 * User space sets the sizes of the maps before the load.
 */
struct cache_slot {
	__u64 cache; /* 0: unused */
	__u64 name;  /* s->name at the last walk */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CHUNK);
	__type(key, __u32);
	__type(value, struct cache_slot);
} cache_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, CHUNK);
	__type(value, __u32);
} unused_cache_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CHUNK);
	__type(key, __u64);   /* the struct kmem_cache */
	__type(value, __u32); /* its index in cache_slots */
} cache_index SEC(".maps");

/* Push an unused slot of a cache; an index beyond the room for them is ignored. Returns 0. */
__noinline __weak int push_cache_slot(__u32 index)
{
	__u32 value = index;

	if (index < cache_slot_count)
		bpf_map_push_elem(&unused_cache_slots, &value, BPF_ANY);
	return 0;
}

/* What s->node[nid] names: a structure and its barn, or 0. */
struct node_ptr_value {
	__u64 address;
	__u64 barn;
};

/* The value of a node pointer in the last record of it. */
struct emitted_value {
	__u64 cache; /* another one: the value is of a cache that had this slot before */
	struct node_ptr_value value;
};

/* For each slot of cache_slots, a value for each node. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CHUNK);
	__type(key, __u32);
	__type(value, struct emitted_value);
} node_ptrs SEC(".maps");

#define NO_SLOT (~0U)

/* Find the slot of a tracked cache. Returns its index, or NO_SLOT. */
static __always_inline __u32 slot_of(__u64 cache)
{
	__u32 *at = bpf_map_lookup_elem(&cache_index, &cache);

	return at ? *at : NO_SLOT;
}

/* Find the emitted value of a node pointer. Returns NULL if the cache has no slot. */
static __always_inline struct emitted_value *emitted_at(__u32 slot, __u32 nid)
{
	__u32 index = slot * nr_node_ids + nid;

	return slot < cache_slot_count ? bpf_map_lookup_elem(&node_ptrs, &index) : NULL;
}

/* Emit a record of a cache. name is the address of the name to report. Returns 0. */
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
	e->refcount = BPF_CORE_READ(s, refcount) - (cache == iterated_cache);
	e->slab_bytes = slab_bytes(s);
	e->sheaf_capacity = sheaf_capacity(s);
	__builtin_memset(e->name, 0, sizeof(e->name));
	if (bpf_probe_read_kernel_str(e->name, sizeof(e->name), (void *)name) < 0)
		e->name[0] = 0;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/*
 * Read a node pointer and its barn: see cache_node(). This is a function of its own because the
 * time to load a program grows with the branches that this kernel never takes.
 */
static __noinline void read_value(struct node_ptr_value *now, __u64 cache, __u32 nid)
{
	now->address = cache_node((struct kmem_cache *)cache, nid, &now->barn);
}

/* Find the value of a node pointer in the last record of it. Returns it, or zeros. */
static __always_inline struct node_ptr_value previous_value(__u32 slot, __u64 cache, __u32 nid)
{
	struct emitted_value *emitted = emitted_at(slot, nid);
	struct node_ptr_value none = {};

	return emitted && emitted->cache == cache ? emitted->value : none;
}

/* Note the value of a node pointer, of which a record has been reserved. */
static __always_inline void note_value(__u32 slot, __u64 cache, __u32 nid,
				       const struct node_ptr_value *previous,
				       const struct node_ptr_value *now)
{
	struct emitted_value *emitted;

	if (now->address == previous->address && now->barn == previous->barn)
		return;
	emitted = emitted_at(slot, nid);
	if (!emitted) {
		__sync_fetch_and_add(&untracked, 1);
		return;
	}
	emitted->cache = cache;
	emitted->value = *now;
}

/*
 * Update the freed set from the state of a dropped structure, and from the present value of
 * the node pointer. A structure in the set that is not free leaves it; if it is still free,
 * then the pointer dangles.
 */
static __always_inline void update_freed_set(__u64 cache, __u32 nid, __u64 dropped, __u32 state,
					     __u64 address)
{
	if (state == OBJECT_FREE) {
		freed_add(dropped, cache, nid);
		if (structure_state(dropped) == OBJECT_ALLOCATED)
			freed_remove(dropped);
	}
	if (freed_now && address && freed_find(address) >= 0 &&
	    structure_state(address) != OBJECT_FREE)
		freed_remove(address);
}

/* What the present walk over all caches has seen. */
__u64 walk_digest = 0;
__u32 walk_structures = 0;
__u32 walk_unusual = 0;

/* Add a node pointer to the digest. */
static __always_inline void digest_add(__u64 cache, __u32 nid, const struct node_ptr_value *now)
{
	if (!now->address)
		return;
	walk_structures++;
	walk_digest += digest_node_ptr(cache, nid, now->address, now->barn);
}

/* Add the name of a cache to the digest. Returns 0. */
__noinline __weak int digest_name(__u64 cache)
{
	__u64 name[DIGEST_WORDS] = {};

	bpf_probe_read_kernel_str(name, sizeof(name),
				  BPF_CORE_READ((struct kmem_cache *)cache, name));
	walk_digest += digest_cache(cache, name);
	return 0;
}

/*
 * Add a node pointer to the digest. Returns the address of its structure if that has to be looked
 * at, otherwise 0. One in the freed set needs a walk with records.
 */
__noinline __weak __u64 digest_structure(__u64 cache, __u32 nid)
{
	struct node_ptr_value now;

	read_value(&now, cache, nid);
	digest_add(cache, nid, &now);
	if (freed_now && now.address && freed_find(now.address) >= 0)
		walk_unusual++;
	return now.address;
}

/* What is observed of a node pointer. */
struct observation {
	struct node_ptr_value previous, now;
	__u32 prev_state;
	__u32 state;
};

/*
 * Read a node pointer, look at its structures, and update the freed set, whether or not the ring
 * buffer has room for a record.
 */
static __always_inline void observe(struct observation *o, __u64 cache, __u32 nid, __u32 flags)
{
	__u64 dropped = o->previous.address, address;

	if (compare_node_ptrs) /* otherwise the first read of emit_structure() serves */
		read_value(&o->now, cache, nid);
	address = o->now.address;
	o->prev_state = o->state = OBJECT_NONE;
	if (dropped && dropped != address)
		o->prev_state = structure_state(dropped);
	if (address && flags != NO_LOOK)
		o->state = object_state(address, flags);
	if (detect && compare_node_ptrs)
		update_freed_set(cache, nid, dropped, o->prev_state, address);
}

/* Emit a record of the present value of s->node[nid], unless there is no cache. Returns 0. */
__noinline __weak int emit_structure(__u64 cache, __u64 walk, __u32 nid, __u32 flags)
{
	__u32 slot = compare_node_ptrs ? slot_of(cache) : NO_SLOT;
	struct observation o;
	struct structure_record *e;
	__u64 time_ns;

	if (!cache)
		return 0;
	o.previous = previous_value(slot, cache, nid);
	/* Most possible nodes never had a structure: emit no record. */
	read_value(&o.now, cache, nid);
	if (!o.now.address && !o.now.barn && !o.previous.address && !o.previous.barn)
		return 0;
	/*
	 * Reserve first: the time and the place of the record lie before the read. The record is
	 * checked once, and after the read, because 5.10 does not know at a second check that the
	 * first one has passed.
	 */
	e = bpf_ringbuf_reserve(&records, sizeof(*e), 0);
	time_ns = bpf_ktime_get_ns();
	observe(&o, cache, nid, flags);
	if (!e) {
		__sync_fetch_and_add(&lost_records, 1);
		return 0;
	}
	fill_head(&e->head, RECORD_STRUCTURE, time_ns);
	e->cache = cache;
	e->walk = walk;
	e->nid = nid;
	e->address = o.now.address;
	e->barn = o.now.barn;
	e->previous = o.previous.address;
	e->prev_state = o.prev_state;
	e->home = home_of(o.now.address);
	e->sheaves = barn_sheaves(o.now.barn);
	e->state = o.state;
	e->pad = 0;
	bpf_ringbuf_submit(e, 0);
	if (compare_node_ptrs)
		note_value(slot, cache, nid, &o.previous, &o.now);
	if (flags == NO_LOOK)
		return 0;
	digest_add(cache, nid, &o.now);
	if (o.state != OBJECT_ALLOCATED && o.now.address)
		walk_unusual++;
	return 0;
}

/* Emit a record for each node of a cache. Returns 0. */
__noinline __weak int emit_structures(__u64 cache, __u64 walk, __u32 flags)
{
	for (__u32 nid = 0; nid < 1024; nid++) {
		if (nid >= nr_node_ids)
			break;
		emit_structure(cache, walk, nid, flags);
	}
	return 0;
}

/* The structures whose states are sought; user space fills it before a walk. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CHUNK);
	__type(key, __u32);
	__type(value, struct sought_object);
} sought SEC(".maps");

__u32 sought_count = 0;

/* Look at a structure that no node pointer names. Returns its enum object_state. */
static __always_inline __u32 look_for(const struct sought_object *wanted)
{
	__u64 address = wanted->address, cache = wanted->cache;
	__u32 state = object_state(address, LOOK_COUNT);

	if (state == OBJECT_FREE && detect) {
		/* The name of a destroyed cache cannot be read any more. */
		freed_add(address, is_tracked(cache) ? cache : 0, wanted->nid);
		if (structure_state(address) == OBJECT_ALLOCATED)
			freed_remove(address);
	}
	return state;
}

__u32 sought_next = 0; /* index of the next one whose record is due */

/* Emit a record of the next structure that is sought. Returns 0 if there is none. */
__noinline __weak __u64 emit_object(__u64 walk)
{
	__u32 index = sought_next;
	struct sought_object *wanted = bpf_map_lookup_elem(&sought, &index);
	struct object_record *e;

	if (index >= sought_count || !wanted)
		return 0;
	sought_next = index + 1;
	e = reserve_record(RECORD_OBJECT, sizeof(*e));
	if (!e)
		return 1;
	e->walk = walk;
	e->address = wanted->address;
	e->state = look_for(wanted);
	e->pad = 0;
	bpf_ringbuf_submit(e, 0);
	return 1;
}

/* Emit records of the next CHUNK structures that are sought. Returns 0 if there are fewer. */
__noinline __weak __u64 emit_sought_chunk(__u64 walk)
{
	return CALL_UNTIL_0(CHUNK, emit_object(walk));
}

/* Emit records of the next BLOCK chunks. Returns 0 if there are fewer. */
__noinline __weak __u64 emit_sought_block(__u64 walk)
{
	return CALL_UNTIL_0(BLOCK, emit_sought_chunk(walk));
}

/* Emit records of all structures that are sought. Returns 0. */
__noinline __weak int emit_sought(__u64 walk)
{
	sought_next = 0;
	CALL_UNTIL_0(BLOCKS, emit_sought_block(walk));
	return 0;
}

/* SLUB's own work and the allocations when the present walk over all caches began. */
__u64 begin_works = 0;
__u64 begin_allocated = 0;
__u32 begin_running = 0;

__u32 work_is_seen = 0; /* set by user space: the programs on SLUB's own work are attached */

/* Note what has to be the same at the end of a walk over all caches. */
static __always_inline void note_begin(__u64 allocated)
{
	begin_running = works_running;
	begin_works = works_begun;
	begin_allocated = allocated;
	objects_in_use = 0;
	uncounted_slabs = 0;
	slab_counts++;
	walk_digest = 0;
	walk_structures = walk_unusual = 0;
	begin_kept_slabs();
}

/* Check that no structure was allocated or freed during a walk over all caches. */
static __always_inline bool was_quiet(__u64 allocated)
{
	return work_is_seen && !begin_running && !works_running && works_begun == begin_works &&
	       allocated == begin_allocated;
}

__u32 walk_digest_only = 0; /* set by user space: the present walk emits its digest alone */

static __always_inline void emit_walk_record(__u64 walk, __u32 reason, __u32 phase, __u32 nid,
					     __u32 caches, __u32 complete)
{
	bool all = reason == WALK_INITIAL || reason == WALK_VERIFY, end = phase == PHASE_END;
	__u64 allocated = knode_allocations();
	struct walk_record *e;

	if (all && !end)
		note_begin(allocated);
	e = reserve_record(RECORD_WALK, sizeof(*e));
	if (!e)
		return;
	e->walk = walk;
	e->reason = reason;
	e->phase = phase;
	e->nid = nid;
	e->caches = caches;
	e->complete = complete;
	e->quiet = all && end && was_quiet(allocated);
	e->uncounted = all && end ? uncounted_slabs : 0;
	e->digest_only = all && walk_digest_only;
	e->in_use = all && end ? objects_in_use : 0;
	e->allocated = allocated;
	e->digest = all && end ? walk_digest : 0;
	e->structures = all && end ? walk_structures : 0;
	e->unusual = all && end ? walk_unusual : 0;
	bpf_ringbuf_submit(e, 0);
}

/* Emit the begin of a walk; nid is -1 for all nodes. Returns 0. */
__noinline __weak int emit_walk_begin(__u64 walk, __u32 reason, __u32 nid)
{
	__sync_fetch_and_add(&look_epoch, 1);
	emit_walk_record(walk, reason, PHASE_BEGIN, nid, 0, 0);
	return 0;
}

/* Emit the end of a walk. caches is the number of visited caches. Returns 0. */
__noinline __weak int emit_walk_end(__u64 walk, __u32 reason, __u32 nid, __u32 caches,
				    __u32 complete)
{
	emit_walk_record(walk, reason, PHASE_END, nid, caches, complete);
	return 0;
}

/* Track a cache; if it is tracked, note its present name. Returns 0. */
__noinline __weak int track_cache(__u64 cache)
{
	__u32 *at = bpf_map_lookup_elem(&cache_index, &cache), index;
	struct cache_slot *slot;

	if (at) {
		index = *at;
	} else {
		if (bpf_map_pop_elem(&unused_cache_slots, &index)) {
			__sync_fetch_and_add(&untracked, 1);
			return 0;
		}
		if (bpf_map_update_elem(&cache_index, &cache, &index, BPF_NOEXIST)) {
			bpf_map_push_elem(&unused_cache_slots, &index, BPF_ANY);
			return 0; /* another walk has added it */
		}
	}
	slot = bpf_map_lookup_elem(&cache_slots, &index);
	if (!slot)
		return 0;
	slot->name = (__u64)BPF_CORE_READ((struct kmem_cache *)cache, name);
	slot->cache = cache;
	if (cache_chunks <= index / CHUNK)
		cache_chunks = index / CHUNK + 1;
	return 0;
}

/*
 * Check whether a cache is tracked. Returns nonzero, too, if there was no room for
 * some cache, because it may be this one.
 */
__noinline __weak int is_tracked(__u64 cache)
{
	return untracked || bpf_map_lookup_elem(&cache_index, &cache);
}

/* Let no later walk visit a cache that is being released. Returns 0. */
__noinline __weak int untrack_cache(__u64 cache)
{
	__u32 index = slot_of(cache);
	struct cache_slot *slot = bpf_map_lookup_elem(&cache_slots, &index);

	if (slot)
		slot->cache = 0;
	return 0;
}

/* Give up the slot of a cache that has been released. Returns 0. */
__noinline __weak int forget_cache(__u64 cache)
{
	__u32 index = slot_of(cache);

	untrack_cache(cache);
	if (!bpf_map_delete_elem(&cache_index, &cache))
		bpf_map_push_elem(&unused_cache_slots, &index, BPF_ANY);
	return 0;
}

/* Check whether a cache is on slab_caches. */
static __always_inline bool is_listed(__u64 cache)
{
	__u64 link = cache + bpf_core_field_offset(struct kmem_cache, list);
	__u64 next = (__u64)BPF_CORE_READ((struct kmem_cache *)cache, list.next);

	return (__u64)BPF_CORE_READ((struct list_head *)next, prev) == link;
}

/*
 * Track a cache that a walk visits, if it is not tracked; with `name', note its name in any case.
 * One that has left slab_caches may have been released before it was tracked, and is forgotten.
 * Returns 0.
 */
__noinline __weak int track_visited(__u64 cache, __u32 name)
{
	if (!name && slot_of(cache) != NO_SLOT)
		return 0;
	track_cache(cache);
	if (!is_listed(cache))
		forget_cache(cache);
	return 0;
}

/* Emit a new name of a tracked cache, if it has one. */
static __always_inline void emit_new_name(struct cache_slot *slot, __u64 cache)
{
	__u64 name = (__u64)BPF_CORE_READ((struct kmem_cache *)cache, name);

	if (name == slot->name)
		return;
	slot->name = name;
	emit_cache(cache, 0, CACHE_RENAMED, name);
}

/*
 * Check whether the last record of a node pointer has its present value. One whose structure is in
 * the freed set has to be looked at.
 */
static __always_inline bool is_known(__u32 slot, __u64 cache, __u32 nid)
{
	struct node_ptr_value emitted = previous_value(slot, cache, nid), now;

	read_value(&now, cache, nid);
	return now.address == emitted.address && now.barn == emitted.barn &&
	       !(freed_now && now.address && freed_find(now.address) >= 0);
}

/*
 * Look at the node pointer of one tracked cache; with `names', emit the cache's name if it has a
 * new one. Returns the cache if its node pointer has to be emitted, otherwise 0.
 */
__noinline __weak __u64 changed_cache(__u32 index, __u32 nid, __u32 names)
{
	struct cache_slot *slot = bpf_map_lookup_elem(&cache_slots, &index);
	__u64 cache;

	if (!slot)
		return 0;
	cache = slot->cache;
	if (!cache)
		return 0;
	if (names)
		emit_new_name(slot, cache);
	return is_known(index, cache, nid) ? 0 : cache;
}

/* Emit the changes of a chunk of tracked caches. Returns 0. */
__noinline __weak int walk_tracked_chunk(__u32 chunk, __u64 walk, __u32 nid, __u32 names)
{
	/* Without a branch the verifier follows each iteration once. */
	for (__u32 i = 0; i < CHUNK; i++)
		emit_structure(changed_cache(chunk * CHUNK + i, nid, names), walk, nid, NO_LOOK);
	return 0;
}

/* Emit the changes of a block of chunks. Returns 0. */
__noinline __weak int walk_tracked_block(__u32 block, __u64 walk, __u32 nid, __u32 names)
{
	for (__u32 i = 0; i < BLOCK; i++) {
		if (block * BLOCK + i >= cache_chunks)
			break;
		walk_tracked_chunk(block * BLOCK + i, walk, nid, names);
	}
	return 0;
}
