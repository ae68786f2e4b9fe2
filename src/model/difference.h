/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where nothing can be attached, only the differences between two complete walks
 * are known. They become ordinary records here:
 *
 *   a cache is missing, or its name is another   CACHE_RELEASING, CACHE_RELEASED
 *   a node gained or lost its memory             BEGIN and END of its callback, and
 *                                                between them its node pointers
 *   a node pointer changed otherwise             a walk of its node
 *   a cache is new                               CACHE_CREATED, its node pointers
 *
 * These records name no task, because the task is not known. The walk itself
 * surrounds them: its beginning comes first, its caches and its end come last.
 */
#ifndef SLUBNODE_DIFFERENCE_H
#define SLUBNODE_DIFFERENCE_H

#include "base/node_set.h"
#include "bpf/records.h"

struct difference;

struct difference_ops {
	void *context;
	/* Called for each record; a return value other than 0 ends the emission. */
	int (*emit)(void *context, const struct record *r);
};

/*
 * Begin without a walk; the first one is passed on as it is. `memory' has the nodes
 * with memory that counts for structures. Returns NULL when out of memory.
 */
struct difference *difference_new(const struct difference_ops *ops, const struct node_set *memory);
void difference_free(struct difference *d);

/* Set the nodes that have memory as of the next walk. */
void difference_set_memory(struct difference *d, const struct node_set *memory);

/* Note that records of the present walk were lost, so that it counts as incomplete. */
void difference_lost(struct difference *d);

/* Feed a record of a walk. Returns 0, -ENOMEM or the error of emit(). */
int difference_feed(struct difference *d, const struct record *r);

#endif /* SLUBNODE_DIFFERENCE_H */
