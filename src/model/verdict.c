// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include "base/text.h"
#include "model/verdict_rules.h"

static void judge_command(struct bench *b)
{
	struct assertion *a;

	if (!b->in->cmd)
		return;
	a = verdict_assertion(b, "command", "the command succeeds");
	b->v->command = a;
	if (b->in->cmd_unfinished)
		verdict_rule(a, RESULT_FAIL, "%s %s", b->in->cmd, b->in->cmd_unfinished);
	else if (b->in->cmd_signal)
		verdict_rule(a, RESULT_FAIL, "%s was ended by signal %d (%s)", b->in->cmd,
			     b->in->cmd_signal, strsignal(b->in->cmd_signal));
	else if (b->in->cmd_exit)
		verdict_rule(a, RESULT_FAIL, "%s ended with status %d", b->in->cmd,
			     b->in->cmd_exit);
	else
		verdict_rule(a, RESULT_PASS, "%s ended with status 0", b->in->cmd);
}

/* Return what was lost of the accesses alone; NULL if nothing was. */
static const struct caveat *lost_accesses(const struct caveats *c)
{
	for (unsigned int i = 0; i < c->count; i++)
		if (c->list[i].tiers && c->list[i].kind != CAVEAT_LIMITED)
			return &c->list[i];
	return NULL;
}

static void judge_recording(struct bench *b)
{
	struct assertion *a = verdict_assertion(b, "recording",
						"the recording is complete and the kernel agrees");
	const struct caveat *accesses = lost_accesses(b->in->caveats);
	const struct ledger_trust *trust = ledger_trust(b->in->ledger);

	for (unsigned int i = 0; i < b->in->caveats->count; i++) {
		const struct caveat *c = &b->in->caveats->list[i];

		if (c->tiers)
			continue;
		verdict_append(a->reason, sizeof(a->reason), c->reason);
		verdict_append(a->hint, sizeof(a->hint), c->hint);
	}
	if (caveats_of_all(b->in->caveats))
		a->result = RESULT_INCONCLUSIVE;
	else if (accesses)
		verdict_rule(
			a, RESULT_PASS,
			"no change of a structure was lost, and %llu walks over all caches agreed; of the accesses, %s",
			trust->verified, accesses->reason);
	else
		verdict_rule(a, RESULT_PASS,
			     trust->verified == 1
				     ? "nothing was lost, and %llu walk over all caches agreed"
				     : "nothing was lost, and %llu walks over all caches agreed",
			     trust->verified);
	if (a->result == RESULT_PASS && !trust->counted_since)
		verdict_append(
			a->reason, sizeof(a->reason),
			"the objects in use of kmem_cache_node were not counted after the last change of a node");
}

static void judge_removal(struct bench *b)
{
	struct assertion *a =
		verdict_assertion(b, "removal", "a node loses its memory during the run");
	const struct behaviour *k = &b->v->behaviour;

	/* The caveats do not matter: a removal that was observed is certain. */
	if (rule_idle(b, a))
		return;
	verdict_rule(a, RESULT_PASS, "%llu removal%s (node %s), %llu return%s", k->removals,
		     text_plural(k->removals), k->removed, k->returns, text_plural(k->returns));
}

static void judge_leaks(struct bench *b)
{
	struct assertion *a = verdict_assertion(b, "no-leak", "no node structure leaks");

	if (b->v->behaviour.leaked) {
		a->examples = *evidence_examples(b->in->evidence, EXAMPLES_LEAKED);
		verdict_rule(a, RESULT_FAIL,
			     "%llu structures were dropped without being freed, %llu bytes",
			     b->v->behaviour.leaked, ledger_totals(b->in->ledger)->leaked_charged);
	} else if (!rule_state_caveats(b, a) && !rule_idle(b, a)) {
		verdict_rule(a, RESULT_PASS, "none leaked");
	}
}

static void judge_dangling(struct bench *b)
{
	struct assertion *a =
		verdict_assertion(b, "no-dangling", "no cache points to a freed node structure");

	if (b->v->behaviour.dangling) {
		a->examples = *evidence_examples(b->in->evidence, EXAMPLES_DANGLING);
		verdict_rule(a, RESULT_FAIL,
			     "%llu structures were freed while their caches point to them",
			     b->v->behaviour.dangling);
	} else if (!rule_state_caveats(b, a) && !rule_idle(b, a)) {
		verdict_rule(a, RESULT_PASS, "none dangles");
	}
}

static void judge_missing(struct bench *b)
{
	struct assertion *a = verdict_assertion(
		b, "complete", "each cache has a structure for each node with memory that counts");

	if (b->v->behaviour.missing) {
		a->examples = *evidence_examples(b->in->evidence, EXAMPLES_MISSING);
		verdict_rule(a, RESULT_FAIL, "%llu are missing", b->v->behaviour.missing);
	} else if (!rule_state_caveats(b, a) && !rule_idle(b, a)) {
		verdict_rule(a, RESULT_PASS, "none is missing");
	}
}

