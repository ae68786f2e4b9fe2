/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the states of structures prove, as walks over all caches observe them: which
 * pointers dangle, which structures are missing, and whether the objects in use are as many as
 * the structures that the ledger knows.
 */
#ifndef SLUBNODE_LEDGER_OBSERVED_H
#define SLUBNODE_LEDGER_OBSERVED_H

#include "model/ledger_state.h"

/* Note the state of the structure that a node pointer names. */
void observed_state(struct node_ptr *p, const struct structure_record *e);

/* Compare the allocations so far with the structures that appeared, at the end of a walk. */
void observed_allocations(struct ledger *l, const struct walk_record *e);

/* Draw the conclusions from a complete walk over all caches. Returns 0 or -ENOMEM. */
int observed_walked(struct ledger *l, const struct walk *w, const struct walk_record *e);

#endif /* SLUBNODE_LEDGER_OBSERVED_H */
