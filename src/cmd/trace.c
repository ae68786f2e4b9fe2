// SPDX-License-Identifier: GPL-2.0-only
/* The command trace: changes and findings as they happen, and the answer at the end. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include "base/msg.h"
#include "cmd/exit_status.h"
#include "cmd/options.h"
#include "cmd/output.h"
#include "cmd/replay.h"
#include "cmd/run.h"
#include "kernel/privileges.h"
#include "cmd/session.h"
#include "cmd/trace_views.h"
#include "cmd/tracing_options.h"

struct trace {
	struct options *options;
	struct tracing_options tracing;
	struct view view;
	struct output output;
	struct run *run;
	struct trace_views views;
	struct replay *replay; /* NULL: a live run */
	unsigned int turns;    /* of the replay */
};

#define TURNS_OF_WAIT 16 /* of a replay, until it waits for the reader of the output */

enum { KEY_EVENTS = 0x300, KEY_BY_CACHE };

static const struct argp_option trace_options[] = {
	{ "events", KEY_EVENTS, NULL, 0,
	  "Print a line for each event of a structure or a cache, too (text; JSON always has them)",
	  0 },
	{ "by-cache", KEY_BY_CACHE, NULL, 0,
	  "Print all caches with changes at the end, not only those that differ from the others",
	  0 },
	{ "time", 't', "FORMAT", 0,
	  "Print times as wall (the time of day; the default), relative (seconds since the start) or monotonic",
	  0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static error_t trace_parse(int key, char *arg, struct argp_state *state)
{
	static const char *const times[] = {
		[TIME_WALL] = "wall",
		[TIME_RELATIVE] = "relative",
		[TIME_MONOTONIC] = "monotonic",
		NULL,
	};
	struct trace *t = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &t->tracing;
		state->child_inputs[1] = t->options;
		return 0;
	case KEY_EVENTS: t->view.events = true; return 0;
	case KEY_BY_CACHE: t->view.by_cache = true; return 0;
	case 't': t->view.time = options_choose(state, "--time", arg, times); return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* --- the observer --- */

static void trace_start(void *context, const struct facts *f)
{
	struct trace *t = context;

	output_begin(&t->output);
	/* The number of caches bounds this text, which is not dropped. */
	writer_extend(t->output.lines, true);
	trace_views_start(&t->views, f);
	if (!t->replay)
		writer_extend(t->output.lines, false);
}

/* Flush the output. CMD goes on if it has failed; without CMD, the run ends. Returns 0. */
static int trace_turn_over(void *context)
{
	struct trace *t = context;

	trace_views_flush(&t->views);
	if (t->replay && ++t->turns % TURNS_OF_WAIT == 0)
		output_wait(&t->output);
	if (output_failed(&t->output) && (t->replay || !t->run->cmd))
		run_stop(t->run);
	return 0;
}

/* --- the run --- */

/*
 * Print the caveats. A finding counts even if other events were lost. Returns the exit
 * status.
 */
static int trace_conclude(const struct outcome *outcome)
{
	for (unsigned int i = 0; i < outcome->caveats.count; i++) {
		const struct caveat *c = &outcome->caveats.list[i];

		if (c->verdict_only)
			continue;
		msg_warn("inconclusive: %s", c->reason);
		msg_hint("%s", c->hint);
	}
	if (outcome->found)
		return EXIT_FINDING;
	return caveats_of_trace(&outcome->caveats) ? EXIT_INCONCLUSIVE : EXIT_FINE;
}

/* Print the answer. `error' ended the run, or is 0. Returns the exit status. */
static int trace_finish(struct trace *t, const struct run *run, const struct model *m,
			const struct outcome *outcome, int error)
{
	int code;

	writer_extend(t->output.lines, true);
	code = trace_conclude(outcome); /* first: the last line is the answer */
	trace_views_summary(&t->views, m, outcome->end_ns);
	if (error)
		return run_exit_status(run);
	return code != EXIT_FINDING && run_cmd_failed(run) ? EXIT_CMD_FAILED : code;
}

static struct session_observer trace_observer(struct trace *t)
{
	return (struct session_observer){
		.model = { &t->views, trace_views_session, trace_views_transition,
			   trace_views_finding, trace_views_lost, trace_views_change,
			   trace_views_offline },
		.context = t,
		.start = trace_start,
		.turn_over = trace_turn_over,
	};
}

static int trace_record(struct trace *t, struct run *run)
{
	const struct session_observer observer = trace_observer(t);
	const struct session_options options =
		tracing_options_session(&t->tracing, t->options, &observer);
	struct session *session;
	struct outcome outcome;
	int code, err;

	code = session_open(&session, &options);
	if (code)
		return code;
	trace_views_model(&t->views, session_model(session));
	tracing_options_ready(&t->tracing);
	err = run_session(run, session, &t->tracing.recording, &outcome);
	if (run->cmd_error)
		code = run_exit_status(run);
	else
		code = trace_finish(t, run, session_model(session), &outcome, err);
	session_close(session);
	return code;
}

/* Run CMD in a session. Returns an exit status. */
static int trace_with_cmd(struct trace *t)
{
	struct run run = tracing_options_run(&t->tracing, t->options);
	int code;

	run.out = t->output.fd;
	run.failure = writer_failure_fd(t->output.lines);
	t->run = &run;
	code = run_open(&run) ? run_exit_status(&run) : trace_record(t, &run);
	run_close(&run);
	t->run = NULL;
	return code;
}

/* Record a run, if that is wanted. Returns an exit status. */
static int trace_live(struct trace *t)
{
	struct recording_output *o = &t->tracing.recording;
	int code = recording_output_open(o, "trace", t->tracing.cmd ? t->tracing.cmd[0] : NULL);

	if (code)
		return code;
	code = trace_with_cmd(t);
	return recording_output_close(o) && code == EXIT_FINE ? EXIT_INCONCLUSIVE : code;
}

/* Play a recording. Returns the exit status of the recorded run. */
static int trace_replay(struct trace *t)
{
	const struct session_observer observer = trace_observer(t);
	struct outcome outcome;
	struct run run;
	int err, code = replay_begin(t->replay, &observer, &t->options->filter);

	if (code)
		return code;
	trace_views_model(&t->views, replay_model(t->replay));
	t->run = &run;
	output_drop_nothing(&t->output);
	err = replay_run(t->replay, &run, &outcome);
	t->run = NULL;
	if (run.cmd_error)
		return run_exit_status(&run);
	return trace_finish(t, &run, replay_model(t->replay), &outcome, err);
}

/*
 * Decide the exit status after an error of the output. A trace is not complete if lines were not
 * printed, unless CMD was to be run anyway, and nobody reads them. Returns the exit status.
 */
static int trace_output_status(const struct trace *t, int code, int error)
{
	if (code || !error || (error == -EPIPE && t->tracing.cmd))
		return code;
	return EXIT_INCONCLUSIVE;
}

static int trace_to_view(struct trace *t)
{
	int code = output_open(&t->output, t->options, &t->view, OUTPUT_TIMEOUT_S);

	if (code)
		return code;
	if (trace_views_open(&t->views, t->options, &t->output, &t->view)) {
		msg_error("out of memory");
		code = EXIT_CANNOT_RUN;
	} else {
		code = t->replay ? trace_replay(t) : trace_live(t);
	}
	code = trace_output_status(t, code, output_close(&t->output));
	trace_views_close(&t->views);
	return code;
}

/* Trace this machine, or a recording. Returns an exit status. */
static int trace_source(struct trace *t, const struct argp *argp, const char *program)
{
	static const char *const replayed[] = { "node", "cache", NULL };
	int code = tracing_options_check(&t->tracing, t->options);

	if (code)
		return code;
	if (!t->options->input)
		return privileges_check() ? EXIT_CANNOT_RUN : trace_to_view(t);
	code = replay_open(&t->replay, t->options->input);
	if (code)
		return code;
	option_list_replay(&t->options->given, replay_head(t->replay), replayed, argp, program, t);
	code = trace_to_view(t);
	replay_close(t->replay);
	return code;
}

static int trace_run(struct options *options, int argc, char **argv)
{
	const struct argp_child children[] = {
		{ &tracing_options_argp, 0, NULL, 0 },
		{ &options_argp, 0, "Options of all commands:", 2 },
		{ NULL, 0, NULL, 0 },
	};
	const struct argp argp = {
		.options = trace_options,
		.parser = trace_parse,
		.args_doc = "[-- CMD [ARG...]]",
		.doc = "Print each change of a node and each finding as it happens, and the answer when CMD ends, after --duration, or at Ctrl-C.\v"
		       "CMD's standard output goes to standard error, unless --output is given.\n\n"
		       "Examples:\n"
		       "  slubnode-trace trace --node 1 -- ./remove-node1\n"
		       "  slubnode-trace trace --record run.slub; slubnode-trace trace -i run.slub",
		.children = children,
	};
	struct trace t = { .options = options, .tracing = tracing_options_init(options) };
	int code;

	if (argp_parse(&argp, argc, argv, OPTIONS_FLAGS, NULL, &t))
		return EXIT_USAGE;
	code = trace_source(&t, &argp, argv[0]);
	tracing_options_free(&t.tracing);
	return code;
}

const struct command command_trace = {
	.name = "trace",
	.summary = "print changes as they happen, and the answer at the end",
	.all_formats = true,
	.run = trace_run,
};
