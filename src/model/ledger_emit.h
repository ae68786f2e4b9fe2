/* SPDX-License-Identifier: GPL-2.0-only */
/* Transitions are counted and reported here, and nowhere else. */
#ifndef SLUBNODE_LEDGER_EMIT_H
#define SLUBNODE_LEDGER_EMIT_H

#include "model/ledger_state.h"

/*
 * Count and report a transition of a structure. of_cache: the tally of its
 * cache, or of the destroyed caches of that name; NULL: neither is known.
 */
void emit_structure(struct ledger *l, struct transition *t, struct tally *of_cache);

/* Emit one for the structure that a node pointer names; `e' has the time and the task. */
void emit_node_ptr(struct ledger *l, const struct node_ptr *p, enum transition_kind kind,
		   enum transition_cause cause, const struct record *e);

/* Emit one that a walk has found; its cause and its task are not known. */
void emit_observed(struct ledger *l, const struct node_ptr *p, enum transition_kind kind,
		   __u64 time_ns);

/*
 * Emit the return of a retained structure, whose node is online again. It is reused if each
 * allocation since the node was removed is known to be another's; otherwise the
 * structure may have been freed and allocated at the same address. `observed': it was seen
 * allocated while it was retained.
 */
void emit_return(struct ledger *l, const struct node_ptr *p, bool observed, const struct record *e);

/* Emit the return of a dropped structure to its pointer, which makes a leak void. */
void emit_same_address(struct ledger *l, const struct node_ptr *p, const struct leak *leak,
		       enum transition_cause cause, const struct record *e);

/* Return whether a structure that ends for that cause ends because of its node's removal. */
bool is_away(enum transition_cause cause, bool retained);

/* Report a transition of a cache or of a node. */
void emit_cache(struct ledger *l, const struct cache *c, enum transition_kind kind,
		const char *alias, const struct record *e);
void emit_node(struct ledger *l, const struct node_record *e, int error);

/* Fill in the bytes of the structure and its barn. */
void emit_bytes(const struct ledger *l, struct transition *t);

#endif /* SLUBNODE_LEDGER_EMIT_H */
