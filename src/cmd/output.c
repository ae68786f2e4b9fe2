// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/msg.h"
#include "base/terminal.h"
#include "cmd/exit_status.h"
#include "cmd/output.h"

#define LINES_BYTES    (8U << 20)
#define MESSAGES_BYTES (1U << 20)
#define MESSAGES_S     1.0

/* Report what cannot be done. Returns the exit status. */
static int cannot(const char *what, const char *name, int err, int exit_status)
{
	msg_error("cannot %s %s: %s", what, name, strerror(-err));
	return exit_status;
}

int output_create(struct output *o, const char *file, double timeout_s)
{
	int err;

	*o = (struct output){ .name = file ?: "standard output",
			      .fd = STDOUT_FILENO,
			      .piece = "line",
			      .timeout_s = timeout_s };
	if (file)
		o->fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (o->fd < 0)
		return cannot("write", file, -errno, EXIT_USAGE);
	err = writer_open(&o->lines, o->fd, LINES_BYTES);
	return err ? cannot("start a thread to write", o->name, err, EXIT_CANNOT_RUN) : 0;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool same_file(int fd, int other)
{
	struct stat a, b;

	return !fstat(fd, &a) && !fstat(other, &b) && is_same(&a, &b);
}

int output_check_input(int fd, const char *option, const char *input)
{
	struct stat a, b;

	if (!input || fstat(fd, &a) || stat(input, &b) || !is_same(&a, &b))
		return 0;
	msg_error("--input and %s name the same file", option);
	return EXIT_USAGE;
}

int output_open(struct output *o, const struct options *options, struct view *view,
		double timeout_s)
{
	int code = output_create(o, options->output, timeout_s), err = 0;

	if (!code)
		code = output_check_input(o->fd, "--output", options->input);
	if (code)
		return code;
	if (same_file(o->fd, STDERR_FILENO))
		o->messages = o->lines;
	else
		err = writer_open(&o->messages, STDERR_FILENO, MESSAGES_BYTES);
	if (err)
		return cannot("start a thread to write", "messages", err, EXIT_CANNOT_RUN);
	options_select_view(options, options->format, view, terminal_is_capable(o->fd));
	if ((view->ops->packet || view->ops->page) && o->messages == o->lines) {
		msg_error("%s is where messages go, too, and the format is %s", o->name,
			  view->ops->packet ? "binary" : "a page");
		msg_hint("write it to a file: -o FILE");
		return EXIT_USAGE;
	}
	if (view->ops->packet) {
		writer_set_pieces(o->lines, view->ops->packet);
		o->piece = "packet";
	}
	view->out = writer_stream(o->lines);
	msg_set_stream(writer_stream(o->messages));
	return 0;
}

FILE *output_begin(struct output *o)
{
	if (o->fd != STDOUT_FILENO && ftruncate(o->fd, 0))
		msg_verbose("%s has no length to be truncated", o->name);
	return writer_stream(o->lines);
}

bool output_failed(struct output *o)
{
	int err = writer_error(o->lines);

	if (err && err != -EPIPE && !o->reported)
		cannot("write", o->name, err, 0);
	o->reported |= err;
	return err;
}

void output_drop_nothing(struct output *o)
{
	writer_extend(o->lines, true);
	if (o->messages && o->messages != o->lines)
		writer_extend(o->messages, true);
}

void output_wait(struct output *o)
{
	writer_drain(o->lines, OUTPUT_NO_LIMIT);
	if (o->messages && o->messages != o->lines)
		writer_drain(o->messages, OUTPUT_NO_LIMIT);
}

/* Wait for the lines, and report those that were not printed. Returns as output_close(). */
static int finish_lines(struct output *o)
{
	bool written = writer_drain(o->lines, o->timeout_s);
	__u64 lines = writer_unwritten(o->lines);
	int err = writer_error(o->lines);

	output_failed(o);
	if (!written && err != -EPIPE)
		msg_warn("%llu %s%s not printed%s", lines, o->piece, lines == 1 ? " was" : "s were",
			 err ? "" : ", because the reader of the output was too slow");
	return err ? err : written ? 0 : -ENOBUFS;
}

/* Wait for the messages, and direct later ones to standard error. */
static void finish_messages(struct output *o)
{
	if (!o->messages)
		return;
	writer_drain(o->messages, MESSAGES_S);
	msg_set_stream(NULL);
	if (o->messages != o->lines)
		writer_close(o->messages);
}

/* Close a file, which can report an error late. Returns 0, or as output_close(). */
static int close_file(struct output *o, int err)
{
	if (o->fd == STDOUT_FILENO || err == -ENOBUFS)
		return err; /* a write may be in progress */
	if (!close(o->fd) || err)
		return err;
	err = -errno;
	cannot("write", o->name, err, 0);
	return err;
}

int output_close(struct output *o)
{
	int err;

	if (!o->lines)
		return 0;
	err = finish_lines(o);
	finish_messages(o);
	writer_close(o->lines);
	return close_file(o, err);
}
