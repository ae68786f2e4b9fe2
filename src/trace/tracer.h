/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel side as the front end sees it: load, attach, walk, read. */
#ifndef SLUBNODE_TRACER_H
#define SLUBNODE_TRACER_H

#include "bpf/records.h"
#include "trace/plan.h"

struct tracer;

struct tracer_options {
	const char *btf_file; /* NULL: the kernel's own */
	enum attach attach;
	bool snapshot;           /* only to walk: pointers are not compared */
	bool detect;             /* keep the freed set, see accesses to what is in it */
	bool partial;            /* keep what attaches where a needed probe is missing */
	unsigned int ring_bytes; /* 0: the default; a power of two, in pages */
	/* Each event, in order; a negative return value ends the reading. */
	int (*event)(void *context, const struct record *e, size_t len);
	void *context;
};

/* Load and attach the programs. Returns 0, or a negative errno after an error message. */
int tracer_open(struct tracer **tracer, const struct tracer_options *options);
void tracer_close(struct tracer *t);

const struct plan *tracer_plan(const struct tracer *t);

/*
 * Nothing is attached, because nothing needed can be or by ATTACH_NOTHING:
 * there are no events but those of walks.
 */
bool tracer_sampled(const struct tracer *t);

/*
 * Which memory counts for structures, as node_set_read() names it: that of
 * normal zones with the memory notifier ("has_normal_memory"), any with the
 * node notifier (6.17+, "has_memory"); bpf/kernel.bpf.h tells why.
 */
const char *tracer_memory_that_counts(const struct tracer *t);

/* "iterator", "list", or NULL: no way to walk the caches here. */
const char *tracer_walk_way(const struct tracer *t);

/*
 * Walks all caches and nodes (WALK_INITIAL, WALK_VERIFY) and reads what it
 * emitted. Asks again when the caches changed underneath; *visited: how many
 * there are. 0, -EAGAIN: no complete walk in many tries; or another negative
 * errno.
 */
int tracer_walk(struct tracer *t, enum walk_reason reason, unsigned int *visited);

/* How long the last walk took, in the kernel. */
__u64 tracer_walk_ns(const struct tracer *t);

/* To be polled; readable when there are events. */
int tracer_fd(const struct tracer *t);

/* Hand over all events that are there. 0 or a negative errno. */
int tracer_read(struct tracer *t);

/*
 * How many events are missing so far: no room in the ring buffer, caches or
 * pointers beyond what could be tracked. Cheap: to be asked before each event.
 */
__u64 tracer_dropped(const struct tracer *t);

/*
 * Runs of the programs that tell of lifetimes which the kernel skipped, because the program was
 * running on that CPU already. Known since 5.12; 0 before.
 */
__u64 tracer_skipped(const struct tracer *t);

/* The same of the programs at readers. */
__u64 tracer_skipped_readers(const struct tracer *t);

/* And of those that take addresses out of the freed set. */
__u64 tracer_skipped_removals(const struct tracer *t);

/* What the programs count of accesses to freed structures; see bpf/freed.bpf.h. */
struct tracer_freed {
	__u32 now;           /* in the freed set */
	__u64 seen;          /* that ever were */
	__u64 dropped;       /* that found no room in it */
	__u64 untracked;     /* caches and pointers that are not looked at: the set is not exact */
	__u32 allocating;    /* functions in flight that may hand addresses out */
	__u64 allocations;   /* of those, begun so far */
	__u64 windows;       /* readers that were timed */
	__u64 lost_windows;  /* that found no room */
	__u64 lost_accesses; /* records that found no room */
	__u64 hits;          /* of watchpoints, whatever they hit */
	__u64 compared;      /* by sweeps, structures */
	__u64 blind;         /* of those, taken anew: an allocation had failed meanwhile */
	__u64 skipped;       /* an allocation was in flight, or the slot changed hands */
};
struct tracer_freed tracer_freed(const struct tracer *t);

/* The freed set as it stands; slots of freed_ns 0 are free. */
const volatile struct freed_slot *tracer_freed_slots(const struct tracer *t, unsigned int *count);

/* Compare the freed set's bytes; what has changed comes as events. 0 or a negative errno. */
int tracer_sweep(struct tracer *t);

/* Run a program at each sample of a perf event. NULL: errno tells. */
enum tracer_sampler { SAMPLER_WATCHPOINT, SAMPLER_HEARTBEAT };
struct bpf_link *tracer_sample(struct tracer *t, enum tracer_sampler which, int perf_fd);

/* Are the pages of structures known (x86-64's page_offset_base and vmemmap_base)? */
bool tracer_pages_known(const struct tracer *t);

/* Fill in the fields of struct kmem_cache_node, by BTF. */
void tracer_layout(const struct tracer *t, struct knode_layout *layout);

/* Returns what the kernel's BTF says of its types. */
const struct kernel_types *tracer_types(const struct tracer *t);

#endif /* SLUBNODE_TRACER_H */
