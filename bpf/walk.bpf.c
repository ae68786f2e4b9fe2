// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks over all caches and nodes, at the request of user space: by iter/kmem_cache
 * ("bpf: Add kmem_cache iterator", Linux 6.13) where the kernel has it, otherwise
 * along the list slab_caches (mm/slab_common.c). Neither depends on earlier events.
 */
#include "bpf/caches.bpf.h"
#include "bpf/loop.bpf.h"

/*
 * Set by user space before the load: a walk looks whether structures are allocated or free. Without
 * that it has no digest either, nothing is sought, and no cache is tracked; the verifier then skips
 * the functions for it.
 */
const volatile bool observe_states = true;

/* Set by user space before the load: walks for the slabs of a node are asked for. */
const volatile bool list_slabs = false;

/* The present walk; user space sets the reason and the node, and reads the rest. */
__u32 walk_reason = 0;   /* enum walk_reason */
__s32 walk_nid = 0;      /* WALK_SLABS: the node; otherwise -1 */
__u64 walk_id = 0;       /* its time of begin; user space sets 0 before an iterator runs */
__u32 walk_visited = 0;  /* caches visited */
__u32 walk_complete = 0; /* 1: it reached the end */
__u64 walk_ns = 0;       /* its duration */

/*
 * A walk with records pauses after a cache when this number of bytes waits in the ring buffer. User
 * space reads them and goes on with the walk.
 */
const volatile __u64 pause_bytes = 0;
__u32 walk_paused = 0;
__u64 walk_last = 0; /* the list_head of the cache before the pause, */
__u64 walk_next = 0; /* and of the one after it, or of slab_caches */

/* Pause after a cache if the ring buffer has filled up. Returns whether the walk pauses. */
static __always_inline bool walk_pauses(struct kmem_cache *s)
{
	if (walk_digest_only || bpf_ringbuf_query(&records, BPF_RB_AVAIL_DATA) < pause_bytes)
		return false;
	walk_last = (__u64)s + bpf_core_field_offset(struct kmem_cache, list);
	walk_next = (__u64)BPF_CORE_READ(s, list.next);
	walk_paused = 1;
	return true;
}

static __always_inline bool walk_is_for_slabs(void)
{
	return list_slabs && walk_reason == WALK_SLABS;
}

/* Begin a walk at the head of slab_caches. */
static __always_inline void walk_begin(__u64 list_head)
{
	if (!layout_is_known)
		find_knode_cache(list_head);
	walk_id = bpf_ktime_get_ns();
	walk_visited = 0;
	walk_complete = 0;
	emit_walk_begin(walk_id, walk_reason, walk_nid);
	if (observe_states && !walk_is_for_slabs())
		emit_sought(walk_id);
}

static __always_inline void walk_end(bool complete)
{
	walk_complete = complete;
	walk_ns = bpf_ktime_get_ns() - walk_id;
	if (observe_states && walk_digest_only)
		walk_unusual += changed_kept_slabs();
	emit_walk_end(walk_id, walk_reason, walk_nid, walk_visited, complete);
}

/*
 * Emit a node pointer, or add it to the digest and look at its structure. flags are those of
 * emit_structure().
 */
static __always_inline void visit_node_ptr(__u64 cache, __u32 nid, __u32 flags)
{
	__u64 address;

	if (!observe_states || !walk_digest_only) {
		emit_structure(cache, walk_id, nid, flags);
		return;
	}
	address = digest_structure(cache, nid);
	if (address && kept_state(address) != OBJECT_ALLOCATED)
		walk_unusual++;
}

