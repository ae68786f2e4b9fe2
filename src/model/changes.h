/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The changes of nodes: what became of the structures of a node when it went offline or online,
 * summed over all caches. The transitions between the beginning and the end of SLUB's callback
 * belong to one change. Those that are learned later are reported at the end of the turn.
 */
#ifndef SLUBNODE_CHANGES_H
#define SLUBNODE_CHANGES_H

#include "base/filter.h"
#include "model/transition.h"

struct changes;

/* One change. The pointers are valid during the call that reports it, and no longer. */
struct node_change {
	int nid;
	/* NODE_STATE: the structures changed apart from a transition, or were learned of later. */
	enum node_transition node;
	__u64 time_ns;
	bool movable_only; /* memory that does not count for structures */
	bool begin_unseen; /* offline, online: its beginning was not seen */
	int error;         /* negative errno that SLUB's callback returned, or 0 */
	/* Structures and the bytes that they occupy, by kind. */
	__u64 counts[T_STRUCTURE_KINDS], charged[T_STRUCTURE_KINDS];
	const struct record *task; /* NULL: not known */
	/* Blocks went offline, others remain, and SLUB does nothing yet; otherwise NULL. */
	const struct blocks_record *blocks;
};

struct changes_ops {
	void *context;
	/* NULL: changes are followed, and not reported. */
	void (*change)(void *context, const struct node_change *c);
	const struct filter *filter;          /* NULL: everything passes */
	const struct session_record *session; /* both outlive the changes */
};

/* Create the changes of no node. Returns NULL when out of memory. */
struct changes *changes_new(const struct changes_ops *ops);
void changes_free(struct changes *c);

/* Take a transition, in order. */
void changes_take(struct changes *c, const struct transition *t);

/* End SLUB's callback; the ledger has the record. */
void changes_end(struct changes *c, const struct node_record *r);

/* Take the memory blocks of a node with memory that counts. */
void changes_blocks(struct changes *c, const struct blocks_record *r);

/* Report what is apart from a transition; `all': what has not ended, too. */
void changes_settle(struct changes *c, __u64 now_ns, bool all);

/* Return when changes_settle() has something to report, or ~0: nothing waits. */
__u64 changes_next_ns(const struct changes *c);

/* The observations of a node besides the totals of the ledger. */
struct changed_node {
	int nid;
	bool going_offline;                 /* its removal has begun, and not ended */
	bool begin_unseen;                  /* the beginning of a removal was not seen */
	__u64 allocated;                    /* structures, when it came online */
	__u64 movable_changes;              /* of memory that does not count for structures */
	const struct blocks_record *blocks; /* NULL: none changed */
};

/*
 * Call a function for each node up to the last that changed, ordered by nid, until it returns
 * another value than 0. Returns that value, or 0.
 */
int changes_each(const struct changes *c, int (*fn)(void *arg, const struct changed_node *n),
		 void *arg);

#endif /* SLUBNODE_CHANGES_H */
