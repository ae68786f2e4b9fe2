/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The answer of a trace: the outcome of the run, and the facts that its last sentence states. It
 * speaks of this run, and of what was seen in it.
 */
#ifndef SLUBNODE_ANSWER_H
#define SLUBNODE_ANSWER_H

#include "base/filter.h"
#include "model/behaviour.h"
#include "model/caveats.h"
#include "model/changes.h"
#include "model/coverage.h"

/* The outcome: the first of these that is true. */
enum outcome_kind {
	OUTCOME_UNSAFE,   /* stale accesses, or readers in flight across a free */
	OUTCOME_DANGLING, /* caches point to freed structures */
	OUTCOME_LEAKED,
	OUTCOME_MISSING,        /* caches lack a structure for a node with memory */
	OUTCOME_SUSPECT,        /* accesses that are not proven to be stale */
	OUTCOME_INCONCLUSIVE,   /* something may have happened that was not seen */
	OUTCOME_PARTLY_COVERED, /* structures were freed, and not all of their words were watched */
	OUTCOME_FREED,
	OUTCOME_HELD,    /* retained, and their nodes have no memory */
	OUTCOME_REUSED,  /* retained, and in use again */
	OUTCOME_ADDED,   /* a node got memory, and none lost it */
	OUTCOME_NOTHING, /* see enum nothing */
	OUTCOME_KINDS,
};

/* Why there was nothing to see: the first of these that is true. */
enum nothing {
	NOTHING_UNFINISHED, /* a removal has begun, and not ended */
	NOTHING_BLOCKS,     /* a part of a node was removed */
	NOTHING_MOVABLE,    /* the memory of a node changed, and it counts for no structures */
	NOTHING_SELECTED,   /* a node was removed, and had no structure that passes the filter */
	NOTHING_CANCELLED,  /* a removal was cancelled */
	NOTHING_CHANGED,    /* no memory was removed or added */
};

#define NODES_ROOM 64

struct answer {
	enum outcome_kind kind;
	enum nothing nothing; /* OUTCOME_NOTHING */
	struct behaviour behaviour;
	/* Nodes as lists, "" none: */
	char gone[NODES_ROOM];            /* those that were removed, and have none that counts */
	char absent[NODES_ROOM];          /* those without memory that counts, now */
	char added[NODES_ROOM];           /* those that got memory */
	char movable[NODES_ROOM];         /* those whose memory counts for no structures, now */
	char movable_changed[NODES_ROOM]; /* those that got or lost such memory */
	char unfinished[NODES_ROOM];      /* those whose removal has begun, and not ended */
	char cancelled[NODES_ROOM];       /* those whose removal was cancelled */
	__u64 leaked_away, dangling_away; /* by a removal */
	__u64 held, held_bytes;           /* retained for nodes that are gone */
	bool back;                        /* each node that was removed has memory again */
	bool some_not_gone;               /* one that was removed is not in `gone' */
	bool gone_movable;                /* one that is gone has movable memory, */
	bool gone_without;                /* and one has not even that */
	bool by_node;                     /* the filter selects nodes */
	bool begin_unseen;                /* the beginning of a removal was not seen */
	__u64 allocated;                  /* structures for a node that came online */
	__u64 leaked_bytes;               /* charged */
	/* Blocks of a node that went offline while others remain; NULL: none. */
	const struct blocks_record *blocks;
	/* Accesses: the first of the strongest, and the number of other places as strong. */
	const struct finding_row *worst;
	unsigned int other_places;
	/* Freed structures: */
	__u64 freed_with_caches;
	bool accesses_sought;
	double watched; /* the share of the time of their words, 0 to 1 */
	/* OUTCOME_INCONCLUSIVE: the first reason, and the number of others. */
	char reason[256];
	unsigned int other_reasons;
};

/* The facts from which the answer follows; all of them are complete. */
struct answer_facts {
	struct ledger *ledger;
	const struct evidence *evidence;
	const struct changes *changes;
	const struct findings *findings;
	const struct coverage *coverage;
	const struct caveats *caveats;
	const struct session_record *session;
	const struct filter *filter;
};

/* Draw the conclusion of a trace. Its pointers are valid as long as the facts. */
void answer_make(struct answer *a, const struct answer_facts *f);

/* Return the name of an outcome: "unsafe", "partly-covered" ... */
const char *outcome_name(enum outcome_kind kind);

#endif /* SLUBNODE_ANSWER_H */
