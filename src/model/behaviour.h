/* SPDX-License-Identifier: GPL-2.0-only */
/* The observed behaviour of the kernel in a run: what it did with the structures of nodes. */
#ifndef SLUBNODE_BEHAVIOUR_H
#define SLUBNODE_BEHAVIOUR_H

#include <linux/types.h>
#include <stdbool.h>
#include "model/evidence.h"
#include "model/findings.h"
#include "model/ledger.h"

struct behaviour {
	__u64 removals, returns; /* of nodes */
	__u64 freed, retained;   /* at an offline or a cancelled online, or later */
	__u64 reused, leaked, late;
	__u64 same_address; /* at a return; a free in between cannot be excluded */
	__u64 dangling, missing;
	__u64 allocated;                   /* at a return, or for a new cache */
	__u64 peak_bytes, peak_structures; /* retained at one moment */
	__u64 retained_now, retained_now_bytes;
	__u64 findings[STRENGTHS];
	char removed[64]; /* the nodes that lost their memory, as a list */
	char does[96];    /* "frees some and retains some" */
	bool watched;     /* a removed node had a structure that passed the filter */
};

/* Describe the behaviour. */
void behaviour_make(struct behaviour *b, struct ledger *l, const struct evidence *e,
		    const struct findings *f);

/* Return a clause such as "frees", "retains" or "was not seen at a removal". */
const char *behaviour_name(const struct behaviour *b);

#endif /* SLUBNODE_BEHAVIOUR_H */
