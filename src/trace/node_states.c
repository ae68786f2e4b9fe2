// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/msg.h"
#include "trace/node_states.h"
#include "trace/uevents.h"

void node_states_open(struct node_states *n, const char *counts)
{
	n->counts = counts;
	n->uevents = uevents_open();
	if (n->uevents < 0) {
		msg_verbose("cannot receive uevents: %s", strerror(-n->uevents));
		n->uevents = -1;
	}
}

void node_states_close(struct node_states *n)
{
	if (n->uevents >= 0)
		close(n->uevents);
	n->uevents = -1;
}

bool node_states_due(const struct node_states *n)
{
	return n->uevents >= 0 && uevents_of_memory(n->uevents);
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

int node_states_emit(const struct node_states *n,
		     int (*emit)(void *context, const struct record *r), void *context)
{
	int err = 0;

	for (int nid = 0; nid < MAX_NODES && !err; nid++) {
		struct node_record r = {
			.head = { .type = RECORD_NODE, .time_ns = n->looked_ns },
			.transition = NODE_STATE,
			.phase = PHASE_END,
			.nid = nid,
			.any_nid = n->any.has[nid] ? nid : -1,
			.has_memory = n->memory.has[nid],
		};

		if (n->possible.has[nid])
			err = emit(context, &r.head);
	}
	return err;
}
