// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>
#include "recording/file.h"

#define LEVEL 1

struct recording_file {
	char name[PATH_MAX];
	int fd;
	bool regular;
	ZSTD_CCtx *zstd;
	__u64 sequence;
	off_t end;     /* of what is written */
	off_t segment; /* where the newest segment begins */
	off_t counted; /* the end of its state */
	off_t first;   /* the end of the head */
	char content[FRAME_BYTES + (16 << 10)];
	char frame[ZSTD_COMPRESSBOUND(FRAME_BYTES + (16 << 10))];
};

/* Open a regular file or a character device for writing; a FIFO has no place for a head. Returns 0
 * or a negative errno. */
static int file_open_fd(struct recording_file *f, const char *name)
{
	struct stat st;

	if (snprintf(f->name, sizeof(f->name), "%s", name) >= (int)sizeof(f->name))
		return -ENAMETOOLONG;
	f->fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
	if (f->fd < 0 || fstat(f->fd, &st))
		return -errno;
	f->regular = S_ISREG(st.st_mode);
	if (!f->regular && !S_ISCHR(st.st_mode))
		return -ENODEV;
	return fcntl(f->fd, F_SETFL, 0) ? -errno : 0;
}

int file_open(struct recording_file **file, const char *name)
{
	struct recording_file *f = calloc(1, sizeof(*f));
	int err = -ENOMEM;

	if (!f)
		return err;
	f->fd = -1;
	f->zstd = ZSTD_createCCtx();
	if (f->zstd) {
		ZSTD_CCtx_setParameter(f->zstd, ZSTD_c_compressionLevel, LEVEL);
		/* The static program has no other strategy: see the Makefile. */
		ZSTD_CCtx_setParameter(f->zstd, ZSTD_c_strategy, ZSTD_fast);
		ZSTD_CCtx_setParameter(f->zstd, ZSTD_c_checksumFlag, 1);
		err = file_open_fd(f, name);
	}
	if (err) {
		file_close(f);
		return err;
	}
	*file = f;
	return 0;
}

void file_close(struct recording_file *f)
{
	if (!f)
		return;
	ZSTD_freeCCtx(f->zstd);
	if (f->fd >= 0)
		close(f->fd);
	free(f);
}

static int write_at_end(struct recording_file *f, const void *data, size_t len)
{
	while (len) {
		ssize_t count = write(f->fd, data, len);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		data = (const char *)data + count;
		len -= (size_t)count;
		f->end += count;
	}
	return 0;
}

int file_append(struct recording_file *f, enum frame_kind kind, const void *data, size_t len)
{
	const struct frame_head head = { f->sequence, kind, (__u32)len };
	size_t bytes;

	if (len > sizeof(f->content) - sizeof(head))
		return -E2BIG;
	memcpy(f->content, &head, sizeof(head));
	if (len)
		memcpy(f->content + sizeof(head), data, len);
	bytes = ZSTD_compress2(f->zstd, f->frame, sizeof(f->frame), f->content, sizeof(head) + len);
	if (ZSTD_isError(bytes))
		return -ENOMEM;
	f->sequence++;
	return write_at_end(f, f->frame, bytes);
}

static int file_append_head(struct recording_file *f, const struct recording_head *head)
{
	struct recording_head h = *head;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int err;

	if (!out)
		return -ENOMEM;
	head_set_format(&h, RECORDING_MAJOR, RECORDING_MINOR);
	head_print(out, &h);
	err = fclose(out) ? -ENOMEM : file_append(f, FRAME_HEAD, text, len);
	free(text);
	return err;
}

int file_begin(struct recording_file *f, const struct recording_head *head)
{
	const struct recording_mark mark = {
		.skippable = RECORDING_SKIPPABLE,
		.bytes = sizeof(mark) - offsetof(struct recording_mark, name),
		.name = RECORDING_NAME,
		.major = RECORDING_MAJOR,
		.minor = RECORDING_MINOR,
		.byte_order = RECORDING_BYTE_ORDER,
	};
	int err;

	if (f->regular && (fchmod(f->fd, 0600) || ftruncate(f->fd, 0)))
		return -errno;
	err = write_at_end(f, &mark, sizeof(mark)) ?: file_append_head(f, head) ?: file_sync(f);
	f->first = f->segment = f->counted = f->end;
	return err;
}

int file_sync(struct recording_file *f)
{
	return f->regular && fdatasync(f->fd) ? -errno : 0;
}

void file_state_end(struct recording_file *f)
{
	f->counted = f->end;
}

__u64 file_segment_bytes(const struct recording_file *f)
{
	return (__u64)(f->end - f->counted);
}

/* Copy a part of the file to the end of another one. Returns 0 or a negative errno. */
static int copy_part(int to, int from, off_t begin, off_t end)
{
	while (begin < end) {
		ssize_t count = sendfile(to, from, &begin, (size_t)(end - begin));

		if (count < 0 && errno != EINTR)
			return -errno;
		if (!count)
			return -EIO;
	}
	return 0;
}

/* Copy the head and the newest segment to a file. Returns 0 or a negative errno. */
static int copy_newest(const struct recording_file *f, int to)
{
	int err = copy_part(to, f->fd, 0, f->first) ?: copy_part(to, f->fd, f->segment, f->end);

	return err ? err : fdatasync(to) ? -errno : 0;
}

/* Replace the file by one without the older segments. Returns 0 or a negative errno. */
static int delete_older(struct recording_file *f)
{
	char name[PATH_MAX + 8];
	int fd, err;

	snprintf(name, sizeof(name), "%s.new", f->name);
	unlink(name); /* of a run that was killed */
	fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	err = copy_newest(f, fd);
	if (!err && rename(name, f->name))
		err = -errno;
	if (err) {
		unlink(name);
		close(fd);
		return err;
	}
	close(f->fd);
	f->fd = fd;
	f->end -= f->segment - f->first;
	return 0;
}

int file_segment(struct recording_file *f)
{
	int err = f->regular && f->segment > f->first ? delete_older(f) : 0;

	f->segment = f->counted = f->end;
	return err;
}
