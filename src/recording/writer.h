/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Write a recording. The caller only adds entries to a buffer; a thread compresses
 * and writes them, half a second after the first one, and flushes the file to the disk. So neither
 * a slow disk nor a full one delays the caller, and if the program is killed or the kernel panics,
 * at most the last second is lost.
 */
#ifndef SLUBNODE_RECORDING_WRITER_H
#define SLUBNODE_RECORDING_WRITER_H

#include <stdbool.h>
#include "bpf/records.h"
#include "recording/format.h"
#include "recording/head.h"

struct recording_writer;

/*
 * Open the file, which keeps its content until recording_writer_begin(). Above 0, `limit' is the
 * size of a ring: the oldest entries are deleted when the file has grown beyond it. Returns 0 or a
 * negative errno.
 */
int recording_writer_open(struct recording_writer **writer, const char *file, __u64 limit);

/* Begin with a new head. Returns 0 or a negative errno. */
int recording_writer_begin(struct recording_writer *r, const struct recording_head *head);

/* Add an entry. An error is returned at the end. */
void recording_writer_record(struct recording_writer *r, const struct record *record);
void recording_writer_start(struct recording_writer *r);
void recording_writer_run(struct recording_writer *r, const struct recording_run *run);

/* Wait until there is room for many entries: for a caller that is faster than the disk. */
void recording_writer_wait(struct recording_writer *r);

/*
 * Return whether the ring needs a state: entries that restore what the model knows. The caller adds
 * it at once, or when it can, between these two calls.
 */
bool recording_writer_wants_state(struct recording_writer *r);
void recording_writer_state_begin(struct recording_writer *r);
void recording_writer_state_end(struct recording_writer *r);

/*
 * Write what is left, and close the file: as whole, if a run was added, and otherwise without an
 * end. Returns 0, -ENOBUFS if the disk was too slow, or another negative errno.
 */
int recording_writer_close(struct recording_writer *r);

#endif /* SLUBNODE_RECORDING_WRITER_H */
