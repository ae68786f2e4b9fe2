/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From records of accesses to findings. The accesses of the allocator and of the
 * tracing itself are left out; the others get their strength and their freer.
 *
 * Every record waits for the next turn's clock, except a hit of SLUB's own work.
 * By then the counters have been read after the access, so that it is known whether
 * an allocation was in flight and whether a program was skipped. A record that is
 * judged without them, because the session ends or too many wait, proves nothing.
 */
#ifndef SLUBNODE_ACCESSES_H
#define SLUBNODE_ACCESSES_H

#include "model/coverage.h"
#include "model/findings.h"
#include "model/freed_set.h"
#include "model/symbols.h"

struct accesses;

/* The facts by which an access is judged; all of them outlive the accesses. */
struct accesses_parts {
	const struct session_record *session;
	const struct freed_set *freed;
	const struct symbols *symbols;
	struct coverage *coverage; /* its hits are counted here */
	struct findings *findings; /* where findings are reported */
};

/* Return NULL when out of memory. */
struct accesses *accesses_new(const struct accesses_parts *parts);
void accesses_free(struct accesses *a);

/* Take a RECORD_ACCESS, RECORD_CANARY or RECORD_FREER. Returns 0 or -ENOMEM. */
int accesses_feed(struct accesses *a, const struct record *r);

/* Judge the records for which everything is known by now; at the end of a session, all. */
void accesses_settle(struct accesses *a, __u64 now_ns, bool end);

/* Return whether a record waits to be judged. */
bool accesses_waiting(const struct accesses *a);

/* Return the name of a reader's function; "" when there is no such reader. */
const char *reader_name(enum reader reader);

#endif /* SLUBNODE_ACCESSES_H */
