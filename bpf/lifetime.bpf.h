/* SPDX-License-Identifier: GPL-2.0-only */
/* The events of lifetimes, and their kprobes. */
#ifndef SLUBNODE_LIFETIME_BPF_H
#define SLUBNODE_LIFETIME_BPF_H

#include "bpf/caches.bpf.h"

/* The events: global functions, which the verifier checks once for a program. */
int on_notifier(__u64 action, __u64 arg, __u32 phase, __s32 ret, __u64 frame);
int on_creating(__u64 frame);
int on_created(__u64 cache, __s32 ret, __u64 frame);
int on_releasing(__u64 cache, __u64 frame);
int on_released(__u64 cache, __u64 frame);
int on_dying(__u64 cache);
int on_aliased(__u64 cache, __u64 name);
int on_destroy(__u64 cache);
int on_offline(__u64 start_pfn, __u64 nr_pages, __s32 ret);

/*
 * Emit a record of the thread and the stack that freed structures, if a function
 * of SLUB's own work has freed some, and forget the thread if it was the outermost.
 */
static __always_inline void emit_freer(void *ctx, int freed)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct slub_work *work = bpf_map_lookup_elem(&slub_workers, &tid);
	struct freer_record *e;

	if (!work || work->frame)
		return;
	e = freed > 0 ? reserve_record(RECORD_FREER, sizeof(*e)) : NULL;
	if (e) {
		e->begin_ns = work->begin_ns;
		e->freed = freed;
		e->stack_len = kernel_stack(ctx, e->stack);
		bpf_ringbuf_submit(e, 0);
	}
	bpf_map_delete_elem(&slub_workers, &tid);
}

struct saved_key {
	__u32 tid;
	__u32 function; /* enum lifetime_function */
};

struct saved {
	__u64 first;
	__u64 second;
};

/* A return probe cannot read arguments, so the entry probe saves them. */
struct saved_arguments {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct saved_key);
	__type(value, struct saved);
};
extern struct saved_arguments saved_arguments SEC(".maps");

/* Save arguments of the current thread for the return probe. */
static __always_inline void save_arguments(__u32 function, __u64 first, __u64 second)
{
	struct saved_key key = { .tid = (__u32)bpf_get_current_pid_tgid(), .function = function };
	struct saved saved = { .first = first, .second = second };

	if (bpf_map_update_elem(&saved_arguments, &key, &saved, BPF_ANY))
		__sync_fetch_and_add(&lost_records, 1);
}

/* Take the arguments that the entry saved. Returns false if it saved none. */
static __always_inline bool restore_arguments(__u32 function, struct saved *saved)
{
	struct saved_key key = { .tid = (__u32)bpf_get_current_pid_tgid(), .function = function };
	struct saved *found = bpf_map_lookup_elem(&saved_arguments, &key);

	if (!found)
		return false;
	*saved = *found;
	bpf_map_delete_elem(&saved_arguments, &key);
	return true;
}

/* Handle the entry of a function. Returns 0, or 1 if nothing is to be done at its return. */
static __always_inline int function_entered(struct pt_regs *ctx, __u32 function, __u64 frame)
{
	__u64 first = PT_REGS_PARM1(ctx), second = PT_REGS_PARM2(ctx);

	switch (function) {
	case FUNCTION_NOTIFIER:
		save_arguments(function, second, PT_REGS_PARM3(ctx));
		on_notifier(second, PT_REGS_PARM3(ctx), PHASE_BEGIN, 0, frame);
		return 0;
	case FUNCTION_CREATE:
		save_arguments(function, first, 0);
		on_creating(frame);
		return 0;
	case FUNCTION_RELEASE:
		save_arguments(function, first, 0);
		on_releasing(first, frame);
		return 0;
	case FUNCTION_OFFLINE: save_arguments(function, first, second); return 0;
	case FUNCTION_SHUTDOWN: on_dying(first); return 1;
	case FUNCTION_ALIAS: on_aliased(first, second); return 1;
	default: on_destroy(first); return 1;
	}
}

/* Handle the return of a function. */
static __always_inline void function_returned(struct pt_regs *ctx, __u32 function, __u64 frame)
{
	struct saved saved = {};
	int freed;

	if (!restore_arguments(function, &saved))
		return;
	if (function == FUNCTION_OFFLINE) {
		on_offline(saved.first, saved.second, PT_REGS_RC(ctx));
		return;
	}
	if (function == FUNCTION_NOTIFIER)
		freed = on_notifier(saved.first, saved.second, PHASE_END, PT_REGS_RC(ctx), frame);
	else if (function == FUNCTION_CREATE)
		freed = on_created(saved.first, PT_REGS_RC(ctx), frame);
	else
		freed = on_released(saved.first, frame);
	emit_freer(ctx, freed);
}

#endif /* SLUBNODE_LIFETIME_BPF_H */
