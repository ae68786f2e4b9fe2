/* SPDX-License-Identifier: GPL-2.0-only */
/* A snapshot: all caches and node structures, by one complete walk. No tracing is needed. */
#ifndef SLUBNODE_WALK_H
#define SLUBNODE_WALK_H

#include "model/snapshot.h"

struct snapshots;

/*
 * Load the programs. Snapshots contain the slabs of the nodes `slabs_of' that have memory (NULL:
 * none). Returns 0, or a negative errno after an error message.
 */
int snapshots_open(struct snapshots **snapshots, const char *btf_file,
		   const struct node_set *slabs_of);
void snapshots_close(struct snapshots *s);

/*
 * Walk the caches. Returns 0, or after an error message -EAGAIN if no complete walk was possible,
 * or another negative errno.
 */
int snapshot_take(struct snapshots *s, struct snapshot *snapshot);
void snapshot_free(struct snapshot *snapshot);

#endif /* SLUBNODE_WALK_H */
