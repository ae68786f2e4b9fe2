/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Detection of accesses to freed structures. The detector decides which tiers are
 * available, where the debug registers aim and when the canary compares, and it
 * emits records of the coverage. bpf/readers.bpf.c, watchpoint.bpf.c and
 * canary.bpf.c are its kernel side.
 */
#ifndef SLUBNODE_DETECTOR_H
#define SLUBNODE_DETECTOR_H

#include "base/filter.h"
#include "model/coverage.h"
#include "model/ledger.h"
#include "trace/tracer.h"

struct detector;

struct detection_options {
	bool off[TIERS];           /* not asked for */
	const char **watch_caches; /* globs; none: all caches, in turns */
	unsigned int watch_cache_count;
	const char **watch_fields; /* of struct kmem_cache_node; none: all */
	unsigned int watch_field_count;
	double turn_s;  /* seconds; 0: by the age of the newest free */
	double sweep_s; /* 0: the default */
};

struct detector_parts {
	struct tracer *tracer;
	struct ledger *ledger; /* has the structures that may be freed soon */
	const struct filter *filter;
	const struct detection_options *options;
	const struct knode_layout *layout;
	/* Called with each record of user space. Returns 0 or a negative errno. */
	int (*emit)(void *context, const struct record *r);
	void *context;
};

/*
 * Open the debug registers and find out which tiers are available. A tier that is
 * not available is no error. Returns NULL when out of memory.
 */
struct detector *detector_open(const struct detector_parts *parts);
void detector_close(struct detector *d);

/* Return the state of a tier, with the reason why it is missing or limited. */
struct tier_record detector_tier(const struct detector *d, enum finding_tier tier);

/* Return the same where there is no detector. */
struct tier_record detector_tier_without(const struct tracer *t,
					 const struct detection_options *options,
					 enum finding_tier tier);

/* Fill in the number of debug registers in use, and of CPUs that have them in use. */
void detector_registers(const struct detector *d, struct coverage_record *r);

/* Return whether pages that leave or join kmem_cache_node are observed. */
bool detector_pages_followed(const struct tracer *t);

/*
 * Emit the symbols that a record of the programs needs, before it enters the model.
 * Returns 0 or a negative errno.
 */
int detector_before(struct detector *d, const struct record *r);

/* Aim by a record of the programs, after it has entered the model. Returns 0 or a negative errno. */
int detector_after(struct detector *d, const struct record *r);

/*
 * Aim and compare if either is due. The caller reads the records that the programs
 * write meanwhile. Returns 0 or a negative errno.
 */
int detector_act(struct detector *d);

/*
 * Emit the changes of the freed set and the coverage, if they are `wanted' (by an
 * access that waits, or at the end) or the last report is old. Returns 0 or a
 * negative errno.
 */
int detector_report(struct detector *d, bool wanted);

/*
 * Return a file descriptor that becomes readable when detector_act() has to follow a CPU that
 * went offline or came back; -1: there is none.
 */
int detector_fd(const struct detector *d);

/* Return when the next detector_act() is due; DEADLINE_NONE: when something happens. */
__u64 detector_next_ns(const struct detector *d);

/* Compare a last time, and account for the last turn. Returns 0 or a negative errno. */
int detector_finish(struct detector *d);

#endif /* SLUBNODE_DETECTOR_H */
