/* SPDX-License-Identifier: GPL-2.0-only */
/* The recording of a live run: --record and --record-size. */
#ifndef SLUBNODE_RECORDING_OUTPUT_H
#define SLUBNODE_RECORDING_OUTPUT_H

#include <stdbool.h>
#include "cmd/option_list.h"
#include "model/latest.h"
#include "recording/writer.h"

struct recording_output {
	const char *file; /* NULL: nothing is recorded */
	__u64 limit;      /* of a ring; 0: there is none */
	struct option_list *options;
	struct recording_writer *writer;
	struct latest *latest; /* of a ring: the state at its start */
	int error;             /* of the state, whose file is not whole then */
	struct recording_head head;
};

/* Open the file, if there is one. Returns 0 or, after an error message, an exit status. */
int recording_output_open(struct recording_output *o, const char *command, const char *cmd);

/* Close it after a run. Returns 0, or a negative errno after an error message: it is not whole. */
int recording_output_close(struct recording_output *o);

/* Begin with the head. Returns 0, or a negative errno after an error message. */
int recording_output_begin(struct recording_output *o);

/* Add a record, the start, and how the run ended; without the last the recording is not whole. */
void recording_output_record(struct recording_output *o, const struct record *r);
void recording_output_start(const struct recording_output *o);
void recording_output_run(const struct recording_output *o, const struct recording_run *run);

/*
 * Add the state at the end of a turn, if the ring needs it, and accesses do not wait. Returns true
 * if a walk over all caches has to come first.
 */
bool recording_output_turn(const struct recording_output *o, bool waiting);

#endif /* SLUBNODE_RECORDING_OUTPUT_H */
