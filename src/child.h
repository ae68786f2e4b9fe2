/* SPDX-License-Identifier: GPL-2.0-only */
/* The command after `--'. */
#ifndef SLUBNODE_CHILD_H
#define SLUBNODE_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Starts argv[0], found by PATH, with `out' as its standard output. It is ended (SIGTERM) when we
 * die. The pid, or the negative errno of fork or exec.
 */
pid_t child_start(char *const argv[], int out);

/* Reaps it without waiting; *status as of waitpid(2). True: it has ended. */
bool child_reap(pid_t pid, int *status);

#endif /* SLUBNODE_CHILD_H */
