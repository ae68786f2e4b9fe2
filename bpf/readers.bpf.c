// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readers: functions that fetch structures from a cache without slab_mutex.
 *
 * Call tier: at its entry, a reader's cache points to a freed structure, or the
 * reader is called with one.
 * Window tier: at its return, a reader's cache no longer points to a structure that
 * was there at the entry. The reader ran while the structure was freed.
 */
#include "bpf/readers.bpf.h"

#define WINDOW_NODES 1024 /* MAX_NUMNODES at most; user space sets nr_node_ids */

struct windows windows SEC(".maps");

/* The initial value of a window, which is too large for the stack. Never written. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct window) + sizeof(__u64));
} blank_window SEC(".maps");

__u64 lost_windows = 0; /* without an entry, without a return, or without room */
__u32 open_windows = 0; /* in the map; user space removes those that lost their return */
__u64 window_count = 0; /* ever opened */

/*
 * Set by user space once the readers have been attached for so long that whatever returns
 * has been entered since. 0: not yet.
 */
__u64 entries_since_ns = 0;

/*
 * Open a window. If the frame has one already, its return was not seen: that window is
 * lost. Returns the window or NULL.
 */
static __always_inline struct window *window_open(__u32 reader, __u64 frame)
{
	struct window_key key = { .frame = frame,
				  .tid = bpf_get_current_pid_tgid(),
				  .reader = reader };
	struct window *w, *blank;
	__u32 zero = 0;

	blank = bpf_map_lookup_elem(&blank_window, &zero);
	if (!blank)
		return NULL;
	if (!bpf_map_delete_elem(&windows, &key))
		__sync_fetch_and_add(&lost_windows, 1);
	else
		__sync_fetch_and_add(&open_windows, 1);
	if (bpf_map_update_elem(&windows, &key, blank, BPF_ANY)) {
		__sync_fetch_and_add(&open_windows, -1);
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

/*
 * Fill in the pointer of one node, and whether it dangles. The loop over the nodes must not
 * depend on it: the verifier would follow each combination of nodes. Returns 0.
 */
__noinline __weak int window_fetch(__u32 reader, __u64 frame, __u64 nid)
{
	struct window *w = window_find(reader, frame);
	__u64 *node_ptr = w ? window_node_ptr(w, nid) : NULL, address;

	if (!node_ptr)
		return 0;
	address = read_node_ptr(w->cache, nid);
	*node_ptr = address;
	if (dangles(w->cache, nid, address))
		w->dangling = nid;
	return 0;
}

/* Open a reader's window. Returns 0. */
__noinline __weak int reader_enter(__u32 reader, __u64 cache, __u64 frame)
{
	struct window *w = disarmed ? NULL : window_open(reader, frame);

	if (!w)
		return 0;
	w->cache = cache;
	w->dangling = NO_NODE;
	for (__u64 nid = 0; nid < WINDOW_NODES; nid++) {
		if (nid >= nr_node_ids)
			break;
		window_fetch(reader, frame, nid);
	}
	__sync_fetch_and_add(&window_count, 1);
	return 0;
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
 * Check whether the pointer of a node has changed since the reader's entry and its structure
 * may have been freed. Where that is not known yet, a later record of the freer
 * (struct freer_record) decides. Returns 0 or 1.
 */
__noinline __weak int window_node_dropped(__u32 reader, __u64 frame, __u64 nid)
{
	struct window *w = window_find(reader, frame);
	__u64 *node_ptr = w ? window_node_ptr(w, nid) : NULL;

	return node_ptr && *node_ptr && read_node_ptr(w->cache, nid) != *node_ptr &&
	       !not_freed_yet(w, *node_ptr);
}

/* Find a node for which window_node_dropped(). Returns it, or NO_NODE. */
__noinline __weak __u64 window_dropped(__u32 reader, __u64 frame)
{
	for (__u64 nid = 0; nid < WINDOW_NODES; nid++) {
		if (nid >= nr_node_ids)
			break;
		if (window_node_dropped(reader, frame, nid))
			return nid;
	}
	return NO_NODE;
}

/*
 * The programs, as in lifetime.bpf.c. The first argument of a reader is the cache, or
 * cache_by() finds the cache from it. A reader that is entered while `timed' gets a window,
 * and returned() handles its return.
 */
#define READER_BY(function, reader, cache_by, timed, returned)                                     \
	SEC("fentry/" #function)                                                                   \
	int fentry_read_##function(void *ctx)                                                      \
	{                                                                                          \
		if (timed(argument(ctx, 0)))                                                       \
			reader_entered(ctx, reader, cache_by(argument(ctx, 0)),                    \
				       frame_of_trampoline(ctx));                                  \
		return 0;                                                                          \
	}                                                                                          \
	SEC("fexit/" #function)                                                                    \
	int fexit_read_##function(void *ctx)                                                       \
	{                                                                                          \
		returned(ctx, reader, frame_of_trampoline(ctx));                                   \
		return 0;                                                                          \
	}                                                                                          \
	SEC("kprobe/" #function)                                                                   \
	int kprobe_read_##function(struct pt_regs *ctx)                                            \
	{                                                                                          \
		if (timed(PT_REGS_PARM1(ctx)))                                                     \
			reader_entered(ctx, reader, cache_by(PT_REGS_PARM1(ctx)),                  \
				       frame_of_entry(ctx));                                       \
		return 0;                                                                          \
	}                                                                                          \
	SEC("kretprobe/" #function)                                                                \
	int kretprobe_read_##function(struct pt_regs *ctx)                                         \
	{                                                                                          \
		returned(ctx, reader, frame_of_return(ctx));                                       \
		return 0;                                                                          \
	}

/* Handle the return of a reader that is always timed. */
static __always_inline void cold_returned(void *ctx, __u32 reader, __u64 frame)
{
	expect_window(reader, frame);
	reader_returned(ctx, reader, frame);
}

/* Handle the return of a reader that is timed while the memory of a node is changing. */
static __always_inline void hot_returned(void *ctx, __u32 reader, __u64 frame)
{
	if (open_windows)
		reader_returned(ctx, reader, frame);
}

/* Whether a reader is timed that is called with this first argument. */
#define TIMED_ALWAYS(argument)   true
#define TIMED_CHANGING(argument) node_changing

#define READER(function, reader) READER_BY(function, reader, , TIMED_ALWAYS, cold_returned)

READER(show_slab_objects, READER_OBJECTS)
READER(get_slabinfo, READER_SLABINFO)
READER(slab_out_of_memory, READER_OOM)
READER(__kmem_cache_do_shrink, READER_SHRINK)
READER(__kmem_cache_shrink, READER_SHRINK)
READER(validate_slab_cache, READER_VALIDATE)
READER(list_locations, READER_LOCATIONS)
READER_BY(slab_debug_trace_open, READER_TRACES, cache_of_inode, TIMED_ALWAYS, cold_returned)

/*
 * Readers on the allocation paths: ___slab_alloc() is the slow path of an
 * allocation, and refill_objects() fills sheaves. Their programs are attached all
 * the time, because attaching takes longer than a hotremove leaves, and return at
 * once unless a node is going offline or online.
 */
READER_BY(___slab_alloc, READER_ALLOC, , hot_is_timed, hot_returned)
READER_BY(refill_objects, READER_REFILL, , TIMED_CHANGING, hot_returned)

struct cold_programs cold_programs SEC(".maps");

/*
 * The same by kprobe where each link has a cookie, since "bpf: Add bpf_get_attach_cookie() BPF
 * helper to access bpf_cookie value" (Linux 5.15): the cookie is the reader, so that all readers
 * share these programs, and the verifier checks them once. The hot ones have a pair of their own,
 * which returns at once unless a node changes, and otherwise goes on as a program of the cold
 * ones; the kernel counts its skipped runs apart.
 */
SEC("kprobe")
int kprobe_read(struct pt_regs *ctx)
{
	cookie_entered(ctx, bpf_get_attach_cookie(ctx), frame_of_entry(ctx));
	return 0;
}

SEC("kretprobe")
int kretprobe_read(struct pt_regs *ctx)
{
	cookie_returned(ctx, bpf_get_attach_cookie(ctx), frame_of_return(ctx));
	return 0;
}

SEC("kprobe")
int kprobe_read_hot(struct pt_regs *ctx)
{
	if (hot_is_timed(PT_REGS_PARM1(ctx)))
		go_on_as(ctx, COLD_ENTRY);
	return 0;
}

SEC("kretprobe")
int kretprobe_read_hot(struct pt_regs *ctx)
{
	if (open_windows)
		go_on_as(ctx, COLD_RETURN);
	return 0;
}

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

SEC("kprobe/get_partial_node")
int kprobe_read_get_partial_node(struct pt_regs *ctx)
{
	check_argument(ctx, READER_PARTIAL, PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx));
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

SEC("kretprobe/allocate_slab")
int kretprobe_allocate_slab(struct pt_regs *ctx)
{
	slab_returned(PT_REGS_RC(ctx));
	return 0;
}
