// SPDX-License-Identifier: GPL-2.0-only
/* Text of `check', and the phrases that TAP and JUnit share with it. */
#include <string.h>
#include "base/text.h"
#include "output/check.h"

const char *check_example(char *text, size_t room, const struct check_report *r,
			  const struct example *x)
{
	char escaped[4 * CACHE_NAME_LEN + 1], source[FINDING_SOURCE];

	snprintf(text, room, "%s", x->event);
	if (*x->function)
		text_append(text, room, " in %s()",
			    escape_text(escaped, sizeof(escaped), x->function));
	if (*x->source)
		text_append(text, room, " (%s)", escape_text(source, sizeof(source), x->source));
	if (x->nid >= 0)
		text_append(text, room, ": node %d", x->nid);
	if (*x->cache)
		text_append(text, room, ", %s", escape_text(escaped, sizeof(escaped), x->cache));
	if (x->address)
		text_append(text, room, ", 0x%llx", x->address);
	if (x->charged)
		text_append(text, room, ", %llu bytes", x->charged);
	if (x->time_ns)
		text_append(text, room, ", at %.6f s",
			    (double)(__s64)(x->time_ns - r->start_ns) / 1e9);
	if (*x->comm)
		text_append(text, room, ", by %s", escape_text(escaped, sizeof(escaped), x->comm));
	if (x->pid)
		text_append(text, room, "[%u]", x->pid);
	if (*x->cause)
		text_append(text, room, " (%s)", x->cause);
	if (x->count > 1)
		text_append(text, room, ", %llu times", x->count);
	return text;
}

const char *check_freer(char *text, size_t room, const struct check_report *r,
			const struct example *x)
{
	char escaped[4 * TASK_COMM_LEN + 1];

	*text = 0;
	if (!*x->freer_comm)
		return text;
	text_append(text, room, "freed by %s",
		    escape_text(escaped, sizeof(escaped), x->freer_comm));
	if (x->freer_pid)
		text_append(text, room, "[%u]", x->freer_pid);
	if (x->freed_ns)
		text_append(text, room, ", at %.6f s",
			    (double)(__s64)(x->freed_ns - r->start_ns) / 1e9);
	return text;
}

const char *check_behaviour(char *text, size_t room, const struct check_report *r)
{
	const struct behaviour *b = &r->verdict.behaviour;

	snprintf(text, room, "Linux %s %s", r->kernel, behaviour_name(b));
	if (!b->removals)
		return text;
	text_append(text, room, ": at %llu removals (node %s) ", b->removals, b->removed);
	text_append(text, room, "%llu structures freed, %llu retained", b->freed, b->retained);
	text_append(text, room,
		    "; at %llu returns %llu reused, %llu at the same address; %llu allocated",
		    b->returns, b->reused, b->same_address, b->allocated);
	text_append(text, room, "; %llu leaked, %llu dangling, %llu missing, %llu late", b->leaked,
		    b->dangling, b->missing, b->late);
	text_append(text, room, "; %llu bytes retained at most, %llu at the end", b->peak_bytes,
		    b->retained_now_bytes);
	text_append(text, room,
		    "; accesses to freed ones: %llu confirmed, %llu exposures, %llu suspects",
		    b->findings[STRENGTH_CONFIRMED], b->findings[STRENGTH_EXPOSURE],
		    b->findings[STRENGTH_SUSPECT]);
	return text;
}

static const char *check_text_paint(const struct check_report *r, enum result result)
{
	static const char *const codes[] = {
		[RESULT_PASS] = "\033[32m",
		[RESULT_FAIL] = "\033[1;31m",
		[RESULT_INCONCLUSIVE] = "\033[33m",
		[RESULT_SKIP] = "\033[2m",
	};

	return r->color ? codes[result] : "";
}

static const char *check_text_plain(const struct check_report *r)
{
	return r->color ? "\033[0m" : "";
}

#define FACT_INDENT 33

static void put_fact(FILE *out, const struct check_report *r, const char *label, __u64 count,
		     const char *what)
{
	if (!count)
		return;
	fprintf(out, "  %-22s %7llu ", label, count);
	text_wrap(out, what, FACT_INDENT, FACT_INDENT, r->columns);
}

