/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reader of recordings. A file is untrusted input: each length is checked, memory is bounded,
 * and what is wrong is described in words. A file that broke off gives what it holds.
 */
#ifndef SLUBNODE_RECORDING_H
#define SLUBNODE_RECORDING_H

#include <stdbool.h>
#include "bpf/records.h"
#include "recording/format.h"
#include "recording/head.h"

struct recording;

/*
 * Read the head from a descriptor, which stays the caller's. Returns 0; -EINVAL if the file is not
 * a recording, or not one that this version reads; or another negative errno. *recording is NULL
 * only if there is no memory.
 */
int recording_open(struct recording **recording, int fd);
void recording_close(struct recording *r);

/* Return the head, whose texts are valid until recording_close(). */
const struct recording_head *recording_head(const struct recording *r);

struct recording_entry {
	enum entry_kind kind;
	const struct record *record; /* ENTRY_RECORD; NULL: it is malformed */
	struct recording_run run;    /* ENTRY_RUN */
};

/*
 * Read the next entry, whose record is valid until the next call. Returns 1, 0 at the end of a
 * recording that is whole, -ENODATA if it is not, or another negative errno.
 */
int recording_next(struct recording *r, struct recording_entry *e);

/* Return why the file cannot be read, or is not whole: "it is cut: it ends at byte 9, in ...". */
const char *recording_why(const struct recording *r);

/* Return whether the recording begins in the middle of the run, as a ring does. */
bool recording_is_partial(const struct recording *r);

#endif /* SLUBNODE_RECORDING_H */
