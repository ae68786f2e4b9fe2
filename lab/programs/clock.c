// SPDX-License-Identifier: GPL-2.0-only
/*
 * Append the time in nanoseconds to FILE: of CLOCK_MONOTONIC now or, if a command is given, when
 * it was started and when it had ended:
 *
 *	clock FILE				NOW
 *	clock FILE COMMAND [ARG...]		START END CPU MEMORY
 *
 * CPU is the time that the command used, and MEMORY the most of its resident bytes. The exit status
 *is that of the command.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long nanoseconds(struct timeval t)
{
	return t.tv_sec * 1000000000LL + t.tv_usec * 1000;
}

/* Run a command and print its times to the file. Returns its exit status. */
static int time_command(FILE *file, char **argv)
{
	long long start = now();
	struct rusage used;
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		execvp(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &used) < 0) {
		perror("clock");
		return 125;
	}
	fprintf(file, "%lld %lld %lld %ld\n", start, now(),
		nanoseconds(used.ru_utime) + nanoseconds(used.ru_stime), used.ru_maxrss * 1024);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	FILE *file;

	if (argc < 2) {
		fprintf(stderr, "usage: clock FILE [COMMAND [ARG...]]\n");
		return 125;
	}
	file = fopen(argv[1], "ae");
	if (!file) {
		perror(argv[1]);
		return 125;
	}
	if (argc > 2)
		return time_command(file, argv + 2);
	fprintf(file, "%lld\n", now());
	return 0;
}
