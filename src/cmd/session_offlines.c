// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include "cmd/session_offlines.h"

void offline_nodes_note(struct offline_nodes *o, const struct memory_blocks *blocks,
			struct offline_record *r)
{
	r->block = memory_blocks_of(blocks, r->start_pfn);
	r->nid = r->block == NO_BLOCK ? -1 : memory_blocks_node(blocks, r->block);
	if (r->nid < 0)
		return;
	o->nodes.has[r->nid] = true;
	o->any = true;
}

/* A walk that is not complete is no error: the slabs are not known then. */
int offline_nodes_walk(struct offline_nodes *o, struct tracer *t)
{
	int err = 0;

	if (!o->any)
		return 0;
	o->any = false;
	for (int nid = 0; nid < MAX_NODES && !err; nid++) {
		if (!o->nodes.has[nid])
			continue;
		o->nodes.has[nid] = false;
		err = tracer_walk_slabs(t, nid);
		err = err == -EAGAIN ? 0 : err;
	}
	return err;
}
