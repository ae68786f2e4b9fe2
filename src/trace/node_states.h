/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The states of the nodes, by sysfs. A change of memory is reported by a uevent, whether a
 * program saw it or not, so the states show when programs have stopped running.
 */
#ifndef SLUBNODE_NODE_STATES_H
#define SLUBNODE_NODE_STATES_H

#include <stdbool.h>
#include "base/node_set.h"
#include "bpf/records.h"
#include "trace/memory_blocks.h"

typedef int node_states_sink(void *context, const struct record *r);

struct node_states {
	const char *counts; /* the set of nodes whose memory counts for structures */
	int uevents;        /* -1: no uevent is received */
	bool due;           /* a uevent of a memory block has arrived */
	__u64 looked_ns;
	struct node_set possible, any, memory; /* at looked_ns */
	struct memory_blocks blocks;
	__u32 emptied[MAX_NODES], gone[MAX_NODES]; /* as emitted */
};

/* Prepare. `counts' is "has_memory" or "has_normal_memory". */
void node_states_init(struct node_states *n, const char *counts);

/* Follow changes of memory by uevents, from now on. Without uevents only looks show them. */
void node_states_follow(struct node_states *n);
void node_states_close(struct node_states *n);

/* Read all uevents that have arrived. Returns whether the memory of a node may have changed. */
bool node_states_due(struct node_states *n);

/* Read the states. Returns 0 or a negative errno. */
int node_states_look(struct node_states *n);

/*
 * Emit a record for each node, with the time of the look, and one for each node of which blocks
 * went offline or came back. The caller reads the records of
 * the programs between look and emission: those of a change that the look saw come first.
 * Returns 0, or what `emit' returned.
 */
int node_states_emit(struct node_states *n, node_states_sink *emit, void *context);

#endif /* SLUBNODE_NODE_STATES_H */
