// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include "model/changes.h"
#include "model/record.h"

/* Blocks that went offline are reported if no other follows for so long. */
#define BLOCKS_NS 5000000000ULL

/* A change that is being summed, and a copy of the record that began it. */
struct sum {
	struct node_change change;
	struct record task;
	bool open;
};

struct node_changes {
	struct changed_node facts;
	bool going_online;
	struct sum by_node, apart;
	struct blocks_record blocks;
	bool blocks_reported;
};

struct changes {
	struct changes_ops ops;
	int count; /* the highest node that changed, plus one */
	struct node_changes nodes[RECORD_NODES];
};

struct changes *changes_new(const struct changes_ops *ops)
{
	struct changes *c = calloc(1, sizeof(*c));

	if (c)
		c->ops = *ops;
	return c;
}

void changes_free(struct changes *c)
{
	free(c);
}

static struct node_changes *changes_of(struct changes *c, int nid)
{
	if (nid >= c->count)
		c->count = nid + 1;
	c->nodes[nid].facts.nid = nid;
	return &c->nodes[nid];
}

static void sum_open(struct sum *s, const struct transition *t)
{
	*s = (struct sum){ .open = true };
	s->change.node = NODE_STATE;
	s->change.nid = t->nid;
	s->change.time_ns = t->time_ns;
	if (!t->task)
		return;
	s->task = *t->task;
	s->change.task = &s->task;
}

static void sum_close(struct changes *c, struct sum *s)
{
	s->open = false;
	if (c->ops.change)
		c->ops.change(c->ops.context, &s->change);
}

static void sum_add(struct sum *s, const struct transition *t)
{
	s->change.counts[t->kind]++;
	s->change.charged[t->kind] += t->charged;
}

/* Return whether the transition is due to a node, and not to the life of a cache. */
static bool is_of_node(const struct transition *t)
{
	return t->kind == T_LEAKED || t->kind == T_DANGLING || t->kind == T_MISSING ||
	       (t->cause != CAUSE_CREATE && t->cause != CAUSE_DESTROY);
}

/* Return whether the beginning of an offline or online was not seen, though it could be. */
static bool begin_unseen(const struct changes *c, const struct node_changes *n,
			 enum node_transition t)
{
	if (c->ops.session->differences_only)
		return false;
	return (t == NODE_OFFLINE && !n->facts.going_offline) ||
	       (t == NODE_ONLINE && !n->going_online);
}

/*
 * Begin the change of a node. Transitions while it was going online belong to its online, or to
 * the cancellation.
 */
static void changes_begin(struct changes *c, struct node_changes *n, const struct transition *t)
{
	struct sum *s = &n->by_node, before = *s;
	bool goes_on = before.open && before.change.node == NODE_GOING_ONLINE &&
		       !before.change.error &&
		       (t->node == NODE_ONLINE || t->node == NODE_CANCEL_ONLINE);

	if (before.open && !goes_on)
		sum_close(c, s); /* its end was lost */
	sum_open(s, t);
	if (goes_on) {
		memcpy(s->change.counts, before.change.counts, sizeof(s->change.counts));
		memcpy(s->change.charged, before.change.charged, sizeof(s->change.charged));
	}
	s->change.node = t->node;
	s->change.error = t->error;
	s->change.movable_only = t->movable_only;
	s->change.begin_unseen = begin_unseen(c, n, t->node);
	n->facts.begin_unseen |= s->change.begin_unseen && t->node == NODE_OFFLINE;
	n->facts.movable_changes += t->movable_only;
	n->facts.going_offline = t->node == NODE_GOING_OFFLINE;
	n->going_online = t->node == NODE_GOING_ONLINE;
}

void changes_take(struct changes *c, const struct transition *t)
{
	struct node_changes *n;

	if (t->kind > T_NODE || (t->kind < T_NODE && !is_of_node(t)))
		return;
	n = changes_of(c, t->nid);
	if (t->kind == T_NODE && n->by_node.open && n->by_node.change.node == t->node && t->error)
		n->by_node.change.error = t->error; /* the callback has failed at its end */
	else if (t->kind == T_NODE)
		changes_begin(c, n, t);
	else if (n->by_node.open)
		sum_add(&n->by_node, t);
	else {
		if (!n->apart.open)
			sum_open(&n->apart, t);
		sum_add(&n->apart, t);
	}
}

void changes_end(struct changes *c, const struct node_record *r)
{
	struct node_changes *n = &c->nodes[r->nid >= 0 ? r->nid : r->any_nid];

	if (!n->by_node.open || n->by_node.change.node != r->transition)
		return;
	/* The online that follows, or the cancellation, has the same structures. */
	if (r->transition == NODE_GOING_ONLINE && !n->by_node.change.error)
		return;
	if (r->transition == NODE_ONLINE)
		n->facts.allocated += n->by_node.change.counts[T_ALLOCATED];
	sum_close(c, &n->by_node);
}

void changes_blocks(struct changes *c, const struct blocks_record *r)
{
	struct node_changes *n;

	if (c->ops.filter && !filter_wants(c->ops.filter, NULL, r->nid))
		return;
	n = changes_of(c, r->nid);
	n->blocks = *r;
	n->facts.blocks = &n->blocks;
	if (!r->gone)
		n->blocks_reported = false;
}

/* Return whether blocks went offline, others remain, and no line reports them so far. */
static bool blocks_wait(const struct node_changes *n)
{
	return !n->blocks_reported && n->blocks.gone && n->blocks.online;
}

/* Report that blocks went offline, if it stays at that. */
static void settle_blocks(struct changes *c, struct node_changes *n, __u64 now_ns)
{
	const struct node_change change = {
		.nid = n->facts.nid,
		.node = NODE_STATE,
		.time_ns = n->blocks.head.time_ns,
		.blocks = &n->blocks,
	};

	if (!blocks_wait(n) || now_ns < n->blocks.head.time_ns + BLOCKS_NS)
		return;
	n->blocks_reported = true;
	if (c->ops.change)
		c->ops.change(c->ops.context, &change);
}

__u64 changes_next_ns(const struct changes *c)
{
	__u64 next_ns = ~0ULL;

	for (const struct node_changes *n = c->nodes; n < c->nodes + c->count; n++)
		if (blocks_wait(n) && n->blocks.head.time_ns + BLOCKS_NS < next_ns)
			next_ns = n->blocks.head.time_ns + BLOCKS_NS;
	return next_ns;
}

void changes_settle(struct changes *c, __u64 now_ns, bool all)
{
	for (struct node_changes *n = c->nodes; n < c->nodes + c->count; n++) {
		if (n->apart.open)
			sum_close(c, &n->apart);
		if (all && n->by_node.open)
			sum_close(c, &n->by_node);
		settle_blocks(c, n, now_ns);
	}
}

int changes_each(const struct changes *c, int (*fn)(void *arg, const struct changed_node *n),
		 void *arg)
{
	for (const struct node_changes *n = c->nodes; n < c->nodes + c->count; n++) {
		int err = fn(arg, &n->facts);

		if (err)
			return err;
	}
	return 0;
}
