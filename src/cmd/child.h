/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CMD, the command after `--', in the care of a guardian: a small process of
 * ours that CMD and all that it starts are descendants of, whatever sessions and
 * parents they choose. When we are gone, however we ended, it kills what is left
 * of them.
 */
#ifndef SLUBNODE_CHILD_H
#define SLUBNODE_CHILD_H

#include <stdbool.h>

struct child;

/*
 * The guardian of argv[0], which gets `out' as its standard output. Before
 * anything of BPF is opened: what the guardian held would stay attached with
 * it. 0 or a negative errno.
 */
int child_prepare(struct child **child, char *const argv[], int out);

/* What CMD left running goes on, unless child_sweep() came before. */
void child_close(struct child *c);

/* Starts CMD, found by PATH. 0, or the negative errno of fork or exec. */
int child_start(struct child *c);

/* To be polled; readable when child_ended() may say something else. */
int child_fd(const struct child *c);

/*
 * Without waiting. True, from then on: CMD has ended, with this status, as of
 * waitpid(2). When the guardian was killed CMD is dead too, by SIGKILL.
 */
bool child_ended(struct child *c, int *status);

/* A signal for CMD, if it is still there. */
void child_signal(struct child *c, int signal);

/* Kills CMD and all that it has started; waits for that, but not for ever. */
void child_sweep(struct child *c);

#endif /* SLUBNODE_CHILD_H */
