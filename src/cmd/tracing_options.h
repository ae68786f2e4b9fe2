/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of the commands that trace: trace and check. */
#ifndef SLUBNODE_TRACING_OPTIONS_H
#define SLUBNODE_TRACING_OPTIONS_H

#include <argp.h>
#include "cmd/options.h"
#include "cmd/recording_output.h"
#include "cmd/run.h"
#include "cmd/session.h"
#include "detect/detector.h"
#include "trace/plan.h"

struct tracing_options {
	double duration; /* seconds; 0: none */
	enum attach attach;
	unsigned int ring_bytes; /* 0: the default */
	int ready_fd;            /* is written to when everything is attached; 0: none */
	char **cmd;              /* NULL: none */
	struct detection_options detection;
	struct recording_output recording;
};

/* Return the state before the options are parsed. */
struct tracing_options tracing_options_init(struct options *o);

/* A child of the command's parser; its input is a struct tracing_options. */
extern const struct argp tracing_options_argp;

/* Parse an option's argument: a list of tiers, all or none. Ends the program if it is invalid. */
void tracing_options_tiers(struct argp_state *state, const char *option, const char *arg,
			   bool tiers[TIERS]);

/* Return what the options say of a session, and of the run around it. */
struct session_options tracing_options_session(struct tracing_options *t, const struct options *o,
					       const struct session_observer *observer);
struct run tracing_options_run(const struct tracing_options *t, const struct options *o);

/*
 * Check that no option of a live run is given with --input. Returns 0 or, after an error message,
 * an exit status.
 */
int tracing_options_check(const struct tracing_options *t, const struct options *o);

/* Report to --ready-fd that everything is attached. */
void tracing_options_ready(const struct tracing_options *t);

void tracing_options_free(struct tracing_options *t);

#endif /* SLUBNODE_TRACING_OPTIONS_H */
