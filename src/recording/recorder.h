/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The recorder writes a recording. Its caller only adds entries to a buffer; a thread compresses
 * and writes them, half a second after the first one, and flushes the file to the disk. So neither
 * a slow disk nor a full one delays the caller, and if the program is killed or the kernel panics,
 * at most the last second is lost.
 */
#ifndef SLUBNODE_RECORDING_RECORDER_H
#define SLUBNODE_RECORDING_RECORDER_H

#include <stdbool.h>
#include "bpf/records.h"
#include "recording/format.h"
#include "recording/head.h"

struct recorder;

/*
 * Open the file, which keeps its content until recorder_begin(). Above 0, `limit' is the size of a
 * ring: the oldest entries are deleted when the file has grown beyond it. Returns 0 or a negative
 * errno.
 */
int recorder_open(struct recorder **recorder, const char *file, __u64 limit);

/* Begin with a new head. Returns 0 or a negative errno. */
int recorder_begin(struct recorder *r, const struct recording_head *head);

/* Add an entry. An error is returned at the end. */
void recorder_record(struct recorder *r, const struct record *record);
void recorder_start(struct recorder *r);
void recorder_run(struct recorder *r, const struct recording_run *run);

/* Wait until there is room for many entries: for a caller that is faster than the disk. */
void recorder_wait(struct recorder *r);

/*
 * Return whether the ring needs a state: entries that restore what the model knows. The caller adds
 * it at once, or when it can, between these two calls.
 */
bool recorder_wants_state(struct recorder *r);
void recorder_state_begin(struct recorder *r);
void recorder_state_end(struct recorder *r);

/*
 * Write what is left, and close the file: as whole, if a run was added, and otherwise without an
 * end. Returns 0, -ENOBUFS if the disk was too slow, or another negative errno.
 */
int recorder_close(struct recorder *r);

#endif /* SLUBNODE_RECORDING_RECORDER_H */
