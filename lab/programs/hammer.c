// SPDX-License-Identifier: GPL-2.0-only
/*
 * Read files of /sys and /proc again and again, one after the other, until the file RUN does
 * not exist any more:
 *
 *	hammer RUN FILE...
 *
 * Then the number of reads is printed. An impossible count in a file of /sys, which a
 * reader of freed memory can get, is printed at once: "garbage PID FILE CONTENT".
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES 1024
/* More objects than this do not fit into a guest. */
#define LIMIT 100000000ULL

/* Return 1 if a text such as "5 N0=3 N1=2" contains an impossible number. */
static int is_garbage(const char *s)
{
	while ((s = strpbrk(s, "0123456789-"))) {
		char *end;

		if (*s == '-' || strtoull(s, &end, 10) > LIMIT)
			return 1;
		s = end;
	}
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long long reads = 0;
	int fds[FILES], n, i;
	char text[4096];

	n = argc - 2;
	if (n < 1 || n > FILES) {
		fprintf(stderr, "usage: hammer RUN FILE...\n");
		return 2;
	}
	for (i = 0; i < n; i++)
		fds[i] = open(argv[i + 2], O_RDONLY | O_CLOEXEC);
	while (!access(argv[1], F_OK)) {
		for (i = 0; i < n; i++) {
			/* A read at offset 0 makes the kernel generate the content again. */
			ssize_t got = pread(fds[i], text, sizeof(text) - 1, 0);

			if (got <= 0)
				continue; /* its cache was destroyed */
			text[got] = '\0';
			reads++;
			if (!strncmp(argv[i + 2], "/sys/", 5) && is_garbage(text)) {
				printf("garbage %d %s %s", getpid(), argv[i + 2], text);
				fflush(stdout);
			}
		}
	}
	printf("reads %llu\n", reads);
	return 0;
}
