// SPDX-License-Identifier: GPL-2.0-only
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/node_set.h"
#include "model/verdict.h"

/* The verdict that is being made, and its input. */
struct bench {
	struct verdict *v;
	const struct verdict_input *in;
	bool idle;      /* no node lost its memory, or none with a structure that was watched */
	bool unwatched; /* the latter */
};

static struct assertion *assertion_new(struct bench *b, const char *name, const char *claim)
{
	struct assertion *a = &b->v->assertions[b->v->count++];

	a->name = name;
	a->claim = claim;
	a->coverage = -1;
	return a;
}

__attribute__((format(printf, 3, 4))) static void rule(struct assertion *a, enum result result,
						       const char *format, ...)
{
	va_list args;

	a->result = result;
	va_start(args, format);
	vsnprintf(a->reason, sizeof(a->reason), format, args);
	va_end(args);
}

static void set_hint(struct assertion *a, const char *hint)
{
	snprintf(a->hint, sizeof(a->hint), "%s", hint);
}

/* Append text after a semicolon. */
static void verdict_append(char *text, size_t room, const char *more)
{
	size_t at = strlen(text);

	snprintf(text + at, room - at, "%s%s", at ? "; " : "", more);
}

/*
 * Rule an assertion inconclusive if a caveat concerns everything, because an event that was
 * not seen may have happened. The caller looks for a violation first. Returns whether the rule
 * applied.
 */
static bool rule_caveats_if(struct assertion *a, bool caveats)
{
	if (caveats)
		rule(a, RESULT_INCONCLUSIVE,
		     "none was seen, but the recording is incomplete (see `recording')");
	return caveats;
}

static bool rule_caveats(struct bench *b, struct assertion *a)
{
	return rule_caveats_if(a, caveats_of_all(b->in->caveats));
}

/* Do the same for an assertion about the states of structures. */
static bool rule_state_caveats(struct bench *b, struct assertion *a)
{
	return rule_caveats_if(a, caveats_of_states(b->in->caveats));
}

static const char idle_hint[] = "remove the memory of a node during the run, or use --allow-idle";
static const char unwatched_hint[] =
	"bring the node online with online_kernel before the run, or select more caches and nodes";

static bool rule_idle(struct bench *b, struct assertion *a)
{
	enum result result = b->in->options->allow_idle ? RESULT_SKIP : RESULT_INCONCLUSIVE;

	if (!b->idle)
		return false;
	if (b->unwatched)
		rule(a, result, "the removed memory (node %s) had no structure that was watched",
		     b->v->behaviour.removed);
	else
		rule(a, result, "no node lost its memory during the run");
	if (result == RESULT_INCONCLUSIVE)
		set_hint(a, b->unwatched ? unwatched_hint : idle_hint);
	return true;
}

static void judge_command(struct bench *b)
{
	struct assertion *a;

	if (!b->in->cmd)
		return;
	a = assertion_new(b, "command", "the command succeeds");
	b->v->command = a;
	if (b->in->cmd_unfinished)
		rule(a, RESULT_FAIL, "%s %s", b->in->cmd, b->in->cmd_unfinished);
	else if (b->in->cmd_signal)
		rule(a, RESULT_FAIL, "%s was ended by signal %d (%s)", b->in->cmd,
		     b->in->cmd_signal, strsignal(b->in->cmd_signal));
	else if (b->in->cmd_exit)
		rule(a, RESULT_FAIL, "%s ended with status %d", b->in->cmd, b->in->cmd_exit);
	else
		rule(a, RESULT_PASS, "%s ended with status 0", b->in->cmd);
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
	struct assertion *a =
		assertion_new(b, "recording", "the recording is complete and the kernel agrees");
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
		rule(a, RESULT_PASS,
		     "no change of a structure was lost, and %llu walks over all caches agreed; of the accesses, %s",
		     trust->verified, accesses->reason);
	else
		rule(a, RESULT_PASS, "nothing was lost, and %llu walks over all caches agreed",
		     trust->verified);
	if (a->result == RESULT_PASS && !trust->counted_since)
		verdict_append(
			a->reason, sizeof(a->reason),
			"the objects in use of kmem_cache_node were not counted after the last change of a node");
}

static void judge_removal(struct bench *b)
{
	struct assertion *a = assertion_new(b, "removal", "a node loses its memory during the run");
	const struct behaviour *k = &b->v->behaviour;

	/* The caveats do not matter: a removal that was observed is certain. */
	if (rule_idle(b, a))
		return;
	rule(a, RESULT_PASS, "%llu removals (node %s), %llu returns", k->removals, k->removed,
	     k->returns);
}

