/* SPDX-License-Identifier: GPL-2.0-only */
/* Offlines of memory that failed: which block of which node it was, and the slabs there. */
#ifndef SLUBNODE_SESSION_OFFLINES_H
#define SLUBNODE_SESSION_OFFLINES_H

#include "trace/memory_blocks.h"
#include "trace/tracer.h"

/* The nodes whose slabs are to be looked at. */
struct offline_nodes {
	struct node_set nodes;
	bool any;
};

/* Find the block and the node of a failed offline, and note the node. */
void offline_nodes_note(struct offline_nodes *o, const struct memory_blocks *blocks,
			struct offline_record *r);

/* Walk for the slabs of the nodes that were noted. Returns 0 or a negative errno. */
int offline_nodes_walk(struct offline_nodes *o, struct tracer *t);

#endif /* SLUBNODE_SESSION_OFFLINES_H */
