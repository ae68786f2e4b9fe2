// SPDX-License-Identifier: GPL-2.0-only
/* For people; and the phrases that other formats share with them. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include "output/check.h"
#include "cmd/exit_status.h"
#include "output/trace_view.h"

/* Appends to text, which holds `room' bytes. */
__attribute__((format(printf, 3, 4))) static void append(char *text, size_t room,
							 const char *format, ...)
{
	size_t at = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + at, room - at, format, args);
	va_end(args);
}

const char *check_example(char *text, size_t room, const struct check_report *r,
			  const struct example *x)
{
	char escaped[4 * CACHE_NAME_LEN + 1], source[FINDING_SOURCE];

	snprintf(text, room, "%s", x->event);
	if (*x->function)
		append(text, room, " in %s()", escape_text(escaped, sizeof(escaped), x->function));
	if (*x->source)
		append(text, room, " (%s)", escape_text(source, sizeof(source), x->source));
	if (x->nid >= 0)
		append(text, room, ": node %d", x->nid);
	if (*x->cache)
		append(text, room, ", %s", escape_text(escaped, sizeof(escaped), x->cache));
	if (x->address)
		append(text, room, ", 0x%" PRIx64, (uint64_t)x->address);
	if (x->charged)
		append(text, room, ", %" PRIu64 " bytes", (uint64_t)x->charged);
	if (x->time_ns)
		append(text, room, ", at %.6f s", (double)(__s64)(x->time_ns - r->start_ns) / 1e9);
	if (*x->comm)
		append(text, room, ", by %s", escape_text(escaped, sizeof(escaped), x->comm));
	if (x->pid)
		append(text, room, "[%u]", x->pid);
	if (*x->cause)
		append(text, room, " (%s)", x->cause);
	if (x->count > 1)
		append(text, room, ", %" PRIu64 " times", (uint64_t)x->count);
	return text;
}

const char *check_behaviour(char *text, size_t room, const struct check_report *r)
{
	const struct behaviour *b = &r->verdict.behaviour;

	snprintf(text, room, "Linux %s %s", r->kernel, behaviour_name(b));
	if (!b->removals)
		return text;
	append(text, room, ": at %" PRIu64 " removals (node %s) ", (uint64_t)b->removals,
	       b->removed);
	append(text, room, "%" PRIu64 " structures freed, %" PRIu64 " retained", (uint64_t)b->freed,
	       (uint64_t)b->retained);
	append(text, room, "; at %" PRIu64 " returns %" PRIu64 " reused; %" PRIu64 " allocated",
	       (uint64_t)b->returns, (uint64_t)b->reused, (uint64_t)b->allocated);
	append(text, room, "; %" PRIu64 " leaked, %" PRIu64 " late", (uint64_t)b->leaked,
	       (uint64_t)b->late);
	append(text, room, "; %" PRIu64 " bytes retained at most, %" PRIu64 " at the end",
	       (uint64_t)b->peak_bytes, (uint64_t)b->retained_now_bytes);
	append(text, room,
	       "; accesses to freed ones: %" PRIu64 " confirmed, %" PRIu64 " exposures, %" PRIu64
	       " suspects",
	       (uint64_t)b->findings[STRENGTH_CONFIRMED], (uint64_t)b->findings[STRENGTH_EXPOSURE],
	       (uint64_t)b->findings[STRENGTH_SUSPECT]);
	return text;
}

static const char *paint(const struct check_report *r, enum result result)
{
	static const char *const codes[] = {
		[RESULT_PASS] = "\033[32m",
		[RESULT_FAIL] = "\033[1;31m",
		[RESULT_INCONCLUSIVE] = "\033[33m",
		[RESULT_SKIP] = "\033[2m",
	};

	return r->color ? codes[result] : "";
}

static const char *plain(const struct check_report *r)
{
	return r->color ? "\033[0m" : "";
}

static void put_row(FILE *out, const char *label, __u64 count, const char *what)
{
	if (count)
		fprintf(out, "  %-22s %7" PRIu64 " %s\n", label, (uint64_t)count, what);
}

/* What the kernel does, as lines that can be read one by one. */
static void put_behaviour(FILE *out, const struct check_report *r)
{
	const struct behaviour *b = &r->verdict.behaviour;
	char what[128];

	fprintf(out, "Linux %s %s\n", r->kernel, behaviour_name(b));
	if (!b->removals)
		return;
	snprintf(what, sizeof(what), "of node %s, %" PRIu64 " returns", b->removed,
		 (uint64_t)b->returns);
	put_row(out, "removals", b->removals, what);
	put_row(out, "freed", b->freed, "structures, at a removal");
	put_row(out, "retained", b->retained, "structures, at a removal");
	put_row(out, "reused", b->reused, "structures, at a return");
	put_row(out, "allocated", b->allocated, "structures, at a return or for a new cache");
	put_row(out, "late", b->late, "structures, for a node without memory");
	put_row(out, "leaked", b->leaked, "structures");
	snprintf(what, sizeof(what), "bytes at most, %" PRIu64 " at the end",
		 (uint64_t)b->retained_now_bytes);
	put_row(out, "held while removed", b->peak_bytes, what);
	put_row(out, "accesses, confirmed", b->findings[STRENGTH_CONFIRMED], "to freed structures");
	put_row(out, "accesses, exposures", b->findings[STRENGTH_EXPOSURE], "across a free");
	put_row(out, "accesses, suspects", b->findings[STRENGTH_SUSPECT], "not proven");
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
		fprintf(out, "%36sand %" PRIu64 " more\n", "",
			(uint64_t)(all->count - EXAMPLES_KEPT));
}

static void put_assertion(FILE *out, const struct check_report *r, const struct assertion *a)
{
	char text[4 * REASON_ROOM];

	fprintf(out, "%s%-12s%s  %-20s  %s\n", paint(r, a->result), result_name(a->result),
		plain(r), a->name, escape_text(text, sizeof(text), a->reason));
	if (*a->hint)
		fprintf(out, "%36sHint: %s\n", "", a->hint);
	put_examples(out, r, &a->examples);
}

static const char *summary(int code)
{
	switch (code) {
	case EXIT_FINE: return "pass";
	case EXIT_FINDING: return "fail";
	case EXIT_CMD_FAILED: return "the command failed";
	case EXIT_INCONCLUSIVE: return "inconclusive, which is no pass";
	default: return "it could not be run";
	}
}

void check_write_text(FILE *out, const struct check_report *r)
{
	const struct verdict *v = &r->verdict;

	if (*r->probes) {
		put_behaviour(out, r);
		fprintf(out,
			"  watched for %.1f s: %u caches, %u node structures at the start, "
			"attached "
			"by %s\n\n",
			(double)(r->end_ns - r->start_ns) / 1e9, r->caches, r->structures,
			r->probes);
	}
	for (unsigned int i = 0; i < v->count; i++)
		put_assertion(out, r, &v->assertions[i]);
	fprintf(out,
		"\nVerdict: %s (exit status %d): %u passed, %u failed, %u inconclusive, %u "
		"skipped\n",
		summary(v->exit_code), v->exit_code, verdict_results(v, RESULT_PASS),
		verdict_results(v, RESULT_FAIL), verdict_results(v, RESULT_INCONCLUSIVE),
		verdict_results(v, RESULT_SKIP));
}
