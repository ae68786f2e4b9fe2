// SPDX-License-Identifier: GPL-2.0-only
/* JSON Lines of `check': an object for each assertion, and the verdict as the last. */
#include "base/json.h"
#include "output/check.h"
#include "output/counts.h"
#include "output/schema.h"
#include "version.h"

static void check_json_stack(struct json *j, const void *example)
{
	const struct example *x = example;

	json_open(j, '[');
	for (__u32 i = 0; i < x->stack_len; i++)
		json_text(j, x->frames[i]);
	json_close(j, ']');
}

static void check_json_freed_stack(struct json *j, const void *example)
{
	const struct example *x = example;

	json_open(j, '[');
	for (__u32 i = 0; i < x->freer_stack_len; i++)
		json_text(j, x->freer_frames[i]);
	json_close(j, ']');
}

static bool check_json_has_freed_stack(const void *example)
{
	return ((const struct example *)example)->freer_stack_len;
}

static bool check_json_has_stack(const void *example)
{
	return ((const struct example *)example)->stack_len;
}

#define OPTIONAL(name, kind, member)                                                               \
	FIELD(struct example, name, kind, member, .empty = EMPTY_OMITTED)

static const struct field example_fields[] = {
	FIELD(struct example, "event", CHARS, event),
	OPTIONAL("cause", CHARS, cause),
	OPTIONAL("time_ns", NUMBER, time_ns),
	OPTIONAL("node", SIGNED, nid),
	OPTIONAL("cache", CHARS, cache),
	OPTIONAL("address", ADDRESS, address),
	OPTIONAL("charged_bytes", NUMBER, charged),
	OPTIONAL("function", CHARS, function),
	OPTIONAL("source", CHARS, source),
	OPTIONAL("count", NUMBER, count),
	OPTIONAL("comm", CHARS, comm),
	OPTIONAL("pid", NUMBER, pid),
	FIELD_PUT_JSON("stack", check_json_stack, .present = check_json_has_stack),
	OPTIONAL("freed_ns", NUMBER, freed_ns),
	OPTIONAL("freed_by_comm", CHARS, freer_comm),
	OPTIONAL("freed_by_pid", NUMBER, freer_pid),
	FIELD_PUT_JSON("freed_stack", check_json_freed_stack,
		       .present = check_json_has_freed_stack),
	{},
};

static const char *check_json_result(const void *assertion)
{
	return result_name(((const struct assertion *)assertion)->result);
}

static void check_json_coverage(struct json *j, const void *assertion)
{
	double coverage = ((const struct assertion *)assertion)->coverage;

	if (coverage < 0)
		json_null(j);
	else
		json_real(j, coverage);
}

static void check_json_evidence(struct json *j, const void *assertion)
{
	const struct examples *all = &((const struct assertion *)assertion)->examples;

	json_open(j, '[');
	for (unsigned int i = 0; i < all->count && i < EXAMPLES_KEPT; i++)
		json_object(j, example_fields, &all->kept[i]);
	json_close(j, ']');
}

static const struct field assertion_fields[] = {
	FIELD(struct assertion, "name", TEXT, name),
	FIELD_GET_TEXT("result", check_json_result),
	FIELD(struct assertion, "claim", TEXT, claim),
	FIELD(struct assertion, "reason", CHARS, reason),
	FIELD(struct assertion, "hint", CHARS, hint, .empty = EMPTY_NULL),
	FIELD_PUT_JSON("coverage", check_json_coverage),
	FIELD(struct assertion, "evidence_count", NUMBER, examples.count),
	FIELD_PUT_JSON("evidence", check_json_evidence),
	{},
};

struct assertion_line {
	const struct assertion *assertion;
	__u64 wall_ns;
};

/* An assertion is the first line, so that each of them has what a first line has. */
static const struct field assertion_line_fields[] = {
	FIELD_TYPE("assertion"),
	FIELD_SCHEMA,
	FIELD(struct assertion_line, "wall_ns", NUMBER, wall_ns),
	FIELD(struct assertion_line, "assertion", PART, assertion, .pointer = true,
	      .fields = assertion_fields),
	{},
};

struct judged {
	const struct check_report *report;
	int exit_status;
	unsigned int results[RESULT_SKIP + 1];
};

static const char *check_json_does(const void *report)
{
	return behaviour_name(&((const struct check_report *)report)->verdict.behaviour);
}

static const struct field report_fields[] = {
	FIELD(struct check_report, "kernel", CHARS, kernel),
	FIELD_GET_TEXT("does", check_json_does),
	FIELD(struct check_report, "behaviour", OBJECT, verdict.behaviour,
	      .fields = behaviour_fields),
	FIELD(struct check_report, "probes", CHARS, probes),
	FIELD(struct check_report, "caches", NUMBER, caches),
	FIELD(struct check_report, "structures", NUMBER, structures),
	FIELD(struct check_report, "wall_ns", NUMBER, wall_ns),
	FIELD(struct check_report, "start_ns", NUMBER, start_ns),
	FIELD(struct check_report, "end_ns", NUMBER, end_ns),
	{},
};

static const struct field verdict_fields[] = {
	FIELD_TYPE("verdict"),
	FIELD_SCHEMA,
	{ FIELD_NAMED("version"), .kind = FIELD_CONSTANT, .constant = SLUBNODE_VERSION },
	FIELD(struct judged, "exit_code", SIGNED, exit_status),
	FIELD(struct judged, "report", PART, report, .pointer = true, .fields = report_fields),
	FIELD(struct judged, "pass", NUMBER, results[RESULT_PASS]),
	FIELD(struct judged, "fail", NUMBER, results[RESULT_FAIL]),
	FIELD(struct judged, "inconclusive", NUMBER, results[RESULT_INCONCLUSIVE]),
	FIELD(struct judged, "skip", NUMBER, results[RESULT_SKIP]),
	{},
};

void check_write_json(FILE *out, const struct check_report *r, int exit_status)
{
	const struct verdict *v = &r->verdict;
	struct judged judged = { .report = r, .exit_status = exit_status };

	for (unsigned int i = 0; i < v->count; i++)
		json_line_of(out, assertion_line_fields,
			     &(struct assertion_line){ &v->assertions[i], r->wall_ns });
	for (enum result result = RESULT_PASS; result <= RESULT_SKIP; result++)
		judged.results[result] = verdict_results(v, result);
	json_line_of(out, verdict_fields, &judged);
}
