/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs saw of accesses, made into findings: which are the
 * allocator's own work or ours, how strong the others are, and who freed what
 * was accessed. Some can be told only when what is in flight is over: they wait.
 */
#ifndef SLUBNODE_ACCESSES_H
#define SLUBNODE_ACCESSES_H

#include "bpf/records.h"
#include "model/findings.h"
#include "kernel/kallsyms.h"

struct accesses;

struct accesses_ops {
	void *context;
	/* Would it have been noticed if, by then, the structure had left the freed set? */
	bool (*exact)(void *context, const struct freed *f, __u64 by_ns);
	void (*finding)(void *context, struct finding *f);
	/* Is this incarnation in the freed set still? */
	bool (*still_freed)(void *context, const struct freed *f);
	/* May an allocation that was in flight when so many had begun still be so? */
	bool (*allocating)(void *context, __u64 allocations);
};

struct accesses_stats {
	__u64 own;       /* hits of the allocator's own work, and of our looks */
	__u64 ambiguous; /* hits whose address was handed out before it could be told */
};

/* layout: a copy is taken. NULL: out of memory. */
struct accesses *accesses_new(const struct accesses_ops *ops, struct kallsyms *ksyms,
			      const struct knode_layout *layout);
void accesses_free(struct accesses *a);

/* An access_record, a canary_record or a freer_record. 0 or -ENOMEM. */
int accesses_feed(struct accesses *a, const struct record *e);

/* Tell those that waited and need not, or have waited enough; last: all. */
void accesses_settle(struct accesses *a, __u64 now_ns, bool last);
bool accesses_waiting(const struct accesses *a);

struct accesses_stats accesses_stats(const struct accesses *a);

/* The function that a reader is, for READER_*. */
const char *reader_name(enum reader reader);

#endif /* SLUBNODE_ACCESSES_H */
