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

static void put_fact(FILE *out, const char *label, __u64 count, const char *what)
{
	if (count)
		fprintf(out, "  %-22s %7llu %s\n", label, count, what);
}

/* Print the behaviour of the kernel, one fact on each line. */
static void put_behaviour(FILE *out, const struct check_report *r)
{
	const struct behaviour *b = &r->verdict.behaviour;
	char what[128];

	fprintf(out, "Linux %s %s\n", r->kernel, behaviour_name(b));
	if (!b->removals)
		return;
	snprintf(what, sizeof(what), "of node %s, %llu returns", b->removed, b->returns);
	put_fact(out, "removals", b->removals, what);
	put_fact(out, "freed", b->freed, "structures, at a removal");
	put_fact(out, "retained", b->retained, "structures, at a removal");
	put_fact(out, "reused", b->reused, "structures, at a return");
	put_fact(out, "same address", b->same_address,
		 "structures, at a return; a free in between cannot be excluded");
	put_fact(out, "allocated", b->allocated, "structures, at a return or for a new cache");
	put_fact(out, "late", b->late, "structures, for a node without memory");
	put_fact(out, "leaked", b->leaked, "structures");
	put_fact(out, "dangling", b->dangling,
		 "structures, freed while their caches point to them");
	put_fact(out, "missing", b->missing, "structures, for a node with memory");
	snprintf(what, sizeof(what), "bytes at most, %llu at the end", b->retained_now_bytes);
	put_fact(out, "held while removed", b->peak_bytes, what);
	put_fact(out, "accesses, confirmed", b->findings[STRENGTH_CONFIRMED],
		 "to freed structures");
	put_fact(out, "accesses, exposures", b->findings[STRENGTH_EXPOSURE], "across a free");
	put_fact(out, "accesses, suspects", b->findings[STRENGTH_SUSPECT], "not proven");
}

static void put_examples(FILE *out, const struct check_report *r, const struct examples *all)
{
	char text[CHECK_LINE];

	for (unsigned int i = 0; i < all->count && i < EXAMPLES_KEPT; i++) {
		const struct example *x = &all->kept[i];

		fprintf(out, "%36s%s\n", "", check_example(text, sizeof(text), r, x));
		for (__u32 frame = 0; frame < x->stack_len; frame++)
			fprintf(out, "%40s%s\n", "", x->frames[frame]);
	}
	if (all->count > EXAMPLES_KEPT)
		fprintf(out, "%36sand %llu more\n", "", (all->count - EXAMPLES_KEPT));
}

static void put_assertion(FILE *out, const struct check_report *r, const struct assertion *a)
{
	char text[4 * REASON_ROOM];

	fprintf(out, "%s%-12s%s  %-20s  %s\n", check_text_paint(r, a->result),
		result_name(a->result), check_text_plain(r), a->name,
		escape_text(text, sizeof(text), a->reason));
	if (*a->hint)
		fprintf(out, "%36sHint: %s\n", "", a->hint);
	put_examples(out, r, &a->examples);
}

void check_write_text(FILE *out, const struct check_report *r, int exit_status)
{
	const struct verdict *v = &r->verdict;

	if (*r->probes && !r->brief) {
		put_behaviour(out, r);
		fprintf(out,
			"  watched for %.1f s: %u caches, %u node structures at the start, attached by %s\n\n",
			(double)(r->end_ns - r->start_ns) / 1e9, r->caches, r->structures,
			r->probes);
	}
	for (unsigned int i = 0; i < v->count && !r->brief; i++)
		put_assertion(out, r, &v->assertions[i]);
	fprintf(out,
		"%sVerdict: %s (exit status %d): %u passed, %u failed, %u inconclusive, %u skipped\n",
		r->brief ? "" : "\n", r->conclusion, exit_status, verdict_results(v, RESULT_PASS),
		verdict_results(v, RESULT_FAIL), verdict_results(v, RESULT_INCONCLUSIVE),
		verdict_results(v, RESULT_SKIP));
}
