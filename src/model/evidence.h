/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The evidence of a verdict besides the ledger's totals: counts of transitions by
 * kind and cause, and the first transitions of each kind as examples.
 */
#ifndef SLUBNODE_EVIDENCE_H
#define SLUBNODE_EVIDENCE_H

#include "model/findings.h"
#include "model/ledger.h"

#define EXAMPLES_KEPT  8  /* of a kind; the rest is counted */
#define EXAMPLE_FRAMES 12 /* of its stack, the innermost */

/* One transition or finding, in the words of a report. */
struct example {
	char event[48]; /* "leaked", "confirmed access" ... */
	char cause[16]; /* "offline" ...; "" none */
	__u64 time_ns;  /* 0: not known */
	int nid;        /* -1: none */
	char cache[CACHE_NAME_LEN];
	__u64 address; /* of the structure; 0: not known */
	__u64 charged; /* bytes */
	char comm[TASK_COMM_LEN];
	__u32 pid;
	/* Of an access. */
	char function[64];
	char source[FINDING_SOURCE];
	__u64 count;
	char frames[EXAMPLE_FRAMES][96]; /* of its stack, in words: "function+0x12" */
	__u32 stack_len;
	/* Of the free before it. */
	__u64 freed_ns; /* 0: not known */
	char freer_comm[TASK_COMM_LEN];
	__u32 freer_pid;
	char freer_frames[EXAMPLE_FRAMES][96];
	__u32 freer_stack_len;
};

enum example_kind {
	EXAMPLES_FREED,    /* at an offline, by a cancelled online, or while the node was away */
	EXAMPLES_RETAINED, /* at an offline, by a cancelled online */
	EXAMPLES_LEAKED,
	EXAMPLES_REPLACED, /* retained, and neither back nor freed with its cache */
	EXAMPLES_DANGLING,
	EXAMPLES_MISSING,
	EXAMPLE_KINDS,
};

struct examples {
	struct example kept[EXAMPLES_KEPT];
	__u64 count; /* all of them */
};

/* Counts of transitions that concern the removal of a node. */
struct evidence_away {
	__u64 leaked;      /* dropped by an offline or a cancelled online, or while it was away */
	__u64 dangling;    /* freed there, and the pointer stayed */
	__u64 ended;       /* retained at first, and then freed, leaked or dangling */
	__u64 unconfirmed; /* back at the same address, and never seen allocated while retained */
};

struct evidence;

/* Create empty evidence. Returns NULL when out of memory. */
struct evidence *evidence_new(void);
void evidence_free(struct evidence *e);

/* Count a transition. Transitions come in order. */
void evidence_take(struct evidence *e, const struct transition *t);

const struct examples *evidence_examples(const struct evidence *e, enum example_kind kind);

const struct evidence_away *evidence_away(const struct evidence *e);

/* Return the number of such transitions. */
__u64 evidence_count(const struct evidence *e, enum transition_kind kind);

/* Describe a transition or a finding. */
void example_of_transition(struct example *x, const struct transition *t);
void example_of_finding(struct example *x, const struct finding_row *row);

/* Count an example, and keep it if there is room. */
void examples_add(struct examples *all, const struct example *x);

/* Add all examples of a kind to others. */
void examples_merge(struct examples *all, const struct examples *more);

#endif /* SLUBNODE_EVIDENCE_H */
