// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/msg.h"
#include "cmd/exit_status.h"
#include "cmd/run.h"

#define CMD_TIMEOUT_S 5 /* for CMD to end after the duration */

static struct sigaction original_sigpipe;

/*
 * The C library handles two signals itself once there is a thread, and hides them from
 * sigaction(2), so that CMD would lose the ignoring that our caller asked for. struct sigaction of
 * the kernel begins with the handler.
 */
#define LIBRARY_SIGNAL 32
static struct library_action {
	void (*handler)(int);
	unsigned long flags, restorer, mask;
} library_actions[2];

static void library_signals(bool restore)
{
	for (int i = 0; i < 2; i++) {
		struct library_action *a = &library_actions[i];

		if (!restore)
			syscall(SYS_rt_sigaction, LIBRARY_SIGNAL + i, NULL, a, sizeof(a->mask));
		else if (a->handler == SIG_IGN)
			syscall(SYS_rt_sigaction, LIBRARY_SIGNAL + i, a, NULL, sizeof(a->mask));
	}
}

void run_keep_signals(void)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	library_signals(false);
	sigaction(SIGPIPE, &ignore, &original_sigpipe);
}

/* Check whether execve() would try to run this file. Returns 0 or a negative errno. */
static int check_executable(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) ? -errno : 0;
}

/* Look for a program in the same places as execvp(). Returns 0 or a negative errno. */
static int find_program(const char *name)
{
	const char *dir = getenv("PATH") ?: "/bin:/usr/bin", *end;
	int refused = -ENOENT, err;
	char path[PATH_MAX];

	if (!*name || strchr(name, '/'))
		return check_executable(name);
	for (;; dir = end + 1) {
		end = strchrnul(dir, ':');
		err = snprintf(path, sizeof(path), "%.*s%s%s", (int)(end - dir), dir,
			       end > dir ? "/" : "", name);
		err = err < (int)sizeof(path) ? check_executable(path) : -ENOENT;
		if (!err)
			return 0;
		if (err != -ENOENT && err != -ENOTDIR)
			refused = err;
		if (!*end)
			return refused;
	}
}

/* Report that CMD cannot be started; the hint may be NULL. Returns the error. */
static int cannot_start(struct run *r, int err, const char *hint)
{
	r->cmd_error = err;
	msg_error("cannot start %s: %s", r->cmd[0], strerror(-err));
	if (hint)
		msg_hint("%s", hint);
	return err;
}

/*
 * Wait for the order to start, and become CMD. Our caller's signal mask is restored
 * last, because a signal that arrived meanwhile is for CMD.
 */
static void __attribute__((noreturn)) become_cmd(const struct run *r, int start, int report)
{
	char byte;
	int err;

	if (read(start, &byte, 1) != 1)
		_exit(127); /* our parent gave up, or was killed */
	if (r->cmd_out == STDOUT_FILENO || dup2(r->cmd_out, STDOUT_FILENO) >= 0) {
		library_signals(true);
		sigaction(SIGPIPE, &original_sigpipe, NULL);
		sigaction(SIGCHLD, &r->sigchld, NULL);
		sigprocmask(SIG_SETMASK, &r->mask, NULL);
		execvp(r->cmd[0], r->cmd);
	}
	err = -errno;
	_exit(write(report, &err, sizeof(err)) < 0 ? 126 : 127);
}

/* Fork the child that becomes CMD when start_fd is written. Returns 0 or a negative errno. */
static int fork_cmd(struct run *r)
{
	int start[2], report[2], err;

	if (pipe2(start, O_CLOEXEC))
		return -errno;
	r->start_fd = start[1];
	if (pipe2(report, O_CLOEXEC)) {
		err = -errno;
		goto out_start;
	}
	r->report_fd = report[0];
	r->pid = fork();
	err = r->pid < 0 ? -errno : 0;
	if (!r->pid) {
		/* With this end open, a killed parent would not cause an end of file. */
		close(start[1]);
		become_cmd(r, start[0], report[1]);
	}
	close(report[1]);
out_start:
	close(start[0]);
	return err;
}

