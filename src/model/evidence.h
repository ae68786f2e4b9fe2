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
};

enum example_kind {
	EXAMPLES_FREED,    /* at an offline, by a cancelled online */
	EXAMPLES_RETAINED, /* likewise */
	EXAMPLES_LEAKED,
	EXAMPLES_REPLACED, /* retained, and neither reused nor freed with its cache */
	EXAMPLE_KINDS,
};

struct examples {
	struct example kept[EXAMPLES_KEPT];
	__u64 count; /* all of them */
};

struct evidence;

/* Create empty evidence. Returns NULL when out of memory. */
struct evidence *evidence_new(void);
void evidence_free(struct evidence *e);

/* Count a transition. Transitions come in order. */
void evidence_take(struct evidence *e, const struct transition *t);

const struct examples *evidence_examples(const struct evidence *e, enum example_kind kind);

/* Return the number of such transitions. */
__u64 evidence_count(const struct evidence *e, enum transition_kind kind);

/* Describe a transition or a finding. */
void example_of_transition(struct example *x, const struct transition *t);
void example_of_finding(struct example *x, const struct finding_row *row);

/* Count an example, and keep it if there is room. */
void examples_add(struct examples *all, const struct example *x);

#endif /* SLUBNODE_EVIDENCE_H */
