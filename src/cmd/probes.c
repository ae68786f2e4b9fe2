// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command probes: the functions that can be traced on this kernel, and the way of
 * attaching to each. Everything is attached to find out.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include "detect/detector.h"
#include "cmd/exit_status.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/msg.h"
#include "base/progress.h"
#include "base/terminal.h"
#include "base/text.h"
#include "cmd/options.h"
#include "cmd/output.h"
#include "cmd/session_facts.h"
#include "kernel/privileges.h"
#include "model/coverage.h"
#include "output/schema.h"
#include "trace/tracer.h"

#define COVERAGE_TEXT 512

static int probes_on_record(void *context, const struct record *r)
{
	(void)context;
	(void)r;
	return 0;
}

/* The facts that both formats print. */
struct probes {
	const struct plan *plan;
	const struct coverage *coverage;
	const char *kernel, *notifier;
	const char *walk; /* NULL: the caches cannot be walked */
	bool pages_known, addresses_hidden;
	bool can_trace, can_poll;
	__u64 wall_ns; /* CLOCK_REALTIME */
};

static const char *notifier_name(const struct tracer *t)
{
	return tracer_types(t)->node_notifier ? "node notifier, memory of any zone"
					      : "memory notifier, memory of normal zones";
}

/* --- the answer --- */

#define ANSWER_TEXT 512

/* Append the names of the tiers that are available, or of those that are missing: "call, window". */
static void add_tiers(char *text, const struct probes *p, bool missing)
{
	const char *separator = "";

	for (unsigned int tier = 0; tier < TIERS; tier++) {
		if (!coverage_missing(p->coverage, tier) == missing)
			continue;
		text_append(text, ANSWER_TEXT, "%s%s", separator, finding_tier_name(tier));
		separator = ", ";
	}
}

static unsigned int count_missing_tiers(const struct probes *p)
{
	unsigned int count = 0;

	for (unsigned int tier = 0; tier < TIERS; tier++)
		count += coverage_missing(p->coverage, tier) != NULL;
	return count;
}

/* Write what can be seen on this kernel, in a sentence. Returns text. */
static const char *probes_answer(char text[ANSWER_TEXT], const struct probes *p)
{
	unsigned int missing = count_missing_tiers(p);

	snprintf(text, ANSWER_TEXT, "Linux %s can", p->kernel);
	if (!p->can_poll) {
		text_append(text, ANSWER_TEXT, "not be traced: its caches cannot be found");
		return text;
	}
	if (!p->can_trace) {
		text_append(
			text, ANSWER_TEXT,
			" only be polled: a change that is undone between two polls is not seen");
		return text;
	}
	text_append(text, ANSWER_TEXT,
		    " be traced: changes of structures by %s, accesses to freed ones ",
		    session_attached_by(p->plan));
	if (missing == TIERS) {
		text_append(text, ANSWER_TEXT, "not at all");
		return text;
	}
	text_append(text, ANSWER_TEXT, "by ");
	add_tiers(text, p, false);
	if (missing) {
		text_append(text, ANSWER_TEXT, ", not by ");
		add_tiers(text, p, true);
	}
	return text;
}

/* --- the tiers of the detection --- */

/* Print the readers that are attached with `when' as "f(), g()". */
static void print_readers(FILE *out, const struct plan *plan, enum probe_when when,
			  const char *if_none)
{
	unsigned int count = 0;

	for (unsigned int role = ROLE_READ_OBJECTS; role < ROLES; role++) {
		const struct probe *p = &plan->probes[role];

		if (p->candidate && p->info->when == when)
			fprintf(out, "%s%s()", count++ ? ", " : "", p->symbol);
	}
	if (!count)
		fputs(if_none, out);
}

/* Print the accesses that a tier can see on this kernel. */
static void print_coverage(FILE *out, const struct plan *plan, const struct coverage *c,
			   enum finding_tier tier)
{
	switch (tier) {
	case TIER_CALL:
		fputs("confirmed: a freed structure in the cache of ", out);
		print_readers(out, plan, WHEN_ALWAYS, "");
		fputs("; while a node goes offline or online, of ", out);
		print_readers(out, plan, WHEN_REMOVAL, "nothing");
		fputs("; passed to ", out);
		print_readers(out, plan, WHEN_FREED, "nothing that can be attached");
		break;
	case TIER_WINDOW:
		fputs("exposure: in flight across a free, ", out);
		print_readers(out, plan, WHEN_ALWAYS, "");
		fputs("; while a node goes offline or online, ", out);
		print_readers(out, plan, WHEN_REMOVAL, "nothing");
		break;
	case TIER_WATCHPOINT:
		fprintf(out,
			"confirmed or, within about 10 ms of the free, suspect: any load or store of %llu words at a time, on %llu CPUs; more words in turns",
			c->counters.registers, c->counters.cpus);
		break;
	default:
		fputs("confirmed: any change of freed bytes that is still there at the next sweep; the writer is not seen",
		      out);
	}
}

