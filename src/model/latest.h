/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The latest record of each thing that exists: caches, node pointers, nodes, freed structures,
 * symbols. They restore the state in the middle of a run, for a recording that begins there, and
 * have what a report needs.
 */
#ifndef SLUBNODE_LATEST_H
#define SLUBNODE_LATEST_H

#include <stdbool.h>
#include "bpf/records.h"
#include "model/snapshot.h"

struct latest;

/* Returns NULL when out of memory. */
struct latest *latest_new(void);
void latest_free(struct latest *l);

/* Take a record, as record_check() returned it. Returns 0 or -ENOMEM. */
int latest_feed(struct latest *l, const struct record *r);

/*
 * Return whether the last walk over all caches was complete, and nothing has changed since, so that
 * the records are the whole state.
 */
bool latest_is_settled(const struct latest *l);

/* Emit the state as records, as at the start of a session. Returns 0, or the error of `emit'. */
int latest_emit(const struct latest *l, int (*emit)(void *context, const struct record *r),
		void *context);

/*
 * Fill in the caches, structures and nodes of a snapshot; the caller frees the two arrays. Returns
 * 0 or -ENOMEM.
 */
int latest_snapshot(const struct latest *l, struct snapshot *s);

#endif /* SLUBNODE_LATEST_H */