static int sum_unused(void *arg, const struct ledger_node *n)
{
	if (n->has_memory)
		*(__u64 *)arg += n->counts.retained_now;
	return 0;
}

struct unused {
	struct ledger *ledger;
	struct examples *examples;
	int nid;
};

static int keep_unused(void *arg, const struct transition *t)
{
	struct unused *u = arg;
	struct example x;

	if (t->nid != u->nid || t->kind != T_RETAINED)
		return 0;
	example_of_transition(&x, t);
	snprintf(x.event, sizeof(x.event), "still retained");
	examples_add(u->examples, &x);
	return 0;
}

static int keep_unused_of_node(void *arg, const struct ledger_node *n)
{
	struct unused *u = arg;

	u->nid = n->nid;
	return n->has_memory ? ledger_each_structure(u->ledger, keep_unused, u) : 0;
}

/* Return whether "nothing happened to it" is certain: no record was lost that could show more. */
static bool verdict_holds(const struct bench *b)
{
	return !ledger_trust(b->in->ledger)->lost;
}

static void judge_reuse(struct bench *b)
{
	struct assertion *a = verdict_assertion(
		b, "reuse", "retained structures are reused when their node is online again");
	const struct examples *replaced = evidence_examples(b->in->evidence, EXAMPLES_REPLACED);
	const struct behaviour *k = &b->v->behaviour;
	__u64 unused = 0;

	ledger_each_node(b->in->ledger, sum_unused, &unused);
	if ((unused || replaced->count) && verdict_holds(b)) {
		a->examples = *replaced;
		ledger_each_node(b->in->ledger, keep_unused_of_node,
				 &(struct unused){ b->in->ledger, &a->examples, -1 });
		verdict_rule(
			a, RESULT_FAIL,
			"%llu are still retained although their node has memory, %llu were freed, replaced or lost",
			unused, replaced->count);
	} else if (rule_caveats(b, a) || rule_idle(b, a)) {
		;
	} else if (k->reused && k->same_address) {
		verdict_rule(
			a, RESULT_PASS,
			"%llu were reused; %llu have the same address as before, and a free in between cannot be excluded",
			k->reused, k->same_address);
	} else if (k->reused) {
		verdict_rule(a, RESULT_PASS, "%llu were reused", k->reused);
	} else if (k->same_address) {
		verdict_rule(
			a, RESULT_SKIP,
			"not judged: %llu have the same address as before, and a free in between cannot be excluded",
			k->same_address);
	} else if (!k->retained) {
		verdict_rule(a, RESULT_SKIP, "nothing was retained");
	} else {
		verdict_rule(a, RESULT_SKIP, "no node was online again");
	}
}

/* What became of structures of removed nodes. */
struct fate {
	__u64 count;
	enum example_kind examples;
	const char *what;
};

/* Describe the fates that contradict the expectation. Returns whether there are any. */
static bool rule_unexpected(struct bench *b, struct assertion *a, const struct fate *fates,
			    unsigned int nr)
{
	char reason[64];

	for (unsigned int i = 0; i < nr; i++) {
		if (!fates[i].count)
			continue;
		examples_merge(&a->examples, evidence_examples(b->in->evidence, fates[i].examples));
		snprintf(reason, sizeof(reason), "%llu %s", fates[i].count, fates[i].what);
		verdict_append(a->reason, sizeof(a->reason), reason);
		a->result = RESULT_FAIL;
	}
	return *a->reason;
}

static void rule_expected(struct assertion *a, __u64 right, bool retain)
{
	if (right) {
		verdict_rule(a, RESULT_PASS, "%llu were %s", right, retain ? "retained" : "freed");
		return;
	}
	verdict_rule(a, RESULT_INCONCLUSIVE,
		     "the removed nodes had no structures of the selected caches");
	verdict_hint(a, unwatched_hint);
}

static void judge_expected(struct bench *b)
{
	bool retain = b->in->options->expect == EXPECT_RETAIN;
	const struct behaviour *k = &b->v->behaviour;
	const struct evidence_away *away = evidence_away(b->in->evidence);
	const struct fate fates[] = {
		{ away->leaked, EXAMPLES_LEAKED, "leaked" },
		{ away->dangling, EXAMPLES_DANGLING, "were freed and dangle" },
		retain ? (struct fate){ k->freed, EXAMPLES_FREED, "were freed" }
		       : (struct fate){ verdict_holds(b) ? k->retained : 0, EXAMPLES_RETAINED,
					"were retained" },
	};
	struct assertion *a;

	if (b->in->options->expect == EXPECT_NOTHING)
		return;
	a = retain ? verdict_assertion(b, "expect-retain", "a removal retains the node structures")
		   : verdict_assertion(b, "expect-free", "a removal frees the node structures");
	if (rule_unexpected(b, a, fates, sizeof(fates) / sizeof(fates[0])) || rule_caveats(b, a) ||
	    rule_idle(b, a))
		return;
	if (retain && away->unconfirmed)
		verdict_rule(
			a, RESULT_INCONCLUSIVE,
			"%llu are back at the same address, and a free in between cannot be excluded",
			away->unconfirmed);
	else if (k->dangling)
		verdict_rule(a, RESULT_INCONCLUSIVE,
			     "%llu dangle, and whether a removal freed them is not known",
			     k->dangling);
	else
		rule_expected(a, retain ? k->retained : k->freed, retain);
}

