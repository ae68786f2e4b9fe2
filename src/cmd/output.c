// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/json.h"
#include "base/msg.h"
#include "cmd/output.h"

#define LINES_BYTES    (8U << 20)
#define MESSAGES_BYTES (1U << 20)
#define STALLED_S      5.0 /* at the end, for a reader that reads nothing */
#define MESSAGES_S     1.0

static bool same_file(int fd, int other)
{
	struct stat a, b;

	return !fstat(fd, &a) && !fstat(other, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

int output_open(struct output *o, const struct options *options, struct view *view)
{
	int fd = fileno(view->out), err = writer_open(&o->lines, fd, LINES_BYTES);

	o->name = options->output ?: "standard output";
	o->file = view->out;
	o->messages = o->lines;
	if (!err && !same_file(fd, STDERR_FILENO))
		err = writer_open(&o->messages, STDERR_FILENO, MESSAGES_BYTES);
	if (err) {
		msg_error("cannot start a thread: %s", strerror(-err));
		return err;
	}
	view->out = writer_stream(o->lines);
	msg_set_stream(writer_stream(o->messages));
	return 0;
}

void output_begin(struct output *o)
{
	if (o->file != stdout)
		options_truncate(o->file);
}

bool output_failed(struct output *o)
{
	int err = writer_error(o->lines);

	if (err && err != -EPIPE && !o->reported)
		msg_error("cannot write %s: %s", o->name, strerror(-err));
	o->reported |= err;
	return err;
}

/* Wait for the lines, and report those that were not printed. Returns as output_close(). */
static int finish_lines(struct output *o)
{
	bool written = writer_drain(o->lines, STALLED_S);
	__u64 lines = writer_unwritten(o->lines);
	int err = writer_error(o->lines);

	output_failed(o);
	if (!written && err != -EPIPE)
		msg_warn("%llu lines were not printed%s", lines,
			 err ? "" : ", because the reader of the output was too slow");
	return err ? err : written ? 0 : -ENOBUFS;
}

/* Close a file, which can report an error late. Returns 0, or as output_close(). */
static int close_file(struct output *o, int err)
{
	if (o->file == stdout || err == -ENOBUFS)
		return err; /* a write may be in progress */
	if (!fclose(o->file) || err)
		return err;
	err = -errno;
	msg_error("cannot write %s: %s", o->name, strerror(-err));
	return err;
}

int output_close(struct output *o)
{
	int err = finish_lines(o);

	if (!err && json_failed()) {
		err = -ENOMEM;
		msg_error("cannot write %s: %s", o->name, strerror(-err));
	}
	writer_drain(o->messages, MESSAGES_S);
	msg_set_stream(NULL);
	if (o->messages != o->lines)
		writer_close(o->messages);
	writer_close(o->lines);
	return close_file(o, err);
}
