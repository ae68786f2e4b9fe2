/* SPDX-License-Identifier: GPL-2.0-only */
/* The answer of a report: what is held for nodes without memory, in the facts of one sentence. */
#ifndef SLUBNODE_REPORT_ANSWER_H
#define SLUBNODE_REPORT_ANSWER_H

#include <linux/types.h>

struct report;

/* The first of these that is true. */
enum report_outcome {
	REPORT_MISSING,      /* caches lack a structure for a node with memory */
	REPORT_HELD,         /* structures or barns of nodes without memory */
	REPORT_NOTHING_HELD, /* there are nodes without memory, and none has a structure */
	REPORT_NOT_SELECTED, /* the nodes that were asked for have memory, or are not possible */
	REPORT_ALL_MEMORY,   /* every node has memory */
	REPORT_OUTCOMES,
};

#define REPORT_NODES_ROOM 64

struct report_answer {
	enum report_outcome kind;
	/* Nodes as lists, "" none: */
	char missing[REPORT_NODES_ROOM];  /* those for which caches lack a structure */
	char holding[REPORT_NODES_ROOM];  /* those without memory for which something is held */
	char empty[REPORT_NODES_ROOM];    /* those without memory that hold none */
	char slabs_of[REPORT_NODES_ROOM]; /* those with memory whose slabs are listed */
	char homes[REPORT_NODES_ROOM];    /* on whose memory the held ones lie; "" not known */
	/* Of those that hold and of those that do not: do they have movable memory? */
	enum report_movable {
		MOVABLE_NONE,
		MOVABLE_SOME,
		MOVABLE_ALL
	} holding_movable,
		empty_movable;
	const struct slab_list *slabs; /* of the report */
	__u64 missing_count;
	__u64 caches, held, barns, bytes; /* held, and the bytes charged for it */
};

/* Draw the conclusion of a report; report_make() does. */
void report_answer_make(struct report_answer *a, const struct report *r);

/* Return the name of an outcome: "held" ... */
const char *report_outcome_name(enum report_outcome kind);

#endif /* SLUBNODE_REPORT_ANSWER_H */
