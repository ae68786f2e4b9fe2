// SPDX-License-Identifier: GPL-2.0-only
/* probes: show what can be attached on this kernel, and how; everything is attached to find out. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include "detect/detector.h"
#include "cmd/exit_status.h"
#include "base/json.h"
#include "base/msg.h"
#include "cmd/options.h"
#include "kernel/privileges.h"
#include "model/coverage.h"
#include "trace/tracer.h"

#define COVERAGE_TEXT 512

static int probes_on_record(void *context, const struct record *r)
{
	(void)context;
	(void)r;
	return 0;
}

static bool can_trace(const struct tracer *t)
{
	return !plan_missing(tracer_plan(t)) && tracer_walk_way(t);
}

static bool pages_known(const struct plan *plan)
{
	return plan->page_offset_base && plan->vmemmap_base;
}

static const char *notifier_name(const struct tracer *t)
{
	return tracer_types(t)->node_notifier ? "node notifier, memory of any zone"
					      : "memory notifier, memory of normal zones";
}

static const char *tracing_text(const struct tracer *t)
{
	if (can_trace(t))
		return "possible, by events";
	return tracer_walk_way(t) ? "possible, but only by polling at intervals"
				  : "not possible, because the caches cannot be found";
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

/* Print what a tier can see on this kernel. */
static void print_coverage(FILE *out, const struct plan *plan, const struct coverage *c,
			   enum finding_tier tier)
{
	switch (tier) {
	case TIER_CALL:
		fputs("confirmed: a freed structure in the cache of ", out);
		print_readers(out, plan, WHEN_ALWAYS, "");
		fputs("; while memory goes, of ", out);
		print_readers(out, plan, WHEN_REMOVAL, "nothing");
		fputs("; passed to ", out);
		print_readers(out, plan, WHEN_FREED, "nothing that can be attached");
		break;
	case TIER_WINDOW:
		fputs("exposure: in flight across a free, ", out);
		print_readers(out, plan, WHEN_ALWAYS, "");
		fputs("; while memory goes, ", out);
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

/* Fill `text' with what a tier can see; "" if the tier is missing. Returns `text'. */
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

static void print_tiers(FILE *out, const struct plan *plan, const struct coverage *c)
{
	fprintf(out, "\nAccesses to freed structures:\n");
	for (unsigned int tier = 0; tier < TIERS; tier++) {
		fprintf(out, "%-11s ", finding_tier_name(tier));
		if (coverage_missing(c, tier))
			fputs(coverage_missing(c, tier), out);
		else
			print_coverage(out, plan, c, tier);
		fputc('\n', out);
		if (coverage_limit(c, tier))
			fprintf(out, "%-11s but: %s\n", "", coverage_limit(c, tier));
	}
}

static json_t *tiers_json(const struct plan *plan, const struct coverage *c)
{
	json_t *array = json_array();
	char text[COVERAGE_TEXT];

	for (unsigned int tier = 0; tier < TIERS; tier++)
		json_array_append_new(
			array, json_pack("{s:s, s:b, s:s, s:s?, s:s?}", "tier",
					 finding_tier_name(tier), "available", !coverage_missing(c, tier),
					 "promises", coverage_text(plan, c, tier, text), "missing",
					 coverage_missing(c, tier), "limits", coverage_limit(c, tier)));
	return array;
}

/* --- the whole output --- */

static void print_text(FILE *out, const struct tracer *t, const struct coverage *c,
		       const char *kernel)
{
	const struct plan *plan = tracer_plan(t);
	const char *walk = tracer_walk_way(t);

	fprintf(out, "Kernel %s: %s\n\n", kernel, notifier_name(t));
	fprintf(out, "%-9s %-7s %-24s %s\n", "ROLE", "BY", "FUNCTION", "SHOWS");
	for (unsigned int role = 0; role < ROLES; role++) {
		const struct probe *p = &plan->probes[role];

		fprintf(out, "%-9s %-7s %-24s %s\n", p->info->name, probe_way_name(p->way),
			p->candidate ? p->symbol : "-", p->info->shows);
		if (*p->why && (!p->candidate || msg_level() >= MSG_VERBOSE))
			fprintf(out, "%18s%s\n", "", p->why);
	}
	fprintf(out, "%-9s %-7s %-24s %s\n\n", "walk", walk ? "bpf" : "none",
		!walk            ? "-"
		: plan->iterator ? "iter/kmem_cache"
				 : "slab_caches",
		"all caches, on demand");
	fprintf(out, "Page of a structure: %s (shows that a freed structure has lost its page)\n",
		pages_known(plan) ? "known" : "not known");
	if (plan->hidden)
		fputs("Kernel addresses are hidden: kernel.kptr_restrict, or CAP_SYSLOG is missing\n",
		      out);
	fprintf(out, "Tracing: %s\n", tracing_text(t));
	print_tiers(out, plan, c);
}

static void print_json(FILE *out, const struct tracer *t, const struct coverage *c,
		       const char *kernel)
{
	const struct plan *plan = tracer_plan(t);
	const char *walk = tracer_walk_way(t);
	json_t *probes = json_array(), *o;

	for (unsigned int role = 0; role < ROLES; role++) {
		const struct probe *p = &plan->probes[role];

		json_array_append_new(probes, json_pack("{s:s, s:s, s:s?, s:b, s:s, s:s}", "role",
							p->info->name, "by", probe_way_name(p->way),
							"function", p->candidate ? p->symbol : NULL,
							"needed", p->info->needed, "shows",
							p->info->shows, "why", p->why));
	}
	o = json_pack("{s:s, s:s, s:s, s:o, s:s?, s:b, s:b, s:b, s:b, s:o}", "type", "probes",
		      "kernel", kernel, "notifier", notifier_name(t), "probes", probes, "walk",
		      walk, "pages_known", pages_known(plan), "addresses_hidden", plan->hidden,
		      "can_trace", can_trace(t), "can_poll", walk != NULL, "tiers",
		      tiers_json(plan, c));
	json_line(out, o);
}

/* Print the plan and the tiers. Returns an exit status. */
static int probes_print(const struct options *options, FILE *out, struct tracer *t)
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
	(options->format == FORMAT_JSON ? print_json : print_text)(out, t, &c, name.release);
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
		.doc = "Print the kernel functions that can be traced here, and how. Each listed function is attached for the report and detached again.",
		.children = options_children,
	};
	struct tracer_options tracer_options = { .partial = true,
						 .detect = true,
						 .record = probes_on_record };
	struct tracer *tracer;
	struct view view;
	int code;

	if (argp_parse(&argp, argc, argv, 0, NULL, options))
		return EXIT_USAGE;
	if (options->filter.by_node || options->filter.glob_count) {
		msg_error(
			"probes takes neither --node nor --cache: its answer is the same for all of them");
		return EXIT_USAGE;
	}
	if (privileges_check())
		return EXIT_CANNOT_RUN;
	if (options_open_view(options, &view))
		return EXIT_USAGE;
	tracer_options.btf_file = options->btf_file;
	code = tracer_open(&tracer, &tracer_options) ? EXIT_CANNOT_RUN : 0;
	if (!code) {
		code = probes_print(options, view.out, tracer);
		tracer_close(tracer);
	}
	if (options_close_view(&view) && !code)
		code = EXIT_CANNOT_RUN;
	return code;
}

const struct command command_probes = {
	.name = "probes",
	.summary = "print the kernel functions that can be traced here, and how",
	.run = probes_run,
};
