// SPDX-License-Identifier: GPL-2.0-only
/*
 * KTAP version 1 of `check' (Documentation/dev-tools/ktap.rst of the kernel): names of one word,
 * and words in the diagnostics before each result.
 */
#include "base/text.h"
#include "output/check.h"

static void put_words(FILE *out, const char *indent, const char *words)
{
	char text[4 * CHECK_LINE];

	if (*words)
		fprintf(out, "# %s%s\n", indent, escape_text(text, sizeof(text), words));
}

static void put_diagnostics(FILE *out, const struct check_report *r, const struct assertion *a)
{
	char text[CHECK_LINE];

	fprintf(out, "# %s: %s\n", a->name, a->claim);
	if (a->result == RESULT_PASS || a->result == RESULT_FAIL)
		put_words(out, "  ", a->reason);
	if (*a->hint)
		put_words(out, "  hint: ", a->hint);
	for (unsigned int i = 0; i < a->examples.count && i < EXAMPLES_KEPT; i++) {
		const struct example *x = &a->examples.kept[i];

		fprintf(out, "#   %s\n", check_example(text, sizeof(text), r, x));
		for (__u32 frame = 0; frame < x->stack_len; frame++)
			put_words(out, "    ", x->frames[frame]);
	}
	if (a->examples.count > EXAMPLES_KEPT)
		fprintf(out, "#   and %llu more\n", a->examples.count - EXAMPLES_KEPT);
}

static void put_result(FILE *out, const struct assertion *a, unsigned int number)
{
	static const struct {
		const char *result, *directive;
	} words[] = {
		[RESULT_PASS] = { "ok", "" },
		[RESULT_FAIL] = { "not ok", "" },
		[RESULT_INCONCLUSIVE] = { "not ok", " # ERROR " },
		[RESULT_SKIP] = { "ok", " # SKIP " },
	};
	char text[4 * REASON_ROOM];

	fprintf(out, "%s %u %s%s%s\n", words[a->result].result, number, a->name,
		words[a->result].directive,
		*words[a->result].directive ? escape_text(text, sizeof(text), a->reason) : "");
}

void check_write_ktap(FILE *out, const struct check_report *r, int exit_status)
{
	const struct verdict *v = &r->verdict;
	char text[CHECK_LINE];

	fprintf(out, "KTAP version 1\n1..%u\n", v->count);
	if (*r->probes)
		fprintf(out, "# %s\n", check_behaviour(text, sizeof(text), r));
	for (unsigned int i = 0; i < v->count; i++) {
		put_diagnostics(out, r, &v->assertions[i]);
		put_result(out, &v->assertions[i], i + 1);
	}
	fprintf(out, "# exit status %d\n", exit_status);
}
