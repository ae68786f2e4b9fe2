// SPDX-License-Identifier: GPL-2.0-only
/* trace: events as they happen, a summary at the end. */
#include <stdio.h>
#include <unistd.h>
#include "cmd/exit_status.h"
#include "cmd/options.h"
#include "cmd/run.h"
#include "kernel/privileges.h"
#include "cmd/session.h"
#include "cmd/tracing_options.h"

struct trace {
	struct options *options;
	struct tracing_options tracing;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct trace *t = state->input;

	(void)arg;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = &t->tracing;
	state->child_inputs[1] = t->options;
	return 0;
}

static int record(struct trace *t, struct run *run, struct view *view)
{
	struct session *session;
	int code, err;

	code = session_open(&session, &(struct session_options){
						.view = view,
						.filter = &t->options->filter,
						.btf_file = t->options->btf_file,
						.attach = t->tracing.attach,
						.ring_bytes = t->tracing.ring_bytes,
						.detection = &t->tracing.detection,
					});
	if (code)
		return code;
	err = run_loop(run, session);
	code = run->cmd_error ? EXIT_USAGE : session_finish(session);
	if (err)
		code = run_exit_status(run);
	else if (code != EXIT_FINDING && run_cmd_failed(run))
		code = EXIT_CMD_FAILED;
	session_close(session);
	return code;
}

static int trace(struct trace *t)
{
	struct run run = {
		.duration = t->tracing.duration,
		.cmd = t->tracing.cmd,
		/* Our lines and CMD's on one stream would be neither's. */
		.cmd_out = t->options->output ? STDOUT_FILENO : STDERR_FILENO,
	};
	struct view view = {};
	int code;

	if (options_open_view(t->options, &view))
		return EXIT_USAGE;
	run.out = fileno(view.out);
	code = run_open(&run) ? run_exit_status(&run) : record(t, &run, &view);
	run_close(&run);
	if (options_close_view(&view) && !code)
		code = EXIT_CANNOT_RUN;
	return code;
}

static int run_trace(struct options *options, int argc, char **argv)
{
	const struct argp_child children[] = {
		{ &tracing_options_argp, 0, NULL, 0 },
		{ &options_argp, 0, "Options of all commands:", 0 },
		{ NULL, 0, NULL, 0 },
	};
	const struct argp argp = {
		.parser = parse,
		.args_doc = "[-- CMD [ARG...]]",
		.doc = "Print each change of a node structure as it happens, and a summary when CMD ends, after --duration, or at Ctrl-C."
		       "\v"
		       "CMD's standard output goes to standard error, unless --output is given.",
		.children = children,
	};
	struct trace t = { .options = options };
	int code;

	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &t))
		return EXIT_USAGE;
	code = privileges_check() ? EXIT_CANNOT_RUN : trace(&t);
	tracing_options_free(&t.tracing);
	return code;
}

const struct command command_trace = {
	.name = "trace",
	.summary = "print events as they happen, and a summary at the end",
	.run = run_trace,
};
