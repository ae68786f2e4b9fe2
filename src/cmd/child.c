// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "cmd/child.h"

#define SWEEP_PATIENCE_MS 5000
#define SWEEP_PAUSE_MS    5

/* Between us and the guardian. */
struct message {
	enum {
		/* to it */
		MESSAGE_START,
		MESSAGE_SIGNAL, /* value: the signal */
		MESSAGE_SWEEP,
		MESSAGE_DISMISSED, /* end, and leave alone what runs */
		/* from it */
		MESSAGE_STARTED, /* value: errno, or 0 */
		MESSAGE_ENDED,   /* value: CMD's status */
		MESSAGE_SWEPT,
	} kind;
	int value;
};

struct child {
	int fd;
	pid_t guardian;
	bool ended;
	int status;
};

struct guardian {
	char *const *argv;
	int out;
	int fd;    /* to who prepared it; closed there: it is gone */
	pid_t cmd; /* 0: not started, or it has ended */
};

static void tell(int fd, int kind, int value)
{
	struct message m = { .kind = kind, .value = value };

	/* If nobody is there any more, the next reading says so. */
	if (send(fd, &m, sizeof(m), MSG_NOSIGNAL) < 0)
		return;
}

/* False: the other is gone. */
static bool hear(int fd, struct message *m)
{
	ssize_t len;

	do {
		len = recv(fd, m, sizeof(*m), 0);
	} while (len < 0 && errno == EINTR);
	return len == sizeof(*m);
}

static pid_t parent_of(const char *pid)
{
	char path[64], text[512], *end;
	size_t len;
	FILE *stat;
	int parent;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	stat = fopen(path, "re");
	if (!stat)
		return -1;
	len = fread(text, 1, sizeof(text) - 1, stat);
	fclose(stat);
	text[len] = 0;
	end = strrchr(text, ')'); /* the name may hold anything */
	return end && sscanf(end, ") %*c %d", &parent) == 1 ? parent : -1;
}

/*
 * Children only, never theirs: nobody else reaps a child of ours, so that its
 * pid is its own. With each that dies, its children become ours.
 */
static void kill_children(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc)))
		if (atoi(entry->d_name) > 0 && parent_of(entry->d_name) == getpid())
			kill(atoi(entry->d_name), SIGKILL);
	if (proc)
		closedir(proc);
}

static void pause_ms(int ms)
{
	struct timespec time = { .tv_nsec = ms * 1000000L };

	nanosleep(&time, NULL);
}

/* True: there are children left. */
static bool reap(struct guardian *g)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != g->cmd)
			continue;
		g->cmd = 0;
		tell(g->fd, MESSAGE_ENDED, status);
	}
	return !pid;
}

static void sweep(struct guardian *g)
{
	while (reap(g)) {
		kill_children();
		pause_ms(SWEEP_PAUSE_MS);
	}
}

