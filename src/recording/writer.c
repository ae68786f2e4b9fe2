// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "model/record.h"
#include "recording/file.h"
#include "recording/writer.h"

#define DELAY_NS   500000000ULL /* from an entry until it is written */
#define BUFFER_MAX (64U << 20)  /* bytes; more is the end of a recording to a stalled disk */
#define BUFFER_MIN (64U << 10)
#define TIMEOUT_NS 5000000000ULL /* for the thread at the end */

struct buffer {
	char *bytes; /* whole entries */
	size_t len, room;
};

struct recording_writer {
	struct recording_file *file;
	__u64 limit;
	pthread_t thread;
	bool running;
	struct buffer writing; /* of the thread */
	enum frame_kind kind;  /* of the thread: that of the next frame */
	pthread_mutex_t lock;  /* protects what follows */
	pthread_cond_t changed;
	struct buffer filling;
	bool wants_state;
	bool state_queued; /* a state is in a buffer; the segment before it is the newest */
	bool whole;        /* a run was added */
	bool closing;
	bool ended; /* the thread */
	int error;
};

/* --- the thread --- */

static struct timespec timespec_of(__u64 ns)
{
	return (struct timespec){ (time_t)(ns / 1000000000), (long)(ns % 1000000000) };
}

/*
 * Wait for entries, and a while for more of them, unless they fill a frame. Returns false at the
 * end, if there are none.
 */
static bool take_entries(struct recording_writer *r)
{
	struct buffer empty = r->writing;
	struct timespec due;
	int err = 0;

	empty.len = 0;
	pthread_mutex_lock(&r->lock);
	while (!r->filling.len && !r->closing)
		pthread_cond_wait(&r->changed, &r->lock);
	due = timespec_of(clock_now() + DELAY_NS);
	while (r->filling.len < FRAME_BYTES && !r->closing && err != ETIMEDOUT)
		err = pthread_cond_timedwait(&r->changed, &r->lock, &due);
	r->writing = r->filling;
	r->filling = empty;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
	return r->writing.len;
}

/* Return the length of the entries that the next frame gets: up to one that ends the frame. */
static size_t frame_entries(const char *bytes, size_t len)
{
	size_t at = 0;

	while (at < len && at < FRAME_BYTES) {
		const struct entry_head *e = (const void *)(bytes + at);

		if (e->kind >= ENTRY_STATE_BEGIN)
			break;
		at += ENTRY_BYTES(e->len);
	}
	return at;
}

/* Act upon an entry that is not in the file. Returns 0 or a negative errno. */
static int switch_state(struct recording_writer *r, const struct entry_head *e)
{
	r->kind = e->kind == ENTRY_STATE_BEGIN ? FRAME_STATE : FRAME_ENTRIES;
	if (e->kind == ENTRY_STATE_BEGIN)
		return file_segment(r->file);
	file_state_end(r->file);
	pthread_mutex_lock(&r->lock);
	r->state_queued = false;
	pthread_mutex_unlock(&r->lock);
	return 0;
}

/* Write the entries that were taken. Returns 0 or a negative errno. */
static int write_entries(struct recording_writer *r)
{
	const struct buffer *b = &r->writing;
	int err = 0;

	for (size_t at = 0; at < b->len && !err;) {
		const char *bytes = b->bytes + at;
		size_t len = frame_entries(bytes, b->len - at);

		if (len)
			err = file_append(r->file, r->kind, bytes, len);
		else
			err = switch_state(r, (const void *)bytes);
		at += len ?: ENTRY_BYTES(0);
	}
	return err ? err : file_sync(r->file);
}

