/* SPDX-License-Identifier: GPL-2.0-only */
/* The coverage of each tier of detection, and its limits. */
#ifndef SLUBNODE_COVERAGE_H
#define SLUBNODE_COVERAGE_H

#include <stdbool.h>
#include "bpf/records.h"
#include "model/tier.h"

struct coverage {
	struct coverage_record counters; /* the last record; head.time_ns 0: none came */
	struct tier_coverage {
		enum tier_state state;
		char why[160]; /* "" TIER_READY */
	} tiers[TIERS];
	/* A program that observes allocations, or new slabs, was skipped before; 0: none was. */
	__u64 skipped_by_ns, slab_skipped_by_ns;
	__u64 own_hits; /* watchpoint hits by the allocator's work and by the tracing itself */
	__u64 ambiguous_hits; /* watchpoint hits of an address that was allocated meanwhile */
};

/* Replace the counters, or the state of a tier. */
void coverage_feed(struct coverage *c, const struct coverage_record *r);
void coverage_feed_tier(struct coverage *c, const struct tier_record *r);

/* Return why a tier is not available; NULL when it is. */
const char *coverage_missing(const struct coverage *c, enum finding_tier tier);

/* Return the limit of a tier that is available; NULL when there is none. */
const char *coverage_limit(const struct coverage *c, enum finding_tier tier);

/* Return the share of the freed words' time that was watched, 0 to 1; -1 without freed words. */
double coverage_watched(const struct coverage *c);

/*
 * Return the share of a tier's observations that was made, 0 to 1: of the calls of
 * readers, of the time of freed words, or of the freed structures. Returns -1 if there
 * was nothing to observe.
 */
double coverage_share(const struct coverage *c, enum finding_tier tier);

/* Return a share in percent, cut to two decimals, so that 100 means all. */
double coverage_percent(double share);

/* Return the number of calls of readers, or parts of them, that were not followed. */
__u64 coverage_lost_readers(const struct coverage *c);

/* Return the number of accesses and freed structures that were not seen for lack of room. */
__u64 coverage_unseen(const struct coverage *c);

/*
 * Return whether the tool would have noticed that a structure was not free any more at an access
 * that is later than ordered_ns (0: only later than the free). A structure that was freed before
 * a program for allocations was skipped may have been allocated by the function whose program was
 * skipped. After a skipped program for new slabs, its page may have had another user and have come
 * back, all before that program; a later access finds an object that is free.
 */
bool coverage_exact(const struct coverage *c, const struct freed *freed, __u64 ordered_ns);

#endif /* SLUBNODE_COVERAGE_H */
