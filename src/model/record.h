/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The check of records: bytes from the ring buffer, or from a recording, become
 * a record here and nowhere else.
 */
#ifndef SLUBNODE_RECORD_H
#define SLUBNODE_RECORD_H

#include <stddef.h>
#include "bpf/records.h"

#define RECORD_NODES 1024 /* the kernel's largest MAX_NUMNODES */

/*
 * Check the length, the type and the values that others use as an index or as a
 * string. Returns the record, or NULL when the bytes are not a record.
 */
const struct record *record_check(const void *data, size_t len);

/* Return the length of a record. */
size_t record_len(const struct record *r);

#endif /* SLUBNODE_RECORD_H */
