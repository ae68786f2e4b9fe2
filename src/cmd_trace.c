// SPDX-License-Identifier: GPL-2.0-only
/* trace: events as they happen, a summary at the end. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "child.h"
#include "exit_codes.h"
#include "msg.h"
#include "options.h"
#include "privileges.h"
#include "recorder.h"

#define STOP_PATIENCE_S 5 /* for CMD after our own end was asked for */

struct trace {
	struct options *options;
	double duration; /* seconds; 0: none */
	enum attach attach;
	unsigned int ring_bytes;
	char **cmd;
	struct recorder *recorder;
	int epoll, signals, timer;
	pid_t child;   /* 0: none, or it has ended */
	bool patience; /* CMD was asked to end */
	bool stop;
	bool cmd_failed;
	int out; /* where the view writes; told when its reader goes away */
};

enum { KEY_ATTACH = 0x200, KEY_RING };

static const struct argp_option trace_options[] = {
	{ "duration", 'd', "SECONDS", 0, "End after so long; fractions are fine", 0 },
	{ "attach", KEY_ATTACH, "WAY", 0,
	  "auto (the default), fentry, kprobe, or none: "
	  "look at intervals",
	  0 },
	{ "ring-buffer", KEY_RING, "KIB", 0,
	  "Size of the ring buffer, rounded up to a power "
	  "of two (default: what the caches and nodes need, 8192 at least)",
	  0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static const char *const attach_words[] = {
	[ATTACH_AUTO] = "auto",
	[ATTACH_FENTRY] = "fentry",
	[ATTACH_KPROBE] = "kprobe",
	[ATTACH_NOTHING] = "none",
	NULL,
};

static unsigned int parse_ring(struct argp_state *state, const char *arg)
{
	unsigned int bytes = 4096;
	char *end;
	unsigned long kib = strtoul(arg, &end, 10);

	if (end == arg || *end || !kib || kib > 1 << 20)
		argp_error(state, "--ring-buffer: '%s' is no number of KiB up to 1048576", arg);
	while (bytes < kib << 10)
		bytes <<= 1;
	return bytes;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct trace *t = state->input;

	switch (key) {
	case ARGP_KEY_INIT: state->child_inputs[0] = t->options; return 0;
	case 'd': t->duration = options_seconds(state, "--duration", arg); return 0;
	case KEY_ATTACH: t->attach = options_choose(state, "--attach", arg, attach_words); return 0;
	case KEY_RING: t->ring_bytes = parse_ring(state, arg); return 0;
	case ARGP_KEY_ARG:
		t->cmd = state->argv + state->next - 1;
		state->next = state->argc;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static int watch(struct trace *t, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(t->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

/* Nothing but errors: of a pipe, that nobody reads it any more. */
static void watch_reader(struct trace *t)
{
	struct epoll_event event = { .events = 0, .data.fd = t->out };

	if (epoll_ctl(t->epoll, EPOLL_CTL_ADD, t->out, &event))
		msg_verbose("the output is a file"); /* and has no reader */
}

static int arm_timer(struct trace *t, double seconds)
{
	struct itimerspec when = {
		.it_value = { (time_t)seconds, (long)((seconds - floor(seconds)) * 1e9) },
	};

	return timerfd_settime(t->timer, 0, &when, NULL) ? -errno : 0;
}

static int prepare_loop(struct trace *t)
{
	sigset_t set;
	int err;

	signal(SIGCHLD, SIG_DFL); /* ignored, CMD's end would not be told */
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	t->epoll = epoll_create1(EPOLL_CLOEXEC);
	t->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	t->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (t->epoll < 0 || t->signals < 0 || t->timer < 0)
		return -errno;
	err = watch(t, t->signals);
	if (!err)
		err = watch(t, t->timer);
	return err;
}

static void reap(struct trace *t)
{
	int status;

	if (!t->child || !child_reap(t->child, &status))
		return;
	t->child = 0;
	t->stop = true;
	if (WIFSIGNALED(status))
		msg_warn("%s was ended by signal %d (%s)", t->cmd[0], WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		msg_warn("%s failed with status %d", t->cmd[0], WEXITSTATUS(status));
	t->cmd_failed = status != 0;
}

/*
 * The end is asked for: at once, or when CMD is gone, which gets the signal too;
 * from the terminal it has it already.
 */
static void ask_to_stop(struct trace *t, const struct signalfd_siginfo *info)
{
	if (!t->child) {
		t->stop = true;
		return;
	}
	if (info->ssi_code != SI_KERNEL)
		kill(t->child, info->ssi_signo);
	t->patience = true;
	arm_timer(t, STOP_PATIENCE_S);
}

static void on_signal(struct trace *t)
{
	struct signalfd_siginfo info;

	while (read(t->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap(t);
		else
			ask_to_stop(t, &info);
	}
}

static void on_timer(struct trace *t)
{
	__u64 times;

	if (read(t->timer, &times, sizeof(times)) != sizeof(times))
		return;
	if (!t->child) {
		t->stop = true;
		return;
	}
	msg_warn("%s is still running: %s", t->cmd[0], t->patience ? "killed" : "ended");
	kill(t->child, t->patience ? SIGKILL : SIGTERM);
	t->patience = true;
	arm_timer(t, STOP_PATIENCE_S);
}

static int loop(struct trace *t)
{
	while (!t->stop) {
		struct epoll_event events[4];
		int count = epoll_wait(t->epoll, events, 4, recorder_patience(t->recorder)), err;

		if (count < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < count; i++) {
			if (events[i].data.fd == t->signals)
				on_signal(t);
			else if (events[i].data.fd == t->timer)
				on_timer(t);
			else if (events[i].data.fd == t->out)
				return -EPIPE;
		}
		err = recorder_turn(t->recorder);
		if (err)
			return err;
	}
	return 0;
}

static int start_child(struct trace *t)
{
	pid_t pid;

	if (!t->cmd)
		return 0;
	/* Our lines and CMD's on one stream would be neither's. */
	pid = child_start(t->cmd, t->options->output ? STDOUT_FILENO : STDERR_FILENO);
	if (pid < 0) {
		msg_error("cannot start %s: %s", t->cmd[0], strerror(-pid));
		return pid;
	}
	t->child = pid;
	return 0;
}

static int run_loop(struct trace *t)
{
	int err = watch(t, recorder_fd(t->recorder));

	watch_reader(t);
	if (!err && t->duration > 0)
		err = arm_timer(t, t->duration);
	if (!err && start_child(t))
		return EXIT_USAGE;
	if (!err && !t->cmd)
		msg_info("Tracing%s. Ctrl-C ends it.", t->duration > 0 ? " for a while" : "");
	if (!err)
		err = loop(t);
	if (!err)
		return 0;
	msg_error("tracing failed: %s", strerror(-err));
	return EXIT_CANNOT_RUN;
}

static int trace(struct trace *t)
{
	struct view view = {};
	int code, verdict;

	if (options_open_view(t->options, &view))
		return EXIT_USAGE;
	t->out = fileno(view.out);
	code = recorder_open(&t->recorder, &(struct recorder_options){
						   .view = &view,
						   .filter = &t->options->filter,
						   .btf_file = t->options->btf_file,
						   .attach = t->attach,
						   .ring_bytes = t->ring_bytes,
					   });
	if (!code) {
		code = run_loop(t);
		verdict = recorder_finish(t->recorder);
		if (!code)
			code = verdict == EXIT_FINDING || !t->cmd_failed ? verdict
									 : EXIT_CMD_FAILED;
	}
	recorder_close(t->recorder);
	if (options_close_view(&view) && !code)
		code = EXIT_CANNOT_RUN;
	return code;
}

static int run(struct options *options, int argc, char **argv)
{
	const struct argp argp = {
		.options = trace_options,
		.parser = parse,
		.args_doc = "[-- CMD [ARG...]]",
		.doc = "Shows what happens to node structures as it happens, and a summary at the "
		       "end: when CMD ends, after --duration, or at Ctrl-C."
		       "\v"
		       "CMD's standard output goes to standard error, unless --output is given.",
		.children = options_children,
	};
	struct trace t = { .options = options, .epoll = -1, .signals = -1, .timer = -1 };
	int code, err;

	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &t))
		return EXIT_USAGE;
	code = privileges_check();
	if (code)
		return code;
	err = prepare_loop(&t);
	if (err) {
		msg_error("cannot wait for events: %s", strerror(-err));
		code = EXIT_CANNOT_RUN;
	} else {
		code = trace(&t);
	}
	close(t.epoll);
	close(t.signals);
	close(t.timer);
	return code;
}

const struct command command_trace = {
	.name = "trace",
	.summary = "events as they happen, a summary at the end",
	.run = run,
};
