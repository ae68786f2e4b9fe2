/* SPDX-License-Identifier: GPL-2.0-only */
/* What is to be detected, and what was: how far each tier can be believed. */
#ifndef SLUBNODE_DETECTION_H
#define SLUBNODE_DETECTION_H

#include "model/findings.h"
#include "trace/tracer.h"
#include "trace/watchpoints.h"

struct detection_options {
	bool off[TIERS];           /* not asked for */
	const char **watch_caches; /* globs; none: all caches, in turns */
	unsigned int watch_cache_count;
	const char **watch_fields; /* of struct kmem_cache_node; none: all */
	unsigned int watch_field_count;
	double turn_s, sweep_s; /* 0: the default */
};

struct detection {
	const struct findings *findings;
	const char *missing[TIERS]; /* why the tier is not there; NULL: it is */
	const char *limits[TIERS];  /* what it cannot promise here; NULL: nothing */
	struct tracer_freed freed;
	struct watch_stats watch;
	__u64 skipped_readers;  /* entries and returns that the kernel did not let us see */
	__u64 skipped_removals; /* runs of what takes addresses out of the freed set */
	__u64 own_hits;         /* watchpoint hits of the allocator's and of ours */
	__u64 ambiguous_hits;   /* whose address was handed out before it could be told */
	__u64 looks;            /* of the canary */
	__u64 armed_ns;         /* hot readers were traced for so long */
	__u64 armings;          /* so often: a node's memory went, or came */
};

#endif /* SLUBNODE_DETECTION_H */
