// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/writer.h"

#define EMPTY_POLL_MS 5            /* between looks whether a pipe is empty */
#define QUEUE_MIN     65536        /* bytes */
#define BATCH         WRITER_PIECE /* bytes that the thread is woken for, and that a file takes at once */

struct writer {
	int fd;
	writer_piece *piece;
	size_t chunk; /* bytes that are written at once, if they are whole lines */
	FILE *stream;
	char buffer[BATCH]; /* of the stream */
	pthread_t thread;
	pthread_mutex_t lock; /* protects what follows */
	pthread_cond_t changed;
	/* The queue: whole lines from `start', and the beginning of a line from `whole'. */
	char *text;
	size_t start, whole, end, room;
	size_t limit;
	size_t in_write; /* bytes that the thread has taken and not written yet */
	bool extend;
	bool dropping; /* until the end of the line */
	bool closed;
	__u64 queued, dropped, written; /* lines */
	__u64 progress;                 /* bytes written, for writer_drain() */
	int error;
	int failure; /* an eventfd: there is an error */
};

/* --- the thread --- */

/* Return the length of a line with its newline. */
static size_t first_line(const char *text, size_t len)
{
	const char *newline = memchr(text, '\n', len);

	return newline ? (size_t)(newline - text) + 1 : 0;
}

/* Return the number of bytes of whole lines, and add their number to *count. */
static size_t whole_lines(const struct writer *w, const char *text, size_t len, __u64 *count)
{
	size_t at = 0, line;

	for (; at < len && (line = w->piece(text + at, len - at)); at += line)
		++*count;
	return at;
}

/* A pipe takes or refuses PIPE_BUF bytes at once, and a file never refuses. */
static size_t chunk_of(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode) ? BATCH : PIPE_BUF;
}

/* Return the length of as many whole lines as fit into a chunk, or of one line. */
static size_t next_chunk(const struct writer *w, const char *text, size_t len)
{
	__u64 count = 0;
	size_t chunk = whole_lines(w, text, len < w->chunk ? len : w->chunk, &count);

	return chunk ?: w->piece(text, len);
}

/*
 * Wait until a pipe has room for a long line, so that the end of the program does not cut the line
 * while its reader is stalled. Other descriptors take what they can.
 */
static void wait_for_room(int fd, size_t len)
{
	struct pollfd broken = { .fd = fd };
	struct stat st;
	int size, unread;

	if (len <= PIPE_BUF || fstat(fd, &st) || !S_ISFIFO(st.st_mode))
		return;
	size = fcntl(fd, F_GETPIPE_SZ);
	if (size < 0 || (size_t)size < len)
		fcntl(fd, F_SETPIPE_SZ, len);
	while (!ioctl(fd, FIONREAD, &unread) && unread && !poll(&broken, 1, EMPTY_POLL_MS))
		;
}

/* Write the text. Returns 0 or a negative errno; *done bytes were written. */
static int write_all(int fd, const char *text, size_t len, size_t *done)
{
	for (*done = 0; *done < len;) {
		struct pollfd ready = { .fd = fd, .events = POLLOUT };
		ssize_t count = write(fd, text + *done, len - *done);

		if (count >= 0)
			*done += (size_t)count;
		else if (errno == EAGAIN) /* someone else has set O_NONBLOCK */
			poll(&ready, 1, -1);
		else if (errno != EINTR)
			return -errno;
	}
	return 0;
}

/* Remove the beginning of a line that did not fit from the end of a file. */
static void remove_cut_line(int fd, size_t len)
{
	off_t end = lseek(fd, 0, SEEK_CUR);
	struct stat st;

	if (!len || fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size != end)
		return;
	if (!ftruncate(fd, end - (off_t)len))
		lseek(fd, end - (off_t)len, SEEK_SET);
}

