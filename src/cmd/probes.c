// SPDX-License-Identifier: GPL-2.0-only
/* probes: what can be attached here, and by what; found out by attaching it. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include "detect/detector.h"
#include "cmd/exit_status.h"
#include "base/json.h"
#include "base/msg.h"
#include "cmd/options.h"
#include "kernel/privileges.h"
#include "cmd/tiers.h"
#include "trace/tracer.h"

static int no_event(void *context, const struct record *e, size_t len)
{
	(void)context;
	(void)e;
	(void)len;
	return 0;
}

static bool complete(const struct tracer *t)
{
	return !plan_missing(tracer_plan(t)) && tracer_walk_way(t);
}

static const char *notifier_name(const struct tracer *t)
{
	return tracer_types(t)->node_notifier ? "node notifier, memory of any zone"
					       : "memory notifier, memory of normal zones";
}

static const char *verdict(const struct tracer *t)
{
	if (complete(t))
		return "possible, by events";
	return tracer_walk_way(t) ? "possible, but only by looking at intervals"
				  : "not possible, the caches cannot be found";
}

static const char *yes_no(bool yes)
{
	return yes ? "known" : "not known";
}

static void print_tiers(FILE *out, const struct tracer *t, const struct detection *d)
{
	char promises[TIER_TEXT];

	fprintf(out, "\nAccesses to freed structures:\n");
	for (unsigned int tier = 0; tier < TIERS; tier++) {
		fprintf(out, "%-11s %s\n", finding_tier_name(tier),
			d->missing[tier] ?: tier_promises(t, d, tier, promises, sizeof(promises)));
		if (d->limits[tier])
			fprintf(out, "%-11s but: %s\n", "", d->limits[tier]);
	}
}

static json_t *tiers(const struct tracer *t, const struct detection *d)
{
	json_t *array = json_array();
	char promises[TIER_TEXT];

	for (unsigned int tier = 0; tier < TIERS; tier++)
		json_array_append_new(
			array,
			json_pack("{s:s, s:b, s:s, s:s?, s:s?}", "tier", finding_tier_name(tier),
				  "available", !d->missing[tier], "promises",
				  tier_promises(t, d, tier, promises, sizeof(promises)), "missing",
				  d->missing[tier], "limits", d->limits[tier]));
	return array;
}

static void print_text(FILE *out, const struct tracer *t, const struct detection *d,
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
		"all caches, whenever asked");
	fprintf(out, "Page of a structure: %s (tells a freed one whose page is gone)\n",
		yes_no(plan->page_offset_base && plan->vmemmap_base));
	if (plan->hidden)
		fputs("Kernel addresses are hidden: kernel.kptr_restrict, or no CAP_SYSLOG\n", out);
	fprintf(out, "Tracing: %s\n", verdict(t));
	print_tiers(out, t, d);
}

static void print_json(FILE *out, const struct tracer *t, const struct detection *d,
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
		      walk, "pages_known", plan->page_offset_base && plan->vmemmap_base,
		      "addresses_hidden", plan->hidden, "can_trace", complete(t), "can_sample",
		      tracer_walk_way(t) != NULL, "tiers", tiers(t, d));
	json_line(out, o);
}

/* 0, or an exit code and the reason has been said. */
static int print(const struct options *options, FILE *out, struct tracer *t)
{
	struct detection_options all = {};
	struct detector *detector = detector_open(&(struct detector_parts){
		.tracer = t, .filter = &options->filter, .options = &all });
	struct utsname name = {};
	struct detection d;

	if (!detector) {
		msg_error("out of memory");
		return EXIT_CANNOT_RUN;
	}
	uname(&name);
	d = detector_detection(detector);
	(options->format == FORMAT_JSON ? print_json : print_text)(out, t, &d, name.release);
	detector_close(detector);
	return tracer_walk_way(t) ? EXIT_FINE : EXIT_INCONCLUSIVE;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	if (key == ARGP_KEY_INIT) {
		state->child_inputs[0] = state->input;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static int run(struct options *options, int argc, char **argv)
{
	const struct argp argp = {
		.parser = parse,
		.doc = "Shows which kernel functions can be attached here and how; what is shown "
		       "has been attached, and is detached again.",
		.children = options_children,
	};
	struct tracer_options tracer_options = { .partial = true,
						 .detect = true,
						 .event = no_event };
	struct tracer *tracer;
	struct view view;
	int code;

	if (argp_parse(&argp, argc, argv, 0, NULL, options))
		return EXIT_USAGE;
	if (options->filter.by_node || options->filter.glob_count) {
		msg_error("probes are of the kernel, not of a node or a cache");
		return EXIT_USAGE;
	}
	if (privileges_check())
		return EXIT_CANNOT_RUN;
	if (options_open_view(options, &view))
		return EXIT_USAGE;
	tracer_options.btf_file = options->btf_file;
	code = tracer_open(&tracer, &tracer_options) ? EXIT_CANNOT_RUN : 0;
	if (!code) {
		code = print(options, view.out, tracer);
		tracer_close(tracer);
	}
	if (options_close_view(&view) && !code)
		code = EXIT_CANNOT_RUN;
	return code;
}

const struct command command_probes = {
	.name = "probes",
	.summary = "what can be attached here, and how",
	.run = run,
};
