/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the data meets: events from the tracer into the ledger, transitions
 * from the ledger into a view, and after each change of a node a walk over all
 * caches that holds the ledger against the kernel.
 */
#ifndef SLUBNODE_SESSION_H
#define SLUBNODE_SESSION_H

#include "model/coverage.h"
#include "base/filter.h"
#include "model/findings.h"
#include "trace/tracer.h"
#include "output/trace_view.h"

struct session;
struct ledger;

struct session_options {
	struct view *view;
	struct filter *filter;
	const char *btf_file;
	enum attach attach;
	unsigned int ring_bytes; /* 0: the default */
	const struct detection_options *detection;
};

/*
 * Attach, take in what is there, start the view. 0, or an exit code and the
 * reason has been said; *session is NULL then.
 */
int session_open(struct session **session, const struct session_options *options);
void session_close(struct session *r);

/* What is known so far; complete after session_finish(). */
struct ledger *session_ledger(const struct session *r);
const struct findings *session_findings(const struct session *r);

/*
 * Why accesses cannot be seen by that tier, though nodes may come and go: in a
 * sentence without a full stop, valid as long as the session. NULL: they can.
 */
const char *session_tier_missing(const struct session *r, enum finding_tier tier);

/* The share of the time of freed words that was watched, 0 to 1; -1: none was to be watched. */
double session_watched(const struct session *r);

/* Nothing is attached: two looks tell what differs between them, no more. */
bool session_sampled(const struct session *r);
const struct plan *session_plan(const struct session *r);

/* Accesses, or freed structures, that found no room and were not seen. */
__u64 session_unseen(const struct session *r);

/* After session_finish(): the last look saw all caches, and nothing failed. */
bool session_complete(const struct session *r);

/* To be polled, for so many milliseconds at most (-1: for ever). */
int session_fd(const struct session *r);
int session_patience(const struct session *r);

/* Do what there is to do. 0 or a negative errno. */
int session_turn(struct session *r);

/*
 * The last look, and the summary. EXIT_FINE, EXIT_FINDING (a leak, or an access
 * to a freed structure) or EXIT_INCONCLUSIVE (events or accesses lost, or the
 * ledger and the kernel disagree).
 */
int session_finish(struct session *r);

#endif /* SLUBNODE_SESSION_H */