static void judge_budget(struct bench *b)
{
	const struct behaviour *k = &b->v->behaviour;
	__u64 limit = b->in->options->max_retained;
	struct assertion *a;

	if (!b->in->options->limited)
		return;
	a = verdict_assertion(b, "max-retained", "the bytes retained stay within the budget");
	if (k->peak_bytes > limit) {
		a->examples = *evidence_examples(b->in->evidence, EXAMPLES_RETAINED);
		verdict_rule(a, RESULT_FAIL,
			     "%llu structures held %llu bytes at one moment, %llu are allowed",
			     k->peak_structures, k->peak_bytes, limit);
	} else if (!rule_caveats(b, a) && !rule_idle(b, a)) {
		verdict_rule(a, RESULT_PASS, "%llu bytes at most, %llu are allowed", k->peak_bytes,
			     limit);
	}
}

/* Draw the conclusion. A violation comes first, so a failed run is never inconclusive. */
static enum conclusion verdict_conclude(const struct verdict *v)
{
	bool cmd_failed = false, unknown = false;

	for (unsigned int i = 0; i < v->count; i++) {
		const struct assertion *a = &v->assertions[i];

		if (a->result == RESULT_FAIL && a != v->command)
			return CONCLUSION_VIOLATED;
		cmd_failed |= a->result == RESULT_FAIL;
		unknown |= a->result == RESULT_INCONCLUSIVE;
	}
	return cmd_failed ? CONCLUSION_CMD_FAILED
	       : unknown  ? CONCLUSION_INCONCLUSIVE
			  : CONCLUSION_PASS;
}

/* Find the expectation that the run contradicts; none if it contradicts both. */
static enum expect verdict_unmet(const struct bench *b)
{
	const struct evidence_away *away = evidence_away(b->in->evidence);
	const struct behaviour *k = &b->v->behaviour;

	if (b->in->options->expect != EXPECT_NOTHING || away->leaked || away->dangling)
		return EXPECT_NOTHING;
	if (k->freed && !k->retained)
		return EXPECT_RETAIN;
	return k->retained && !k->freed && verdict_holds(b) ? EXPECT_FREE : EXPECT_NOTHING;
}

void verdict_make(struct verdict *v, const struct verdict_input *in)
{
	struct bench b = { .v = v, .in = in };

	memset(v, 0, sizeof(*v));
	behaviour_make(&v->behaviour, in->ledger, in->evidence, in->findings);
	b.unwatched = !v->behaviour.watched && v->behaviour.removals;
	b.idle = !v->behaviour.removals || b.unwatched;
	judge_command(&b);
	judge_recording(&b);
	judge_removal(&b);
	judge_accesses(&b);
	judge_leaks(&b);
	judge_dangling(&b);
	judge_missing(&b);
	judge_reuse(&b);
	judge_expected(&b);
	judge_budget(&b);
	v->conclusion = verdict_conclude(v);
	v->unmet = verdict_unmet(&b);
}

void verdict_cannot_run(struct verdict *v)
{
	struct bench b = { .v = v };

	memset(v, 0, sizeof(*v));
	verdict_rule(verdict_assertion(&b, "run", "the check can be run"), RESULT_INCONCLUSIVE,
		     "it could not be run");
	verdict_hint(&v->assertions[0], "standard error has the reason");
	v->conclusion = CONCLUSION_NOT_RUN;
}

void verdict_record_failed(struct verdict *v)
{
	struct bench b = { .v = v };
	struct assertion *a = verdict_assertion(&b, "record", "the run is recorded");

	verdict_rule(a, RESULT_INCONCLUSIVE, "the file of the recording is not whole");
	verdict_hint(a, "standard error has the reason");
	v->conclusion = verdict_conclude(v);
}

unsigned int verdict_results(const struct verdict *v, enum result result)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < v->count; i++)
		count += v->assertions[i].result == result;
	return count;
}

const char *result_name(enum result result)
{
	static const char *const names[] = {
		[RESULT_PASS] = "pass",
		[RESULT_FAIL] = "fail",
		[RESULT_INCONCLUSIVE] = "inconclusive",
		[RESULT_SKIP] = "skip",
	};

	return names[result];
}