/* Print the behaviour of the kernel, one fact on each line. */
static void put_behaviour(FILE *out, const struct check_report *r)
{
	const struct behaviour *b = &r->verdict.behaviour;
	char what[128];

	fprintf(out, "Linux %s %s\n", r->kernel, behaviour_name(b));
	if (!b->removals)
		return;
	snprintf(what, sizeof(what), "of node %s, %llu return%s", b->removed, b->returns,
		 text_plural(b->returns));
	put_fact(out, r, "removals", b->removals, what);
	put_fact(out, r, "freed", b->freed, "structures, at a removal");
	put_fact(out, r, "retained", b->retained, "structures, at a removal");
	put_fact(out, r, "reused", b->reused, "structures, at a return");
	put_fact(out, r, "same address", b->same_address,
		 "structures, at a return; a free in between cannot be excluded");
	put_fact(out, r, "allocated", b->allocated, "structures, at a return or for a new cache");
	put_fact(out, r, "late", b->late, "structures, for a node without memory");
	put_fact(out, r, "leaked", b->leaked, "structures");
	put_fact(out, r, "dangling", b->dangling,
		 "structures, freed while their caches point to them");
	put_fact(out, r, "missing", b->missing, "structures, for a node with memory");
	snprintf(what, sizeof(what), "bytes at most, %llu at the end", b->retained_now_bytes);
	put_fact(out, r, "held while removed", b->peak_bytes, what);
	put_fact(out, r, "accesses, confirmed", b->findings[STRENGTH_CONFIRMED],
		 "to freed structures");
	put_fact(out, r, "accesses, exposures", b->findings[STRENGTH_EXPOSURE], "across a free");
	put_fact(out, r, "accesses, suspects", b->findings[STRENGTH_SUSPECT], "not proven");
}

#define RESULT_WIDTH 14 /* with the blanks after it */
#define NAME_WIDTH   22

static void put_frames(FILE *out, const char (*frames)[96], __u32 len)
{
	for (__u32 i = 0; i < len; i++)
		fprintf(out, "%*s%s\n", RESULT_WIDTH + 4, "", frames[i]);
}

static void put_example(FILE *out, const struct check_report *r, const struct example *x)
{
	char text[CHECK_LINE];

	fprintf(out, "%*s", RESULT_WIDTH, "");
	text_wrap(out, check_example(text, sizeof(text), r, x), RESULT_WIDTH, RESULT_WIDTH + 2,
		  r->columns);
	put_frames(out, x->frames, x->stack_len);
	if (!*check_freer(text, sizeof(text), r, x))
		return;
	fprintf(out, "%*s%s\n", RESULT_WIDTH + 2, "", text);
	put_frames(out, x->freer_frames, x->freer_stack_len);
}

static void put_examples(FILE *out, const struct check_report *r, const struct examples *all)
{
	for (unsigned int i = 0; i < all->count && i < EXAMPLES_KEPT; i++)
		put_example(out, r, &all->kept[i]);
	if (all->count > EXAMPLES_KEPT)
		fprintf(out, "%*sand %llu more\n", RESULT_WIDTH, "", all->count - EXAMPLES_KEPT);
}

/*
 * Return whether two assertions are printed as one, because a common reason keeps both from being
 * judged.
 */
static bool share_a_reason(const struct assertion *a, const struct assertion *b)
{
	return (a->result == RESULT_INCONCLUSIVE || a->result == RESULT_SKIP) &&
	       a->result == b->result && !a->examples.count && !b->examples.count &&
	       !strcmp(a->reason, b->reason) && !strcmp(a->hint, b->hint);
}

/* Write the names of the assertions from `i' on that share its reason. Returns their number. */
static unsigned int names_that_share(char *text, size_t room, const struct verdict *v,
				     unsigned int i)
{
	const struct assertion *first = &v->assertions[i];
	unsigned int count = 1;

	snprintf(text, room, "%s", first->name);
	while (++i < v->count) {
		if (!share_a_reason(first, &v->assertions[i]))
			continue;
		text_append(text, room, ", %s", v->assertions[i].name);
		count++;
	}
	return count;
}

/* Print an assertion, with those that share its reason. */
static void put_assertion(FILE *out, const struct check_report *r, unsigned int i)
{
	const struct assertion *a = &r->verdict.assertions[i];
	char text[4 * REASON_ROOM + 512], escaped[4 * REASON_ROOM];
	int indent = RESULT_WIDTH;

	fprintf(out, "%s%-*s%s", check_text_paint(r, a->result), RESULT_WIDTH,
		result_name(a->result), check_text_plain(r));
	escape_text(escaped, sizeof(escaped), a->reason);
	if (names_that_share(text, sizeof(text), &r->verdict, i) > 1) {
		text_append(text, sizeof(text), ": %s", escaped);
	} else {
		indent += NAME_WIDTH;
		fprintf(out, "%-*s", NAME_WIDTH, a->name);
		snprintf(text, sizeof(text), "%s", escaped);
	}
	text_wrap(out, text, indent, indent, r->columns);
	if (*a->hint) {
		fprintf(out, "%*shint: ", indent, "");
		text_wrap(out, a->hint, indent + 6, indent + 6, r->columns);
	}
	put_examples(out, r, &a->examples);
}