/* The sums over the rows of a tier. */
struct tally {
	const struct bench *bench;
	enum finding_tier tier;
	struct examples strong, weak;         /* not excused: proven, suspects */
	__u64 occurrences, suspects, excused; /* of all rows: of `strong', of `weak' ... */
	__u64 rows;
};

static bool verdict_excused(const struct verdict_options *o, const struct finding_row *row)
{
	for (unsigned int i = 0; i < o->allowance_count; i++)
		if (o->allowances[i].tier == row->tier &&
		    !fnmatch(o->allowances[i].glob, row->function, 0))
			return true;
	return false;
}

static int tally_row(void *arg, const struct finding_row *row)
{
	struct tally *t = arg;
	struct example x;

	if (row->tier != t->tier)
		return 0;
	t->rows += row->count;
	if (verdict_excused(t->bench->in->options, row)) {
		t->excused += row->count;
		return 0;
	}
	example_of_finding(&x, row);
	if (row->strength == STRENGTH_SUSPECT) {
		t->suspects += row->count;
		examples_add(&t->weak, &x);
	} else {
		t->occurrences += row->count;
		examples_add(&t->strong, &x);
	}
	return 0;
}

/* Return the number of findings that were only counted, because memory was short. */
static __u64 verdict_undescribed(const struct tally *t)
{
	const struct findings *f = t->bench->in->findings;
	__u64 all = 0;

	for (unsigned int s = 0; s < STRENGTHS; s++)
		all += findings_count(f, t->tier, s);
	return all - t->rows;
}

/* Note CPUs that did not watch for a time; the coverage accounts for it. */
static void note_cpus(struct bench *b, struct assertion *a, enum finding_tier tier)
{
	const struct coverage_record *r = &b->in->coverage->counters;
	char text[96];

	if (tier != TIER_WATCHPOINT || !r->cpus_unwatched)
		return;
	snprintf(text, sizeof(text), "%llu CPUs did not watch, for %.3f s together",
		 r->cpus_unwatched, (double)r->unwatched_ns / 1e9);
	verdict_append(a->reason, sizeof(a->reason), text);
}

static void note_the_others(struct assertion *a, const struct tally *t)
{
	char text[64];

	if (t->suspects && t->occurrences) {
		snprintf(text, sizeof(text), "%llu suspects, which are not proven", t->suspects);
		verdict_append(a->reason, sizeof(a->reason), text);
	}
	if (t->excused) {
		snprintf(text, sizeof(text), "%llu ignored by --allow", t->excused);
		verdict_append(a->reason, sizeof(a->reason), text);
	}
}

static bool rule_suspects(struct assertion *a, const struct tally *t)
{
	if (!t->suspects)
		return false;
	a->examples = t->weak;
	rule(a, RESULT_INCONCLUSIVE, "%llu suspects, which are not proven", t->suspects);
	snprintf(a->hint, sizeof(a->hint),
		 "look at them, and name those that are no stale access by --allow %s:FUNCTION",
		 finding_tier_name(t->tier));
	return true;
}

/* Rule that a tier cannot judge: a required one is inconclusive, another is skipped. */
static void rule_not_judged(struct bench *b, struct assertion *a, enum finding_tier tier,
			    const char *reason, const char *hint)
{
	if (b->in->options->required[tier]) {
		rule(a, RESULT_INCONCLUSIVE, "%s", reason);
		set_hint(a, hint);
	} else {
		rule(a, RESULT_SKIP, "not required, and %s", reason);
	}
}

static bool rule_missing(struct bench *b, struct assertion *a, enum finding_tier tier)
{
	const char *missing = coverage_missing(b->in->coverage, tier);
	char reason[REASON_ROOM / 2];

	if (!missing)
		return false;
	snprintf(reason, sizeof(reason), "cannot be seen here: %s", missing);
	rule_not_judged(b, a, tier, reason,
			"see `slubnode-trace probes', or leave it out of --require");
	return true;
}

/* Rule by the caveats of one tier: a loss is inconclusive whether it is required or not. */
static bool rule_tier_caveats(struct bench *b, struct assertion *a, enum finding_tier tier)
{
	const struct caveat *c = caveats_of_tier(b->in->caveats, tier);
	char reason[REASON_ROOM];

	if (!c)
		return false;
	if (c->kind == CAVEAT_LIMITED) {
		snprintf(reason, sizeof(reason), "not judged: %s", c->reason);
		rule_not_judged(b, a, tier, reason, c->hint);
	} else {
		rule(a, RESULT_INCONCLUSIVE, "none was seen, but %s", c->reason);
		set_hint(a, c->hint);
	}
	return true;
}

