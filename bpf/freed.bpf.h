/* SPDX-License-Identifier: GPL-2.0-only */
/* The freed set, and the threads in functions of SLUB that change it. */
#ifndef SLUBNODE_FREED_BPF_H
#define SLUBNODE_FREED_BPF_H

#include "bpf/knode.bpf.h"

/* Set by user space before the load, read-only afterwards. */
extern const volatile bool detect;            /* maintain the freed set */
extern const volatile __u32 freed_slot_count; /* room in it */

extern __u32 freed_now;          /* structures in the freed set */
extern __u32 allocating;         /* running functions that allocate structures */
extern __u64 allocations;        /* such functions that have begun since the start */
extern __u64 failed_allocations; /* of those, the ones that failed and freed again */
extern __u32 works_running;      /* running functions of SLUB's own work */
extern __u64 works_begun;        /* such functions that have begun since the start */
extern __u32 freed_used;         /* slots of freed_slots that have been in use: the first ones */
extern __u32 node_changing;      /* 1: a node is going offline or online */

/*
 * Global functions, which the verifier checks once for all callers. Their
 * arguments are scalars, because the verifier of Linux 5.10 accepts no others.
 */
int freed_find(__u64 address);
int freed_add(__u64 address, __u64 cache, __u32 nid);
int freed_remove(__u64 address);
int freed_new_slab(__u64 cache, __u64 page);
int slub_work_begin(__u32 allocates, __u64 frame);
int slub_work_end(__u32 allocates, __u64 frame);
int in_slub_work(void);
int push_freed_slot(__u32 index);

struct slub_workers {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32); /* the thread's tid */
	__type(value, struct slub_work);
};
extern struct slub_workers slub_workers SEC(".maps");

struct freed_slots {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct freed_slot);
};
extern struct freed_slots freed_slots SEC(".maps");

/*
 * Reserve a record of an access and fill in what all of them share. The caller
 * sets the other fields. Returns the record, or NULL if there is no room.
 */
static __always_inline struct access_record *begin_access(void)
{
	struct access_record *e = reserve_access(RECORD_ACCESS, sizeof(*e));

	if (!e)
		return e;
	e->ns_tgid = namespace_tgid(&e->pid_ns);
	e->allocating = allocating;
	e->allocations = allocations;
	e->unsettled = 0;
	e->free_offset = BPF_CORE_READ((struct kmem_cache *)knode_cache, offset);
	e->reader = 0;
	e->entered_ns = e->ordered_ns = e->word = e->value = e->free_word = 0;
	return e;
}

#endif /* SLUBNODE_FREED_BPF_H */
