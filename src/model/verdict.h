/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The verdict of `check': named assertions about a run, each with a result, a
 * reason and its evidence. "Violated", "held" and "not known" are three different
 * results.
 */
#ifndef SLUBNODE_VERDICT_H
#define SLUBNODE_VERDICT_H

#include <linux/types.h>
#include <stdbool.h>
#include "model/behaviour.h"
#include "model/caveats.h"
#include "model/coverage.h"

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
	bool required[TIERS]; /* missing or limited, it makes the run inconclusive */
	double min_coverage;  /* percent, of a tier whose assertion may pass */
	const struct allowance *allowances;
	unsigned int allowance_count;
};

/* The input of the verdict. */
struct verdict_input {
	const struct verdict_options *options;
	const struct evidence *evidence;
	struct ledger *ledger;
	const struct findings *findings;
	const struct coverage *coverage;
	const struct caveats *caveats;
	const char *cmd;            /* its name; NULL: none was given */
	const char *cmd_unfinished; /* "is still running"; NULL: it has ended */
	int cmd_exit;               /* its exit status, if no signal ended it */
	int cmd_signal;             /* the signal that ended it, or 0 */
};

#define REASON_ROOM 400

struct assertion {
	const char *name;  /* "no-leak" */
	const char *claim; /* a sentence that is true or false */
	enum result result;
	char reason[REASON_ROOM]; /* the observations, or why the claim was not decided */
	char hint[REASON_ROOM];   /* an instruction for the user; "" none */
	struct examples examples; /* of a violation, and of suspects */
	/* The share that was observed (coverage_share()); negative: not known, or none of a tier. */
	double coverage;
};

#define ASSERTIONS_MAX 16

/* The conclusion from the assertions: the first of these that is true. */
enum conclusion {
	CONCLUSION_PASS = 0,
	CONCLUSION_NOT_RUN,      /* there was nothing to judge */
	CONCLUSION_VIOLATED,     /* an assertion failed */
	CONCLUSION_CMD_FAILED,   /* only CMD failed */
	CONCLUSION_INCONCLUSIVE, /* an assertion is inconclusive */
};

struct verdict {
	struct assertion assertions[ASSERTIONS_MAX];
	unsigned int count;
	const struct assertion *command; /* of CMD; NULL: there is none */
	struct behaviour behaviour;
	enum conclusion conclusion;
	/* Without --expect: the expectation that this run would have failed, alone of the two. */
	enum expect unmet;
};

/* Judge a run. */
void verdict_make(struct verdict *v, const struct verdict_input *in);

/* Make the verdict of a run that could not begin: one assertion, which is inconclusive. */
void verdict_cannot_run(struct verdict *v);

/* Add an assertion for a recording that failed, which is inconclusive. */
void verdict_record_failed(struct verdict *v);

/* Return the number of assertions with a result. */
unsigned int verdict_results(const struct verdict *v, enum result result);

/* Return "pass", "fail", "inconclusive" or "skip". */
const char *result_name(enum result result);

#endif /* SLUBNODE_VERDICT_H */