/* Rule by the share that the tier observed. */
static bool rule_coverage(struct bench *b, struct assertion *a, enum finding_tier tier)
{
	double least = b->in->options->min_coverage;
	char reason[REASON_ROOM / 2];

	/* The other tiers had nothing to observe if they observed nothing. */
	if (a->coverage < 0 && tier != TIER_WATCHPOINT)
		return false;
	if (100 * a->coverage >= least || least <= 0)
		return false;
	if (a->coverage < 0)
		snprintf(reason, sizeof(reason), "not judged (no freed word was watched)");
	else
		snprintf(reason, sizeof(reason), "not judged (%.2f %% %s)",
			 coverage_percent(a->coverage),
			 tier == TIER_CANARY ? "compared" : "watched");
	rule_not_judged(
		b, a, tier, reason,
		tier == TIER_CANARY
			? "--sweep sets a shorter interval, and --min-coverage accepts less"
			: "--watch-cache and --watch-field make the words fewer, and --min-coverage accepts less");
	return true;
}

static void rule_none_seen(struct bench *b, struct assertion *a, enum finding_tier tier)
{
	const struct coverage_record *r = &b->in->coverage->counters;

	if (tier == TIER_WATCHPOINT && a->coverage >= 0)
		rule(a, RESULT_PASS, "none seen; %.2f %% of the time of freed words was watched",
		     coverage_percent(a->coverage));
	else if (tier == TIER_CANARY && a->coverage >= 0)
		rule(a, RESULT_PASS,
		     "none seen in %llu comparisons; %.2f %% of the freed structures were compared",
		     r->compared, coverage_percent(a->coverage));
	else if (tier <= TIER_WINDOW && r->windows)
		rule(a, RESULT_PASS, "none seen in %llu calls of readers", r->windows);
	else
		rule(a, RESULT_PASS, "none seen");
}

static bool rule_not_freed(const struct bench *b, struct assertion *a)
{
	const struct evidence *e = b->in->evidence;
	__u64 same_address = evidence_count(e, T_SAME_ADDRESS);

	if (evidence_count(e, T_FREED) || evidence_count(e, T_DANGLING) ||
	    (b->idle && !b->in->options->allow_idle))
		return false;
	if (same_address)
		rule(a, RESULT_PASS,
		     "no free was seen; %llu have the same address as before, and a free in between cannot be excluded",
		     same_address);
	else
		rule(a, RESULT_PASS, "no node structure was freed");
	return true;
}

static void judge_tier(struct bench *b, enum finding_tier tier, const char *name, const char *claim)
{
	struct assertion *a = assertion_new(b, name, claim);
	struct tally t = { .bench = b, .tier = tier };

	if (!coverage_missing(b->in->coverage, tier))
		a->coverage = coverage_share(b->in->coverage, tier);
	findings_each(b->in->findings, tally_row, &t);
	t.occurrences += verdict_undescribed(&t);
	if (t.occurrences) {
		a->examples = t.strong;
		rule(a, RESULT_FAIL, "%llu times", t.occurrences);
	} else if (rule_suspects(a, &t) || rule_caveats(b, a) || rule_not_freed(b, a) ||
		   rule_missing(b, a, tier) || rule_tier_caveats(b, a, tier) ||
		   rule_coverage(b, a, tier) || (!b->in->options->allow_idle && rule_idle(b, a))) {
		;
	} else {
		rule_none_seen(b, a, tier);
		note_cpus(b, a, tier);
	}
	note_the_others(a, &t);
}

static void judge_accesses(struct bench *b)
{
	judge_tier(b, TIER_CALL, "no-access-call",
		   "no function of SLUB is called with a freed structure");
	judge_tier(b, TIER_WINDOW, "no-access-window",
		   "no reader of the structures is in flight across a free");
	judge_tier(b, TIER_WATCHPOINT, "no-access-watchpoint",
		   "no load or store hits a freed structure that is watched");
	judge_tier(b, TIER_CANARY, "no-access-canary", "no code writes to a freed structure");
}