/* Describe the accesses that a tier can see; "" if the tier is missing. Returns `text'. */
static const char *coverage_text(const struct plan *plan, const struct coverage *c,
				 enum finding_tier tier, char text[COVERAGE_TEXT])
{
	FILE *out;

	*text = 0;
	if (coverage_missing(c, tier))
		return text;
	out = fmemopen(text, COVERAGE_TEXT, "w");
	if (!out)
		return text;
	print_coverage(out, plan, c, tier);
	fclose(out);
	text[COVERAGE_TEXT - 1] = 0;
	return text;
}

#define TIER_WIDTH 12 /* of a tier's name, with the blank after it */

static void print_tiers(FILE *out, const struct plan *plan, const struct coverage *c,
			unsigned int columns)
{
	char text[COVERAGE_TEXT];

	fprintf(out, "\nAccesses to freed structures:\n");
	for (unsigned int tier = 0; tier < TIERS; tier++) {
		coverage_text(plan, c, tier, text);
		fprintf(out, "%-*s", TIER_WIDTH, finding_tier_name(tier));
		text_wrap(out, coverage_missing(c, tier) ?: text, TIER_WIDTH, TIER_WIDTH, columns);
		if (!coverage_limit(c, tier))
			continue;
		fprintf(out, "%*slimited: ", TIER_WIDTH, "");
		text_wrap(out, coverage_limit(c, tier), TIER_WIDTH + 9, TIER_WIDTH, columns);
	}
}

struct tier_row {
	const char *tier, *promises, *missing, *limits;
	bool available;
};

static const struct field tier_fields[] = {
	FIELD(struct tier_row, "tier", TEXT, tier),
	FIELD(struct tier_row, "available", BOOL, available),
	FIELD(struct tier_row, "promises", TEXT, promises),
	FIELD(struct tier_row, "missing", TEXT, missing, .empty = EMPTY_NULL),
	FIELD(struct tier_row, "limits", TEXT, limits, .empty = EMPTY_NULL),
	{},
};

static void probes_json_tiers(struct json *j, const void *probes)
{
	const struct probes *p = probes;
	char text[COVERAGE_TEXT];

	json_open(j, '[');
	for (unsigned int tier = 0; tier < TIERS; tier++) {
		const struct tier_row row = {
			.tier = finding_tier_name(tier),
			.available = !coverage_missing(p->coverage, tier),
			.promises = coverage_text(p->plan, p->coverage, tier, text),
			.missing = coverage_missing(p->coverage, tier),
			.limits = coverage_limit(p->coverage, tier),
		};

		json_object(j, tier_fields, &row);
	}
	json_close(j, ']');
}

/* --- the whole output --- */

#define WHY_INDENT 18

static void print_text(FILE *out, const struct probes *view, unsigned int columns)
{
	const struct plan *plan = view->plan;
	char answer[ANSWER_TEXT];

	text_wrap(out, probes_answer(answer, view), 0, 0, columns);
	fprintf(out, "SLUB is called by the %s\n\n", view->notifier);
	fprintf(out, "%-9s %-14s %-22s %s\n", "ROLE", "BY", "FUNCTION", "SHOWS");
	for (unsigned int role = 0; role < ROLES; role++) {
		const struct probe *p = &plan->probes[role];

		fprintf(out, "%-9s %-14s %-22s %s\n", p->info->name, probe_way_name(p->way),
			p->candidate ? p->symbol : "-", p->info->shows);
		if (!*p->why || (p->candidate && msg_level() < MSG_VERBOSE))
			continue;
		fprintf(out, "%*s", WHY_INDENT, "");
		text_wrap(out, p->why, WHY_INDENT, WHY_INDENT, columns);
	}
	fprintf(out, "%-9s %-14s %-22s %s\n\n", "walk", view->walk ? "bpf" : "none",
		!view->walk      ? "-"
		: plan->iterator ? "iter/kmem_cache"
				 : "slab_caches",
		"all caches, on demand");
	fprintf(out, "Page of a structure: %s (shows that a freed structure has lost its page)\n",
		view->pages_known ? "known" : "not known");
	if (plan->hidden)
		fputs("Kernel addresses are hidden: kernel.kptr_restrict, or CAP_SYSLOG is missing\n",
		      out);
	print_tiers(out, plan, view->coverage, columns);
}

static const char *probe_role_name(const void *probe)
{
	return ((const struct probe *)probe)->info->name;
}

static const char *probe_by(const void *probe)
{
	return probe_way_name(((const struct probe *)probe)->way);
}

static const char *probe_function(const void *probe)
{
	const struct probe *p = probe;

	return p->candidate ? p->symbol : NULL;
}

static const struct field role_fields[] = {
	FIELD(struct probe_role_info, "needed", BOOL, needed),
	FIELD(struct probe_role_info, "shows", TEXT, shows),
	{},
};

static const struct field probe_fields[] = {
	FIELD_GET_TEXT("role", probe_role_name),
	FIELD_GET_TEXT("by", probe_by),
	FIELD_GET_TEXT("function", probe_function, .empty = EMPTY_NULL),
	FIELD(struct probe, "role", PART, info, .pointer = true, .fields = role_fields),
	FIELD(struct probe, "why", CHARS, why),
	{},
};