/* Write some lines. Returns 0 or a negative errno. */
static int write_chunk(struct writer *w, const char *text, size_t len)
{
	__u64 written = 0;
	size_t done, whole;
	int err;

	wait_for_room(w->fd, len);
	err = write_all(w->fd, text, len, &done);
	whole = whole_lines(w, text, done, &written);
	if (err)
		remove_cut_line(w->fd, done - whole);
	pthread_mutex_lock(&w->lock);
	w->written += written;
	w->in_write -= done;
	w->progress += done;
	w->error = err;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
	return err;
}

/* A copy of the lines that are being written, because the queue may move meanwhile. */
struct chunk {
	char *text;
	size_t len, room;
};

static int chunk_fill(struct chunk *c, const char *text, size_t len)
{
	if (!c->text || len > c->room) {
		char *more = realloc(c->text, len);

		if (!more)
			return -ENOMEM;
		c->text = more;
		c->room = len;
	}
	memcpy(c->text, text, len);
	c->len = len;
	return 0;
}

/* Wait for whole lines, and take some out of the queue. Returns false at the end. */
static bool take_chunk(struct writer *w, struct chunk *c)
{
	bool taken = false;

	pthread_mutex_lock(&w->lock);
	while (!w->closed && w->start == w->whole)
		pthread_cond_wait(&w->changed, &w->lock);
	if (!w->closed) {
		w->in_write = next_chunk(w, w->text + w->start, w->whole - w->start);
		w->error = chunk_fill(c, w->text + w->start, w->in_write);
		w->start += w->in_write;
		taken = !w->error;
	}
	pthread_mutex_unlock(&w->lock);
	return taken;
}

static void *writer_thread(void *context)
{
	struct writer *w = context;
	struct chunk c = {};

	while (take_chunk(w, &c) && !write_chunk(w, c.text, c.len))
		;
	free(c.text);
	if (writer_error(w))
		eventfd_write(w->failure, 1);
	return NULL;
}

/* --- the stream --- */

/* Make room for more bytes at the end of the queue. Returns 0 or -ENOMEM. */
static int queue_grow(struct writer *w, size_t more)
{
	size_t room = w->room ?: QUEUE_MIN;
	char *text;

	if (w->start && w->end + more > w->room) {
		memmove(w->text, w->text + w->start, w->end - w->start);
		w->end -= w->start;
		w->whole -= w->start;
		w->start = 0;
	}
	while (room < w->end + more)
		room *= 2;
	if (room == w->room)
		return 0;
	text = realloc(w->text, room);
	if (!text)
		return -ENOMEM;
	w->text = text;
	w->room = room;
	return 0;
}

/* Drop the line whose beginning is at the end of the queue. */
static void queue_drop(struct writer *w)
{
	w->end = w->whole;
	w->dropping = true;
	w->dropped++;
}

/* Return the length of the rest of a line that may have begun in the queue; 0: its end is not
 * there. */
static size_t rest_of_line(struct writer *w, const char *text, size_t len)
{
	size_t begun = w->end - w->whole, line;

	if (!begun)
		return w->piece(text, len);
	if (queue_grow(w, len))
		return 0;
	memcpy(w->text + w->end, text, len);
	line = w->piece(w->text + w->whole, begun + len);
	return line ? line - begun : 0;
}

/* Append a line that ends, or a part of one. */
static void queue_put(struct writer *w, const char *text, size_t len, bool ends)
{
	if (w->extend)
		w->limit += len;
	if (!w->dropping &&
	    (w->error || w->end - w->start + w->in_write + len > w->limit || queue_grow(w, len)))
		queue_drop(w);
	if (!w->dropping) {
		memcpy(w->text + w->end, text, len);
		w->end += len;
	}
	if (!ends)
		return;
	w->queued += !w->dropping;
	w->whole = w->end;
	w->dropping = false;
}

