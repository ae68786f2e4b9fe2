/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pending structures: the pointer was dropped, and it is not known whether the
 * structure was freed or leaked. A structure whose fate was not observed stays pending.
 * These observations resolve it:
 *
 *   the structure is free                           it was freed
 *   its address is allocated again                  it was freed
 *   it is allocated in two walks that do not show   it leaked
 *     it, the last of them LEDGER_LEAK_NS later
 *
 * A leaked structure is kept, because a kernel may free it even later.
 */
#ifndef SLUBNODE_LEDGER_PENDING_H
#define SLUBNODE_LEDGER_PENDING_H

#include "model/ledger_state.h"

/*
 * Add the structure that a node pointer names, before the pointer is cleared; `e' has the
 * time and, if it is known, the task that drops it. Returns 0 or -ENOMEM.
 */
int pending_add(struct ledger *l, const struct node_ptr *p, enum transition_cause cause,
		const struct record *e);

/* The meaning of an address that appears at a node pointer, for a structure dropped before. */
enum appearance {
	APPEARED_NEW,   /* there is none, or it was freed meanwhile */
	APPEARED_BACK,  /* the pointer has not changed: its state is restored */
	APPEARED_SAME,  /* at the same pointer; whether it was freed meanwhile is not known */
	APPEARED_MOVED, /* at another pointer, and nothing was allocated */
};

/*
 * Resolve the pending structure of an address that appears. `allocates': the pointer was
 * absent before, and the kernel allocates structures in such an event. `leak' receives what
 * APPEARED_SAME makes void. A leaked structure that appears at another pointer stays leaked.
 */
enum appearance pending_appeared(struct ledger *l, struct node_ptr *p,
				 const struct structure_record *e, bool allocates,
				 struct leak *leak);

/* Note that a transition has reported the retained structure that another one replaced. */
void pending_replaced(struct ledger *l, const struct node_ptr *p);

/* Use the proof that an observation carries about the structure named before. */
void pending_proof(struct ledger *l, const struct cache *c, const struct structure_record *e);

/* Take the observed state of a structure that no pointer names. */
void pending_observed(struct ledger *l, const struct object_record *e);

/* Report the leaks that a complete walk over all caches proves. */
void pending_walked(struct ledger *l, const struct walk *w);

/*
 * Count the structures that the walk saw allocated. Returns false if the walk does not know
 * the state of some.
 */
bool pending_count(const struct ledger *l, const struct walk *w, __u64 *allocated);

/* Start the proof again after a loss, because the address may be in a lost record. */
void pending_lost(struct ledger *l, __u64 time_ns);

/* Give up the structures that a loss made uncertain, at the end of the records. */
void pending_finish(struct ledger *l);

#endif /* SLUBNODE_LEDGER_PENDING_H */