/* Return whether an assertion before shares the reason, and was printed with this one. */
static bool was_printed(const struct verdict *v, unsigned int i)
{
	for (unsigned int before = 0; before < i; before++)
		if (share_a_reason(&v->assertions[before], &v->assertions[i]))
			return true;
	return false;
}

/* Print the assertions, those that matter most last. */
static void put_assertions(FILE *out, const struct check_report *r)
{
	static const enum result order[] = { RESULT_PASS, RESULT_SKIP, RESULT_INCONCLUSIVE,
					     RESULT_FAIL };

	for (unsigned int at = 0; at < sizeof(order) / sizeof(order[0]); at++)
		for (unsigned int i = 0; i < r->verdict.count; i++)
			if (r->verdict.assertions[i].result == order[at] &&
			    !was_printed(&r->verdict, i))
				put_assertion(out, r, i);
}

/* Print "8 passed, 1 failed, 3 skipped", without what is 0. */
static void put_results(FILE *out, const struct verdict *v)
{
	static const char *const words[] = {
		[RESULT_PASS] = "passed",
		[RESULT_FAIL] = "failed",
		[RESULT_INCONCLUSIVE] = "inconclusive",
		[RESULT_SKIP] = "skipped",
	};
	bool first = true;

	for (enum result result = RESULT_PASS; result <= RESULT_SKIP; result++) {
		unsigned int count = verdict_results(v, result);

		if (!count)
			continue;
		fprintf(out, "%s%u %s", first ? "" : ", ", count, words[result]);
		first = false;
	}
	fputc('\n', out);
}

/* Add what failed or, if nothing did, what was inconclusive at first. */
static void add_causes(char *text, size_t room, const struct verdict *v)
{
	bool failed = verdict_results(v, RESULT_FAIL);
	enum result result = failed ? RESULT_FAIL : RESULT_INCONCLUSIVE;
	char names[512], escaped[4 * REASON_ROOM];
	unsigned int named = 0;

	for (unsigned int i = 0; i < v->count && (failed || !named); i++) {
		const struct assertion *a = &v->assertions[i];

		if (a->result != result)
			continue;
		text_append(text, room, named ? "; " : ": ");
		named += names_that_share(names, sizeof(names), v, i);
		text_append(text, room, "%s: %s", names,
			    escape_text(escaped, sizeof(escaped), a->reason));
	}
	if (verdict_results(v, result) > named)
		text_append(text, room, "; and %u more", verdict_results(v, result) - named);
}

/* Print the verdict, which ends with what failed. */
static void put_verdict(FILE *out, const struct check_report *r, int exit_status)
{
	const struct verdict *v = &r->verdict;
	char text[8192];

	snprintf(text, sizeof(text), "Verdict: %s", r->conclusion);
	if (exit_status)
		text_append(text, sizeof(text), " (exit status %d)", exit_status);
	if (v->conclusion != CONCLUSION_PASS)
		add_causes(text, sizeof(text), v);
	else if (v->unmet != EXPECT_NOTHING)
		text_append(text, sizeof(text),
			    "; this kernel %s the structures at a removal (--expect %s would fail)",
			    behaviour_name(&v->behaviour),
			    v->unmet == EXPECT_RETAIN ? "retain" : "free");
	text_wrap(out, text, 0, 0, r->columns);
}

/* Print how the kernel behaved, and what was watched. */
static void put_watched(FILE *out, const struct check_report *r)
{
	char text[256];

	put_behaviour(out, r);
	fputs("  ", out);
	snprintf(text, sizeof(text),
		 "watched for %.1f s: %u caches, %u node structures at the start, attached by %s",
		 (double)(r->end_ns - r->start_ns) / 1e9, r->caches, r->structures, r->probes);
	text_wrap(out, text, 2, 2, r->columns);
	fputc('\n', out);
}

void check_write_text(FILE *out, const struct check_report *r, int exit_status)
{
	if (!r->brief) {
		if (*r->probes)
			put_watched(out, r);
		put_assertions(out, r);
		fputc('\n', out);
		put_results(out, &r->verdict);
	}
	put_verdict(out, r, exit_status);
}
