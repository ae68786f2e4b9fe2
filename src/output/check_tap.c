// SPDX-License-Identifier: GPL-2.0-only
/*
 * TAP 13 of `check'; its diagnostics are YAML. An inconclusive assertion is "not
 * ok", because TAP has no third answer and a reader must not take it for a pass.
 */
#include <string.h>
#include "base/text.h"
#include "output/check.h"

/* Print a text for YAML, in printable ASCII between quotation marks. */
static void put_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		unsigned char c = *text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c >= ' ' && c < 0x7f)
			fputc(c, out);
		else
			fprintf(out, "\\x%02x", c);
	}
	fputs("\"\n", out);
}

static void put_field(FILE *out, const char *indent, const char *name, const char *text)
{
	if (!*text)
		return;
	fprintf(out, "%s%s: ", indent, name);
	put_string(out, text);
}

static void put_example(FILE *out, const struct check_report *r, const struct example *x)
{
	static const char indent[] = "      ";
	char text[CHECK_LINE];

	fputs("    - what: ", out);
	put_string(out, check_example(text, sizeof(text), r, x));
	put_field(out, indent, "event", x->event);
	put_field(out, indent, "cache", x->cache);
	if (x->nid >= 0)
		fprintf(out, "%snode: %d\n", indent, x->nid);
	if (x->time_ns)
		fprintf(out, "%stime_ns: %llu\n", indent, x->time_ns);
	put_field(out, indent, "comm", x->comm);
	if (x->pid)
		fprintf(out, "%spid: %u\n", indent, x->pid);
	if (x->stack_len)
		fprintf(out, "%sstack:\n", indent);
	for (__u32 i = 0; i < x->stack_len; i++) {
		fprintf(out, "%s  - ", indent);
		put_string(out, x->frames[i]);
	}
}

static void put_diagnostics(FILE *out, const struct check_report *r, const struct assertion *a)
{
	fputs("  ---\n", out);
	put_field(out, "  ", "claim", a->claim);
	put_field(out, "  ", "result", result_name(a->result));
	put_field(out, "  ", "reason", a->reason);
	put_field(out, "  ", "hint", a->hint);
	if (a->coverage >= 0)
		fprintf(out, "  coverage: %.4f\n", coverage_percent(a->coverage) / 100);
	if (a->examples.count) {
		fprintf(out, "  evidence_count: %llu\n  evidence:\n", a->examples.count);
		for (unsigned int i = 0; i < a->examples.count && i < EXAMPLES_KEPT; i++)
			put_example(out, r, &a->examples.kept[i]);
	}
	fputs("  ...\n", out);
}

static void put_point(FILE *out, const struct check_report *r, unsigned int i)
{
	const struct assertion *a = &r->verdict.assertions[i];
	bool ok = a->result == RESULT_PASS || a->result == RESULT_SKIP;
	char text[4 * REASON_ROOM];

	fprintf(out, "%sok %u - %s", ok ? "" : "not ", i + 1, a->name);
	if (a->result == RESULT_SKIP)
		fprintf(out, " # SKIP %s", escape_text(text, sizeof(text), a->reason));
	fputc('\n', out);
	if (a->result != RESULT_SKIP)
		put_diagnostics(out, r, a);
}

void check_write_tap(FILE *out, const struct check_report *r, int exit_status)
{
	char text[CHECK_LINE];

	fprintf(out, "TAP version 13\n1..%u\n", r->verdict.count);
	if (*r->probes)
		fprintf(out, "# %s\n", check_behaviour(text, sizeof(text), r));
	for (unsigned int i = 0; i < r->verdict.count; i++)
		put_point(out, r, i);
	fprintf(out, "# exit status %d\n", exit_status);
}
