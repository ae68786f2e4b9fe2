/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pending structures: the pointer is gone, and it is not known whether the
 * structure was freed or leaked. What resolves them:
 *
 *   its address appears at a node pointer again     it was freed
 *   a later observation finds its memory free       it was freed
 *   its memory showed that nobody had freed it,     it leaked
 *     and two complete walks do not show it
 */
#ifndef SLUBNODE_LEDGER_PENDING_H
#define SLUBNODE_LEDGER_PENDING_H

#include "model/ledger_state.h"

/*
 * Add the structure that a node pointer named until `e' was observed. Returns 0
 * or -ENOMEM.
 */
int pending_add(struct ledger *l, const struct node_ptr *p, const struct structure_record *e,
		enum transition_cause cause);

/*
 * The address has appeared at a node pointer. Returns true if the structure was
 * never dropped; the state of the node pointer is restored then.
 */
bool pending_appeared(struct ledger *l, struct node_ptr *p, __u64 address);

/* A transition has reported that the structure at a node pointer replaced a retained one. */
void pending_replaced(struct ledger *l, const struct node_ptr *p);

/* Use the proof that an observation carries about the structure named before. */
void pending_proof(struct ledger *l, const struct cache *c, const struct structure_record *e);

/* A complete walk over all caches has ended. */
void pending_walked(struct ledger *l, const struct walk *w);

/* Records were lost: the address may have appeared in one of them. */
void pending_lost(struct ledger *l);

/* No more records will come. */
void pending_finish(struct ledger *l);

#endif /* SLUBNODE_LEDGER_PENDING_H */
