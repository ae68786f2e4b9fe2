/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stream that never blocks its user. Its lines go through a bounded buffer to a thread, which
 * writes them to a descriptor and waits for a slow or stalled reader. O_NONBLOCK is no way to do
 * this, because it would change the descriptor for all who share it. If the buffer is full, whole
 * lines are dropped and counted. Pieces of other kinds are treated as lines are.
 */
#ifndef SLUBNODE_WRITER_H
#define SLUBNODE_WRITER_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct writer;

/*
 * Begin to write to a descriptor, which stays the caller's. The buffer holds `limit' bytes. The
 * thread blocks all signals. Returns 0 or a negative errno.
 */
int writer_open(struct writer **writer, int fd, size_t limit);

/*
 * Write pieces of another kind than lines. The function returns the length of the first piece; 0:
 * its end is not there. Pieces are not dropped in part if each flush has whole ones in at most
 * WRITER_PIECE bytes, or while writer_extend() is true. To be called before anything is written.
 */
typedef size_t writer_piece(const char *text, size_t len);
#define WRITER_PIECE 65536
void writer_set_pieces(struct writer *w, writer_piece *piece);

/* Return the stream. Its user flushes it, so that the thread sees the lines. */
FILE *writer_stream(const struct writer *w);

/* Extend the limit by all lines that are flushed while `extend' is true: they are not dropped. */
void writer_extend(struct writer *w, bool extend);

/* Return the negative errno of the write that failed, or 0. No line is written after it. */
int writer_error(struct writer *w);

/* Return a descriptor that becomes readable when a write has failed. */
int writer_failure_fd(const struct writer *w);

/*
 * Wait until all lines are written. Gives up after a failed write, or if the reader reads nothing
 * for timeout_s seconds. Returns true if all lines were written.
 */
bool writer_drain(struct writer *w, double timeout_s);

/* Return how many lines were not written: dropped, still in the buffer, or after an error. */
__u64 writer_unwritten(struct writer *w);

/* Close the stream. Lines in the buffer are lost. */
void writer_close(struct writer *w);

#endif /* SLUBNODE_WRITER_H */
