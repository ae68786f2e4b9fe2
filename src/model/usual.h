/* SPDX-License-Identifier: GPL-2.0-only */
/* The transitions that most caches share, so that caches that differ stand out. */
#ifndef SLUBNODE_USUAL_H
#define SLUBNODE_USUAL_H

#include "model/ledger.h"

struct usual {
	struct ledger_counts counts; /* that most caches have */
	__u64 caches;                /* with these counts */
	__u64 others;                /* with other counts */
};

/* Find the counts that most caches have in common. */
void usual_find(struct usual *u, struct ledger *l);

/* Return whether something else happened to a cache than to most. */
bool usual_differs(const struct usual *u, const struct ledger_cache *c);

#endif /* SLUBNODE_USUAL_H */
