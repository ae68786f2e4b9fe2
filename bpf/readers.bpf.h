/* SPDX-License-Identifier: GPL-2.0-only */
/* Readers: the windows from their entry to their return, and the records of accesses. */
#ifndef SLUBNODE_READERS_BPF_H
#define SLUBNODE_READERS_BPF_H

#include "bpf/freed.bpf.h"

#define WINDOW_DROPS 4 /* records for one window, at most */

struct windows {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__uint(key_size, sizeof(struct window_key));
	__uint(value_size, sizeof(struct window) + sizeof(__u64));
};
extern struct windows windows SEC(".maps");

extern __u64 lost_windows;     /* without an entry, without a return, or without room */
extern __u32 open_windows;     /* in the map */
extern __u64 entries_since_ns; /* whatever returns has been entered since; 0: not known yet */

/* Global functions, which the verifier checks once for a program. */
int reader_enter(__u32 reader, __u64 cache, __u64 frame);
__u64 window_dropped(__u32 reader, __u64 frame);

/* Find the window of a frame. Returns it or NULL. */
static __always_inline struct window *window_find(__u32 reader, __u64 frame)
{
	struct window_key key = { .frame = frame,
				  .tid = bpf_get_current_pid_tgid(),
				  .reader = reader };

	return bpf_map_lookup_elem(&windows, &key);
}

/* Find the node pointer in a window. Returns its address, or NULL for no such node. */
static __always_inline __u64 *window_node_ptr(struct window *w, __u64 nid)
{
	return nid < nr_node_ids ? &w->node_ptrs[nid] : NULL;
}

/* Close a window. */
static __always_inline void window_close(__u32 reader, __u64 frame)
{
	struct window_key key = { .frame = frame,
				  .tid = bpf_get_current_pid_tgid(),
				  .reader = reader };

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
static __always_inline void reader_entered(void *ctx, __u32 reader, __u64 cache, __u64 frame)
{
	__u64 nid, *node_ptr;
	struct window *w;

	reader_enter(reader, cache, frame);
	w = window_find(reader, frame);
	if (!w)
		return;
	nid = w->dangling;
	node_ptr = window_node_ptr(w, nid);
	if (node_ptr)
		emit_access(ctx, ACCESS_CALL, reader, cache, nid, *node_ptr, 0);
}

/* Emit the structures that were freed in a window, and close it. */
static __always_inline void reader_returned(void *ctx, __u32 reader, __u64 frame)
{
	for (int i = 0; i <= WINDOW_DROPS; i++) {
		__u64 nid = window_dropped(reader, frame), *node_ptr;
		struct window *w;

		if (nid == NO_NODE)
			break;
		w = window_find(reader, frame);
		node_ptr = w ? window_node_ptr(w, nid) : NULL;
		if (!node_ptr)
			break;
		if (i == WINDOW_DROPS) {
			__sync_fetch_and_add(&lost_windows, 1);
			break;
		}
		emit_access(ctx, ACCESS_WINDOW, reader, w->cache, nid, *node_ptr, w->entered_ns);
		*node_ptr = 0;
	}
	window_close(reader, frame);
}

/* Count the return of a reader that has no window as a lost one: its entry was not seen. */
static __always_inline void expect_window(__u32 reader, __u64 frame)
{
	if (!window_find(reader, frame) && entries_since_ns &&
	    bpf_ktime_get_ns() > entries_since_ns)
		__sync_fetch_and_add(&lost_windows, 1);
}

/* Return whether a reader is on the allocation paths, and is timed only while a node changes. */
static __always_inline bool is_hot(__u32 reader)
{
	return reader == READER_ALLOC || reader == READER_REFILL;
}

/* Handle the entry of the reader that a cookie names. */
static __always_inline void cookie_entered(struct pt_regs *ctx, __u32 reader, __u64 frame)
{
	__u64 cache = PT_REGS_PARM1(ctx);

	if (reader == READER_TRACES)
		cache = cache_of_inode(cache);
	reader_entered(ctx, reader, cache, frame);
}

/* Handle the return of the reader that a cookie names. */
static __always_inline void cookie_returned(struct pt_regs *ctx, __u32 reader, __u64 frame)
{
	if (!is_hot(reader))
		expect_window(reader, frame);
	reader_returned(ctx, reader, frame);
}

/*
 * Note the call of a hot reader. kmem_cache_node has no sheaves, so all its allocations on the
 * slow path are calls of ___slab_alloc(). Returns whether the call is timed.
 */
static __always_inline bool hot_is_timed(__u64 cache)
{
	count_slow_allocation(cache);
	return node_changing;
}

/* The programs of cold readers, as which those of hot readers go on. User space fills it. */
struct cold_programs {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, COLD_PROGRAMS);
	__type(key, __u32);
	__type(value, __u32);
};
extern struct cold_programs cold_programs SEC(".maps");

/* Go on as a program of the cold readers. This returns only if that fails. */
static __always_inline void go_on_as(void *ctx, enum cold_program program)
{
	bpf_tail_call(ctx, &cold_programs, program);
	__sync_fetch_and_add(&lost_windows, 1);
}

/* Handle the return of allocate_slab() by kprobe: the slab names its cache. */
static __always_inline void slab_returned(__u64 page)
{
	if (freed_now && page)
		freed_new_slab(slab_cache_of(page), page);
}

#endif /* SLUBNODE_READERS_BPF_H */
