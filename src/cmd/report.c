// SPDX-License-Identifier: GPL-2.0-only
/* The command report: the structures that are held now, without any tracing before. */
#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include "cmd/exit_status.h"
#include "base/msg.h"
#include "base/progress.h"
#include "base/terminal.h"
#include "cmd/options.h"
#include "cmd/output.h"
#include "cmd/replay.h"
#include "kernel/privileges.h"
#include "model/latest.h"
#include "model/report.h"
#include "output/report_view.h"
#include "trace/walk.h"

#define CLEAR_SCREEN  "\033[H\033[2J"
#define MISSING_TRIES 2 /* snapshots until a missing structure is believed */

struct report_command {
	struct output output;
	struct options *options;
	struct report_options report;
	double interval; /* seconds; 0: one report */
	struct report_style style;
};

enum { KEY_ALL = 0x300, KEY_BY_CACHE, KEY_SORT, KEY_TOP, KEY_BYTES };

static const struct argp_option report_options[] = {
	{ "all", KEY_ALL, NULL, 0, "Include nodes that have memory", 0 },
	{ "by-cache", KEY_BY_CACHE, NULL, 0, "Show a table of the caches, too", 0 },
	{ "sort", KEY_SORT, "KEY", 0,
	  "Sort this table by charged (the default), requested, structures or name; implies --by-cache",
	  0 },
	{ "top", KEY_TOP, "N", 0, "Show at most N caches; implies --by-cache", 0 },
	{ "bytes", KEY_BYTES, NULL, 0, "Print exact numbers of bytes", 0 },
	{ "watch", 'w', "TIME", OPTION_ARG_OPTIONAL,
	  "Report at this interval (2s), and show what has changed", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static const char *const sort_words[] = {
	[SORT_CHARGED] = "charged",
	[SORT_REQUESTED] = "requested",
	[SORT_STRUCTURES] = "structures",
	[SORT_NAME] = "name",
	NULL,
};

static unsigned int parse_top(struct argp_state *state, const char *arg)
{
	char *end;
	unsigned long top = strtoul(arg, &end, 10);

	if (end == arg || *end || *arg == '-' || !top || top > 1 << 20)
		options_invalid(state, "number of caches", arg, "--top", "use 1 to 1048576");
	return top;
}

static error_t report_parse(int key, char *arg, struct argp_state *state)
{
	struct report_command *c = state->input;

	switch (key) {
	case ARGP_KEY_INIT: state->child_inputs[0] = c->options; return 0;
	case KEY_ALL: c->report.all = true; return 0;
	case KEY_SORT:
		c->report.sort = options_choose(state, "--sort", arg, sort_words);
		c->report.by_cache = true;
		return 0;
	case KEY_TOP:
		c->report.top = parse_top(state, arg);
		c->report.by_cache = true;
		return 0;
	case KEY_BY_CACHE: c->report.by_cache = true; return 0;
	case KEY_BYTES: c->style.exact = true; return 0;
	case 'w': c->interval = arg ? options_seconds(state, "--watch", arg) : 2; return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* A snapshot and its report; the report points into the snapshot. */
struct reading {
	struct snapshot snapshot;
	struct report report;
	bool taken;
};

static void reading_free(struct reading *s)
{
	if (s->taken) {
		report_free(&s->report);
		snapshot_free(&s->snapshot);
	}
	s->taken = false;
}

/* Take a snapshot and make its report. Returns 0, or an exit status after an error message. */
static int reading_take_once(const struct report_command *c, struct snapshots *from,
			     struct reading *now, const struct reading *before)
{
	int err = snapshot_take(from, &now->snapshot);

	if (err)
		return err == -EAGAIN ? EXIT_INCONCLUSIVE : EXIT_CANNOT_RUN;
	err = report_make(&now->report, &now->snapshot, before->taken ? &before->snapshot : NULL,
			  &c->report);
	if (err) {
		snapshot_free(&now->snapshot);
		msg_error("cannot report: %s", strerror(-err));
		return EXIT_CANNOT_RUN;
	}
	now->taken = true;
	return 0;
}

/*
 * The same. A cache that is destroyed during the walk can lack its structures, so a snapshot in
 * which some are missing is not believed at once.
 */
static int reading_take(const struct report_command *c, struct snapshots *from, struct reading *now,
			const struct reading *before)
{
	int code = reading_take_once(c, from, now, before);

	for (int again = 0; !code && now->report.missing_total && again < MISSING_TRIES; again++) {
		reading_free(now);
		code = reading_take_once(c, from, now, before);
	}
	return code;
}

/* Print text that fits the terminal, whose size can change. */
static void show_text(struct report_command *c, FILE *out, const struct reading *now,
		      const struct reading *before)
{
	const struct terminal t = terminal_size(c->output.fd);
	bool redraw = c->interval > 0 && terminal_is_capable(c->output.fd);

	c->style.columns = t.columns;
	c->style.rows = redraw ? t.rows : 0;
	if (redraw)
		fputs(CLEAR_SCREEN, out);
	else if (before->taken)
		fputc('\n', out);
	report_text(out, &now->report, before->taken ? &before->report : NULL, &c->style);
}

static void report_show(struct report_command *c, FILE *out, const struct reading *now,
			const struct reading *before)
{
	if (c->options->format == FORMAT_JSON)
		report_json(out, &now->report);
	else
		show_text(c, out, now, before);
	fflush(out);
	if (!c->options->input)
		msg_verbose("the walk over %zu caches took %.3f ms", now->snapshot.cache_count,
			    (double)now->snapshot.walk_ns / 1e6);
}

/* Warn of patterns that match no cache. No error, because a cache may come. */
static void report_warn_unmatched(const struct filter *f, const struct snapshot *s)
{
	for (unsigned int i = 0; i < f->glob_count; i++) {
		size_t cache = 0;

		while (cache < s->cache_count && fnmatch(f->globs[i], s->caches[cache].name, 0))
			cache++;
		if (cache == s->cache_count)
			msg_warn("no cache matches '%s' now", f->globs[i]);
	}
}

/* --- a recording --- */

static void report_on_record(void *latest, const struct record *r)
{
	latest_feed(latest, r); /* latest_snapshot() returns an error of it */
}

/* Add what the head and the first record of a recording have about the kernel. */
static void describe_snapshot(struct snapshot *s, const struct replay *r,
			      const struct outcome *outcome)
{
	const struct session_record *session = model_session(replay_model(r));
	const struct recording_head *head = replay_head(r);

	snprintf(s->kernel, sizeof(s->kernel), "%.*s", (int)sizeof(s->kernel) - 1, session->kernel);
	s->walk = session->walk;
	s->wall_ns = session->wall_ns + (outcome->end_ns - session->head.time_ns);
	s->late_possible = head->late_possible;
	s->hidden = head->hidden;
	s->node_bytes = head->node_bytes;
	s->barn_bytes = head->barn_bytes;
	s->sheaf_bytes = head->sheaf_bytes;
	s->pgdat_bytes = head->pgdat_bytes;
}

/* Report what is held at the end of a recording. Returns an exit status. */
static int report_snapshot(struct report_command *c, struct latest *latest, const struct replay *r,
			   const struct outcome *outcome)
{
	const struct reading none = {};
	struct reading now = {};
	int err;

	if (!model_walk_complete(replay_model(r))) {
		msg_error("cannot report: the recording has no walk over all caches to its end");
		return EXIT_INCONCLUSIVE;
	}
	err = latest_snapshot(latest, &now.snapshot);
	if (!err) {
		describe_snapshot(&now.snapshot, r, outcome);
		err = report_make(&now.report, &now.snapshot, NULL, &c->report);
		if (err)
			snapshot_free(&now.snapshot);
	}
	if (err) {
		msg_error("cannot report: %s", strerror(-err));
		return EXIT_CANNOT_RUN;
	}
	now.taken = true;
	report_warn_unmatched(c->report.filter, &now.snapshot);
	report_show(c, output_begin(&c->output), &now, &none);
	reading_free(&now);
	return caveats_of_trace(&outcome->caveats) ? EXIT_INCONCLUSIVE : EXIT_FINE;
}

/* Play a recording, and report. Returns an exit status. */
static int report_replay(struct report_command *c)
{
	static const struct filter everything;
	struct latest *latest = latest_new();
	const struct session_observer observer = { .context = latest, .record = report_on_record };
	struct outcome outcome;
	struct replay *r;
	struct run run;
	int code;

	if (!latest) {
		msg_error("out of memory");
		return EXIT_CANNOT_RUN;
	}
	code = replay_open(&r, c->options->input);
	if (!code)
		code = replay_begin(r, &observer, &everything);
	if (!code) {
		replay_run(r, &run, &outcome);
		code = run.cmd_error ? run_exit_status(&run)
				     : report_snapshot(c, latest, r, &outcome);
	}
	replay_close(r);
	latest_free(latest);
	return code;
}

/* --- this machine --- */

/*
 * Wait until the next report is due, for a signal, for a pipe without a reader, or for a failed
 * write. Returns true for any of the last three.
 */
static bool wait_interval(double seconds, int signals, struct output *out)
{
	const struct timespec time = { (time_t)seconds, (long)((seconds - floor(seconds)) * 1e9) };
	struct pollfd fds[] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = out->fd }, /* POLLERR is always reported */
		{ .fd = writer_failure_fd(out->lines), .events = POLLIN },
	};

	return ppoll(fds, sizeof(fds) / sizeof(*fds), &time, NULL) > 0 || output_failed(out);
}

/* Let SIGINT and SIGTERM be read from a descriptor. Returns it; -1: they end the process. */
static int report_signals(void)
{
	sigset_t ends;
	int fd;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	fd = signalfd(-1, &ends, SFD_CLOEXEC);
	if (fd >= 0)
		sigprocmask(SIG_BLOCK, &ends, NULL);
	return fd;
}

/* Report once, or at each interval until a signal. Returns an exit status. */
static int report_loop(struct report_command *c, struct snapshots *from)
{
	struct reading readings[2] = {};
	FILE *out = output_begin(&c->output);
	int signals = c->interval > 0 ? report_signals() : -1;
	unsigned int now = 0;
	int code;

	writer_extend(c->output.lines, !c->interval);
	do {
		code = reading_take(c, from, &readings[now], &readings[!now]);
		if (code)
			break;
		if (!readings[!now].taken)
			report_warn_unmatched(c->report.filter, &readings[now].snapshot);
		report_show(c, out, &readings[now], &readings[!now]);
		now = !now;
		reading_free(&readings[now]);
	} while (c->interval > 0 && !wait_interval(c->interval, signals, &c->output));
	if (signals >= 0)
		close(signals);
	reading_free(&readings[0]);
	reading_free(&readings[1]);
	return code;
}

/* Load the programs, and report. Returns an exit status. */
static int report_live(struct report_command *c)
{
	const struct filter *filter = &c->options->filter;
	struct snapshots *from = NULL;
	int code;

	if (msg_level() >= MSG_NORMAL)
		progress_begin("loading the BPF programs");
	code = snapshots_open(&from, c->options->btf_file, filter->by_node ? &filter->nodes : NULL);
	code = code ? EXIT_CANNOT_RUN : 0;
	progress_end();
	if (!code)
		code = report_loop(c, from);
	snapshots_close(from);
	return code;
}

static int report_run(struct options *options, int argc, char **argv)
{
	const struct argp argp = {
		.options = report_options,
		.parser = report_parse,
		.doc = "Show the node structures that are held for nodes without memory: their number, their bytes, and the nodes on whose memory they lie. No tracing is needed before. For a node with memory that --node names, show the slabs of each cache on it.\v"
		       "Examples:\n"
		       "  slubnode-trace report --by-cache --top 10\n"
		       "  slubnode-trace report --watch=5s",
		.children = options_children,
	};
	struct report_command c = { .options = options, .report.filter = &options->filter };
	struct view view = {};
	int code;

	if (argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &c))
		return EXIT_USAGE;
	if (options->input && c.interval > 0) {
		msg_error("--input and --watch exclude each other: a recording does not change");
		return EXIT_USAGE;
	}
	if (!options->input && privileges_check())
		return EXIT_CANNOT_RUN;
	code = output_open(&c.output, options, &view, OUTPUT_NO_LIMIT);
	if (code)
		return code;
	c.style.color = view.color;
	code = options->input ? report_replay(&c) : report_live(&c);
	return output_close(&c.output) && !code ? EXIT_INCONCLUSIVE : code;
}

const struct command command_report = {
	.name = "report",
	.summary = "show the structures that are held now, and their bytes",
	.run = report_run,
};
