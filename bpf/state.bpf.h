/* SPDX-License-Identifier: GPL-2.0-only */
/* What the programs share, set by the front end before the load or kept by them. */
#ifndef SLUBNODE_STATE_BPF_H
#define SLUBNODE_STATE_BPF_H

/* Set before the load (read-only afterwards). */
extern const volatile __u32 nr_node_ids;         /* entries of a per-node array */
extern const volatile __u64 slab_caches_at;      /* the list's head, or 0 */
extern const volatile __u64 page_offset_base_at; /* x86-64 KASLR bases: where */
extern const volatile __u64 vmemmap_base_at;     /* they are kept, or 0 */
extern const volatile __u32 node_bits;           /* of a page's flags; 0: not known */
extern const volatile bool follow;               /* pointers are compared between looks */

/* Kept by the programs. */
extern __u64 knode_cache; /* kmem_cache_node's own cache, once seen */
extern __u32 slot_chunks; /* chunks of slots that have been in use */
extern __u64 lost_events; /* records that found no room */
extern __u64 untracked;   /* caches that found no slot */

/* The freed set (freed.bpf.c). */
extern const volatile bool detect; /* it is kept at all */
extern __u32 freed_now;            /* structures in it */
extern __u64 freed_seen;           /* that ever were */
extern __u64 freed_dropped;        /* that found no room */
extern __u32 allocating;           /* functions in flight that may hand addresses out */
extern __u64 allocations;          /* of those, begun so far */
extern __u64 failed_allocations;   /* of those, that gave back what they had taken */
extern __u32 freed_chunks;         /* chunks of slots that have been in use */
extern __u32 removing;             /* nodes whose memory is going, or coming */
extern __u64 lost_accesses;        /* records of accesses that found no room */

/* Walks that the front end asks for. */
extern __u64 iterated;      /* the cache on which the iterator holds a reference, or 0 */
extern __u32 walk_reason;   /* enum walk_reason */
extern __u64 walk_id;       /* out: its id */
extern __u32 walk_visited;  /* out: caches */
extern __u32 walk_complete; /* out: it reached the end */
extern __u64 walk_took;     /* out: nanoseconds */

/*
 * Global functions: verified once, whoever calls them. 5.10 takes scalars
 * only. Those of nothing to return return 0.
 */
int emit_cache(__u64 cache, __u64 walk, __u32 change, __u64 name);
__u64 node_pointer(__u64 cache, __u32 nid);
int emit_structure(__u64 cache, __u64 walk, __u32 nid, __u32 settled);
int emit_structures(__u64 cache, __u64 walk, __u32 settled);
int emit_walk_begin(__u64 walk, __u32 reason, __u32 nid);
int emit_walk_end(__u64 walk, __u32 reason, __u32 nid, __u32 caches, __u32 complete);
int track(__u64 cache);
int is_tracked(__u64 cache);
int untrack(__u64 cache);
int walk_tracked(__u64 walk, __u32 nid, __u32 settled);

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
static __always_inline void *reserve_record(__u32 type, __u64 size)
{
	struct record *e = bpf_ringbuf_reserve(&events, size, 0);

	if (e)
		fill_head(e, type);
	else
		__sync_fetch_and_add(&lost_events, 1);
	return e;
}

/*
 * An argument of a function that is entered by a trampoline. One that is a
 * pointer of the kernel's is typed, and a global function takes scalars: so it
 * is read from the context.
 */
static __always_inline __u64 argument(void *ctx, int n)
{
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), ctx + n * sizeof(value));
	return value;
}

/* Return addresses of the kernel's stack into stack[ACCESS_FRAMES]; how many. */
static __always_inline __u32 kernel_stack(void *ctx, __u64 *stack)
{
	long bytes = bpf_get_stack(ctx, stack, ACCESS_FRAMES * sizeof(*stack), 0);

	return bytes > 0 ? bytes / sizeof(*stack) : 0; /* an error is no stack */
}

/*
 * Slots are walked in chunks, and chunks in blocks: the verifier follows each
 * loop to its end, and a function's only once.
 */
#define CHUNK  64              /* slots that one call handles */
#define BLOCK  32              /* chunks likewise */
#define BLOCKS 32              /* calls at the most */
#define CHUNKS (BLOCK * BLOCKS) /* 65,536 slots */

#endif /* SLUBNODE_STATE_BPF_H */
