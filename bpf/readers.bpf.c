// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readers: functions that fetch node structures from their cache without
 * slab_mutex. At the entry one that finds a freed structure in its cache, or is
 * handed one, is a finding of the call tier; at the return one whose cache has
 * lost a structure meanwhile was in flight across the free: the window tier.
 */
#include "bpf/freed.bpf.h"

#define WINDOW_NODES 64 /* nodes that a window covers */
#define WINDOW_DROPS 4  /* told of one window */

struct window_key {
	__u32 tid;
	__u32 reader;
};

/* What a reader in flight could have fetched. */
struct window {
	__u64 cache;
	__u64 entered_ns;
	__u64 allocations; /* that had begun; -1: one was in flight */
	__u64 pointers[WINDOW_NODES];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct window_key);
	__type(value, struct window);
} windows SEC(".maps");

/* Never written: what a new window begins as. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct window);
} blank_window SEC(".maps");

__u64 lost_windows = 0;
__u32 open_windows = 0;
__u64 window_count = 0;

static __always_inline struct window *window_find(__u32 reader)
{
	struct window_key key = { .tid = bpf_get_current_pid_tgid(), .reader = reader };

	return bpf_map_lookup_elem(&windows, &key);
}

/*
 * A window that is open already had its return skipped, or is that of a reader
 * which an interrupt has interrupted to do the same: it is given up, and counted.
 */
static __always_inline struct window *window_open(__u32 reader)
{
	struct window_key key = { .tid = bpf_get_current_pid_tgid(), .reader = reader };
	struct window *w, *blank;
	__u32 zero = 0;

	if (bpf_map_lookup_elem(&windows, &key))
		__sync_fetch_and_add(&lost_windows, 1);
	else
		__sync_fetch_and_add(&open_windows, 1);
	blank = bpf_map_lookup_elem(&blank_window, &zero);
	if (!blank || bpf_map_update_elem(&windows, &key, blank, BPF_ANY)) {
		__sync_fetch_and_add(&lost_windows, 1);
		return NULL;
	}
	w = bpf_map_lookup_elem(&windows, &key);
	if (w) {
		w->entered_ns = bpf_ktime_get_ns();
		w->allocations = allocations;
		barrier();
		if (allocating)
			w->allocations = -1;
	}
	return w;
}

/* Free, by the set and by its own bytes, and no function is about to hand it out. */
__noinline __weak int is_free(__u64 address)
{
	return freed_find(address) >= 0 && structure_state(address) == PREV_FREE && !allocating;
}

/* The pointer was there, is free, and is there still. */
static __always_inline bool dangles(__u64 cache, __u32 nid, __u64 address)
{
	return freed_now && address && is_free(address) && node_pointer(cache, nid) == address;
}

/* Opens the window. Returns the node whose pointer is that of a freed structure, or -1. */
__noinline __weak int reader_enter(__u32 reader, __u64 cache)
{
	struct window *w = window_open(reader);
	int dangling = -1;

	if (!w)
		return -1;
	w->cache = cache;
	for (__u32 nid = 0; nid < WINDOW_NODES; nid++) {
		if (nid >= nr_node_ids)
			break;
		w->pointers[nid] = node_pointer(cache, nid);
		if (dangles(cache, nid, w->pointers[nid]))
			dangling = nid;
	}
	__sync_fetch_and_add(&window_count, 1);
	return dangling;
}

/*
 * Taken out of its cache, and still to be freed: no reader that returns now was
 * in flight across that free. In use it may also be because it was handed out
 * again, which takes an allocation.
 */
static __always_inline bool not_freed_yet(const struct window *w, __u64 address)
{
	return freed_find(address) < 0 && structure_state(address) == PREV_IN_USE && !allocating &&
	       allocations == w->allocations;
}

/*
 * Returns a node whose structure was taken away and freed since the entry, once
 * each, or -1. Where it cannot be told yet, a record of the freer will tell.
 */
__noinline __weak int window_dropped(__u32 reader)
{
	struct window *w = window_find(reader);

	if (!w)
		return -1;
	for (__u32 nid = 0; nid < WINDOW_NODES; nid++) {
		__u64 address = w->pointers[nid];

		if (nid >= nr_node_ids)
			break;
		if (address && node_pointer(w->cache, nid) != address && !not_freed_yet(w, address))
			return nid;
	}
	return -1;
}

static __always_inline void window_close(__u32 reader)
{
	struct window_key key = { .tid = bpf_get_current_pid_tgid(), .reader = reader };

	if (!bpf_map_delete_elem(&windows, &key))
		__sync_fetch_and_add(&open_windows, -1);
}

static __always_inline void emit_access(void *ctx, __u32 how, __u32 reader, __u64 cache, __u32 nid,
					__u64 address, __u64 entered_ns)
{
	struct access_record *e = begin_access();
	__u32 index = freed_find(address);
	struct freed_slot *slot;

	if (!e)
		return;
	slot = bpf_map_lookup_elem(&freed_slots, &index);
	if (slot && slot->freed.address == address) {
		e->freed = slot->freed;
	} else {
		e->unsettled = how == ACCESS_WINDOW && structure_state(address) == PREV_IN_USE;
		/* Its free is under way: who does it is told by a freer's record. */
		__builtin_memset(&e->freed, 0, sizeof(e->freed));
		e->freed.address = address;
		e->freed.freed_ns = e->head.time_ns;
		e->freed.cache = cache;
		e->freed.nid = nid;
		bpf_probe_read_kernel_str(e->freed.name, sizeof(e->freed.name),
					  BPF_CORE_READ((struct kmem_cache *)cache, name));
	}
	e->how = how;
	e->reader = reader;
	e->entered_ns = entered_ns;
	e->stack_len = kernel_stack(ctx, e->stack);
	bpf_ringbuf_submit(e, 0);
}

