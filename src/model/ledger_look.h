/* SPDX-License-Identifier: GPL-2.0-only */
/* The interpretation of an observation of s->node[nid]: which transition is it? */
#ifndef SLUBNODE_LEDGER_LOOK_H
#define SLUBNODE_LEDGER_LOOK_H

#include "model/ledger_state.h"

/* Interpret an observation. Returns 0 or -ENOMEM. */
int look_feed(struct ledger *l, const struct structure_record *e);

/*
 * Interpret the differences that a walk showed and that no event has explained
 * by its end. Returns 0 or -ENOMEM.
 */
int look_walked(struct ledger *l, struct walk *w);

#endif /* SLUBNODE_LEDGER_LOOK_H */