/* Emit a record of the slabs of a cache on a node, if it has some. Returns 0. */
__noinline __weak int emit_slabs(__u64 cache, __u64 walk, __u32 nid)
{
	struct kmem_cache *s = (struct kmem_cache *)cache;
	struct kmem_cache_node *n = (struct kmem_cache_node *)read_node_ptr(cache, nid);
	__u64 slabs, partial;
	struct slabs_record *e;

	if (!n)
		return 0;
	slabs = slab_count(n);
	partial = BPF_CORE_READ(n, nr_partial);
	if (!partial && (!slabs || slabs == SLABS_UNKNOWN))
		return 0;
	e = reserve_record(RECORD_SLABS, sizeof(*e));
	if (!e)
		return 0;
	e->walk = walk;
	e->cache = cache;
	e->slabs = slabs;
	e->partial = partial;
	e->nid = nid;
	e->slab_bytes = slab_bytes(s);
	e->reclaimable = slabs_are_reclaimable(s);
	e->pad = 0;
	__builtin_memset(e->name, 0, sizeof(e->name));
	if (bpf_probe_read_kernel_str(e->name, sizeof(e->name), BPF_CORE_READ(s, name)) < 0)
		e->name[0] = 0;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/*
 * Emit a cache and its node pointers, or add them to the digest. The loop is not in a function of
 * its own, because functions call each other at most eight deep.
 */
static __always_inline void visit_cache(__u64 cache)
{
	__u64 name = (__u64)BPF_CORE_READ((struct kmem_cache *)cache, name);

	walk_visited++;
	if (walk_is_for_slabs()) {
		emit_slabs(cache, walk_id, walk_nid);
		return;
	}
	if (!knode_cache)
		note_knode_cache(cache);
	if (observe_states) {
		track_visited(cache, walk_reason == WALK_INITIAL);
		digest_name(cache);
	}
	if (!walk_digest_only)
		emit_cache(cache, walk_id, CACHE_EXISTS, name);
	for (__u32 nid = 0; nid < 1024; nid++) {
		if (nid >= nr_node_ids)
			break;
		visit_node_ptr(cache, nid, observe_states ? LOOK_COUNT : NO_LOOK);
	}
}

__u64 list_head = 0;   /* slab_caches itself, as the iterator's first cache shows it */
__u32 walk_broken = 0; /* caches came or went during a pause: some may be missing */

/*
 * Check that the iterator goes on where it paused. It searches its place by counting, so that
 * caches that came or went meanwhile move it.
 */
static __always_inline void iterator_goes_on(__u64 cache)
{
	__u64 link = cache ? cache + bpf_core_field_offset(struct kmem_cache, list) : list_head;

	walk_paused = 0;
	if (link != walk_next)
		walk_broken = 1;
}

/* Begin a walk by the iterator, whose first cache is the first of the list. */
static __always_inline void iterator_begins(__u64 cache)
{
	list_head = (__u64)BPF_CORE_READ((struct kmem_cache *)cache, list.prev);
	walk_paused = walk_broken = 0;
	walk_begin(list_head);
}

SEC("iter/kmem_cache")
int iterate_caches(struct bpf_iter__kmem_cache *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	__u64 cache = 0;
	char pause = 0;

	/* The iterator holds a reference to the cache while this program runs. */
	bpf_probe_read_kernel(&cache, sizeof(cache), &ctx->s);
	if (!walk_id)
		iterator_begins(cache);
	else if (walk_paused)
		iterator_goes_on(cache);
	iterated_cache = cache;
	if (!cache) {
		walk_end(!walk_broken); /* the last call of the iterator has no cache */
		return 0;
	}
	visit_cache(cache);
	if (walk_pauses((struct kmem_cache *)cache))
		bpf_seq_write(seq, &pause, sizeof(pause)); /* ends the read of user space */
	return 0;
}

__u64 list_at = 0; /* the list_head where the walk along slab_caches is */

/*
 * Check for a cache at a link of slab_caches. The walk holds no lock, so the list may
 * change meanwhile. A link whose successor does not point back, or a cache with
 * impossible sizes or no name, ends the walk as incomplete, and user space repeats
 * it. Returns whether it can be a cache.
 */
static __always_inline bool plausible_cache(struct kmem_cache *s, __u64 link)
{
	__u32 size = BPF_CORE_READ(s, size), object_size = BPF_CORE_READ(s, object_size);
	__u64 next = (__u64)BPF_CORE_READ(s, list.next);
	char first = 0;

	if ((__u64)BPF_CORE_READ((struct list_head *)next, prev) != link)
		return false;
	bpf_probe_read_kernel(&first, sizeof(first), BPF_CORE_READ(s, name));
	return object_size && object_size <= size && size <= 64 << 20 && first;
}

/* Visit the next cache. Returns 0 when the walk has ended or pauses, otherwise 1. */
__noinline __weak __u64 walk_list_step(void)
{
	__u64 link = list_at;
	struct kmem_cache *s;

	if (link == slab_caches_addr) {
		walk_end(true);
		return 0;
	}
	s = (void *)link - bpf_core_field_offset(struct kmem_cache, list);
	if (!link || !plausible_cache(s, link)) {
		walk_end(false);
		return 0;
	}
	visit_cache((__u64)s);
	list_at = (__u64)BPF_CORE_READ((struct list_head *)link, next);
	return !walk_pauses(s);
}

/* Visit the next CHUNK caches. Returns 0 when the walk has ended or pauses, otherwise 1. */
__noinline __weak __u64 walk_list_chunk(void)
{
	return CALL_UNTIL_0(CHUNK, walk_list_step());
}

/* Visit the next BLOCK chunks. Returns 0 when the walk has ended or pauses, otherwise 1. */
__noinline __weak __u64 walk_list_block(void)
{
	return CALL_UNTIL_0(BLOCK, walk_list_chunk());
}

/*
 * Go on after a pause, if the list still leads from the last cache to the next one and back, and
 * the walk is no longer than one without pauses. Returns 0; 1 if the walk has ended as incomplete.
 */
static __always_inline int list_goes_on(void)
{
	walk_paused = 0;
	if (walk_visited < CHUNK * BLOCK * BLOCKS &&
	    (__u64)BPF_CORE_READ((struct list_head *)walk_last, next) == walk_next &&
	    (__u64)BPF_CORE_READ((struct list_head *)walk_next, prev) == walk_last)
		return 0;
	walk_end(false);
	return 1;
}

/* User space runs this program by BPF_PROG_TEST_RUN; it is attached to no tracepoint. */
SEC("raw_tp")
int walk_list(void *ctx __attribute__((unused)))
{
	if (walk_paused) {
		if (list_goes_on())
			return 0;
	} else {
		walk_begin(slab_caches_addr);
		list_at = (__u64)BPF_CORE_READ((struct list_head *)slab_caches_addr, next);
	}
	if (!CALL_UNTIL_0(BLOCKS, walk_list_block()))
		return 0;
	walk_end(false);
	return 0;
}
