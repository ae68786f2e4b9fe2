/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A traced run: the session does what there is to do until CMD has ended, the
 * time is over, or a signal asks for the end.
 */
#ifndef SLUBNODE_LOOP_H
#define SLUBNODE_LOOP_H

#include <stdbool.h>
#include "cmd/session.h"

struct child;

struct loop {
	/* Set by the caller. */
	double duration; /* seconds; 0: none */
	char **cmd;      /* NULL: none */
	int cmd_out;     /* CMD's standard output */
	int out;         /* where the view writes; told when its reader goes away */

	/* How it went. */
	bool cmd_started;
	bool cmd_ended; /* with this: */
	int cmd_status; /* as of waitpid(2) */

	/* The loop's own. */
	struct session *session;
	int epoll, signals, timer;
	struct child *child;
	bool patience; /* CMD was asked to end */
	bool stop;
};

/*
 * From here on signals wait for loop_run(): to be called before anything is
 * attached. 0 or a negative errno; it has been said. loop_close() either way.
 */
int loop_open(struct loop *loop);
void loop_close(struct loop *loop);

/*
 * Starts CMD, and returns when the run is over: 0, or an exit code and the
 * reason has been said.
 */
int loop_run(struct loop *loop, struct session *session);

/* CMD was started, and did not end with status 0. */
bool loop_cmd_failed(const struct loop *loop);

#endif /* SLUBNODE_LOOP_H */