static int run_watch(struct run *r, int fd, unsigned int events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int run_open_sources(struct run *r, const sigset_t *signals)
{
	int err;

	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	r->signals = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
	r->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (r->epoll < 0 || r->signals < 0 || r->timer < 0)
		return -errno;
	err = run_watch(r, r->signals, EPOLLIN);
	return err ? err : run_watch(r, r->timer, EPOLLIN);
}

static bool is_ignored(int signal)
{
	struct sigaction action;

	return !sigaction(signal, NULL, &action) && action.sa_handler == SIG_IGN;
}

/*
 * Block the signals that the loop reads. Under nohup, SIGHUP stays ignored. A shell ignores SIGINT
 * and SIGQUIT for a background job, which CMD inherits; blocked, they are queued all the same, and
 * end the run.
 */
static void run_block_signals(struct run *r, sigset_t *signals)
{
	const struct sigaction by_default = { .sa_handler = SIG_DFL };

	sigemptyset(&r->ignored);
	if (is_ignored(SIGINT))
		sigaddset(&r->ignored, SIGINT);
	if (is_ignored(SIGQUIT))
		sigaddset(&r->ignored, SIGQUIT);
	sigemptyset(signals);
	sigaddset(signals, SIGINT);
	sigaddset(signals, SIGQUIT);
	sigaddset(signals, SIGTERM);
	sigaddset(signals, SIGCHLD);
	if (!is_ignored(SIGHUP))
		sigaddset(signals, SIGHUP);
	sigprocmask(SIG_BLOCK, signals, &r->mask);
	/* If SIGCHLD were ignored, CMD's status would be lost. */
	sigaction(SIGCHLD, &by_default, &r->sigchld);
}

int run_open(struct run *r)
{
	sigset_t signals;
	int err;

	r->epoll = r->signals = r->timer = r->start_fd = r->report_fd = -1;
	sigemptyset(&r->sent);
	err = r->cmd ? find_program(r->cmd[0]) : 0;
	if (err)
		return cannot_start(r, err,
				    err == -EACCES   ? "make the file executable: chmod +x"
				    : err == -ENOENT ? "give a program of PATH, or a path"
						     : NULL);
	run_block_signals(r, &signals);
	err = r->cmd ? fork_cmd(r) : 0;
	if (err) {
		msg_error("cannot fork: %s", strerror(-err));
		return err;
	}
	err = run_open_sources(r, &signals);
	if (err)
		msg_error("cannot wait for events: %s", strerror(-err));
	return err;
}

/* Give signals their former effect again; those that ask for the end have had it. */
static void run_unblock_signals(struct run *r)
{
	struct signalfd_siginfo info;

	if (r->signals < 0)
		return;
	while (read(r->signals, &info, sizeof(info)) == sizeof(info))
		;
	sigprocmask(SIG_SETMASK, &r->mask, NULL);
}

void run_close(struct run *r)
{
	const int fds[] = { r->epoll, r->signals, r->timer, r->start_fd, r->report_fd };

	run_unblock_signals(r);
	for (unsigned int i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* Get the name of CMD for a message. Returns "CMD" when there is none. */
static const char *cmd_name(const struct run *r)
{
	return r->cmd ? r->cmd[0] : "CMD";
}

static bool cmd_runs(const struct run *r)
{
	return r->cmd_started && !r->cmd_ended;
}

/* Let the held child become CMD. Returns 0 or the negative errno of its execvp(). */
static int start_cmd(struct run *r)
{
	static const char no_interpreter[] = "the interpreter of this file does not exist";
	int err = 0;

	/* If the child was killed, waitpid() reports it. */
	if (write(r->start_fd, "", 1) < 0)
		msg_verbose("the child that was to become %s was killed", cmd_name(r));
	if (read(r->report_fd, &err, sizeof(err)) == sizeof(err))
		return cannot_start(r, err, err == -ENOENT ? no_interpreter : NULL);
	r->cmd_started = true;
	return 0;
}

/* Note the status of CMD if it has ended. */
static void reap_cmd(struct run *r)
{
	if (!cmd_runs(r) || waitpid(r->pid, &r->cmd_status, WNOHANG) != r->pid)
		return;
	r->cmd_ended = true;
	r->stop = true;
	if (WIFSIGNALED(r->cmd_status))
		msg_warn("%s was ended by signal %d (%s)", cmd_name(r), WTERMSIG(r->cmd_status),
			 strsignal(WTERMSIG(r->cmd_status)));
	else if (WEXITSTATUS(r->cmd_status))
		msg_warn("%s failed with status %d", cmd_name(r), WEXITSTATUS(r->cmd_status));
}

/* Send CMD a signal unless it was sent before. */
static void send_once(struct run *r, int signal)
{
	if (sigismember(&r->sent, signal))
		return;
	sigaddset(&r->sent, signal);
	kill(r->pid, signal);
}

/*
 * Handle a signal that asks for the end. The terminal sends SIGINT and SIGQUIT to CMD,
 * too, so only the others are forwarded. CMD does not end by a signal that it ignores, so
 * such a signal ends the run.
 */
static void on_end_signal(struct run *r, int signal)
{
	if (!cmd_runs(r)) {
		if (r->cmd && !r->cmd_ended && !r->stop)
			msg_warn("%s was not started: signal %d (%s) arrived first", cmd_name(r),
				 signal, strsignal(signal));
		r->stop = true;
	} else if (sigismember(&r->ignored, signal)) {
		r->stop = true;
	} else if (signal == SIGINT || signal == SIGQUIT) {
		if (!r->waiting)
			msg_info("waiting for %s to end", cmd_name(r));
		r->waiting = true;
	} else if (sigismember(&r->sent, SIGTERM) || sigismember(&r->sent, SIGHUP)) {
		r->stop = true;
	} else {
		send_once(r, signal);
	}
}

static void on_signals(struct run *r)
{
	struct signalfd_siginfo info;

	while (read(r->signals, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			on_end_signal(r, (int)info.ssi_signo);
}

static int arm_timer(struct run *r, double seconds)
{
	const struct itimerspec when = {
		.it_value = { (time_t)seconds, (long)((seconds - floor(seconds)) * 1e9) },
	};

	return timerfd_settime(r->timer, 0, &when, NULL) ? -errno : 0;
}

static int on_timer(struct run *r)
{
	__u64 times;

	if (read(r->timer, &times, sizeof(times)) != sizeof(times))
		return 0;
	if (!cmd_runs(r) || r->overdue) {
		r->stop = true;
		return 0;
	}
	msg_warn("%s is still running after %g seconds and gets SIGTERM", cmd_name(r), r->duration);
	r->overdue = true;
	send_once(r, SIGTERM);
	return arm_timer(r, CMD_TIMEOUT_S);
}

/* The output has no reader any more. CMD goes on, and is traced. */
static void on_output_end(struct run *r)
{
	epoll_ctl(r->epoll, EPOLL_CTL_DEL, r->out, NULL);
	r->stop |= !r->cmd;
}

static int handle_events(struct run *r, int timeout_ms)
{
	struct epoll_event events[4];
	int count = epoll_wait(r->epoll, events, 4, timeout_ms), err = 0;

	if (count < 0 && errno != EINTR)
		return -errno;
	for (int i = 0; i < count && !err; i++) {
		if (events[i].data.fd == r->signals)
			on_signals(r);
		else if (events[i].data.fd == r->timer)
			err = on_timer(r);
		else if (events[i].data.fd == r->out)
			on_output_end(r);
		else if (events[i].data.fd == r->failure)
			epoll_ctl(r->epoll, EPOLL_CTL_DEL, r->failure, NULL); /* the turn sees it */
	}
	reap_cmd(r);
	return err;
}

static int run_turns(struct run *r)
{
	for (;;) {
		int err = session_turn(r->session);

		if (err || r->stop)
			return err;
		err = handle_events(r, session_timeout(r->session));
		if (err)
			return err;
	}
}

/* Wait for CMD without the session, because our caller waits for CMD. */
static void wait_for_cmd(struct run *r)
{
	epoll_ctl(r->epoll, EPOLL_CTL_DEL, session_fd(r->session), NULL);
	epoll_ctl(r->epoll, EPOLL_CTL_DEL, r->out, NULL);
	epoll_ctl(r->epoll, EPOLL_CTL_DEL, r->failure, NULL);
	while (cmd_runs(r) && !r->stop && !handle_events(r, -1))
		;
}

/* Start CMD and work until the end. Returns as run_session(). */
static int run_loop(struct run *r, struct session *session)
{
	int err = run_watch(r, session_fd(session), EPOLLIN);

	r->session = session;
	if (err)
		goto out;
	/* Wait for errors only, such as a pipe without a reader. A file has none. */
	if (r->out >= 0 && run_watch(r, r->out, 0))
		msg_verbose("the output is a file");
	if (r->failure >= 0)
		err = run_watch(r, r->failure, EPOLLIN);
	if (err)
		goto out;
	on_signals(r);
	if (r->cmd && !r->stop && start_cmd(r))
		return r->cmd_error;
	err = r->duration > 0 ? arm_timer(r, r->duration) : 0;
	if (err)
		goto out;
	if (!r->cmd)
		msg_info("tracing%s; Ctrl-C ends it", r->duration > 0 ? " for a while" : "");
	err = run_turns(r);
out:
	if (err)
		msg_error("tracing failed: %s", strerror(-err));
	if (err && cmd_runs(r))
		wait_for_cmd(r);
	if (cmd_runs(r))
		msg_warn("%s is still running, as process %d", cmd_name(r), r->pid);
	return err;
}

int run_session(struct run *r, struct session *session, const struct recording_output *recording,
		struct outcome *outcome)
{
	int err = run_loop(r, session);
	const struct recording_run recorded = {
		.error = err,
		.cmd_error = r->cmd_error,
		.cmd_started = r->cmd_started,
		.cmd_ended = r->cmd_ended,
		.cmd_status = r->cmd_status,
	};

	if (!r->cmd_error)
		session_finish(session, err, outcome);
	recording_output_run(recording, &recorded);
	return err;
}

void run_stop(struct run *r)
{
	r->stop = true;
}

int run_exit_status(const struct run *r)
{
	return r->cmd_error ? EXIT_USAGE : EXIT_CANNOT_RUN;
}

const char *run_cmd_unfinished(const struct run *r)
{
	if (!r->cmd || r->cmd_ended)
		return NULL;
	return r->cmd_started ? "is still running" : "was not started";
}

bool run_cmd_failed(const struct run *r)
{
	return run_cmd_unfinished(r) || (r->cmd_ended && r->cmd_status);
}
