/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event loop around a session: start CMD, forward signals to it, and let the
 * session work until CMD has ended, the time is over, or a signal asks for the
 * end. CMD may be a hotremove in progress: no failure of ours ends it, and it is never
 * sent SIGKILL.
 */
#ifndef SLUBNODE_RUN_H
#define SLUBNODE_RUN_H

#include <signal.h>
#include <stdbool.h>
#include "cmd/recording_output.h"
#include "cmd/session.h"

struct run {
	/* Set by the caller. */
	char **cmd;      /* NULL: none */
	int cmd_out;     /* CMD's standard output */
	double duration; /* seconds; 0: no limit */
	/* Output of the session; without CMD the run ends when it has no reader. -1: none. */
	int out;
	int failure; /* becomes readable when the output has failed, so that a turn sees it; -1:
			none */

	/* The result. */
	int cmd_error; /* negative errno: CMD cannot be started */
	bool cmd_started;
	bool cmd_ended;
	int cmd_status; /* of waitpid(2), if it has ended */

	/* Private. */
	struct session *session;
	int epoll, signals, timer;
	int start_fd;  /* a byte starts the held child, end of file ends it */
	int report_fd; /* the errno of its execvp(), or end of file */
	pid_t pid;
	sigset_t mask;            /* of our caller, for CMD */
	struct sigaction sigchld; /* likewise */
	sigset_t sent;            /* signals that CMD was sent */
	sigset_t ignored;         /* by our caller, and by CMD: SIGINT and SIGQUIT */
	bool waiting;             /* for CMD, after SIGINT or SIGQUIT; reported */
	bool overdue;             /* the duration is over, and CMD still ran */
	bool stop;
};

/*
 * Ignore SIGPIPE, so that a write to a pipe without a reader fails instead, and note the actions
 * of our caller, which CMD gets. Called before there is another thread.
 */
void run_keep_signals(void);

/*
 * Look CMD up, block the signals that run_session() handles, and fork the child that
 * becomes CMD. The fork comes before anything is loaded, so that the child shares
 * none of it. The caller calls run_close() in either case. Returns 0, or a negative
 * errno after an error message.
 */
int run_open(struct run *run);
void run_close(struct run *run);

/*
 * Start CMD, work until the end, and finish the session and its recording. If CMD cannot be started,
 * cmd_error is set, and there is no outcome. Returns 0, or a negative errno after an error message.
 */
int run_session(struct run *run, struct session *session, const struct recording_output *recording,
		struct outcome *outcome);

/* End the run at the end of this turn. */
void run_stop(struct run *run);

/* Return the exit status of a run_open() or run_session() that failed. */
int run_exit_status(const struct run *run);

/* Return why CMD has no status ("is still running", "was not started"), or NULL. */
const char *run_cmd_unfinished(const struct run *run);

/* Return true if there is a CMD and it has not ended with status 0. */
bool run_cmd_failed(const struct run *run);

#endif /* SLUBNODE_RUN_H */
