/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF programs as user space sees them: load, attach, walk, read records and counters. */
#ifndef SLUBNODE_TRACER_H
#define SLUBNODE_TRACER_H

#include "bpf/records.h"
#include "trace/plan.h"

struct tracer;

struct tracer_options {
	const char *btf_file; /* NULL: the kernel's own BTF */
	enum attach attach;
	bool walk_only;          /* nothing is compared between walks, no states are observed */
	bool detect;             /* keep the freed set, and see accesses to its members */
	bool slabs;              /* tracer_walk_slabs() is called */
	bool partial;            /* succeed even if a needed probe or the walk is missing */
	unsigned int ring_bytes; /* 0: the default; a power of two, and whole pages */
	/*
	 * Called for each record, in order; NULL for bytes that are not a record. A
	 * negative return value ends the reading.
	 */
	int (*record)(void *context, const struct record *r);
	void *context;
};

/* Load and attach the programs. Returns 0, or a negative errno after an error message. */
int tracer_open(struct tracer **tracer, const struct tracer_options *options);
void tracer_close(struct tracer *t);

const struct plan *tracer_plan(const struct tracer *t);

/* Return the sizes and fields of the kernel's types, by BTF. */
const struct kernel_types *tracer_types(const struct tracer *t);

/*
 * Return true if nothing is attached, because a needed probe is missing or by ATTACH_NOTHING.
 * The only records are then those of walks.
 */
bool tracer_unattached(const struct tracer *t);

/*
 * Return the memory that makes the kernel allocate structures, as node_set_read() names it:
 * "has_normal_memory" with the memory notifier, "has_memory" with the node notifier (since
 * Linux 6.17). See bpf/kernel.bpf.h.
 */
const char *tracer_memory_that_counts(const struct tracer *t);

/* Return "iterator", "list", or NULL if the caches cannot be walked here. */
const char *tracer_walk_way(const struct tracer *t);

/*
 * Ask for the state of a structure that no node pointer names: each later walk emits a
 * RECORD_OBJECT for it, until tracer_seek_none(). Returns 0, -ENOSPC if too many are sought, or
 * another negative errno.
 */
int tracer_seek(struct tracer *t, const struct sought_object *sought);
void tracer_seek_none(struct tracer *t);

/*
 * Walk all caches and nodes (WALK_INITIAL, WALK_VERIFY) and read the records. A walk during which
 * caches change is repeated. *visited is the number of caches. Returns 0, -EAGAIN if no walk
 * was complete, or another negative errno.
 */
int tracer_walk(struct tracer *t, enum walk_reason reason, unsigned int *visited);

/*
 * Do the same for WALK_VERIFY, with no records but the bounds of the walk and the states that are
 * sought: the end has the digest of all caches and node pointers.
 */
int tracer_walk_digest(struct tracer *t, unsigned int *visited);

/* Walk all caches for the records of their slabs on a node. Returns as tracer_walk(). */
int tracer_walk_slabs(struct tracer *t, int nid);

/* Return the time that the last walk took in the kernel, in nanoseconds. */
__u64 tracer_walk_ns(const struct tracer *t);

/* Return a file descriptor that is readable when there are records. */
int tracer_fd(const struct tracer *t);

/*
 * Pass the records that have arrived to record(). Under a flood of records some are left after 0.1
 * seconds, so that the caller sees its signals. Returns 0 or a negative errno.
 */
int tracer_read(struct tracer *t);

/*
 * Return whether a record is left in the ring buffer, which another CPU may still be writing. If
 * not, tracer_fd() becomes readable with the next one.
 */
bool tracer_unread(const struct tracer *t);

/*
 * Pass all records that have arrived. *all is false if a record that another CPU is still writing
 * holds up those behind it. Returns likewise.
 */
int tracer_read_rest(struct tracer *t, bool *all);

/*
 * Return the number of records and pointers lost so far: no room in the ring buffer, or caches
 * beyond what can be tracked. The call is cheap, and is made before each record.
 */
__u64 tracer_dropped(const struct tracer *t);

/*
 * Return the runs of the lifetime programs that the kernel skipped, because the program was
 * running on that CPU already. The kernel counts them since Linux 5.12; the result is 0 before.
 */
__u64 tracer_skipped(const struct tracer *t);

/*
 * Return the skipped runs of the programs at readers; the hot ones are those whose programs work
 * only while a node goes offline or comes online.
 */
__u64 tracer_skipped_readers(const struct tracer *t);
__u64 tracer_skipped_hot_readers(const struct tracer *t);

/*
 * Return the skipped runs of the programs that remove addresses from the freed set: of those for
 * functions that allocate structures, with the functions whose end was not seen; and of the one
 * for new slabs.
 */
__u64 tracer_skipped_allocations(const struct tracer *t);
__u64 tracer_skipped_slabs(const struct tracer *t);

/* The programs' counters of the detection; see bpf/freed.bpf.h. */
struct tracer_freed {
	__u32 now;           /* members of the freed set */
	__u64 seen;          /* members so far */
	__u64 dropped;       /* freed structures that the set had no room for */
	__u64 untracked;     /* caches and pointers that are not tracked: the set is not exact */
	__u32 allocating;    /* running functions that may allocate a member's address */
	__u32 working;       /* running functions of SLUB's own work */
	__u64 allocations;   /* of those, begun so far */
	__u64 windows;       /* readers that were timed */
	__u64 lost_windows;  /* without an entry, without a return, or without room */
	__u64 lost_accesses; /* records of accesses that found no room */
	__u64 hits;          /* of watchpoints, of any cause */
	__u64 compared;      /* structures compared by sweeps */
	__u64 blind;         /* of those, recorded again because an allocation had failed */
	__u64 skipped;       /* an allocation was in flight, or the slot had another member */
};
struct tracer_freed tracer_freed(const struct tracer *t);

/* Drop the windows of readers that have been open for longer, and count them as lost. */
void tracer_drop_windows(struct tracer *t, __u64 longer_ns);

/* Forget threads in functions of SLUB's own work that ended unseen. */
void tracer_revalidate_workers(struct tracer *t);

/* Return the freed set and its number of slots; a slot with freed_ns 0 is unused. */
const volatile struct freed_slot *tracer_freed_slots(const struct tracer *t, unsigned int *count);

/* Return the end of the slots that have been in use: no slot from there on has. */
unsigned int tracer_freed_end(const struct tracer *t);

/* Return the time of the last heartbeat of each CPU, by its number; 0: there was none. */
const volatile __u64 *tracer_heartbeats(const struct tracer *t);

/* Compare the bytes of the freed set; changes come as records. Returns 0 or a negative errno. */
int tracer_sweep(struct tracer *t);

/* Run a program at each overflow of a perf event. Returns the link, or NULL with errno. */
enum perf_program { PERF_WATCHPOINT, PERF_HEARTBEAT };
struct bpf_link *tracer_attach_perf_event(struct tracer *t, enum perf_program which, int perf_fd);

/* Return true if the page of a structure can be found (page_offset_base, vmemmap_base). */
bool tracer_pages_known(const struct tracer *t);

/* Fill in the fields of struct kmem_cache_node, by BTF. */
void tracer_layout(const struct tracer *t, struct knode_layout *layout);

#endif /* SLUBNODE_TRACER_H */
