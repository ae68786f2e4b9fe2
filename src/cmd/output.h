/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The output and the messages of a command. Neither a stalled reader nor a failed write stops the
 * event loop, because CMD may be a hotremove in progress.
 */
#ifndef SLUBNODE_CMD_OUTPUT_H
#define SLUBNODE_CMD_OUTPUT_H

#include <stdbool.h>
#include "base/writer.h"
#include "cmd/options.h"

struct output {
	const char *name; /* for messages */
	int fd;
	struct writer *lines;
	const char *piece;       /* "line", or "packet" of a binary format */
	struct writer *messages; /* `lines' if both are one file; NULL: messages go elsewhere */
	double timeout_s;        /* at the end, for a reader that reads nothing */
	bool reported;           /* the error of a write */
};

#define OUTPUT_TIMEOUT_S 5.0 /* of a run; CMD's caller waits */
#define OUTPUT_NO_LIMIT  1e9 /* a reader such as less(1) may take its time */

/*
 * Open a file for output; NULL: standard output. Its content stays until output_begin(), so that a
 * command that cannot begin leaves the last result. Returns 0 or, after an error message, an exit
 * status.
 */
int output_create(struct output *o, const char *file, double timeout_s);

/*
 * Open the output that the options select, and direct the view and all messages to writers. Both
 * share one if standard error is the output, so that the order of the lines is kept. Returns as
 * output_create().
 */
int output_open(struct output *o, const struct options *options, struct view *view,
		double timeout_s);

/* Refuse the file of an option that --input reads. Returns 0, or an exit status after a message. */
int output_check_input(int fd, const char *option, const char *input);

/* Delete the content of a file: the output begins. Returns the stream. */
FILE *output_begin(struct output *o);

/*
 * Report a write that failed, once; a reader that has ended is no error. Returns true if no line is
 * printed any more.
 */
bool output_failed(struct output *o);

/* Drop no line: the caller waits instead, by output_wait(). */
void output_drop_nothing(struct output *o);

/* Wait until all lines and messages so far are written, however slow their reader is. */
void output_wait(struct output *o);

/*
 * Wait for the lines, as long as their reader reads, and close the output, if it is open. Lines
 * that were not printed are counted in a message. Returns 0; -EPIPE if the reader has ended;
 * -ENOBUFS if it is stalled; or the negative errno of a write that failed.
 */
int output_close(struct output *o);

#endif /* SLUBNODE_CMD_OUTPUT_H */
