/* SPDX-License-Identifier: GPL-2.0-only */
/* Reserve records of bpf/records.h in the ring buffer, and count those that are lost. */
#ifndef SLUBNODE_RECORD_BPF_H
#define SLUBNODE_RECORD_BPF_H

#include "bpf/kernel.bpf.h"

extern __u32 disarmed;      /* set by user space: it has ended, and programs that remain do nothing */
extern __u64 lost_records;  /* records for which the ring buffer had no room */
extern __u64 lost_accesses; /* likewise, of accesses and stray writes */

/* The ring buffer; the size is the least that user space sets. */
struct records {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
};
extern struct records records SEC(".maps");

/* Fill in the head of a record. The caller reads node pointers after time_ns: see records.h. */
static __noinline void fill_head(struct record *e, __u32 type, __u64 time_ns)
{
	__u64 id = bpf_get_current_pid_tgid();

	e->time_ns = time_ns;
	e->type = type;
	e->cpu = bpf_get_smp_processor_id();
	e->tgid = id >> 32;
	e->tid = id;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
}

/*
 * Reserve a record and fill in its head. Returns the record; if the ring buffer has
 * no room, adds 1 to *lost and returns NULL.
 */
static __always_inline void *reserve(__u32 type, __u64 size, __u64 *lost)
{
	struct record *e = bpf_ringbuf_reserve(&records, size, 0);

	if (e)
		fill_head(e, type, bpf_ktime_get_ns());
	else
		__sync_fetch_and_add(lost, 1);
	return e;
}

/* Reserve a record that the ledger needs. Returns as reserve(). */
static __always_inline void *reserve_record(__u32 type, __u64 size)
{
	return reserve(type, size, &lost_records);
}

/*
 * Reserve a record of an access or a stray write. They have a count of their
 * own, because the ledger is complete without them. Returns as reserve().
 */
static __always_inline void *reserve_access(__u32 type, __u64 size)
{
	return reserve(type, size, &lost_accesses);
}

/* Read the kernel stack into stack[ACCESS_FRAMES]. Returns the frames; 0 on an error. */
static __always_inline __u32 kernel_stack(void *ctx, __u64 *stack)
{
	long bytes = bpf_get_stack(ctx, stack, ACCESS_FRAMES * sizeof(*stack), 0);

	return bytes > 0 ? bytes / sizeof(*stack) : 0;
}

#endif /* SLUBNODE_RECORD_BPF_H */
