// SPDX-License-Identifier: GPL-2.0-only
#include <fnmatch.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include "cmd/exit_status.h"
#include "base/node_set.h"
#include "model/verdict.h"

/* While the assertions are made. */
struct bench {
	struct verdict *v;
	const struct verdict_input *in;
	/* Why it cannot be said that what was not seen did not happen; "": it can. */
	char doubt[REASON_ROOM], hint[REASON_ROOM];
	bool idle; /* no node lost its memory */
};

static struct assertion *assertion_new(struct bench *b, const char *name, const char *claim)
{
	struct assertion *a = &b->v->assertions[b->v->count++];

	a->name = name;
	a->claim = claim;
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

static void advise(struct assertion *a, const char *hint)
{
	snprintf(a->hint, sizeof(a->hint), "%s", hint);
}

__attribute__((format(printf, 3, 4))) static void doubt(struct bench *b, const char *hint,
							const char *format, ...)
{
	size_t at = strlen(b->doubt), mended = strlen(b->hint);
	va_list args;

	at += snprintf(b->doubt + at, sizeof(b->doubt) - at, "%s", at ? "; " : "");
	va_start(args, format);
	if (at < sizeof(b->doubt))
		vsnprintf(b->doubt + at, sizeof(b->doubt) - at, format, args);
	va_end(args);
	snprintf(b->hint + mended, sizeof(b->hint) - mended, "%s%s", mended ? "; " : "", hint);
}

static void find_doubts(struct bench *b)
{
	const struct ledger_trust *t = ledger_trust(b->in->ledger);

	if (b->in->broke_off)
		doubt(b, "run it again", "the recording broke off: %s", b->in->broke_off);
	if (b->in->unprobed)
		doubt(b,
		      "let the probes be attached: `slubnode-trace probes --verbose' tells which "
		      "can be, and what they need",
		      "no probe is attached (%s), and what came and went between two looks was "
		      "not seen",
		      b->in->unprobed);
	if (t->lost)
		doubt(b, "give it a larger --ring-buffer, or the machine less to do",
		      "%" PRIu64 " events were lost", (uint64_t)t->lost);
	if (b->in->unseen)
		doubt(b, "give it a larger --ring-buffer",
		      "%" PRIu64 " accesses or freed structures found no room",
		      (uint64_t)b->in->unseen);
	if (t->malformed)
		doubt(b, "build the tool anew: its two halves do not fit",
		      "%" PRIu64 " records were malformed", (uint64_t)t->malformed);
	if (t->disagreements)
		doubt(b, "report it, with the output of `slubnode-trace --json trace'",
		      "the ledger and the kernel disagreed %" PRIu64 " times",
		      (uint64_t)t->disagreements);
	if (t->pending)
		doubt(b, "let the run go on for a second after the last change",
		      "of %" PRIu64 " dropped structures it is not known whether they were freed "
		      "or leaked",
		      (uint64_t)t->pending);
	if (b->in->incomplete)
		doubt(b, "run it again when fewer caches come and go",
		      "the last walks over all caches did not reach their end");
	else if (!t->verified && !b->in->broke_off && !b->in->unprobed)
		doubt(b, "let the run go on for a second after the last change",
		      "no walk over all caches confirmed what was recorded");
}

/* True: it was given. Violations come first; this is for what was not seen. */
static bool rule_doubt(struct bench *b, struct assertion *a)
{
	if (!*b->doubt)
		return false;
	rule(a, RESULT_INCONCLUSIVE, "none seen, but not everything was: see `recording'");
	return true;
}

static const char idle_hint[] = "take a node's memory away during the run; if none is meant to "
				"go, say --allow-idle";

static bool rule_idle(struct bench *b, struct assertion *a)
{
	if (!b->idle)
		return false;
	rule(a, b->in->options->allow_idle ? RESULT_SKIP : RESULT_INCONCLUSIVE,
	     "no node lost its memory during the run");
	if (!b->in->options->allow_idle)
		advise(a, idle_hint);
	return true;
}

static void judge_command(struct bench *b)
{
	int status = b->in->cmd_status;
	struct assertion *a;

	if (!b->in->cmd)
		return;
	a = assertion_new(b, "command", "the command succeeds");
	if (b->in->cmd_unfinished)
		rule(a, RESULT_FAIL, "%s %s", b->in->cmd, b->in->cmd_unfinished);
	else if (WIFSIGNALED(status))
		rule(a, RESULT_FAIL, "%s was ended by signal %d (%s)", b->in->cmd, WTERMSIG(status),
		     strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		rule(a, RESULT_FAIL, "%s ended with status %d", b->in->cmd, WEXITSTATUS(status));
	else
		rule(a, RESULT_PASS, "%s ended with status 0", b->in->cmd);
}

static void judge_recording(struct bench *b)
{
	struct assertion *a =
		assertion_new(b, "recording", "the recording is complete and the kernel agrees");

	if (*b->doubt) {
		rule(a, RESULT_INCONCLUSIVE, "%s", b->doubt);
		advise(a, b->hint);
		return;
	}
	rule(a, RESULT_PASS, "nothing was lost, and %" PRIu64 " walks over all caches agreed",
	     (uint64_t)ledger_trust(b->in->ledger)->verified);
}

static void judge_removal(struct bench *b)
{
	struct assertion *a = assertion_new(b, "removal", "a node loses its memory during the run");
	const struct behaviour *k = &b->v->behaviour;

	/* What was seen was seen, whatever else was lost. */
	if (rule_idle(b, a))
		return;
	rule(a, RESULT_PASS, "%" PRIu64 " removals (node %s), %" PRIu64 " returns",
	     (uint64_t)k->removals, k->removed, (uint64_t)k->returns);
}

/* What the rows of a tier come to. */
struct tally {
	const struct bench *bench;
	enum finding_tier tier;
	struct examples strong;               /* not excused */
	__u64 occurrences, suspects, excused; /* of all rows: of `strong' ... */
	__u64 rows;
};

static bool excused(const struct verdict_options *o, const struct finding_row *row)
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
	if (row->strength == STRENGTH_SUSPECT) {
		t->suspects += row->count;
	} else if (excused(t->bench->in->options, row)) {
		t->excused += row->count;
	} else {
		t->occurrences += row->count;
		example_of_finding(&x, row);
		examples_add(&t->strong, &x);
	}
	return 0;
}

/* Those that were counted, for want of memory, without being described. */
static __u64 undescribed(const struct tally *t)
{
	const struct findings *f = t->bench->in->findings;
	__u64 all = 0;

	for (unsigned int s = 0; s < STRENGTHS; s++)
		all += findings_count(f, t->tier, s);
	return all - t->rows;
}

static void note_the_others(struct assertion *a, const struct tally *t)
{
	size_t at = strlen(a->reason);

	if (t->suspects)
		at += snprintf(a->reason + at, sizeof(a->reason) - at,
			       "; %" PRIu64 " suspects, of which nothing is proven",
			       (uint64_t)t->suspects);
	if (t->excused && at < sizeof(a->reason))
		snprintf(a->reason + at, sizeof(a->reason) - at, "; %" PRIu64 " excused by --allow",
			 (uint64_t)t->excused);
}

static void judge_tier(struct bench *b, enum finding_tier tier, const char *name, const char *claim)
{
	struct assertion *a = assertion_new(b, name, claim);
	const char *missing = b->in->tier_missing[tier];
	struct tally t = { .bench = b, .tier = tier };

	findings_each(b->in->findings, tally_row, &t);
	t.occurrences += undescribed(&t);
	if (t.occurrences) {
		a->examples = t.strong;
		rule(a, RESULT_FAIL, "%" PRIu64 " times", (uint64_t)t.occurrences);
	} else if (rule_doubt(b, a)) {
		;
	} else if (!evidence_count(b->in->evidence, T_FREED) &&
		   (!b->idle || b->in->options->allow_idle)) {
		rule(a, RESULT_PASS, "no node structure was freed");
	} else if (missing && b->in->options->required[tier]) {
		rule(a, RESULT_INCONCLUSIVE, "cannot be seen here: %s", missing);
		advise(a, "see `slubnode-trace probes', or leave it out of --require");
	} else if (missing) {
		rule(a, RESULT_SKIP, "not required, and cannot be seen here: %s", missing);
	} else if (!rule_idle(b, a)) {
		rule(a, RESULT_PASS, "none seen%s%s", b->in->tier_note[tier] ? "; " : "",
		     b->in->tier_note[tier] ?: "");
	}
	note_the_others(a, &t);
}

static void judge_accesses(struct bench *b)
{
	judge_tier(b, TIER_CALL, "no-access-call",
		   "no function of SLUB is handed a freed structure");
	judge_tier(b, TIER_WINDOW, "no-access-window",
		   "no reader of the structures is in flight across a free");
	judge_tier(b, TIER_WATCHPOINT, "no-access-watchpoint",
		   "no load or store hits a freed structure that is watched");
	judge_tier(b, TIER_CANARY, "no-access-canary", "nobody writes to a freed structure");
}

static void judge_leaks(struct bench *b)
{
	struct assertion *a = assertion_new(b, "no-leak", "no node structure leaks");

	if (b->v->behaviour.leaked) {
		a->examples = *evidence_examples(b->in->evidence, EXAMPLES_LEAKED);
		rule(a, RESULT_FAIL,
		     "%" PRIu64 " structures were dropped without being freed, %" PRIu64 " bytes",
		     (uint64_t)b->v->behaviour.leaked,
		     (uint64_t)ledger_totals(b->in->ledger)->leaked_charged);
	} else if (!rule_doubt(b, a) && !rule_idle(b, a)) {
		rule(a, RESULT_PASS, "none leaked");
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

/* Is it true of a structure that nothing happened to it? That may be what was lost. */
static bool holds(const struct bench *b)
{
	return !ledger_trust(b->in->ledger)->lost;
}

static void judge_reuse(struct bench *b)
{
	struct assertion *a =
		assertion_new(b, "reuse", "what was retained serves again when its node is back");
	const struct examples *replaced = evidence_examples(b->in->evidence, EXAMPLES_REPLACED);
	const struct behaviour *k = &b->v->behaviour;
	__u64 unused = 0;

	ledger_each_node(b->in->ledger, sum_unused, &unused);
	if ((unused || replaced->count) && holds(b)) {
		a->examples = *replaced;
		ledger_each_node(b->in->ledger, keep_unused_of_node,
				 &(struct unused){ b->in->ledger, &a->examples, -1 });
		rule(a, RESULT_FAIL,
		     "%" PRIu64 " are still only retained though their node has memory, %" PRIu64
		     " were replaced or lost",
		     (uint64_t)unused, (uint64_t)replaced->count);
	} else if (rule_doubt(b, a) || rule_idle(b, a)) {
		;
	} else if (k->reused) {
		rule(a, RESULT_PASS, "%" PRIu64 " were reused", (uint64_t)k->reused);
	} else if (!k->retained) {
		rule(a, RESULT_SKIP, "nothing was retained");
	} else {
		rule(a, RESULT_SKIP, "no node came back");
	}
}

static void judge_expected(struct bench *b)
{
	bool retain = b->in->options->expect == EXPECT_RETAIN;
	const struct examples *wrong =
		evidence_examples(b->in->evidence, retain ? EXAMPLES_FREED : EXAMPLES_RETAINED);
	const struct examples *right =
		evidence_examples(b->in->evidence, retain ? EXAMPLES_RETAINED : EXAMPLES_FREED);
	struct assertion *a;

	if (b->in->options->expect == EXPECT_NOTHING)
		return;
	a = retain ? assertion_new(b, "expect-retain", "a removal retains the node structures")
		   : assertion_new(b, "expect-free", "a removal frees the node structures");
	if (wrong->count && (retain || holds(b))) {
		a->examples = *wrong;
		rule(a, RESULT_FAIL, "%" PRIu64 " were %s", (uint64_t)wrong->count,
		     retain ? "freed" : "retained");
	} else if (rule_doubt(b, a) || rule_idle(b, a)) {
		;
	} else if (!right->count) {
		rule(a, RESULT_INCONCLUSIVE,
		     "the removed nodes had no structures (of the caches asked for)");
		advise(a, "online the node's memory to a normal zone before the run "
			  "(online_kernel), "
			  "or widen --cache and --node");
	} else {
		rule(a, RESULT_PASS, "%" PRIu64 " were %s", (uint64_t)right->count,
		     retain ? "retained" : "freed");
	}
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
		     "%" PRIu64 " structures held %" PRIu64 " bytes at one moment, %" PRIu64 " are "
		     "allow"
		     "ed",
		     (uint64_t)k->peak_structures, (uint64_t)k->peak_bytes, (uint64_t)limit);
	} else if (!rule_doubt(b, a) && !rule_idle(b, a)) {
		rule(a, RESULT_PASS, "%" PRIu64 " bytes at most, %" PRIu64 " are allowed",
		     (uint64_t)k->peak_bytes, (uint64_t)limit);
	}
}

struct removed {
	struct behaviour *behaviour;
	struct node_set nodes;
};

static int count_node(void *arg, const struct ledger_node *n)
{
	struct removed *r = arg;

	r->behaviour->removals += n->offlines;
	r->behaviour->returns += n->onlines;
	if (n->offlines && n->nid < MAX_NODES)
		r->nodes.has[n->nid] = true;
	return 0;
}

static void describe(struct behaviour *k, const struct verdict_input *in)
{
	const struct ledger_counts *now = ledger_totals(in->ledger);
	const struct evidence *e = in->evidence;
	struct removed removed = { .behaviour = k };

	k->retained_now = now->retained_now;
	k->retained_now_bytes = now->retained_charged;
	k->leaked = now->leaked;
	k->late = now->late;
	k->reused = now->reused;
	k->freed = evidence_examples(e, EXAMPLES_FREED)->count;
	k->retained = evidence_examples(e, EXAMPLES_RETAINED)->count;
	k->allocated = evidence_count(e, T_ALLOCATED);
	k->peak_bytes = evidence_peak_bytes(e);
	k->peak_structures = evidence_peak_structures(e);
	if (k->retained_now_bytes > k->peak_bytes)
		k->peak_bytes = k->retained_now_bytes;
	if (k->retained_now > k->peak_structures)
		k->peak_structures = k->retained_now;
	for (unsigned int tier = 0; tier < TIERS; tier++)
		for (unsigned int s = 0; s < STRENGTHS; s++)
			k->findings[s] += findings_count(in->findings, tier, s);
	ledger_each_node(in->ledger, count_node, &removed);
	node_set_format(&removed.nodes, k->removed, sizeof(k->removed));
}

/* A violation comes first; whatever failed is never called inconclusive. */
static int exit_code(const struct verdict *v)
{
	bool cmd_failed = false, unknown = false;

	for (unsigned int i = 0; i < v->count; i++) {
		const struct assertion *a = &v->assertions[i];
		bool cmd = !strcmp(a->name, "command");

		if (a->result == RESULT_FAIL && !cmd)
			return EXIT_FINDING;
		cmd_failed |= a->result == RESULT_FAIL;
		unknown |= a->result == RESULT_INCONCLUSIVE;
	}
	return cmd_failed ? EXIT_CMD_FAILED : unknown ? EXIT_INCONCLUSIVE : EXIT_FINE;
}

void verdict_make(struct verdict *v, const struct verdict_input *in)
{
	struct bench b = { .v = v, .in = in };

	memset(v, 0, sizeof(*v));
	describe(&v->behaviour, in);
	b.idle = !v->behaviour.removals;
	find_doubts(&b);
	judge_command(&b);
	judge_recording(&b);
	judge_removal(&b);
	judge_accesses(&b);
	judge_leaks(&b);
	judge_reuse(&b);
	judge_expected(&b);
	judge_budget(&b);
	v->exit_code = exit_code(v);
}

void verdict_cannot_run(struct verdict *v, int code)
{
	struct bench b = { .v = v };

	memset(v, 0, sizeof(*v));
	rule(assertion_new(&b, "run", "the check can be run"), RESULT_INCONCLUSIVE,
	     "it could not (exit status %d)", code);
	advise(&v->assertions[0], "standard error says why");
	v->exit_code = code;
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
	if (b->freed && b->retained)
		return "frees some and retains some";
	if (b->freed)
		return "frees";
	if (b->retained)
		return "retains";
	return b->removals ? "has no structures for the removed nodes"
			   : "was not seen at a removal";
}
