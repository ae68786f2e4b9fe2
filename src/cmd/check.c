// SPDX-License-Identifier: GPL-2.0-only
/* The command check: a run under tracing, and a verdict on it. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "output/check.h"
#include "cmd/exit_status.h"
#include "base/clock.h"
#include "base/msg.h"
#include "base/terminal.h"
#include "cmd/options.h"
#include "cmd/output.h"
#include "cmd/replay.h"
#include "cmd/run.h"
#include "kernel/privileges.h"
#include "cmd/session.h"
#include "cmd/session_facts.h"
#include "cmd/tracing_options.h"

#define MIN_COVERAGE 90 /* percent, unless --min-coverage says otherwise */

struct check {
	struct options *options;
	struct tracing_options tracing;
	struct verdict_options verdict;
	struct allowance *allowances;
	bool tap, ktap, require;
	enum exit_codes exit_codes;
	const char *junit_file, *text_file;

	struct output output, junit, text;
	struct replay *replay; /* NULL: a live run */
	struct check_report report;
};

enum {
	KEY_EXPECT = 0x300,
	KEY_MAX,
	KEY_ALLOW,
	KEY_IDLE,
	KEY_REQUIRE,
	KEY_COVERAGE,
	KEY_TAP,
	KEY_KTAP,
	KEY_EXIT_CODES,
	KEY_JUNIT,
	KEY_TEXT
};

