/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The verdict of `check': named assertions about a run, each with a result, a
 * reason and its evidence. Three things are never blurred: violated, held, and
 * not known. Pure: no clock, no kernel, no file.
 */
#ifndef SLUBNODE_VERDICT_H
#define SLUBNODE_VERDICT_H

#include <linux/types.h>
#include <stdbool.h>
#include "model/evidence.h"
#include "model/findings.h"
#include "model/ledger.h"

enum result {
	RESULT_PASS,
	RESULT_FAIL,
	RESULT_INCONCLUSIVE,
	RESULT_SKIP, /* not asked for, or there was nothing to judge, and that is fine */
};

enum expect { EXPECT_NOTHING, EXPECT_RETAIN, EXPECT_FREE };

/* --allow TIER:GLOB: a finding of that tier in such a function is excused. */
struct allowance {
	enum finding_tier tier;
	const char *glob;
};

struct verdict_options {
	enum expect expect;
	bool limited;       /* --max-retained: */
	__u64 max_retained; /* bytes, charged */
	bool allow_idle;
	bool required[TIERS]; /* missing, it makes the run inconclusive */
	const struct allowance *allowances;
	unsigned int allowance_count;
};

/* What is judged. */
struct verdict_input {
	const struct verdict_options *options;
	const struct evidence *evidence;
	struct ledger *ledger;
	const struct findings *findings;
	const char *tier_missing[TIERS]; /* NULL: it was at work */
	const char *tier_note[TIERS];    /* how much it saw, in words; NULL: all there is to see */
	const char *unprobed;            /* why no probe was attached; NULL: they were */
	__u64 unseen;                    /* accesses, or freed structures, that found no room */
	bool incomplete;                 /* the last walk did not reach its end */
	const char *broke_off;           /* why the recording ended early; NULL: it did not */
	const char *cmd;                 /* its name; NULL: none was given */
	const char *cmd_unfinished;      /* "is still running"; NULL: it has ended */
	int cmd_status;                  /* as of waitpid(2) */
};

#define REASON_ROOM 320

struct assertion {
	const char *name;  /* "no-leak" */
	const char *claim; /* what it says, in a sentence */
	enum result result;
	char reason[REASON_ROOM]; /* what was seen, or why it cannot be told */
	char hint[REASON_ROOM];   /* what to do; "" nothing */
	struct examples examples; /* of a violation */
};

#define ASSERTIONS_MAX 12

/* What the kernel did, as far as it was seen. */
struct behaviour {
	__u64 removals, returns; /* of nodes */
	__u64 freed, retained;   /* at an offline or a cancelled online */
	__u64 reused, leaked, late;
	__u64 allocated;                   /* at a return, or for a new cache */
	__u64 peak_bytes, peak_structures; /* retained at one moment */
	__u64 retained_now, retained_now_bytes;
	__u64 findings[STRENGTHS];
	char removed[64]; /* the nodes that lost their memory, as a list */
};

struct verdict {
	struct assertion assertions[ASSERTIONS_MAX];
	unsigned int count;
	struct behaviour behaviour;
	int exit_code; /* exit_codes.h */
};

void verdict_make(struct verdict *v, const struct verdict_input *in);

/* A run that did not come to be: one assertion, which did not hold. */
void verdict_cannot_run(struct verdict *v, int exit_code);

unsigned int verdict_results(const struct verdict *v, enum result result);

/* "pass", "fail", "inconclusive", "skip". */
const char *result_name(enum result result);

/* "frees", "retains", "frees some and retains some", "was not seen at a removal". */
const char *behaviour_name(const struct behaviour *b);

#endif /* SLUBNODE_VERDICT_H */
