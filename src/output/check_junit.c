// SPDX-License-Identifier: GPL-2.0-only
/*
 * JUnit XML of `check', as Ant wrote it and CI servers read it: a violation is a
 * failure, and an inconclusive assertion is an error. tests/junit.xsd describes it.
 */
#include <string.h>
#include <time.h>
#include "output/check.h"
#include "output/counts.h"

/* Print a text in printable ASCII, escaped for attributes and for elements. */
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

static void put_number(FILE *out, const char *name, long long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", value);
	put_property(out, name, text);
}

/* Print the share that each tier observed, which JUnit XML has no place for in a test case. */
static void put_coverage(FILE *out, const struct assertion *a)
{
	char name[64], text[32];

	if (a->coverage < 0)
		return;
	snprintf(name, sizeof(name), "coverage.%s", a->name);
	snprintf(text, sizeof(text), "%.4f", coverage_percent(a->coverage) / 100);
	put_property(out, name, text);
}

static void put_properties(FILE *out, const struct check_report *r, int exit_status)
{
	const struct behaviour *b = &r->verdict.behaviour;

	fputs("\t\t<properties>\n", out);
	put_property(out, "kernel", r->kernel);
	put_property(out, "probes", r->probes);
	put_property(out, "behaviour", behaviour_name(b));
	put_number(out, "exit_code", exit_status);
	for (const struct field *f = behaviour_fields; f->name; f++) {
		if (f->kind == FIELD_NUMBER)
			put_number(out, f->name, field_number(f, b));
		else
			put_property(out, f->name, field_at(f, b));
	}
	for (unsigned int i = 0; i < r->verdict.count; i++)
		put_coverage(out, &r->verdict.assertions[i]);
	fputs("\t\t</properties>\n", out);
}

/* Write a time of the run as that of a clock: "2026-11-27T12:40:01.544Z". Returns text. */
static const char *clock_time(char text[40], const struct check_report *r, __u64 time_ns)
{
	__u64 wall_ns = r->wall_ns + (time_ns - r->start_ns);
	time_t seconds = (time_t)(wall_ns / 1000000000);
	struct tm utc;
	size_t at = strftime(text, 40, "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &utc));

	snprintf(text + at, 40 - at, ".%03uZ", (unsigned int)(wall_ns / 1000000 % 1000));
	return text;
}

static void put_frames(FILE *out, const char (*frames)[96], __u32 len)
{
	for (__u32 i = 0; i < len; i++) {
		fputs("\n    ", out);
		put_escaped(out, frames[i]);
	}
}

/* Print an example with its time and its stacks: of the access, and of the free before it. */
static void put_example(FILE *out, const struct check_report *r, const struct example *x)
{
	char text[CHECK_LINE], when[40];

	fputc('\n', out);
	if (x->time_ns)
		fprintf(out, "%s ", clock_time(when, r, x->time_ns));
	put_escaped(out, check_example(text, sizeof(text), r, x));
	put_frames(out, x->frames, x->stack_len);
	if (!*check_freer(text, sizeof(text), r, x))
		return;
	fputs("\n  ", out);
	if (x->freed_ns)
		fprintf(out, "%s ", clock_time(when, r, x->freed_ns));
	put_escaped(out, text);
	put_frames(out, x->freer_frames, x->freer_stack_len);
}

/* Print the text of a failure: what was claimed, where, and the evidence. */
static void put_body(FILE *out, const struct check_report *r, const struct assertion *a)
{
	put_escaped(out, a->reason);
	fputs(a->result == RESULT_FAIL ? "\nviolated: " : "\nnot known: ", out);
	put_escaped(out, a->claim);
	fputs("\non ", out);
	put_escaped(out, r->host);
	fputs(", Linux ", out);
	put_escaped(out, r->kernel);
	if (*a->hint) {
		fputs("\nhint: ", out);
		put_escaped(out, a->hint);
	}
	for (unsigned int i = 0; i < a->examples.count && i < EXAMPLES_KEPT; i++)
		put_example(out, r, &a->examples.kept[i]);
	if (a->examples.count > EXAMPLES_KEPT)
		fprintf(out, "\nand %llu more", (a->examples.count - EXAMPLES_KEPT));
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
	put_attribute(out, "message", a->reason);
	fputc('>', out);
	put_body(out, r, a);
	fprintf(out, "</%s>\n\t\t</testcase>\n", element);
}

static void put_suite_head(FILE *out, const struct check_report *r)
{
	const struct verdict *v = &r->verdict;
	time_t seconds = (time_t)(r->wall_ns / 1000000000);
	char when[32];
	struct tm utc;

	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &utc));
	fputs("\t<testsuite name=\"slubnode-trace.check\" package=\"slubnode-trace\" id=\"0\"",
	      out);
	put_attribute(out, "hostname", r->host);
	put_attribute(out, "timestamp", when);
	fprintf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\" time=\"%.3f\">\n", v->count,
		verdict_results(v, RESULT_FAIL), verdict_results(v, RESULT_INCONCLUSIVE),
		(double)(r->end_ns - r->start_ns) / 1e9);
}

void check_write_junit(FILE *out, const struct check_report *r, int exit_status)
{
	char text[CHECK_LINE];

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
	put_suite_head(out, r);
	put_properties(out, r, exit_status);
	for (unsigned int i = 0; i < r->verdict.count; i++)
		put_case(out, r, &r->verdict.assertions[i]);
	fputs("\t\t<system-out>", out);
	put_escaped(out, *r->probes ? check_behaviour(text, sizeof(text), r) : "");
	fputs("</system-out>\n\t\t<system-err/>\n\t</testsuite>\n</testsuites>\n", out);
}
