/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pending structures: the pointer was dropped, and it is not known whether the
 * structure was freed or leaked. These observations resolve them:
 *
 *   its address appears at a node pointer again     it was freed
 *   a later observation finds its memory free       it was freed
 *   its memory showed that it was in use,           it leaked
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
 * Handle an address that has appeared at a node pointer. If the structure was never
 * dropped, the state of the node pointer is restored. Returns true if so.
 */
bool pending_appeared(struct ledger *l, struct node_ptr *p, __u64 address);

/* Note that a transition has reported the retained structure that another one replaced. */
void pending_replaced(struct ledger *l, const struct node_ptr *p);

/* Use the proof that an observation carries about the structure named before. */
void pending_proof(struct ledger *l, const struct cache *c, const struct structure_record *e);

/* Count a complete walk over all caches, which may prove a leak. */
void pending_walked(struct ledger *l, const struct walk *w);

/* Start the proof again after a loss, because the address may be in a lost record. */
void pending_lost(struct ledger *l);

/* Give up the structures that a loss made uncertain, at the end of the records. */
void pending_finish(struct ledger *l);

#endif /* SLUBNODE_LEDGER_PENDING_H */
