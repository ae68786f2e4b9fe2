// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readers: functions that fetch structures from a cache without slab_mutex.
 *
 * Call tier: at its entry, a reader's cache points to a freed structure, or the
 * reader is called with one.
 * Window tier: at its return, a reader's cache no longer points to a structure that
 * was there at the entry. The reader ran while the structure was freed.
 */
#include "bpf/freed.bpf.h"

#define WINDOW_NODES 64 /* nodes that a window covers, from 0 */
#define WINDOW_DROPS 4  /* records for one window, at most */

struct window_key {
	__u32 tid;
	__u32 reader;
};

/* A running reader and the node pointers that it could have fetched. */
struct window {
	__u64 cache;
	__u64 entered_ns;
	__u64 allocations; /* at the entry; -1: an allocation was running */
	__u64 node_ptrs[WINDOW_NODES];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct window_key);
	__type(value, struct window);
} windows SEC(".maps");

/* The zeroed value of a new window, which is too large for the stack. Never written. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct window);
} blank_window SEC(".maps");

__u64 lost_windows = 0; /* given up, or no room for them */
__u32 open_windows = 0;
__u64 window_count = 0; /* ever opened */

/* Find the window of the current thread. Returns it or NULL. */
static __always_inline struct window *window_find(__u32 reader)
{
	struct window_key key = { .tid = bpf_get_current_pid_tgid(), .reader = reader };

	return bpf_map_lookup_elem(&windows, &key);
}

/*
 * Open a window for the current thread. If one is open already, its return was
 * skipped, or an interrupt entered the same reader in the middle of it: the older
 * window is given up and counted as lost. Returns the window or NULL.
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

/*
 * Check whether a structure is certainly free: it is in the freed set, has a
 * free-list word, and no running function could allocate it. Returns 0 or 1.
 */
__noinline __weak int is_free(__u64 address)
{
	return freed_find(address) >= 0 && structure_state(address) == OBJECT_FREE && !allocating;
}

/* Check whether a node pointer dangles: its structure is free, and the cache still holds it. */
static __always_inline bool dangles(__u64 cache, __u32 nid, __u64 address)
{
	return freed_now && address && is_free(address) && read_node_ptr(cache, nid) == address;
}

/* Open a reader's window. Returns a node whose pointer dangles, or -1. */
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
		w->node_ptrs[nid] = read_node_ptr(cache, nid);
		if (dangles(cache, nid, w->node_ptrs[nid]))
			dangling = nid;
	}
	__sync_fetch_and_add(&window_count, 1);
	return dangling;
}

/*
 * Check whether a structure that its cache no longer points to is still to be
 * freed. Then a reader that returns now did not run during the free. A structure
 * can also be in use because it was allocated again; that needs an allocation since
 * the entry. Returns whether it is certain.
 */
static __always_inline bool not_freed_yet(const struct window *w, __u64 address)
{
	return freed_find(address) < 0 && structure_state(address) == OBJECT_ALLOCATED &&
	       !allocating && allocations == w->allocations;
}

/*
 * Find a node whose pointer has changed since the reader's entry and whose
 * structure may have been freed. Where that is not known yet, a later record of the
 * freer (struct freer_record) decides. Returns the node or -1.
 */
__noinline __weak int window_dropped(__u32 reader)
{
	struct window *w = window_find(reader);

	if (!w)
		return -1;
	for (__u32 nid = 0; nid < WINDOW_NODES; nid++) {
		__u64 address = w->node_ptrs[nid];

		if (nid >= nr_node_ids)
			break;
		if (address && read_node_ptr(w->cache, nid) != address &&
		    !not_freed_yet(w, address))
			return nid;
	}
	return -1;
}

/* Close the window of the current thread. */
static __always_inline void window_close(__u32 reader)
{
	struct window_key key = { .tid = bpf_get_current_pid_tgid(), .reader = reader };

	if (!bpf_map_delete_elem(&windows, &key))
		__sync_fetch_and_add(&open_windows, -1);
}

/* Emit a record of an access. entered_ns is the time of the entry, or 0. */
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
		e->unsettled = how == ACCESS_WINDOW && structure_state(address) == OBJECT_ALLOCATED;
		/* Its free is under way: a later struct freer_record names the thread. */
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
	__builtin_memset(&e->registers, 0, sizeof(e->registers));
	e->stack_len = kernel_stack(ctx, e->stack);
	bpf_ringbuf_submit(e, 0);
}

