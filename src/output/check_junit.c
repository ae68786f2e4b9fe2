// SPDX-License-Identifier: GPL-2.0-only
/*
 * JUnit's XML as Ant wrote it and CI servers read it: a violation is a failure,
 * what is inconclusive an error. tests/junit.xsd describes it.
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "output/check.h"
#include "cmd/exit_status.h"
#include "output/trace_view.h"

/* Printable ASCII, fit for an attribute and for text. */
static void put_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = *text;

		switch (c) {
		case '&': fputs("&amp;", out); break;
		case '<': fputs("&lt;", out); break;
		case '>': fputs("&gt;", out); break;
		case '"': fputs("&quot;", out); break;
		case '\n': fputc('\n', out); break;
		default:
			if (c >= ' ' && c < 0x7f)
				fputc(c, out);
			else
				fprintf(out, "\\x%02x", c);
		}
	}
}

static void put_attribute(FILE *out, const char *name, const char *text)
{
	fprintf(out, " %s=\"", name);
	put_escaped(out, text);
	fputc('"', out);
}

static void put_property(FILE *out, const char *name, const char *value)
{
	fputs("\t\t\t<property", out);
	put_attribute(out, "name", name);
	put_attribute(out, "value", value);
	fputs("/>\n", out);
}

static void put_number(FILE *out, const char *name, __u64 value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, (uint64_t)value);
	put_property(out, name, text);
}

static void put_properties(FILE *out, const struct check_report *r)
{
	const struct behaviour *b = &r->verdict.behaviour;

	fputs("\t\t<properties>\n", out);
	put_property(out, "kernel", r->kernel);
	put_property(out, "probes", r->probes);
	put_property(out, "behaviour", behaviour_name(b));
	put_number(out, "exit_code", (__u64)r->verdict.exit_code);
	put_number(out, "removals", b->removals);
	put_number(out, "returns", b->returns);
	put_number(out, "freed", b->freed);
	put_number(out, "retained", b->retained);
	put_number(out, "reused", b->reused);
	put_number(out, "allocated", b->allocated);
	put_number(out, "late", b->late);
	put_number(out, "leaked", b->leaked);
	put_number(out, "peak_charged_bytes", b->peak_bytes);
	fputs("\t\t</properties>\n", out);
}

/* The text of a failure: reason, advice, evidence. */
static void put_body(FILE *out, const struct check_report *r, const struct assertion *a)
{
	char text[CHECK_LINE];

	put_escaped(out, a->reason);
	if (*a->hint) {
		fputs("\nHint: ", out);
		put_escaped(out, a->hint);
	}
	for (unsigned int i = 0; i < a->examples.count && i < EXAMPLES_KEPT; i++) {
		const struct example *x = &a->examples.kept[i];

		fputc('\n', out);
		put_escaped(out, check_example(text, sizeof(text), r, x));
		for (__u32 frame = 0; frame < x->stack_len; frame++) {
			fputs("\n    ", out);
			put_escaped(out, x->frames[frame]);
		}
	}
	if (a->examples.count > EXAMPLES_KEPT)
		fprintf(out, "\nand %" PRIu64 " more",
			(uint64_t)(a->examples.count - EXAMPLES_KEPT));
}

static void put_case(FILE *out, const struct check_report *r, const struct assertion *a)
{
	const char *element = a->result == RESULT_FAIL ? "failure" : "error";

	fputs("\t\t<testcase", out);
	put_attribute(out, "name", a->name);
	put_attribute(out, "classname", "slubnode-trace.check");
	fputs(" time=\"0\"", out);
	if (a->result == RESULT_PASS) {
		fputs("/>\n", out);
		return;
	}
	if (a->result == RESULT_SKIP) {
		fputs(">\n\t\t\t<skipped", out);
		put_attribute(out, "message", a->reason);
		fputs("/>\n\t\t</testcase>\n", out);
		return;
	}
	fprintf(out, ">\n\t\t\t<%s", element);
	put_attribute(out, "type", result_name(a->result));
	put_attribute(out, "message", a->claim);
	fputc('>', out);
	put_body(out, r, a);
	fprintf(out, "</%s>\n\t\t</testcase>\n", element);
}

static void put_suite_head(FILE *out, const struct check_report *r)
{
	const struct verdict *v = &r->verdict;
	time_t seconds = (time_t)(r->wall_ns / 1000000000);
	char host[65] = "localhost", when[32];
	struct tm utc;

	if (gethostname(host, sizeof(host) - 1) || !*host)
		strcpy(host, "localhost");
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &utc));
	fputs("\t<testsuite name=\"slubnode-trace.check\" package=\"slubnode-trace\" id=\"0\"",
	      out);
	put_attribute(out, "hostname", host);
	put_attribute(out, "timestamp", when);
	fprintf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\" time=\"%.3f\">\n", v->count,
		verdict_results(v, RESULT_FAIL), verdict_results(v, RESULT_INCONCLUSIVE),
		(double)(r->end_ns - r->start_ns) / 1e9);
}

void check_write_junit(FILE *out, const struct check_report *r)
{
	char text[CHECK_LINE];

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
	put_suite_head(out, r);
	put_properties(out, r);
	for (unsigned int i = 0; i < r->verdict.count; i++)
		put_case(out, r, &r->verdict.assertions[i]);
	fputs("\t\t<system-out>", out);
	put_escaped(out, *r->probes ? check_behaviour(text, sizeof(text), r) : "");
	fputs("</system-out>\n\t\t<system-err/>\n\t</testsuite>\n</testsuites>\n", out);
}
