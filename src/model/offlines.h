/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that did not go offline, and the slabs on its node. Tries that fail alike, as in a loop
 * that repeats them, are reported together: the first at once, the others at growing intervals.
 */
#ifndef SLUBNODE_OFFLINES_H
#define SLUBNODE_OFFLINES_H

#include "base/filter.h"
#include "model/slabs.h"

struct offlines;

/* Offlines of a node that failed alike. The pointers are valid during the call that reports it. */
struct offline_failure {
	int nid;                       /* -1: not known */
	int error;                     /* negative errno */
	__u64 count;                   /* of them, since the report before */
	__u64 time_ns;                 /* of the last one */
	__u64 first_block, last_block; /* the lowest and the highest; NO_BLOCK: not known */
	const struct record *task;     /* of the last one */
	const struct slab_list *slabs; /* on the node after the last one; NULL: not known */
};

struct offlines_ops {
	void *context;
	void (*failed)(void *context, const struct offline_failure *f); /* NULL: not of interest */
	const struct filter *filter;                                    /* NULL: all pass */
	const struct session_record *session; /* both outlive the offlines */
};

/* Create it. Returns NULL when out of memory. */
struct offlines *offlines_new(const struct offlines_ops *ops);
void offlines_free(struct offlines *o);

/* Take a failed offline. Returns 0 or -ENOMEM. */
int offlines_feed(struct offlines *o, const struct offline_record *r);

/* Take a bound of a walk for the slabs of a node, or a record of it. Returns 0 or -ENOMEM. */
void offlines_walk(struct offlines *o, const struct walk_record *r);
int offlines_slabs(struct offlines *o, const struct slabs_record *r);

/* Report what is due; `all': what is not, too. */
void offlines_settle(struct offlines *o, __u64 now_ns, bool all);

/* Return when the next report is due, or ~0: there is none. */
__u64 offlines_next_ns(const struct offlines *o);

#endif /* SLUBNODE_OFFLINES_H */