static void *recording_writer_thread(void *context)
{
	struct recording_writer *r = context;
	int err = 0;

	while (!err && take_entries(r)) {
		err = write_entries(r);
		pthread_mutex_lock(&r->lock);
		r->wants_state |= r->limit && !r->state_queued &&
				  file_segment_bytes(r->file) > r->limit / 2;
		pthread_mutex_unlock(&r->lock);
	}
	if (!err && r->whole)
		err = file_append(r->file, FRAME_END, NULL, 0) ?: file_sync(r->file);
	pthread_mutex_lock(&r->lock);
	r->error = r->error ?: err;
	r->ended = true;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* --- the entries --- */

/* Make room for an entry. Returns 0 or a negative errno. */
static int buffer_grow(struct buffer *b, size_t more)
{
	size_t room = b->room ?: BUFFER_MIN;
	char *bytes;

	while (room < b->len + more)
		room *= 2;
	if (room > BUFFER_MAX)
		return -ENOBUFS;
	if (room == b->room)
		return 0;
	bytes = realloc(b->bytes, room);
	if (!bytes)
		return -ENOMEM;
	b->bytes = bytes;
	b->room = room;
	return 0;
}

static void buffer_put(struct buffer *b, enum entry_kind kind, const void *data, size_t len)
{
	const struct entry_head head = { kind, (__u32)len };
	char *to = b->bytes + b->len;

	memset(to, 0, ENTRY_BYTES(len));
	memcpy(to, &head, sizeof(head));
	if (len)
		memcpy(to + sizeof(head), data, len);
	b->len += ENTRY_BYTES(len);
}

static void recording_writer_put(struct recording_writer *r, enum entry_kind kind, const void *data,
				 size_t len)
{
	size_t before;

	pthread_mutex_lock(&r->lock);
	before = r->filling.len;
	if (!r->error)
		r->error = buffer_grow(&r->filling, ENTRY_BYTES(len));
	if (!r->error)
		buffer_put(&r->filling, kind, data, len);
	r->whole |= kind == ENTRY_RUN && !r->error;
	if (!before || r->filling.len >= FRAME_BYTES)
		pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

void recording_writer_record(struct recording_writer *r, const struct record *record)
{
	recording_writer_put(r, ENTRY_RECORD, record, record_len(record));
}

void recording_writer_start(struct recording_writer *r)
{
	recording_writer_put(r, ENTRY_START, NULL, 0);
}

void recording_writer_run(struct recording_writer *r, const struct recording_run *run)
{
	recording_writer_put(r, ENTRY_RUN, run, sizeof(*run));
}

void recording_writer_wait(struct recording_writer *r)
{
	pthread_mutex_lock(&r->lock);
	while (r->filling.len >= FRAME_BYTES && !r->ended)
		pthread_cond_wait(&r->changed, &r->lock);
	pthread_mutex_unlock(&r->lock);
}

bool recording_writer_wants_state(struct recording_writer *r)
{
	bool wants;

	pthread_mutex_lock(&r->lock);
	wants = r->wants_state;
	pthread_mutex_unlock(&r->lock);
	return wants;
}

void recording_writer_state_begin(struct recording_writer *r)
{
	pthread_mutex_lock(&r->lock);
	r->wants_state = false;
	r->state_queued = true;
	pthread_mutex_unlock(&r->lock);
	recording_writer_put(r, ENTRY_STATE_BEGIN, NULL, 0);
}

void recording_writer_state_end(struct recording_writer *r)
{
	recording_writer_put(r, ENTRY_STATE_END, NULL, 0);
}

/* --- life --- */

static void recording_writer_free(struct recording_writer *r)
{
	file_close(r->file);
	free(r->filling.bytes);
	free(r->writing.bytes);
	free(r);
}

int recording_writer_open(struct recording_writer **writer, const char *file, __u64 limit)
{
	struct recording_writer *r = calloc(1, sizeof(*r));
	pthread_condattr_t attr;
	int err;

	if (!r)
		return -ENOMEM;
	r->limit = limit;
	r->kind = FRAME_ENTRIES;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->changed, &attr);
	pthread_condattr_destroy(&attr);
	err = file_open(&r->file, file);
	if (err) {
		recording_writer_free(r);
		return err;
	}
	*writer = r;
	return 0;
}

int recording_writer_begin(struct recording_writer *r, const struct recording_head *head)
{
	sigset_t all, before;
	int err = file_begin(r->file, head);

	if (err)
		return err;
	/* Signals are for the caller. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = -pthread_create(&r->thread, NULL, recording_writer_thread, r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	r->running = !err;
	return err;
}

/* Wait until the thread has ended. Returns false if it is stalled. */
static bool wait_for_thread(struct recording_writer *r)
{
	struct timespec end = timespec_of(clock_now() + TIMEOUT_NS);
	bool ended;
	int err = 0;

	pthread_mutex_lock(&r->lock);
	r->closing = true;
	pthread_cond_broadcast(&r->changed);
	while (!r->ended && err != ETIMEDOUT)
		err = pthread_cond_timedwait(&r->changed, &r->lock, &end);
	ended = r->ended;
	pthread_mutex_unlock(&r->lock);
	return ended;
}

int recording_writer_close(struct recording_writer *r)
{
	int err;

	if (!r)
		return 0;
	if (r->running && !wait_for_thread(r)) {
		/* The thread uses the memory until the program ends. */
		pthread_detach(r->thread);
		return -ENOBUFS;
	}
	if (r->running)
		pthread_join(r->thread, NULL);
	err = r->error;
	recording_writer_free(r);
	return err;
}
