/* SPDX-License-Identifier: GPL-2.0-only */
/* The recording of a live run: --record and --record-size. */
#ifndef SLUBNODE_RECORDING_OUTPUT_H
#define SLUBNODE_RECORDING_OUTPUT_H

#include "cmd/option_list.h"
#include "cmd/run.h"
#include "recording/recorder.h"

struct recording_output {
	const char *file; /* NULL: nothing is recorded */
	__u64 limit;      /* of a ring; 0: there is none */
	struct option_list *options;
	struct recorder *recorder;
	struct recording_head head;
};

/* Open the file, if there is one. Returns 0 or, after an error message, an exit status. */
int recording_output_open(struct recording_output *o, const char *command, const char *cmd);

/* Close it after a run. Returns the exit status: `code', unless the recording failed. */
int recording_output_close(struct recording_output *o, int code);

/* Note how the run ended; without it the recording is not whole. */
void recording_output_run(const struct recording_output *o, const struct run *run, int error);

#endif /* SLUBNODE_RECORDING_OUTPUT_H */