static void probes_json_probes(struct json *j, const void *probes)
{
	const struct plan *plan = ((const struct probes *)probes)->plan;

	json_open(j, '[');
	for (unsigned int role = 0; role < ROLES; role++)
		json_object(j, probe_fields, &plan->probes[role]);
	json_close(j, ']');
}

static void probes_json_sentence(struct json *j, const void *probes)
{
	char text[ANSWER_TEXT];

	json_text(j, probes_answer(text, probes));
}

static const struct field probes_fields[] = {
	FIELD_TYPE("probes"),
	FIELD_SCHEMA,
	FIELD(struct probes, "wall_ns", NUMBER, wall_ns),
	FIELD_PUT_JSON("sentence", probes_json_sentence),
	FIELD(struct probes, "kernel", TEXT, kernel),
	FIELD(struct probes, "notifier", TEXT, notifier),
	FIELD_PUT_JSON("probes", probes_json_probes),
	FIELD(struct probes, "walk", TEXT, walk, .empty = EMPTY_NULL),
	FIELD(struct probes, "pages_known", BOOL, pages_known),
	FIELD(struct probes, "addresses_hidden", BOOL, addresses_hidden),
	FIELD(struct probes, "can_trace", BOOL, can_trace),
	FIELD(struct probes, "can_poll", BOOL, can_poll),
	FIELD_PUT_JSON("tiers", probes_json_tiers),
	{},
};

static void probes_write(const struct options *options, const struct output *output, FILE *out,
			 const struct probes *p)
{
	if (options->format == FORMAT_JSON)
		json_line_of(out, probes_fields, p);
	else
		print_text(out, p, terminal_size(output->fd).columns);
}

/* Print the plan and the tiers. Returns an exit status. */
static int probes_print(const struct options *options, struct output *output, struct tracer *t)
{
	struct detection_options all = {};
	struct knode_layout layout;
	struct utsname name = {};
	struct coverage c = {};
	struct detector *detector;

	tracer_layout(t, &layout);
	detector = detector_open(&(struct detector_parts){
		.tracer = t, .filter = &options->filter, .options = &all, .layout = &layout });
	if (!detector) {
		msg_error("out of memory");
		return EXIT_CANNOT_RUN;
	}
	uname(&name);
	for (unsigned int tier = 0; tier < TIERS; tier++) {
		struct tier_record r = detector_tier(detector, tier);

		coverage_feed_tier(&c, &r);
	}
	detector_registers(detector, &c.counters);
	probes_write(options, output, output_begin(output),
		     &(struct probes){
			     .plan = tracer_plan(t),
			     .coverage = &c,
			     .kernel = name.release,
			     .notifier = notifier_name(t),
			     .walk = tracer_walk_way(t),
			     .pages_known = tracer_pages_known(t),
			     .addresses_hidden = tracer_plan(t)->hidden,
			     .can_trace = !tracer_unattached(t) && tracer_walk_way(t),
			     .wall_ns = clock_ns(CLOCK_REALTIME),
			     .can_poll = tracer_walk_way(t),
		     });
	detector_close(detector);
	return tracer_walk_way(t) ? EXIT_FINE : EXIT_INCONCLUSIVE;
}

static error_t probes_parse(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	if (key == ARGP_KEY_INIT) {
		state->child_inputs[0] = state->input;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static int probes_run(struct options *options, int argc, char **argv)
{
	const struct argp argp = {
		.parser = probes_parse,
		.doc = "Print the kernel functions that can be traced here, and how. Each listed function is attached for the report and detached again.\v"
		       "Examples:\n"
		       "  slubnode-trace probes -v\n"
		       "  slubnode-trace probes --json",
		.children = options_children,
	};
	struct tracer_options tracer_options = { .partial = true,
						 .detect = true,
						 .record = probes_on_record };
	struct tracer *tracer;
	struct output output;
	struct view view;
	int code;

	if (argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, options))
		return EXIT_USAGE;
	if (options->filter.by_node || options->filter.glob_count) {
		msg_error(
			"probes takes neither --node nor --cache: its answer is the same for all of them");
		return EXIT_USAGE;
	}
	if (options->input) {
		msg_error("probes takes no --input: a recording attaches nothing");
		return EXIT_USAGE;
	}
	if (privileges_check())
		return EXIT_CANNOT_RUN;
	code = output_open(&output, options, &view, OUTPUT_NO_LIMIT);
	if (code)
		return code;
	tracer_options.btf_file = options->btf_file;
	if (msg_level() >= MSG_NORMAL)
		progress_begin("loading and attaching the BPF programs");
	code = tracer_open(&tracer, &tracer_options) ? EXIT_CANNOT_RUN : 0;
	progress_end();
	if (!code) {
		code = probes_print(options, &output, tracer);
		tracer_close(tracer);
	}
	return output_close(&output) && !code ? EXIT_INCONCLUSIVE : code;
}

const struct command command_probes = {
	.name = "probes",
	.summary = "print the kernel functions that can be traced here, and how",
	.run = probes_run,
};
