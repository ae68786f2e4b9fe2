/* SPDX-License-Identifier: GPL-2.0-only */
/* The freed set, and the threads that are about to change it. */
#ifndef SLUBNODE_FREED_BPF_H
#define SLUBNODE_FREED_BPF_H

#include "bpf/record.bpf.h"

/* Set before the load (read-only afterwards). */
extern const volatile bool detect; /* it is kept at all */

extern __u32 freed_now;          /* structures in it */
extern __u32 allocating;         /* functions in flight that may hand addresses out */
extern __u64 allocations;        /* of those, begun so far */
extern __u64 failed_allocations; /* of those, that gave back what they had taken */
extern __u32 freed_chunks;       /* chunks of slots that have been in use */
extern __u32 removing;           /* nodes whose memory is going, or coming */

/* Global functions: verified once, whoever calls them. 5.10 takes scalars only. */
int freed_find(__u64 address);
int freed_add(__u64 address, __u64 cache, __u32 nid);
int freed_met(__u64 address);
int freed_remove(__u64 address);
int freed_new_slab(__u64 cache, __u64 page);
int cold_enter(__u32 allocates);
int cold_exit(__u32 allocates);
int cold_inside(void);

/* A thread in the middle of SLUB's own work on node structures. */
struct cold_work {
	__u64 begin_ns;
	__u64 seen; /* freed_seen at the beginning */
	__u32 depth;
	__u32 allocates;
};

struct cold_workers {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32); /* the thread */
	__type(value, struct cold_work);
};
extern struct cold_workers cold_workers SEC(".maps");

struct freed_slots {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct freed_slot);
};
extern struct freed_slots freed_slots SEC(".maps");

/* A record of an access, with what each of them has filled in, or NULL. */
static __always_inline struct access_record *begin_access(void)
{
	struct access_record *e = reserve_access(RECORD_ACCESS, sizeof(*e));

	if (!e)
		return e;
	e->ns_tgid = namespace_tgid(&e->pid_ns);
	e->allocating = allocating;
	e->allocations = allocations;
	e->unsettled = 0;
	e->reader = 0;
	e->entered_ns = e->ordered_ns = e->word = e->value = e->free_word = 0;
	return e;
}

#endif /* SLUBNODE_FREED_BPF_H */
