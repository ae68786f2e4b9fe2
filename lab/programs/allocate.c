// SPDX-License-Identifier: GPL-2.0-only
/*
 * Make the kernel allocate and free objects of many slab caches, N times: a file is created,
 * written and deleted, and a pipe and a pair of sockets are opened and closed.
 *
 *	allocate N
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void check(int ret, const char *what)
{
	if (ret >= 0)
		return;
	perror(what);
	exit(1);
}

static void make_round(void)
{
	int file, fds[2];

	file = open("allocate.tmp", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	check(file, "open");
	check(write(file, "x", 1), "write");
	check(close(file), "close");
	check(unlink("allocate.tmp"), "unlink");
	check(pipe(fds), "pipe");
	check(write(fds[1], "x", 1), "write");
	close(fds[0]);
	close(fds[1]);
	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), "socketpair");
	check(write(fds[0], "x", 1), "write");
	close(fds[0]);
	close(fds[1]);
}

int main(int argc, char **argv)
{
	int i;

	if (argc != 2) {
		fprintf(stderr, "usage: allocate N\n");
		return 2;
	}
	for (i = 0; i < atoi(argv[1]); i++)
		make_round();
	return 0;
}
