/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The output and the messages of a run. Neither a stalled reader nor a failed write stops the event
 * loop, because CMD may be a hotremove in progress.
 */
#ifndef SLUBNODE_CMD_OUTPUT_H
#define SLUBNODE_CMD_OUTPUT_H

#include <stdbool.h>
#include "base/writer.h"
#include "cmd/options.h"

struct output {
	const char *name; /* for messages */
	FILE *file;       /* what the view was opened for */
	struct writer *lines, *messages;
	bool reported; /* the error of a write */
};

/*
 * Direct a view and all messages to writers. Both share one if standard error is the output, so
 * that the order of the lines is kept. Returns 0, or a negative errno after an error message.
 */
int output_open(struct output *o, const struct options *options, struct view *view);

/* Delete the content of a file of --output: the output begins. */
void output_begin(struct output *o);

/*
 * Report a write that failed, once; a reader that has ended is no error. Returns true if no line is
 * printed any more.
 */
bool output_failed(struct output *o);

/*
 * Wait for the lines, as long as their reader reads, and close the output. Lines that were not
 * printed are counted in a message. Returns 0; -EPIPE if the reader has ended; -ENOBUFS if it is
 * stalled; or the negative errno of a write that failed.
 */
int output_close(struct output *o);

#endif /* SLUBNODE_CMD_OUTPUT_H */
