/* SPDX-License-Identifier: GPL-2.0-only */
/* The ring buffer: how a record of bpf/records.h is reserved, and a loss counted. */
#ifndef SLUBNODE_RECORD_BPF_H
#define SLUBNODE_RECORD_BPF_H

#include "bpf/kernel.bpf.h"

extern __u64 lost_events;   /* records that found no room */
extern __u64 lost_accesses; /* likewise, of accesses and of stray writes */

/* The ring buffer. */
struct events {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
};
extern struct events events SEC(".maps");

static __always_inline void fill_head(struct record *e, __u32 type)
{
	__u64 id = bpf_get_current_pid_tgid();

	e->time_ns = bpf_ktime_get_ns(); /* before the caller's look at pointers */
	e->type = type;
	e->cpu = bpf_get_smp_processor_id();
	e->tgid = id >> 32;
	e->tid = id;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
}

/* Room for a record with its head filled in, or NULL: the loss is counted. */
static __always_inline void *reserve(__u32 type, __u64 size, __u64 *lost)
{
	struct record *e = bpf_ringbuf_reserve(&events, size, 0);

	if (e)
		fill_head(e, type);
	else
		__sync_fetch_and_add(lost, 1);
	return e;
}

static __always_inline void *reserve_record(__u32 type, __u64 size)
{
	return reserve(type, size, &lost_events);
}

/* For an access or a stray write: a loss of one does not blind the ledger. */
static __always_inline void *reserve_access(__u32 type, __u64 size)
{
	return reserve(type, size, &lost_accesses);
}

/* Return addresses of the kernel's stack into stack[ACCESS_FRAMES]; how many. */
static __always_inline __u32 kernel_stack(void *ctx, __u64 *stack)
{
	long bytes = bpf_get_stack(ctx, stack, ACCESS_FRAMES * sizeof(*stack), 0);

	return bytes > 0 ? bytes / sizeof(*stack) : 0; /* an error is no stack */
}

#endif /* SLUBNODE_RECORD_BPF_H */
