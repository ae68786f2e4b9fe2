/* SPDX-License-Identifier: GPL-2.0-only */
/* The first record of a session, and the head of its recording: the kernel, and how it is observed.
 */
#ifndef SLUBNODE_CMD_SESSION_FACTS_H
#define SLUBNODE_CMD_SESSION_FACTS_H

#include <stdbool.h>
#include "cmd/session.h"
#include "recording/head.h"

/* Return true if a tier of the detection is wanted. */
bool accesses_sought(const struct detection_options *o);

/* Get the name of this machine, or "localhost". */
void host_name(char *name, size_t room);

/* Return how the programs on lifetimes are attached: "fentry+kprobe"; "none". */
const char *session_attached_by(const struct plan *plan);

/* Print what is attached, and why not in a better way, for --verbose. */
void session_describe(const struct plan *plan);

/* Fill in the record for a tracer that is open. */
void session_facts(struct session_record *r, const struct tracer *t,
		   const struct session_options *options);

/* Fill in what the head of a recording has of the machine, for a tracer that is open. */
void session_head(struct recording_head *h, const struct tracer *t);

/* Return which switch of the kernel keeps the attached programs from running. */
enum stopped session_stopped(const struct tracer *t);

/* Check that the kernel runs what is attached. Returns 0 or an exit status after an error message. */
int session_require_running(const struct tracer *t);

#endif /* SLUBNODE_CMD_SESSION_FACTS_H */
