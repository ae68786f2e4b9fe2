// SPDX-License-Identifier: GPL-2.0-only
/* The assertions on accesses: one for each tier. */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include "model/verdict_rules.h"

/* The sums over the rows of a tier. */
struct tally {
	const struct bench *bench;
	enum finding_tier tier;
	struct examples strong, weak;                        /* not excused: proven, suspects */
	const struct finding_row *first_strong, *first_weak; /* the strongest of those */
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
	t->suspects += row->counts[STRENGTH_SUSPECT];
	if (row->strength == STRENGTH_SUSPECT) {
		t->first_weak = t->first_weak ?: row;
		examples_add(&t->weak, &x);
	} else {
		t->occurrences += row->count - row->counts[STRENGTH_SUSPECT];
		if (!t->first_strong || row->strength > t->first_strong->strength)
			t->first_strong = row;
		examples_add(&t->strong, &x);
	}
	return 0;
}

/* Rule by findings: "1 reader in flight across a free: show_slab_objects() by cat". */
static void rule_found(struct assertion *a, enum result result, const struct examples *examples,
		       const struct finding_row *first, __u64 count)
{
	const struct finding_words words = {
		.tier = first->tier,
		.strength = first->strength,
		.count = count,
		.function = first->function,
		.comm = first->comm,
		.cache_name = first->cache_name,
		.other_places = examples->count - 1,
	};

	a->examples = *examples;
	a->result = result;
	findings_describe(a->reason, sizeof(a->reason), &words);
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
		snprintf(text, sizeof(text), "%llu suspect%s not proven", t->suspects,
			 t->suspects == 1 ? " is" : "s are");
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
	rule_found(a, RESULT_INCONCLUSIVE, &t->weak, t->first_weak, t->suspects);
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
		verdict_rule(a, RESULT_INCONCLUSIVE, "%s", reason);
		verdict_hint(a, hint);
	} else {
		verdict_rule(a, RESULT_SKIP, "not required, and %s", reason);
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
		verdict_rule(a, RESULT_INCONCLUSIVE, "none was seen, but %s", c->reason);
		verdict_hint(a, c->hint);
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
		verdict_rule(a, RESULT_PASS,
			     "none seen; %.2f %% of the time of freed words was watched",
			     coverage_percent(a->coverage));
	else if (tier == TIER_CANARY && a->coverage >= 0)
		verdict_rule(
			a, RESULT_PASS,
			"none seen in %llu comparisons; %.2f %% of the freed structures were compared",
			r->compared, coverage_percent(a->coverage));
	else if (tier <= TIER_WINDOW && r->windows)
		verdict_rule(a, RESULT_PASS, "none seen in %llu calls of readers", r->windows);
	else
		verdict_rule(a, RESULT_PASS, "none seen");
}

static bool rule_not_freed(const struct bench *b, struct assertion *a)
{
	const struct evidence *e = b->in->evidence;
	__u64 same_address = evidence_count(e, T_SAME_ADDRESS);

	if (evidence_count(e, T_FREED) || evidence_count(e, T_DANGLING) ||
	    (b->idle && !b->in->options->allow_idle))
		return false;
	if (same_address)
		verdict_rule(
			a, RESULT_PASS,
			"no free was seen; %llu have the same address as before, and a free in between cannot be excluded",
			same_address);
	else
		verdict_rule(a, RESULT_PASS, "no node structure was freed");
	return true;
}

static void judge_tier(struct bench *b, enum finding_tier tier, const char *name, const char *claim)
{
	struct assertion *a = verdict_assertion(b, name, claim);
	struct tally t = { .bench = b, .tier = tier };

	if (!coverage_missing(b->in->coverage, tier))
		a->coverage = coverage_share(b->in->coverage, tier);
	findings_each(b->in->findings, tally_row, &t);
	t.occurrences += verdict_undescribed(&t);
	if (t.first_strong) {
		rule_found(a, RESULT_FAIL, &t.strong, t.first_strong, t.occurrences);
	} else if (t.occurrences) {
		verdict_rule(a, RESULT_FAIL,
			     "%llu findings, of which nothing is known for lack of memory",
			     t.occurrences);
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

void judge_accesses(struct bench *b)
{
	judge_tier(b, TIER_CALL, "no-access-call",
		   "no function of SLUB is called with a freed structure");
	judge_tier(b, TIER_WINDOW, "no-access-window",
		   "no reader of the structures is in flight across a free");
	judge_tier(b, TIER_WATCHPOINT, "no-access-watchpoint",
		   "no load or store hits a freed structure that is watched");
	judge_tier(b, TIER_CANARY, "no-access-canary", "no code writes to a freed structure");
}