static __always_inline void entered(void *ctx, __u32 reader, __u64 cache)
{
	int nid = reader_enter(reader, cache);
	struct window *w;

	if (nid < 0 || nid >= WINDOW_NODES)
		return;
	w = window_find(reader);
	if (w)
		emit_access(ctx, ACCESS_CALL, reader, cache, nid, w->pointers[nid], 0);
}

static __always_inline void returned(void *ctx, __u32 reader)
{
	for (int i = 0; i < WINDOW_DROPS; i++) {
		int nid = window_dropped(reader);
		struct window *w;

		if (nid < 0 || nid >= WINDOW_NODES)
			break;
		w = window_find(reader);
		if (!w)
			break;
		emit_access(ctx, ACCESS_WINDOW, reader, w->cache, nid, w->pointers[nid],
			    w->entered_ns);
		w->pointers[nid] = 0;
	}
	window_close(reader);
}

/*
 * The ways in, as in lifetime.bpf.c; the first argument is the cache, or leads
 * there. Hot ones do nothing but while a node's memory goes or comes; they are
 * attached all the same, as attaching takes longer than there is time then.
 */
#define READER_BY(function, reader, cache_by)                                                      \
	SEC("fentry/" #function)                                                                   \
	int fentry_read_##function(void *ctx)                                                      \
	{                                                                                          \
		entered(ctx, reader, cache_by(argument(ctx, 0)));                                  \
		return 0;                                                                          \
	}                                                                                          \
	SEC("fexit/" #function)                                                                    \
	int fexit_read_##function(void *ctx)                                                       \
	{                                                                                          \
		returned(ctx, reader);                                                             \
		return 0;                                                                          \
	}                                                                                          \
	SEC("kprobe/" #function)                                                                   \
	int kprobe_read_##function(struct pt_regs *ctx)                                            \
	{                                                                                          \
		entered(ctx, reader, cache_by(PT_REGS_PARM1(ctx)));                                \
		return 0;                                                                          \
	}                                                                                          \
	SEC("kretprobe/" #function)                                                                \
	int kretprobe_read_##function(struct pt_regs *ctx)                                         \
	{                                                                                          \
		returned(ctx, reader);                                                             \
		return 0;                                                                          \
	}
#define READER(function, reader) READER_BY(function, reader, )

READER(show_slab_objects, READER_OBJECTS)
READER(get_slabinfo, READER_SLABINFO)
READER(slab_out_of_memory, READER_OOM)
READER(__kmem_cache_do_shrink, READER_SHRINK)
READER(__kmem_cache_shrink, READER_SHRINK)
READER(validate_slab_cache, READER_VALIDATE)
READER(list_locations, READER_LOCATIONS)
READER_BY(slab_debug_trace_open, READER_TRACES, cache_of_inode)

#define HOT_READER(function, reader)                                                               \
	SEC("fentry/" #function)                                                                   \
	int fentry_read_##function(void *ctx)                                                      \
	{                                                                                          \
		if (removing)                                                                      \
			entered(ctx, reader, argument(ctx, 0));                                    \
		return 0;                                                                          \
	}                                                                                          \
	SEC("fexit/" #function)                                                                    \
	int fexit_read_##function(void *ctx)                                                       \
	{                                                                                          \
		if (open_windows)                                                                  \
			returned(ctx, reader);                                                     \
		return 0;                                                                          \
	}

HOT_READER(___slab_alloc, READER_ALLOC)
HOT_READER(refill_objects, READER_REFILL)

/* get_partial_node(s, n, ...): it is handed the structure. */
static __always_inline void handed(void *ctx, __u32 reader, __u64 cache, __u64 address)
{
	if (freed_now && address && is_free(address))
		emit_access(ctx, ACCESS_ARGUMENT, reader, cache, 0, address, 0);
}

SEC("fentry/get_partial_node")
int fentry_read_get_partial_node(void *ctx)
{
	handed(ctx, READER_PARTIAL, argument(ctx, 0), argument(ctx, 1));
	return 0;
}

/* struct slab *allocate_slab(s, flags, node): the slow path's slowest, pages are allocated. */
SEC("fexit/allocate_slab")
int fexit_allocate_slab(void *ctx)
{
	freed_new_slab(argument(ctx, 0), argument(ctx, 3));
	return 0;
}

/* Since 7.0 it takes one argument more. */
SEC("fexit/allocate_slab")
int fexit_allocate_slab_spin(void *ctx)
{
	freed_new_slab(argument(ctx, 0), argument(ctx, 4));
	return 0;
}

/* Where it cannot be attached so: the page is not known at the entry, the return's is. */
SEC("kretprobe/allocate_slab")
int kretprobe_allocate_slab(struct pt_regs *ctx)
{
	__u64 page = PT_REGS_RC(ctx);

	if (freed_now && page)
		freed_new_slab(slab_cache_of(page), page);
	return 0;
}
