// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/msg.h"
#include "trace/node_states.h"
#include "trace/uevents.h"

void node_states_init(struct node_states *n, const char *counts)
{
	n->counts = counts;
	n->uevents = -1;
	n->blocks.sys = "/sys";
}

static void node_states_uevent(void *context, const char *text)
{
	struct node_states *n = context;

	n->due |= memory_blocks_uevent(&n->blocks, text);
}

static void read_uevents(struct node_states *n)
{
	if (!uevents_each(n->uevents, node_states_uevent, n))
		n->due = n->blocks.unknown = true;
}

/*
 * Uevents of before the blocks were read may repeat their states; what they seem to empty
 * is not counted.
 */
void node_states_follow(struct node_states *n)
{
	n->uevents = uevents_open();
	if (n->uevents < 0) {
		msg_verbose("cannot receive uevents: %s", strerror(-n->uevents));
		n->uevents = -1;
		return;
	}
	memory_blocks_read(&n->blocks, "/sys");
	read_uevents(n);
	memory_blocks_forget(&n->blocks);
}

void node_states_close(struct node_states *n)
{
	if (n->uevents >= 0)
		close(n->uevents);
	n->uevents = -1;
	memory_blocks_free(&n->blocks);
}

bool node_states_due(struct node_states *n)
{
	bool due;

	if (n->uevents >= 0)
		read_uevents(n);
	due = n->due;
	n->due = false;
	return due;
}

int node_states_look(struct node_states *n)
{
	int err = node_set_read(&n->possible, "possible");

	if (!err)
		err = node_set_read(&n->any, "has_memory");
	if (!err)
		err = node_set_read(&n->memory, n->counts);
	n->looked_ns = clock_now();
	/* N_NORMAL_MEMORY of a node without memory was left set by some kernels. */
	for (int nid = 0; nid < MAX_NODES; nid++)
		n->memory.has[nid] &= n->any.has[nid];
	return err;
}

static int emit_state(const struct node_states *n, int nid, node_states_sink *emit, void *context)
{
	struct node_record r = {
		.head = { .type = RECORD_NODE, .time_ns = n->looked_ns },
		.transition = NODE_STATE,
		.phase = PHASE_END,
		.nid = nid,
		.any_nid = n->any.has[nid] ? nid : -1,
		.has_memory = n->memory.has[nid],
	};

	return emit(context, &r.head);
}

static int emit_blocks(struct node_states *n, int nid, node_states_sink *emit, void *context)
{
	struct blocks_record r = {
		.head = { .type = RECORD_BLOCKS, .time_ns = n->looked_ns },
		.nid = nid,
		.emptied = n->blocks.emptied[nid],
		.online = n->blocks.online[nid],
		.gone = n->blocks.gone[nid],
	};

	if (n->blocks.unknown || (n->emptied[nid] == r.emptied && n->gone[nid] == r.gone))
		return 0;
	n->emptied[nid] = r.emptied;
	n->gone[nid] = r.gone;
	if (r.gone)
		memory_blocks_gone(&n->blocks, nid, &r.first_gone, &r.last_gone);
	return emit(context, &r.head);
}

int node_states_emit(struct node_states *n, node_states_sink *emit, void *context)
{
	int err = 0;

	for (int nid = 0; nid < MAX_NODES && !err; nid++) {
		if (!n->possible.has[nid])
			continue;
		err = emit_state(n, nid, emit, context);
		if (!err)
			err = emit_blocks(n, nid, emit, context);
	}
	return err;
}