/* Does not return. An error of exec goes up the pipe, which exec closes. */
static void become(const struct guardian *g, int report, pid_t parent)
{
	sigset_t none;
	int err;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127); /* it died before the prctl */
	if (g->out == STDOUT_FILENO || dup2(g->out, STDOUT_FILENO) >= 0)
		execvp(g->argv[0], g->argv);
	err = errno;
	if (write(report, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

/* 0 or an errno. */
static int start(struct guardian *g)
{
	pid_t parent = getpid(), pid;
	int pipes[2], err = 0;

	if (pipe2(pipes, O_CLOEXEC))
		return errno;
	pid = fork();
	if (!pid)
		become(g, pipes[1], parent);
	if (pid < 0)
		err = errno;
	close(pipes[1]);
	if (pid > 0 && read(pipes[0], &err, sizeof(err)) == sizeof(err))
		waitpid(pid, NULL, 0);
	close(pipes[0]);
	g->cmd = err ? 0 : pid;
	/*
	 * CMD stays in the process group of who called us: the terminal is
	 * theirs. The guardian leaves it, so that a SIGKILL for the group leaves
	 * somebody to clean up.
	 */
	setpgid(0, 0);
	return err;
}

static void obey(struct guardian *g, const struct message *m)
{
	switch ((int)m->kind) {
	case MESSAGE_START: tell(g->fd, MESSAGE_STARTED, start(g)); return;
	case MESSAGE_SIGNAL:
		if (g->cmd)
			kill(g->cmd, m->value);
		return;
	case MESSAGE_SWEEP:
		sweep(g);
		tell(g->fd, MESSAGE_SWEPT, 0);
		return;
	case MESSAGE_DISMISSED: _exit(0);
	}
}

/* Nothing but the streams and the socket, which becomes descriptor 3. */
static void keep_only(struct guardian *g)
{
	long max = sysconf(_SC_OPEN_MAX);

	if (g->fd != 3)
		g->fd = dup3(g->fd, 3, O_CLOEXEC);
	if (!close_range(4, ~0U, 0))
		return;
	for (int fd = 4; fd < max; fd++)
		close(fd);
}

/* The guardian's life. */
static void guard(struct guardian *g)
{
	struct pollfd fds[2];
	struct message m;
	sigset_t all;

	keep_only(g);
	prctl(PR_SET_NAME, "slubnode-guard");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGCHLD, SIG_DFL); /* ignored, CMD's end would not be told */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	sigemptyset(&all);
	sigaddset(&all, SIGCHLD);
	fds[0] = (struct pollfd){ .fd = g->fd, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK),
				  .events = POLLIN };
	for (;;) {
		struct signalfd_siginfo info;

		if (poll(fds, 2, -1) < 0)
			continue;
		while (read(fds[1].fd, &info, sizeof(info)) > 0)
			;
		reap(g);
		if (!fds[0].revents)
			continue;
		if (!hear(g->fd, &m)) {
			sweep(g);
			_exit(0);
		}
		obey(g, &m);
	}
}

int child_prepare(struct child **child, char *const argv[], int out)
{
	struct child *c = calloc(1, sizeof(*c));
	int pair[2], err;

	*child = NULL;
	if (!c || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		err = c ? -errno : -ENOMEM;
		free(c);
		return err;
	}
	/* Should somebody kill the guardian, its children become ours. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	c->fd = pair[0];
	c->guardian = fork();
	err = -errno;
	if (!c->guardian) {
		close(pair[0]);
		guard(&(struct guardian){ .argv = argv, .out = out, .fd = pair[1] });
	}
	close(pair[1]);
	if (c->guardian > 0) {
		*child = c;
		return 0;
	}
	close(pair[0]);
	free(c);
	return err;
}

void child_close(struct child *c)
{
	if (!c)
		return;
	tell(c->fd, MESSAGE_DISMISSED, 0);
	close(c->fd);
	free(c);
}

int child_start(struct child *c)
{
	struct message m;

	tell(c->fd, MESSAGE_START, 0);
	return hear(c->fd, &m) ? -m.value : -ECHILD;
}

int child_fd(const struct child *c)
{
	return c->fd;
}

static void ended(struct child *c, int status)
{
	if (!c->ended)
		c->status = status;
	c->ended = true;
}

/* CMD died with it; what CMD had started is our own now. */
static void guardian_is_gone(struct child *c)
{
	ended(c, SIGKILL);
	for (int ms = 0; ms < SWEEP_PATIENCE_MS; ms += SWEEP_PAUSE_MS) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (waitpid(-1, NULL, WNOHANG) < 0)
			return;
		kill_children();
		pause_ms(SWEEP_PAUSE_MS);
	}
}

bool child_ended(struct child *c, int *status)
{
	struct pollfd fd = { .fd = c->fd, .events = POLLIN };
	struct message m;

	while (!c->ended && poll(&fd, 1, 0) > 0) {
		if (!hear(c->fd, &m))
			guardian_is_gone(c);
		else if (m.kind == MESSAGE_ENDED)
			ended(c, m.value);
	}
	*status = c->status;
	return c->ended;
}

void child_signal(struct child *c, int signal)
{
	tell(c->fd, MESSAGE_SIGNAL, signal);
}

void child_sweep(struct child *c)
{
	struct pollfd fd = { .fd = c->fd, .events = POLLIN };
	struct message m;

	tell(c->fd, MESSAGE_SWEEP, 0);
	while (poll(&fd, 1, SWEEP_PATIENCE_MS) > 0 && hear(c->fd, &m)) {
		if (m.kind == MESSAGE_ENDED)
			ended(c, m.value);
		if (m.kind == MESSAGE_SWEPT)
			return;
	}
}
