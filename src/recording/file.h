/* SPDX-License-Identifier: GPL-2.0-only */
/* The file of a recording: frames are appended, and the oldest ones deleted from a ring. */
#ifndef SLUBNODE_RECORDING_FILE_H
#define SLUBNODE_RECORDING_FILE_H

#include <linux/types.h>
#include <stddef.h>
#include "recording/format.h"
#include "recording/head.h"

struct recording_file;

/* Open a file, whose content stays. Returns 0 or a negative errno. */
int file_open(struct recording_file **file, const char *name);
void file_close(struct recording_file *f);

/* Delete the content, and write the mark and the head. Returns 0 or a negative errno. */
int file_begin(struct recording_file *f, const struct recording_head *head);

/* Append a frame. Returns 0 or a negative errno. */
int file_append(struct recording_file *f, enum frame_kind kind, const void *data, size_t len);

/* Write to the disk what was appended. Returns 0 or a negative errno. */
int file_sync(struct recording_file *f);

/* Note that the state at the beginning of the segment is written. */
void file_state_end(struct recording_file *f);

/* Return the bytes of the segment, without its state. */
__u64 file_segment_bytes(const struct recording_file *f);

/*
 * Begin a segment, and delete all before the last one: its frames go to a new file, which then
 * takes the place of the old one. Returns 0 or a negative errno.
 */
int file_segment(struct recording_file *f);

#endif /* SLUBNODE_RECORDING_FILE_H */