static const struct argp_option check_options[] = {
	{ "expect", KEY_EXPECT, "WHAT", 0,
	  "Assert what a removal does with the structures of its node: retain, free, or nothing (the default)",
	  0 },
	{ "max-retained", KEY_MAX, "SIZE", 0,
	  "Assert that at most SIZE (charged) is retained at any moment, such as 4096 or 64k", 0 },
	{ "allow", KEY_ALLOW, "TIER:GLOB", 0,
	  "Ignore accesses that this tier (call, window, watchpoint, canary, any) sees in matching functions; may be repeated",
	  0 },
	{ "require", KEY_REQUIRE, "TIER,...", 0,
	  "Be inconclusive if structures were freed and one of these tiers is not available or limited (default: call,window, with --watch-cache also watchpoint, with --sweep also canary, without those that --detect leaves out); all; or none",
	  0 },
	{ "min-coverage", KEY_COVERAGE, "PERCENT", 0,
	  "Let a tier pass only if it watched at least this share (default: 90); below, a required tier is inconclusive, and another is not judged",
	  0 },
	{ "allow-idle", KEY_IDLE, NULL, 0, "Accept a run without a removal", 0 },
	{ "tap", KEY_TAP, NULL, 0, "Print TAP instead of text", 0 },
	{ "ktap", KEY_KTAP, NULL, 0, "Print KTAP, the kernel's TAP, instead of text", 0 },
	{ "exit-codes", KEY_EXIT_CODES, "SUITE", 0,
	  "End with the exit status of a test of kselftest or of ltp", 0 },
	{ "junit", KEY_JUNIT, "FILE", 0, "Also write JUnit XML to FILE", 0 },
	{ "text", KEY_TEXT, "FILE", 0, "Also write the text to FILE", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static double parse_percent(struct argp_state *state, const char *arg)
{
	char *end;
	double percent = strtod(arg, &end);

	if (end == arg || *end || !isfinite(percent) || percent < 0 || percent > 100)
		options_invalid(state, "share", arg, "--min-coverage",
				"use a percentage from 0 to 100, such as 50");
	return percent;
}

static error_t add_allowance(struct check *c, enum finding_tier tier, const char *glob)
{
	unsigned int count = c->verdict.allowance_count;
	struct allowance *more = realloc(c->allowances, (count + 1) * sizeof(*more));

	if (!more)
		return ENOMEM;
	more[count] = (struct allowance){ tier, glob };
	c->allowances = more;
	c->verdict.allowances = more;
	c->verdict.allowance_count = count + 1;
	return 0;
}

static error_t parse_allow(struct check *c, struct argp_state *state, const char *arg)
{
	const char *colon = strchr(arg, ':');
	int tier = colon ? finding_tier_find(arg, (size_t)(colon - arg)) : -1;
	bool any = colon && !strncmp(arg, "any:", 4);
	error_t err = 0;

	if ((tier < 0 && !any) || !colon[1])
		options_invalid(state, "pattern", arg, "--allow",
				"use TIER:GLOB; TIER is call, window, watchpoint, canary or any");
	if (!any)
		return add_allowance(c, (enum finding_tier)tier, colon + 1);
	for (tier = 0; tier < TIERS && !err; tier++)
		err = add_allowance(c, (enum finding_tier)tier, colon + 1);
	return err;
}

static error_t check_parse(int key, char *arg, struct argp_state *state)
{
	static const char *const expected[] = {
		[EXPECT_NOTHING] = "nothing",
		[EXPECT_RETAIN] = "retain",
		[EXPECT_FREE] = "free",
		NULL,
	};
	static const char *const suites[] = {
		[EXIT_CODES_OURS] = "own",
		[EXIT_CODES_KSELFTEST] = "kselftest",
		[EXIT_CODES_LTP] = "ltp",
		NULL,
	};
	struct check *c = state->input;

	option_list_note(&c->options->given, check_options, key, arg);
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &c->tracing;
		state->child_inputs[1] = c->options;
		return 0;
	case KEY_EXPECT:
		c->verdict.expect = options_choose(state, "--expect", arg, expected);
		return 0;
	case KEY_MAX:
		c->verdict.limited = true;
		c->verdict.max_retained = options_bytes(state, "--max-retained", arg, 1);
		return 0;
	case KEY_ALLOW: return parse_allow(c, state, arg);
	case KEY_REQUIRE:
		c->require = true;
		tracing_options_tiers(state, "--require", arg, c->verdict.required);
		return 0;
	case KEY_COVERAGE: c->verdict.min_coverage = parse_percent(state, arg); return 0;
	case KEY_IDLE: c->verdict.allow_idle = true; return 0;
	case KEY_TAP: c->tap = true; return 0;
	case KEY_KTAP: c->ktap = true; return 0;
	case KEY_EXIT_CODES:
		c->exit_codes = options_choose(state, "--exit-codes", arg, suites);
		/* For the errors in the options that follow. */
		argp_err_exit_status = exit_status_for(c->exit_codes, EXIT_USAGE);
		return 0;
	case KEY_JUNIT: c->junit_file = arg; return 0;
	case KEY_TEXT: c->text_file = arg; return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* --- the observer --- */

static void check_start(void *context, const struct facts *f)
{
	struct check *c = context;

	snprintf(c->report.kernel, sizeof(c->report.kernel), "%s", f->session->kernel);
	snprintf(c->report.probes, sizeof(c->report.probes), "%s", f->session->probes);
	c->report.caches = f->caches;
	c->report.structures = f->structures;
	c->report.start_ns = f->session->head.time_ns;
	c->report.wall_ns = f->session->wall_ns;
}

/* --- the run --- */

static void check_judge(struct check *c, const struct run *run, const struct model *m,
			const struct outcome *outcome)
{
	struct verdict_input in = {
		.options = &c->verdict,
		.evidence = model_evidence(m),
		.ledger = model_ledger(m),
		.findings = model_findings(m),
		.coverage = model_coverage(m),
		.caveats = &outcome->caveats,
		.cmd = run->cmd ? run->cmd[0] : NULL,
		.cmd_unfinished = run_cmd_unfinished(run),
	};

	if (run->cmd_ended && WIFSIGNALED(run->cmd_status))
		in.cmd_signal = WTERMSIG(run->cmd_status);
	else if (run->cmd_ended)
		in.cmd_exit = WEXITSTATUS(run->cmd_status);

	c->report.end_ns = outcome->end_ns;
	verdict_make(&c->report.verdict, &in);
}

/* Run CMD in a session and judge it. Returns 0 or, without a verdict, an exit status. */
static int check_record(struct check *c, struct run *run)
{
	const struct session_observer observer = {
		.context = c,
		.start = check_start,
	};
	const struct session_options options =
		tracing_options_session(&c->tracing, c->options, &observer);
	struct session *session;
	struct outcome outcome;
	int code;

	code = session_open(&session, &options);
	if (code)
		return code;
	tracing_options_ready(&c->tracing);
	run_session(run, session, &c->tracing.recording, &outcome);
	if (run->cmd_error)
		code = run_exit_status(run);
	else
		check_judge(c, run, session_model(session), &outcome);
	session_close(session);
	return code;
}

/* Judge a recorded run. Returns as check_record(). */
static int check_replay(struct check *c)
{
	const struct session_observer observer = {
		.context = c,
		.start = check_start,
	};
	struct outcome outcome;
	struct run run;
	int code = replay_begin(c->replay, &observer, &c->options->filter);

	if (code)
		return code;
	replay_run(c->replay, &run, &outcome);
	if (run.cmd_error)
		return run_exit_status(&run);
	check_judge(c, &run, replay_model(c->replay), &outcome);
	return 0;
}

/* Run CMD, if it can be traced, and judge the run. Returns as check_record(). */
static int run_and_judge(struct check *c)
{
	struct run run = tracing_options_run(&c->tracing, c->options);
	int code = privileges_check() ? EXIT_CANNOT_RUN : 0;

	if (!code)
		code = recording_output_open(&c->tracing.recording, "check",
					     run.cmd ? run.cmd[0] : NULL);
	if (code)
		return code;
	run.out = run.failure = -1; /* nothing is printed before the end */
	code = run_open(&run) ? run_exit_status(&run) : check_record(c, &run);
	run_close(&run);
	return code;
}

/* --- the reports --- */

/*
 * Write a report, if its output is open, and close it. A reader that has ended or does not read is
 * no error. Returns 0, or a negative errno after an error message.
 */
static int write_report(struct output *o, const struct check_report *r, int exit_status,
			void (*writer)(FILE *out, const struct check_report *r, int exit_status))
{
	int err;

	if (!o->lines)
		return 0;
	writer_extend(o->lines, true);
	writer(output_begin(o), r, exit_status);
	err = output_close(o);
	return err == -EPIPE || err == -ENOBUFS ? 0 : err;
}

/* Map a conclusion to an exit status and to the words that reports use. */
static const struct {
	int exit_status;
	const char *words;
} conclusions[] = {
	[CONCLUSION_PASS] = { EXIT_FINE, "pass" },
	[CONCLUSION_NOT_RUN] = { EXIT_CANNOT_RUN, "it could not be run" },
	[CONCLUSION_VIOLATED] = { EXIT_FINDING, "fail" },
	[CONCLUSION_CMD_FAILED] = { EXIT_CMD_FAILED, "the command failed" },
	[CONCLUSION_INCONCLUSIVE] = { EXIT_INCONCLUSIVE, "inconclusive, which is no pass" },
};

/*
 * Write the text on standard error if the output is a file in another format and --text names no
 * file: the verdict appears on the terminal, too.
 */
static void write_text_beside(const struct check *c, struct check_report *r, int exit_status)
{
	const struct output *o = &c->output;
	struct view view;

	if (!o->messages || o->messages == o->lines || o->fd == STDOUT_FILENO || c->text_file ||
	    (!c->tap && !c->ktap && c->options->format == FORMAT_TEXT))
		return;
	options_select_view(c->options, FORMAT_TEXT, &view, terminal_is_capable(STDERR_FILENO));
	r->color = view.color;
	r->columns = terminal_size(STDERR_FILENO).columns;
	check_write_text(writer_stream(o->messages), r, exit_status);
	fflush(writer_stream(o->messages));
}

/* Run, judge and write all reports. Returns the exit status. */
static int check_and_write(struct check *c, bool color)
{
	struct check_report *r = &c->report;
	int code, err;

	r->wall_ns = clock_ns(CLOCK_REALTIME); /* until the recording begins */
	code = c->replay ? check_replay(c) : run_and_judge(c);
	err = recording_output_close(&c->tracing.recording);
	if (code)
		verdict_cannot_run(&r->verdict);
	else if (err)
		verdict_record_failed(&r->verdict);
	r->conclusion = conclusions[r->verdict.conclusion].words;
	if (!code)
		code = conclusions[r->verdict.conclusion].exit_status;
	code = exit_status_for(c->exit_codes, code);
	if (c->replay)
		snprintf(r->host, sizeof(r->host), "%s", replay_head(c->replay)->host);
	else
		host_name(r->host, sizeof(r->host));
	r->color = false;
	err = write_report(&c->junit, r, code, check_write_junit);
	err |= write_report(&c->text, r, code, check_write_text);
	r->brief = msg_level() == MSG_QUIET;
	write_text_beside(c, r, code);
	r->color = color;
	r->columns = terminal_size(c->output.fd).columns;
	err |= write_report(&c->output, r, code,
			    c->tap                              ? check_write_tap
			    : c->ktap                           ? check_write_ktap
			    : c->options->format == FORMAT_JSON ? check_write_json
								: check_write_text);
	/* A run whose verdict was not written completely does not pass. */
	return err && code == EXIT_FINE ? exit_status_for(c->exit_codes, EXIT_INCONCLUSIVE) : code;
}

/* Open all outputs. Returns 0, or an exit status after an error message. */
static int open_reports(struct check *c, struct view *view)
{
	int code = output_open(&c->output, c->options, view, OUTPUT_TIMEOUT_S);

	if (!code && c->junit_file)
		code = output_create(&c->junit, c->junit_file, OUTPUT_TIMEOUT_S)
			       ?: output_check_input(c->junit.fd, "--junit", c->options->input);
	if (!code && c->text_file)
		code = output_create(&c->text, c->text_file, OUTPUT_TIMEOUT_S)
			       ?: output_check_input(c->text.fd, "--text", c->options->input);
	return code;
}

static int open_and_check(struct check *c)
{
	struct view view = {};
	int code = open_reports(c, &view);

	if (!code)
		return check_and_write(c, view.color);
	output_close(&c->text);
	output_close(&c->junit);
	output_close(&c->output);
	return exit_status_for(c->exit_codes, code);
}

/*
 * Decide whether --require names a tier by default. Without --watch-cache the debug
 * registers watch a small part of the words at a time, and without --sweep many structures
 * are allocated again before they are compared. Returns true if it does.
 */
static bool required_by_default(const struct check *c, enum finding_tier tier)
{
	const struct detection_options *d = &c->tracing.detection;

	switch (tier) {
	case TIER_WATCHPOINT: return !d->off[tier] && d->watch_cache_count;
	case TIER_CANARY: return !d->off[tier] && d->sweep_s > 0;
	default: return !d->off[tier];
	}
}

/*
 * Check the options, and open a recording: its options complete those of the command. Returns 0 or,
 * after an error message, an exit status.
 */
static int check_source(struct check *c, const struct argp *argp, const char *program)
{
	static const char *const replayed[] = {
		"node",       "cache",      "detect",       "watch-cache", "sweep",
		"expect",     "allow",      "max-retained", "require",     "min-coverage",
		"allow-idle", "exit-codes", NULL,
	};
	int code = tracing_options_check(&c->tracing, c->options);

	if (!code && c->tap + c->ktap + (c->options->format == FORMAT_JSON) > 1) {
		msg_error("--tap, --ktap and --json exclude each other");
		code = EXIT_USAGE;
	}
	if (code || !c->options->input)
		return code;
	code = replay_open(&c->replay, c->options->input);
	if (!code)
		option_list_replay(&c->options->given, replay_head(c->replay), replayed, argp,
				   program, c);
	return code;
}

static int check_run(struct options *options, int argc, char **argv)
{
	const struct argp_child children[] = {
		{ &tracing_options_argp, 0, "Options of the tracing:", 1 },
		{ &options_argp, 0, "Options of all commands:", 2 },
		{ NULL, 0, NULL, 0 },
	};
	const struct argp argp = {
		.options = check_options,
		.parser = check_parse,
		.args_doc = "[-- CMD [ARG...]]",
		.doc = "Run CMD, or wait for --duration or Ctrl-C, and judge what happened to node structures during the run.\v"
		       "Exit status: 0 all assertions hold; 1 an assertion is violated; 2 wrong usage; 3 inconclusive; 4 cannot run here; 5 CMD failed. Of 1, 5 and 3 the first that is true.\n\n"
		       "CMD's standard output goes to standard error, unless --output is given.\n\n"
		       "Examples:\n"
		       "  slubnode-trace check --expect retain -- ./hotplug-test\n"
		       "  slubnode-trace check --junit slub.xml -d 10m",
		.children = children,
	};
	struct check c = {
		.options = options,
		.tracing = tracing_options_init(options),
		.verdict.min_coverage = MIN_COVERAGE,
	};
	int code;

	if (argp_parse(&argp, argc, argv, OPTIONS_FLAGS, NULL, &c))
		return EXIT_USAGE;
	code = check_source(&c, &argp, argv[0]);
	for (unsigned int tier = 0; tier < TIERS && !c.require; tier++)
		c.verdict.required[tier] = required_by_default(&c, tier);
	code = code ? exit_status_for(c.exit_codes, code) : open_and_check(&c);
	replay_close(c.replay);
	tracing_options_free(&c.tracing);
	free(c.allowances);
	return code;
}

const struct command command_check = {
	.name = "check",
	.summary = "run CMD and judge the run, with one exit status for CI",
	.run = check_run,
};
