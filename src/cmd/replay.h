/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A replay feeds the model with the records of a file, and calls the observer as a session does, so
 * that a command answers as in the live run.
 */
#ifndef SLUBNODE_REPLAY_H
#define SLUBNODE_REPLAY_H

#include "cmd/outcome.h"
#include "cmd/run.h"
#include "cmd/session.h"
#include "recording/recording.h"

struct replay;

/*
 * Open a recording; "-" is standard input. Returns 0, or an exit status after an error message;
 * *replay is NULL then.
 */
int replay_open(struct replay **replay, const char *file);
void replay_close(struct replay *r);

const struct recording_head *replay_head(const struct replay *r);

/*
 * Create the model; the observer and the filter outlive the replay. Returns 0, or an exit status
 * after an error message.
 */
int replay_begin(struct replay *r, const struct session_observer *observer,
		 const struct filter *filter);

/* Return the model, which is complete after replay_run(). */
struct model *replay_model(const struct replay *r);

/*
 * Play the recording to its end, or until run_stop(). `run' becomes that of the recorded run. A
 * file that is not whole is reported, and is a caveat of the outcome. Returns 0, the negative errno
 * that ended the recorded run, or another one after an error message.
 */
int replay_run(struct replay *r, struct run *run, struct outcome *outcome);

#endif /* SLUBNODE_REPLAY_H */
