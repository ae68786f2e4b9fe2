// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "cmd/child.h"
#include "cmd/exit_status.h"
#include "cmd/loop.h"
#include "base/msg.h"

#define STOP_PATIENCE_S 5 /* for CMD after our own end was asked for */

/* Signals that ask for the end; CMD gets them too. */
static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
/* Those that are CMD's alone. */
static const int passed_on[] = { SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT };

static int watch(struct loop *l, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

/* Nothing but errors: of a pipe, that nobody reads it any more. */
static void watch_reader(struct loop *l)
{
	struct epoll_event event = { .events = 0, .data.fd = l->out };

	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->out, &event))
		msg_verbose("the output is a file"); /* and has no reader */
}

static int arm_timer(struct loop *l, double seconds)
{
	struct itimerspec when = {
		.it_value = { (time_t)seconds, (long)((seconds - floor(seconds)) * 1e9) },
	};

	return timerfd_settime(l->timer, 0, &when, NULL) ? -errno : 0;
}

static int open_sources(struct loop *l)
{
	sigset_t set;
	int err;

	sigemptyset(&set);
	for (unsigned int i = 0; i < sizeof(ending) / sizeof(*ending); i++)
		sigaddset(&set, ending[i]);
	for (unsigned int i = 0; l->cmd && i < sizeof(passed_on) / sizeof(*passed_on); i++)
		sigaddset(&set, passed_on[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	l->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->epoll < 0 || l->signals < 0 || l->timer < 0)
		return -errno;
	err = watch(l, l->signals);
	if (!err)
		err = watch(l, l->timer);
	return err;
}

int loop_open(struct loop *l)
{
	int err;

	l->epoll = l->signals = l->timer = -1;
	err = open_sources(l);
	if (err)
		msg_error("cannot wait for events: %s", strerror(-err));
	if (err || !l->cmd)
		return err;
	err = child_prepare(&l->child, l->cmd, l->cmd_out);
	if (!err)
		err = watch(l, child_fd(l->child));
	if (err)
		msg_error("cannot prepare to start %s: %s", l->cmd[0], strerror(-err));
	return err;
}

void loop_close(struct loop *l)
{
	child_close(l->child);
	close(l->epoll);
	close(l->signals);
	close(l->timer);
}

static bool cmd_runs(const struct loop *l)
{
	return l->cmd_started && !l->cmd_ended;
}

static void on_child(struct loop *l)
{
	int status;

	if (!cmd_runs(l) || !child_ended(l->child, &status))
		return;
	l->stop = true;
	l->cmd_ended = true;
	l->cmd_status = status;
	if (WIFSIGNALED(status))
		msg_warn("%s was ended by signal %d (%s)", l->cmd[0], WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		msg_warn("%s failed with status %d", l->cmd[0], WEXITSTATUS(status));
}

static bool ends(__u32 signal)
{
	for (unsigned int i = 0; i < sizeof(ending) / sizeof(*ending); i++)
		if (signal == (__u32)ending[i])
			return true;
	return false;
}

/*
 * The end is asked for: at once, or when CMD is gone, which gets the signal too;
 * from the terminal it has it already.
 */
static void on_signal(struct loop *l)
{
	struct signalfd_siginfo info;

	while (read(l->signals, &info, sizeof(info)) == sizeof(info)) {
		if (cmd_runs(l) && info.ssi_code != SI_KERNEL)
			child_signal(l->child, (int)info.ssi_signo);
		if (!ends(info.ssi_signo))
			continue;
		if (!cmd_runs(l)) {
			l->stop = true;
			continue;
		}
		l->patience = true;
		arm_timer(l, STOP_PATIENCE_S);
	}
}

static void on_timer(struct loop *l)
{
	__u64 times;

	if (read(l->timer, &times, sizeof(times)) != sizeof(times))
		return;
	if (!cmd_runs(l)) {
		l->stop = true;
		return;
	}
	msg_warn("%s is still running: %s", l->cmd[0], l->patience ? "killed" : "ended");
	child_signal(l->child, l->patience ? SIGKILL : SIGTERM);
	l->patience = true;
	arm_timer(l, STOP_PATIENCE_S);
}

static int turns(struct loop *l)
{
	while (!l->stop) {
		struct epoll_event events[4];
		int count = epoll_wait(l->epoll, events, 4, session_patience(l->session)), err;

		if (count < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < count; i++) {
			if (events[i].data.fd == l->signals)
				on_signal(l);
			else if (events[i].data.fd == l->timer)
				on_timer(l);
			else if (l->child && events[i].data.fd == child_fd(l->child))
				on_child(l);
			else if (events[i].data.fd == l->out)
				return -EPIPE;
		}
		err = session_turn(l->session);
		if (err)
			return err;
	}
	return 0;
}

static int start_child(struct loop *l)
{
	int err;

	if (!l->cmd)
		return 0;
	err = child_start(l->child);
	if (err)
		msg_error("cannot start %s: %s", l->cmd[0], strerror(-err));
	l->cmd_started = !err;
	return err;
}

int loop_run(struct loop *l, struct session *session)
{
	int err = watch(l, session_fd(session));

	l->session = session;
	watch_reader(l);
	if (!err && l->duration > 0)
		err = arm_timer(l, l->duration);
	if (!err && start_child(l))
		return EXIT_USAGE;
	if (!err && !l->cmd)
		msg_info("Tracing%s. Ctrl-C ends it.", l->duration > 0 ? " for a while" : "");
	if (!err)
		err = turns(l);
	/* Of a run that was broken off, nothing goes on. */
	if (cmd_runs(l) || l->patience)
		child_sweep(l->child);
	if (!err)
		return 0;
	msg_error("tracing failed: %s", strerror(-err));
	return EXIT_CANNOT_RUN;
}

bool loop_cmd_failed(const struct loop *l)
{
	return l->cmd_started && (!l->cmd_ended || l->cmd_status);
}
