/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A session is one run of `trace' or `check'. It passes the records of the
 * programs, and those that only user space can make, to the model, and asks for
 * a walk over all caches after each change of a node. An observer is called for
 * each event of the model.
 */
#ifndef SLUBNODE_SESSION_H
#define SLUBNODE_SESSION_H

#include "base/filter.h"
#include "cmd/outcome.h"
#include "detect/detector.h"
#include "model/model.h"
#include "trace/tracer.h"

struct session;
struct recording_output;

struct session_observer {
	struct model_observer model;
	void *context; /* of the functions below; the model's have their own */
	/* Called for each record of a replay, before it enters the model; NULL: not of interest. */
	void (*record)(void *context, const struct record *r);
	/* Called when the first turn begins, after the initial scan. NULL: not of interest. */
	void (*start)(void *context, const struct facts *facts);
	/*
	 * Called at the end of a turn. NULL: not of interest. Returns 0, or the negative errno
	 * that ends the session.
	 */
	int (*turn_over)(void *context);
};

struct session_options {
	const struct session_observer *observer;
	const struct filter *filter;
	const char *btf_file; /* NULL: the kernel's own */
	enum attach attach;
	unsigned int ring_bytes; /* 0: the default */
	const struct detection_options *detection;
	struct recording_output *recording; /* gets each record */
};

/*
 * Attach, and scan all caches. Returns 0, or an exit status (exit_status.h) after an
 * error message; *session is NULL then.
 */
int session_open(struct session **session, const struct session_options *options);
void session_close(struct session *s);

/* Return the model, which is complete after session_finish(). */
struct model *session_model(const struct session *s);

/* Return a descriptor to wait for, and the longest wait in milliseconds; -1: there is no limit. */
int session_fd(const struct session *s);
int session_timeout(const struct session *s);

/* Work for one turn: read, walk, aim and compare as far as due. Returns 0 or a negative errno. */
int session_turn(struct session *s);

/* Walk a last time, and end the session. `error' is the negative errno that ended it, or 0. */
void session_finish(struct session *s, int error, struct outcome *outcome);

#endif /* SLUBNODE_SESSION_H */