static void judge_leaks(struct bench *b)
{
	struct assertion *a = assertion_new(b, "no-leak", "no node structure leaks");

	if (b->v->behaviour.leaked) {
		a->examples = *evidence_examples(b->in->evidence, EXAMPLES_LEAKED);
		rule(a, RESULT_FAIL, "%llu structures were dropped without being freed, %llu bytes",
		     b->v->behaviour.leaked, ledger_totals(b->in->ledger)->leaked_charged);
	} else if (!rule_state_caveats(b, a) && !rule_idle(b, a)) {
		rule(a, RESULT_PASS, "none leaked");
	}
}

static void judge_dangling(struct bench *b)
{
	struct assertion *a =
		assertion_new(b, "no-dangling", "no cache points to a freed node structure");

	if (b->v->behaviour.dangling) {
		a->examples = *evidence_examples(b->in->evidence, EXAMPLES_DANGLING);
		rule(a, RESULT_FAIL, "%llu structures were freed while their caches point to them",
		     b->v->behaviour.dangling);
	} else if (!rule_state_caveats(b, a) && !rule_idle(b, a)) {
		rule(a, RESULT_PASS, "none dangles");
	}
}

static void judge_missing(struct bench *b)
{
	struct assertion *a = assertion_new(
		b, "complete", "each cache has a structure for each node with memory that counts");

	if (b->v->behaviour.missing) {
		a->examples = *evidence_examples(b->in->evidence, EXAMPLES_MISSING);
		rule(a, RESULT_FAIL, "%llu are missing", b->v->behaviour.missing);
	} else if (!rule_state_caveats(b, a) && !rule_idle(b, a)) {
		rule(a, RESULT_PASS, "none is missing");
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
	struct assertion *a = assertion_new(
		b, "reuse", "retained structures are reused when their node is online again");
	const struct examples *replaced = evidence_examples(b->in->evidence, EXAMPLES_REPLACED);
	const struct behaviour *k = &b->v->behaviour;
	__u64 unused = 0;

	ledger_each_node(b->in->ledger, sum_unused, &unused);
	if ((unused || replaced->count) && verdict_holds(b)) {
		a->examples = *replaced;
		ledger_each_node(b->in->ledger, keep_unused_of_node,
				 &(struct unused){ b->in->ledger, &a->examples, -1 });
		rule(a, RESULT_FAIL,
		     "%llu are still retained although their node has memory, %llu were freed, replaced or lost",
		     unused, replaced->count);
	} else if (rule_caveats(b, a) || rule_idle(b, a)) {
		;
	} else if (k->reused && k->same_address) {
		rule(a, RESULT_PASS,
		     "%llu were reused; %llu have the same address as before, and a free in between cannot be excluded",
		     k->reused, k->same_address);
	} else if (k->reused) {
		rule(a, RESULT_PASS, "%llu were reused", k->reused);
	} else if (k->same_address) {
		rule(a, RESULT_SKIP,
		     "not judged: %llu have the same address as before, and a free in between cannot be excluded",
		     k->same_address);
	} else if (!k->retained) {
		rule(a, RESULT_SKIP, "nothing was retained");
	} else {
		rule(a, RESULT_SKIP, "no node was online again");
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
		rule(a, RESULT_PASS, "%llu were %s", right, retain ? "retained" : "freed");
		return;
	}
	rule(a, RESULT_INCONCLUSIVE, "the removed nodes had no structures of the selected caches");
	set_hint(a, unwatched_hint);
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
	a = retain ? assertion_new(b, "expect-retain", "a removal retains the node structures")
		   : assertion_new(b, "expect-free", "a removal frees the node structures");
	if (rule_unexpected(b, a, fates, sizeof(fates) / sizeof(fates[0])) || rule_caveats(b, a) ||
	    rule_idle(b, a))
		return;
	if (retain && away->unconfirmed)
		rule(a, RESULT_INCONCLUSIVE,
		     "%llu are back at the same address, and a free in between cannot be excluded",
		     away->unconfirmed);
	else if (k->dangling)
		rule(a, RESULT_INCONCLUSIVE,
		     "%llu dangle, and whether a removal freed them is not known", k->dangling);
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
	a = assertion_new(b, "max-retained", "the bytes retained stay within the budget");
	if (k->peak_bytes > limit) {
		a->examples = *evidence_examples(b->in->evidence, EXAMPLES_RETAINED);
		rule(a, RESULT_FAIL,
		     "%llu structures held %llu bytes at one moment, %llu are allowed",
		     k->peak_structures, k->peak_bytes, limit);
	} else if (!rule_caveats(b, a) && !rule_idle(b, a)) {
		rule(a, RESULT_PASS, "%llu bytes at most, %llu are allowed", k->peak_bytes, limit);
	}
}

struct removed {
	struct behaviour *behaviour;
	struct node_set nodes;
	bool watched; /* one of them had a structure that passed the filter, when it was removed */
};

static int count_node(void *arg, const struct ledger_node *n)
{
	const struct ledger_counts *c = &n->counts;
	struct removed *r = arg;

	r->behaviour->removals += n->offlines;
	r->behaviour->returns += n->onlines;
	if (n->offlines && n->nid < MAX_NODES)
		r->nodes.has[n->nid] = true;
	if (n->offlines > n->movable_offlines)
		r->watched |= c->retained || c->freed || c->leaked || c->dangling;
	return 0;
}

/* What a kernel can do with the structures of a removed node, alone or to some of them. */
struct deed {
	__u64 count;
	const char *alone, *some;
};

/* Name the observed behaviour. */
static void verdict_name(struct behaviour *k, const struct evidence_away *away)
{
	const struct deed deeds[] = {
		{ k->freed, "frees", "frees some" },
		{ k->retained, "retains", "retains some" },
		{ away->leaked, "leaks", "leaks some" },
		{ away->dangling, "leaves dangling pointers", "leaves some dangling" },
	};
	const unsigned int nr = sizeof(deeds) / sizeof(deeds[0]);
	unsigned int kinds = 0, named = 0;
	size_t at = 0;

	for (unsigned int i = 0; i < nr; i++)
		kinds += deeds[i].count != 0;
	for (unsigned int i = 0; i < nr; i++) {
		const char *before = !named ? "" : named + 1 == kinds ? " and " : ", ";

		if (!deeds[i].count)
			continue;
		at += snprintf(k->does + at, sizeof(k->does) - at, "%s%s", before,
			       kinds > 1 ? deeds[i].some : deeds[i].alone);
		named++;
	}
	if (!kinds)
		snprintf(k->does, sizeof(k->does), "%s",
			 k->removals ? "has no structures for the removed nodes"
				     : "was not seen at a removal");
}

/* Describe the behaviour. Returns whether a removed node had a structure that was watched. */
static bool verdict_describe(struct behaviour *k, const struct verdict_input *in)
{
	const struct ledger_counts *now = ledger_totals(in->ledger);
	const struct evidence *e = in->evidence;
	struct removed removed = { .behaviour = k };

	k->retained_now = now->retained_now;
	k->retained_now_bytes = now->retained_charged;
	k->leaked = now->leaked;
	k->late = now->late;
	k->reused = now->reused;
	k->same_address = now->same_address;
	k->dangling = now->dangling;
	k->missing = now->missing;
	k->freed = evidence_examples(e, EXAMPLES_FREED)->count;
	k->retained = evidence_examples(e, EXAMPLES_RETAINED)->count;
	/* A structure that was retained at first, and then freed, was not retained. */
	k->retained -= evidence_away(e)->ended < k->retained ? evidence_away(e)->ended
							     : k->retained;
	k->allocated = evidence_count(e, T_ALLOCATED);
	k->peak_bytes = ledger_peak(in->ledger).charged;
	k->peak_structures = ledger_peak(in->ledger).structures;
	for (unsigned int tier = 0; tier < TIERS; tier++)
		for (unsigned int s = 0; s < STRENGTHS; s++)
			k->findings[s] += findings_count(in->findings, tier, s);
	ledger_each_node(in->ledger, count_node, &removed);
	node_set_format(&removed.nodes, k->removed, sizeof(k->removed));
	verdict_name(k, evidence_away(e));
	return removed.watched;
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

void verdict_make(struct verdict *v, const struct verdict_input *in)
{
	struct bench b = { .v = v, .in = in };

	memset(v, 0, sizeof(*v));
	b.unwatched = !verdict_describe(&v->behaviour, in) && v->behaviour.removals;
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
}

void verdict_cannot_run(struct verdict *v)
{
	struct bench b = { .v = v };

	memset(v, 0, sizeof(*v));
	rule(assertion_new(&b, "run", "the check can be run"), RESULT_INCONCLUSIVE,
	     "it could not be run");
	set_hint(&v->assertions[0], "standard error has the reason");
	v->conclusion = CONCLUSION_NOT_RUN;
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

const char *behaviour_name(const struct behaviour *b)
{
	return b->does;
}
