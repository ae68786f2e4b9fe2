/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the data meets: events from the tracer into the ledger, transitions
 * from the ledger into a view, and after each change of a node a walk over all
 * caches that holds the ledger against the kernel.
 */
#ifndef SLUBNODE_RECORDER_H
#define SLUBNODE_RECORDER_H

#include "model/coverage.h"
#include "base/filter.h"
#include "model/findings.h"
#include "trace/tracer.h"
#include "output/trace_view.h"

struct recorder;
struct ledger;

struct recorder_options {
	struct view *view;
	struct filter *filter;
	const char *btf_file;
	enum attach attach;
	unsigned int ring_bytes; /* 0: the default */
	const struct detection_options *detection;
};

/*
 * Attach, take in what is there, start the view. 0, or an exit code and the
 * reason has been said; *recorder is NULL then.
 */
int recorder_open(struct recorder **recorder, const struct recorder_options *options);
void recorder_close(struct recorder *r);

/* What is known so far; complete after recorder_finish(). */
struct ledger *recorder_ledger(const struct recorder *r);
const struct findings *recorder_findings(const struct recorder *r);

/*
 * Why accesses cannot be seen by that tier, though nodes may come and go: in a
 * sentence without a full stop, valid as long as the recorder. NULL: they can.
 */
const char *recorder_tier_missing(const struct recorder *r, enum finding_tier tier);

/* The share of the time of freed words that was watched, 0 to 1; -1: none was to be watched. */
double recorder_watched(const struct recorder *r);

/* Nothing is attached: two looks tell what differs between them, no more. */
bool recorder_sampled(const struct recorder *r);
const struct plan *recorder_plan(const struct recorder *r);

/* Accesses, or freed structures, that found no room and were not seen. */
__u64 recorder_unseen(const struct recorder *r);

/* After recorder_finish(): the last look saw all caches, and nothing failed. */
bool recorder_complete(const struct recorder *r);

/* To be polled, for so many milliseconds at most (-1: for ever). */
int recorder_fd(const struct recorder *r);
int recorder_patience(const struct recorder *r);

/* Do what there is to do. 0 or a negative errno. */
int recorder_turn(struct recorder *r);

/*
 * The last look, and the summary. EXIT_FINE, EXIT_FINDING (a leak, or an access
 * to a freed structure) or EXIT_INCONCLUSIVE (events or accesses lost, or the
 * ledger and the kernel disagree).
 */
int recorder_finish(struct recorder *r);

#endif /* SLUBNODE_RECORDER_H */
