// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include "model/knode_layout.h"
#include "model/offlines.h"
#include "model/record.h"

/*
 * A failure like the last one is not reported for so long after it. The time is doubled at each
 * report, up to MOST_NS, as long as failures follow each other.
 */
#define LEAST_NS 1000000000ULL
#define MOST_NS  64000000000ULL

/* The failures of a node. */
struct node_offlines {
	struct offline_failure failure; /* count 0: none is to be reported */
	struct record task;
	struct slab_list slabs;
	bool slabs_known;
	__u64 reported_ns, interval_ns; /* interval_ns 0: nothing was reported */
};

struct offlines {
	struct offlines_ops ops;
	struct node_offlines *nodes[1 + RECORD_NODES]; /* by nid + 1 */
	int count; /* of the nodes up to the last that has one */
};

struct offlines *offlines_new(const struct offlines_ops *ops)
{
	struct offlines *o = calloc(1, sizeof(*o));

	if (o)
		o->ops = *ops;
	return o;
}

void offlines_free(struct offlines *o)
{
	if (!o)
		return;
	for (int i = 0; i < o->count; i++) {
		if (o->nodes[i])
			slab_list_free(&o->nodes[i]->slabs);
		free(o->nodes[i]);
	}
	free(o);
}

static void offlines_report(struct offlines *o, struct node_offlines *n, __u64 now_ns)
{
	struct offline_failure *f = &n->failure;

	if (n->slabs_known) {
		slab_list_sum(&n->slabs, knode_counts_slabs(&o->ops.session->layout), 0);
		f->slabs = &n->slabs;
	} else {
		f->slabs = NULL;
	}
	n->interval_ns = n->interval_ns ? 2 * n->interval_ns : LEAST_NS;
	if (n->interval_ns > MOST_NS)
		n->interval_ns = MOST_NS;
	n->reported_ns = now_ns;
	o->ops.failed(o->ops.context, f);
	f->count = 0;
}

static struct node_offlines *offlines_of(struct offlines *o, int nid)
{
	struct node_offlines **n = &o->nodes[nid + 1];

	if (!*n)
		*n = calloc(1, sizeof(**n));
	if (*n && o->count < nid + 2)
		o->count = nid + 2;
	return *n;
}

int offlines_feed(struct offlines *o, const struct offline_record *r)
{
	struct node_offlines *n;
	struct offline_failure *f;

	if (!o->ops.failed || (o->ops.filter && !filter_wants(o->ops.filter, NULL, r->nid)))
		return 0;
	n = offlines_of(o, r->nid);
	if (!n)
		return -ENOMEM;
	f = &n->failure;
	if (f->error != r->ret) {
		if (f->count)
			offlines_report(o, n, r->head.time_ns);
		n->interval_ns = 0;
	}
	if (!f->count) {
		if (r->head.time_ns > n->reported_ns + 3 * n->interval_ns)
			n->interval_ns = 0; /* no loop, or another one */
		f->first_block = r->block;
		f->last_block = r->block;
		n->slabs_known = false;
	}
	if (r->block == NO_BLOCK || f->first_block == NO_BLOCK) {
		f->first_block = f->last_block = NO_BLOCK;
	} else {
		if (r->block < f->first_block)
			f->first_block = r->block;
		if (r->block > f->last_block)
			f->last_block = r->block;
	}
	f->nid = r->nid;
	f->error = r->ret;
	f->time_ns = r->head.time_ns;
	f->count++;
	n->task = r->head;
	f->task = &n->task;
	return 0;
}

void offlines_walk(struct offlines *o, const struct walk_record *r)
{
	struct node_offlines *n = o->nodes[r->nid + 1];

	if (!n)
		return;
	n->slabs_known = r->phase == PHASE_END && r->complete;
	if (r->phase == PHASE_BEGIN)
		slab_list_drop(&n->slabs, -1);
}

int offlines_slabs(struct offlines *o, const struct slabs_record *r)
{
	struct node_offlines *n = o->nodes[r->nid + 1];

	if (!n || (o->ops.filter && !filter_wants(o->ops.filter, r->name, r->nid)))
		return 0;
	return slab_list_feed(&n->slabs, r);
}

static __u64 offlines_due_ns(const struct node_offlines *n)
{
	return n->interval_ns ? n->reported_ns + n->interval_ns : 0;
}

void offlines_settle(struct offlines *o, __u64 now_ns, bool all)
{
	for (int i = 0; i < o->count; i++) {
		struct node_offlines *n = o->nodes[i];

		if (n && n->failure.count && (all || now_ns >= offlines_due_ns(n)))
			offlines_report(o, n, now_ns);
	}
}

__u64 offlines_next_ns(const struct offlines *o)
{
	__u64 next_ns = ~0ULL;

	for (int i = 0; i < o->count; i++) {
		const struct node_offlines *n = o->nodes[i];

		if (n && n->failure.count && offlines_due_ns(n) < next_ns)
			next_ns = offlines_due_ns(n);
	}
	return next_ns;
}