/* Handle the entry of a reader. */
static __always_inline void reader_entered(void *ctx, __u32 reader, __u64 cache)
{
	int nid = reader_enter(reader, cache);
	struct window *w;

	if (nid < 0 || nid >= WINDOW_NODES)
		return;
	w = window_find(reader);
	if (w)
		emit_access(ctx, ACCESS_CALL, reader, cache, nid, w->node_ptrs[nid], 0);
}

/* Handle the return of a reader. */
static __always_inline void reader_returned(void *ctx, __u32 reader)
{
	for (int i = 0; i < WINDOW_DROPS; i++) {
		int nid = window_dropped(reader);
		struct window *w;

		if (nid < 0 || nid >= WINDOW_NODES)
			break;
		w = window_find(reader);
		if (!w)
			break;
		emit_access(ctx, ACCESS_WINDOW, reader, w->cache, nid, w->node_ptrs[nid],
			    w->entered_ns);
		w->node_ptrs[nid] = 0;
	}
	window_close(reader);
}

/*
 * The programs, as in lifetime.bpf.c. The first argument of a reader is the cache,
 * or cache_by() finds the cache from it.
 */
#define READER_BY(function, reader, cache_by)                                                      \
	SEC("fentry/" #function)                                                                   \
	int fentry_read_##function(void *ctx)                                                      \
	{                                                                                          \
		reader_entered(ctx, reader, cache_by(argument(ctx, 0)));                           \
		return 0;                                                                          \
	}                                                                                          \
	SEC("fexit/" #function)                                                                    \
	int fexit_read_##function(void *ctx)                                                       \
	{                                                                                          \
		reader_returned(ctx, reader);                                                      \
		return 0;                                                                          \
	}                                                                                          \
	SEC("kprobe/" #function)                                                                   \
	int kprobe_read_##function(struct pt_regs *ctx)                                            \
	{                                                                                          \
		reader_entered(ctx, reader, cache_by(PT_REGS_PARM1(ctx)));                         \
		return 0;                                                                          \
	}                                                                                          \
	SEC("kretprobe/" #function)                                                                \
	int kretprobe_read_##function(struct pt_regs *ctx)                                         \
	{                                                                                          \
		reader_returned(ctx, reader);                                                      \
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

/*
 * Readers on the allocation paths: ___slab_alloc() is the slow path of an
 * allocation, and refill_objects() fills sheaves. Their programs are attached all
 * the time, because attaching takes longer than a hotremove leaves, and return at
 * once unless a node is going offline or online.
 */
#define HOT_READER(function, reader)                                                               \
	SEC("fentry/" #function)                                                                   \
	int fentry_read_##function(void *ctx)                                                      \
	{                                                                                          \
		if (node_changing)                                                                 \
			reader_entered(ctx, reader, argument(ctx, 0));                             \
		return 0;                                                                          \
	}                                                                                          \
	SEC("fexit/" #function)                                                                    \
	int fexit_read_##function(void *ctx)                                                       \
	{                                                                                          \
		if (open_windows)                                                                  \
			reader_returned(ctx, reader);                                              \
		return 0;                                                                          \
	}

HOT_READER(___slab_alloc, READER_ALLOC)
HOT_READER(refill_objects, READER_REFILL)

/* Handle the entry of get_partial_node(s, n, ...), which is called with the structure. */
static __always_inline void check_argument(void *ctx, __u32 reader, __u64 cache, __u64 address)
{
	if (freed_now && address && is_free(address))
		emit_access(ctx, ACCESS_ARGUMENT, reader, cache, 0, address, 0);
}

SEC("fentry/get_partial_node")
int fentry_read_get_partial_node(void *ctx)
{
	check_argument(ctx, READER_PARTIAL, argument(ctx, 0), argument(ctx, 1));
	return 0;
}

/*
 * struct slab *allocate_slab(s, flags, node), up to Linux 6.19. It is on the
 * allocation path as well, and called only when a slab's pages are allocated.
 */
SEC("fexit/allocate_slab")
int fexit_allocate_slab(void *ctx)
{
	freed_new_slab(argument(ctx, 0), argument(ctx, 3));
	return 0;
}

/* The same since Linux 7.0, with one more argument before the return value. */
SEC("fexit/allocate_slab")
int fexit_allocate_slab_spin(void *ctx)
{
	freed_new_slab(argument(ctx, 0), argument(ctx, 4));
	return 0;
}

/* The same by kprobe: the slab is the return value and names its cache. */
SEC("kretprobe/allocate_slab")
int kretprobe_allocate_slab(struct pt_regs *ctx)
{
	__u64 page = PT_REGS_RC(ctx);

	if (freed_now && page)
		freed_new_slab(slab_cache_of(page), page);
	return 0;
}
