/* SPDX-License-Identifier: GPL-2.0-only */
/* The changes of the programs' freed set since it was last read, as RECORD_FREED. */
#ifndef SLUBNODE_FREED_DIFF_H
#define SLUBNODE_FREED_DIFF_H

#include "trace/tracer.h"

struct freed_diff;

/* Return NULL when out of memory. */
struct freed_diff *freed_diff_new(const struct tracer *t);
void freed_diff_free(struct freed_diff *f);

/*
 * Emit a record for each structure that entered the freed set, or left it, since
 * the last call. Returns 0 or a negative errno.
 */
int freed_diff_emit(struct freed_diff *f, int (*emit)(void *context, const struct record *r),
		    void *context);

#endif /* SLUBNODE_FREED_DIFF_H */
