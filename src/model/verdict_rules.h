/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules that the assertions of a verdict share. verdict.c has the assertions on structures
 * and on the run, verdict_tiers.c those on accesses.
 */
#ifndef SLUBNODE_VERDICT_RULES_H
#define SLUBNODE_VERDICT_RULES_H

#include "model/verdict.h"

/* The verdict that is being made, and its input. */
struct bench {
	struct verdict *v;
	const struct verdict_input *in;
	bool idle;      /* no node lost its memory, or none with a structure that was watched */
	bool unwatched; /* the latter */
};

extern const char unwatched_hint[];

/* Add an assertion. Returns it; the verdict owns it. */
struct assertion *verdict_assertion(struct bench *b, const char *name, const char *claim);

/* Set the result and its reason, or a hint. */
__attribute__((format(printf, 3, 4))) void verdict_rule(struct assertion *a, enum result result,
							const char *format, ...);
void verdict_hint(struct assertion *a, const char *hint);

/* Append text after a semicolon. */
void verdict_append(char *text, size_t room, const char *more);

/*
 * Rule an assertion inconclusive if a caveat concerns everything, because an event that was
 * not seen may have happened. The caller looks for a violation first. Returns whether the rule
 * applied.
 */
bool rule_caveats(struct bench *b, struct assertion *a);

/* Do the same for an assertion about the states of structures. */
bool rule_state_caveats(struct bench *b, struct assertion *a);

/* Rule an assertion if no watched structure lost its node's memory. Returns likewise. */
bool rule_idle(struct bench *b, struct assertion *a);

/* Judge the accesses to freed structures: an assertion for each tier. */
void judge_accesses(struct bench *b);

#endif /* SLUBNODE_VERDICT_RULES_H */
