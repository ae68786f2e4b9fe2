// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "child.h"

/* Does not return. An error of exec goes up the pipe, which exec closes. */
static void become(char *const argv[], int out, int report, pid_t parent)
{
	sigset_t none;
	int err;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127); /* it died before the prctl */
	if (out == STDOUT_FILENO || dup2(out, STDOUT_FILENO) >= 0)
		execvp(argv[0], argv);
	err = errno;
	if (write(report, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

pid_t child_start(char *const argv[], int out)
{
	pid_t parent = getpid(), pid;
	int pipes[2], err = 0;

	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid)
		become(argv, out, pipes[1], parent);
	if (pid < 0)
		err = errno;
	close(pipes[1]);
	if (pid > 0 && read(pipes[0], &err, sizeof(err)) == sizeof(err))
		waitpid(pid, NULL, 0);
	close(pipes[0]);
	return err ? -err : pid;
}

bool child_reap(pid_t pid, int *status)
{
	return waitpid(pid, status, WNOHANG) == pid;
}