/* Take what the stream flushes. Returns the number of bytes, all of them. */
static ssize_t writer_put(void *context, const char *text, size_t len)
{
	struct writer *w = context;

	pthread_mutex_lock(&w->lock);
	for (size_t at = 0, part; at < len; at += part) {
		size_t rest = rest_of_line(w, text + at, len - at);

		part = rest ?: len - at;
		queue_put(w, text + at, part, rest);
	}
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
	return (ssize_t)len;
}

void writer_set_pieces(struct writer *w, writer_piece *piece)
{
	w->piece = piece;
}

FILE *writer_stream(const struct writer *w)
{
	return w->stream;
}

void writer_extend(struct writer *w, bool extend)
{
	fflush(w->stream);
	pthread_mutex_lock(&w->lock);
	w->extend = extend;
	pthread_mutex_unlock(&w->lock);
}

int writer_error(struct writer *w)
{
	int error;

	pthread_mutex_lock(&w->lock);
	error = w->error;
	pthread_mutex_unlock(&w->lock);
	return error;
}

int writer_failure_fd(const struct writer *w)
{
	return w->failure;
}

/* Wait until the thread has written something. Returns false if it has not in this time. */
static bool wait_for_progress(struct writer *w, double timeout_s)
{
	__u64 before = w->progress, end_ns = clock_now() + (__u64)(timeout_s * 1e9);
	struct timespec end = { (time_t)(end_ns / 1000000000), (long)(end_ns % 1000000000) };
	int err = 0;

	while (!err && !w->error && w->progress == before)
		err = pthread_cond_timedwait(&w->changed, &w->lock, &end);
	return w->progress != before;
}

bool writer_drain(struct writer *w, double timeout_s)
{
	bool written;

	fflush(w->stream);
	pthread_mutex_lock(&w->lock);
	while (!w->error && w->written < w->queued && wait_for_progress(w, timeout_s))
		;
	written = w->written == w->queued && !w->dropped;
	pthread_mutex_unlock(&w->lock);
	return written;
}

__u64 writer_unwritten(struct writer *w)
{
	__u64 lines;

	pthread_mutex_lock(&w->lock);
	lines = w->dropped + w->queued - w->written;
	pthread_mutex_unlock(&w->lock);
	return lines;
}

/* --- life --- */

/* Initialize the locks and start the thread. Returns 0 or a negative errno. */
static int start_thread(struct writer *w)
{
	pthread_condattr_t attr;
	sigset_t all, before;
	int err;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, &attr);
	pthread_condattr_destroy(&attr);
	/* Signals are for the caller, and a write that fails returns an error. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = -pthread_create(&w->thread, NULL, writer_thread, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

int writer_open(struct writer **writer, int fd, size_t limit)
{
	const cookie_io_functions_t functions = { .write = writer_put };
	struct writer *w = calloc(1, sizeof(*w));
	int err = -ENOMEM;

	if (!w)
		return err;
	w->fd = fd;
	w->piece = first_line;
	w->chunk = chunk_of(fd);
	w->limit = limit;
	w->failure = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->failure < 0) {
		err = -errno;
		free(w);
		return err;
	}
	w->stream = fopencookie(w, "w", functions);
	if (w->stream) {
		setvbuf(w->stream, w->buffer, _IOFBF, sizeof(w->buffer));
		err = start_thread(w);
	}
	if (!err) {
		*writer = w;
		return 0;
	}
	if (w->stream)
		fclose(w->stream);
	close(w->failure);
	free(w);
	return err;
}

void writer_close(struct writer *w)
{
	bool stalled;

	if (!w)
		return;
	fclose(w->stream);
	pthread_mutex_lock(&w->lock);
	w->closed = true;
	stalled = w->in_write && !w->error;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
	if (stalled) {
		/* The thread is in write(2), and uses the memory until the program ends. */
		pthread_detach(w->thread);
		return;
	}
	pthread_join(w->thread, NULL);
	close(w->failure);
	free(w->text);
	free(w);
}
