// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>
#include "model/record.h"
#include "recording/recording.h"

#define INPUT_BYTES    (64 << 10)
#define WINDOW_LOG_MAX 20 /* a frame is smaller */
#define RECORD_BYTES   4096
#define ERRNO_MAX      4095

struct recording {
	int fd;
	ZSTD_DCtx *zstd;
	struct recording_mark mark;
	struct recording_head head;
	char why[256];
	__u64 offset;   /* in the file: of the input that is not decompressed yet */
	__u64 frame;    /* in the file: of the last frame */
	__u64 sequence; /* of the next frame */
	bool entries;   /* a frame after the head was seen */
	bool partial;   /* the first one was a state */
	bool state;     /* the last frame was a state that is of use */
	bool run;       /* the last entry was seen */
	bool over;      /* nothing more is read */
	size_t at, end; /* of the entries in the content */
	size_t in_begin, in_end;
	__u64 short_record[RECORD_BYTES / 8]; /* one that lacks fields */
	unsigned char input[INPUT_BYTES];
	__u64 content[FRAME_BYTES_MAX / 8];
};

/* Note why the file is of no more use. Returns the error. */
static int recording_broken(struct recording *r, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int recording_broken(struct recording *r, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(r->why, sizeof(r->why), format, args);
	va_end(args);
	r->over = true;
	return err;
}

/* --- bytes --- */

/* Read until the input has this many bytes. Returns how many it has, or a negative errno. */
static int input_fill(struct recording *r, size_t want)
{
	if (r->in_end - r->in_begin >= want)
		return (int)want;
	memmove(r->input, r->input + r->in_begin, r->in_end - r->in_begin);
	r->in_end -= r->in_begin;
	r->in_begin = 0;
	while (r->in_end < want) {
		ssize_t count = read(r->fd, r->input + r->in_end, INPUT_BYTES - r->in_end);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return recording_broken(r, -errno, "it cannot be read: %s",
						strerror(errno));
		if (!count)
			break;
		r->in_end += (size_t)count;
	}
	return (int)(r->in_end < want ? r->in_end : want);
}

static void input_take(struct recording *r, size_t len)
{
	r->in_begin += len;
	r->offset += len;
}

/* --- frames --- */

static int recording_cut(struct recording *r)
{
	return recording_broken(r, -ENODATA,
				"it is cut: it ends at byte %llu, in the middle of a frame",
				r->offset + (r->in_end - r->in_begin));
}

static int recording_damaged(struct recording *r, const char *how)
{
	return recording_broken(r, -ENODATA, "it is damaged: the frame at byte %llu %s", r->frame,
				how);
}

/* Describe an error of zstd. */
static const char *zstd_words(size_t error)
{
	switch (ZSTD_getErrorCode(error)) {
	case ZSTD_error_checksum_wrong: return "has a wrong checksum";
	case ZSTD_error_frameParameter_windowTooLarge: return "is too large";
	case ZSTD_error_memory_allocation: return "needs more memory than there is";
	default: return "cannot be decompressed";
	}
}

/* Decompress a frame. Returns 0 or as recording_next(). */
static int frame_decompress(struct recording *r, size_t *len)
{
	ZSTD_outBuffer out = { r->content, sizeof(r->content), 0 };
	size_t left = 1;

	ZSTD_DCtx_reset(r->zstd, ZSTD_reset_session_only);
	while (left) {
		int count = input_fill(r, 1);
		ZSTD_inBuffer in = { r->input + r->in_begin, r->in_end - r->in_begin, 0 };
		size_t before = out.pos;

		if (count < 0)
			return count;
		left = ZSTD_decompressStream(r->zstd, &out, &in);
		if (ZSTD_isError(left))
			return recording_damaged(r, zstd_words(left));
		input_take(r, in.pos);
		if (left && !in.pos && out.pos == before)
			return count ? recording_damaged(r, "is too large") : recording_cut(r);
	}
	*len = out.pos;
	return 0;
}

/* Check the first bytes of a frame: the library reads older formats, too. Returns as above. */
static int frame_check_magic(struct recording *r)
{
	int count = input_fill(r, 4);
	__u32 magic;

	r->frame = r->offset;
	if (count < 0)
		return count;
	if (!count)
		return recording_broken(
			r, -ENODATA, "it has no end: the recording tool was killed, or still runs");
	if (count < 4)
		return recording_cut(r);
	memcpy(&magic, r->input + r->in_begin, sizeof(magic));
	return magic == ZSTD_MAGICNUMBER ? 0 : recording_damaged(r, "is none");
}

/* Read a frame into the content. Returns 0 or as recording_next(). */
static int frame_read(struct recording *r, struct frame_head *head)
{
	size_t len = 0;
	int err = frame_check_magic(r) ?: frame_decompress(r, &len);

	if (err)
		return err;
	if (len < sizeof(*head))
		return recording_damaged(r, "has no head");
	memcpy(head, r->content, sizeof(*head));
	if (!head->kind || head->kind >= FRAME_KINDS || head->bytes != len - sizeof(*head))
		return recording_damaged(r, "has a wrong head");
	r->at = sizeof(*head);
	r->end = len;
	return 0;
}

/* Check that no frame is missing. A ring may begin with a later state. Returns as above. */
static int frame_check_order(struct recording *r, const struct frame_head *head)
{
	bool begins = head->kind == FRAME_STATE && !r->entries;
	bool follows = head->sequence == r->sequence || (begins && head->sequence > r->sequence);

	if (head->kind == FRAME_HEAD || !follows)
		return recording_damaged(r, "does not follow the one before");
	r->entries = true;
	r->partial |= begins;
	r->sequence = head->sequence + 1;
	return 0;
}

/* Check what follows the closing frame. Returns 0 at the end of the file, or as above. */
static int recording_end(struct recording *r)
{
	int count = input_fill(r, 1);

	if (count < 0)
		return count;
	if (count || !r->run)
		return recording_damaged(r, count ? "is the closing one, and others follow"
						  : "is the closing one, and the run has no end");
	r->over = true;
	*r->why = 0;
	return 0;
}

/*
 * Read frames until one has entries. A state in the middle of the file has nothing new. Returns 1
 * or as recording_next().
 */
static int next_entries(struct recording *r)
{
	struct frame_head head = {};
	bool state = false;
	int err;

	do {
		bool first = !r->entries;

		err = frame_read(r, &head) ?: frame_check_order(r, &head);
		if (err)
			return err;
		if (head.kind == FRAME_END)
			return recording_end(r);
		state = head.kind == FRAME_STATE;
		r->state = state && (first || r->state);
	} while (state && !r->state);
	return 1;
}

/* --- entries --- */

/* Take a record. One that lacks the fields of later versions gets zeros. */
static const struct record *take_record(struct recording *r, const void *data, size_t len)
{
	struct record head;
	size_t whole;

	if (len < sizeof(head))
		return NULL;
	memcpy(&head, data, sizeof(head));
	whole = head.type && head.type < RECORD_TYPES ? record_len(&head) : 0;
	if (len >= whole || whole > sizeof(r->short_record))
		return record_check(data, len);
	memset(r->short_record, 0, whole);
	memcpy(r->short_record, data, len);
	return record_check(r->short_record, whole);
}

static bool is_errno(__s32 value)
{
	return value <= 0 && value >= -ERRNO_MAX;
}

static int take_entry(struct recording *r, struct recording_entry *e)
{
	const char *content = (const char *)r->content;
	struct entry_head head;

	if (r->run || r->end - r->at < sizeof(head))
		return recording_damaged(r, "has entries that do not fit");
	memcpy(&head, content + r->at, sizeof(head));
	if (head.len > r->end - r->at - sizeof(head) || ENTRY_BYTES(head.len) > r->end - r->at)
		return recording_damaged(r, "has entries that do not fit");
	*e = (struct recording_entry){ .kind = head.kind };
	content += r->at + sizeof(head);
	r->at += ENTRY_BYTES(head.len);
	switch (head.kind) {
	case ENTRY_RECORD: e->record = take_record(r, content, head.len); return 1;
	case ENTRY_START: return 1;
	case ENTRY_RUN:
		memcpy(&e->run, content, head.len < sizeof(e->run) ? head.len : sizeof(e->run));
		r->run = true;
		if (!is_errno(e->run.error) || !is_errno(e->run.cmd_error))
			return recording_damaged(r, "has a wrong end of the run");
		return 1;
	}
	/* Of a later version. */
	e->kind = ENTRY_RECORD;
	return 1;
}

int recording_next(struct recording *r, struct recording_entry *e)
{
	while (r->at == r->end) {
		int err = r->over ? (*r->why ? -ENODATA : 0) : next_entries(r);

		if (err <= 0)
			return err;
	}
	return take_entry(r, e);
}

/* --- life --- */

/* Check the mark. Returns 0 or as recording_open(). */
static int check_mark(struct recording *r)
{
	int count = input_fill(r, sizeof(r->mark));
	struct recording_mark mark = {};

	if (count < 0)
		return count;
	memcpy(&mark, r->input + r->in_begin, (size_t)count);
	if (mark.skippable != RECORDING_SKIPPABLE ||
	    strncmp(mark.name, RECORDING_NAME, sizeof(mark.name)))
		return recording_broken(r, -EINVAL, "it is not a recording of slubnode-trace");
	if (count < (int)sizeof(mark))
		return recording_broken(r, -EINVAL, "it is cut: it has no head");
	if (mark.major > RECORDING_MAJOR)
		return recording_broken(
			r, -EINVAL,
			"its format has version %u.%u, and this slubnode-trace reads up to %u: a newer one is needed",
			mark.major, mark.minor, RECORDING_MAJOR);
	if (mark.byte_order != RECORDING_BYTE_ORDER || !mark.major ||
	    mark.bytes != sizeof(mark) - offsetof(struct recording_mark, name))
		return recording_broken(r, -EINVAL, "its first bytes are damaged");
	r->mark = mark;
	input_take(r, sizeof(mark));
	return 0;
}

/* Parse the head. The mark has no checksum, and its version is there again. Returns as above. */
static int parse_head(struct recording *r, const struct frame_head *head)
{
	struct recording_head wanted;
	int err;

	if (head->kind != FRAME_HEAD || head->sequence)
		return -EINVAL;
	err = head_parse(&r->head, (const char *)r->content + r->at, r->end - r->at);
	if (err)
		return err;
	head_set_format(&wanted, r->mark.major, r->mark.minor);
	return strcmp(r->head.format, wanted.format) ? -EINVAL : 0;
}

/* Read the head. Returns 0 or as recording_open(). */
static int read_head(struct recording *r)
{
	struct frame_head head = {};
	int err = check_mark(r) ?: frame_read(r, &head);

	if (err)
		return err == -ENODATA ? -EINVAL : err;
	err = parse_head(r, &head);
	if (err)
		return recording_broken(r, err, "its head is damaged");
	r->at = r->end;
	r->sequence = 1;
	return 0;
}

int recording_open(struct recording **recording, int fd)
{
	struct recording *r = calloc(1, sizeof(*r));
	int err;

	*recording = NULL;
	if (!r)
		return -ENOMEM;
	r->fd = fd;
	r->zstd = ZSTD_createDCtx();
	if (!r->zstd) {
		recording_close(r);
		return -ENOMEM;
	}
	ZSTD_DCtx_setParameter(r->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
	*recording = r;
	err = read_head(r);
	return err;
}

void recording_close(struct recording *r)
{
	if (!r)
		return;
	ZSTD_freeDCtx(r->zstd);
	head_free(&r->head);
	free(r);
}

const struct recording_head *recording_head(const struct recording *r)
{
	return &r->head;
}

const char *recording_why(const struct recording *r)
{
	return r->why;
}

bool recording_is_partial(const struct recording *r)
{
	return r->partial;
}
