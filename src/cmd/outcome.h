/* SPDX-License-Identifier: GPL-2.0-only */
/* The outcome of a run, live or replayed. */
#ifndef SLUBNODE_CMD_OUTCOME_H
#define SLUBNODE_CMD_OUTCOME_H

#include <stdbool.h>
#include "model/caveats.h"
#include "model/model.h"

struct outcome {
	bool found;   /* a leak, a dangling or missing structure, or an access to a freed one */
	__u64 end_ns; /* CLOCK_MONOTONIC */
	struct caveats caveats;
};

/* Draw the outcome from a model that has had its last record. */
void outcome_make(struct outcome *o, const struct model *m, __u64 end_ns);

#endif /* SLUBNODE_CMD_OUTCOME_H */
