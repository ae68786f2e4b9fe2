// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nodes: SLUB's notifier callback.
 *
 * T_NODE is told at BEGIN, before the structures that the callback changes
 * (their looks come between BEGIN and END). END tells it once more only when
 * the callback failed (error set), or when BEGIN never arrived. Either way the
 * effects are END's.
 */
#include <errno.h>
#include <string.h>
#include "model/ledger_private.h"

#define NOTIFY_STOP_MASK 0x8000 /* include/linux/notifier.h */

/* notifier_to_errno() */
static int notifier_error(__s32 ret)
{
	ret &= ~NOTIFY_STOP_MASK;
	return ret > 1 ? 1 - ret : 0;
}

struct node *node_get(struct ledger *l, int nid)
{
	struct node *n = l->nodes[nid];

	if (!n) {
		n = ledger_alloc(sizeof(*n));
		if (!n)
			return NULL;
		n->nid = nid;
		l->nodes[nid] = n;
	}
	return n;
}

/* Is a structure of the node live? Of one we know nothing of, the usual. */
bool node_serves(struct ledger *l, int nid)
{
	struct node *n = l->nodes[nid];

	return !n || !n->known || n->has_memory || n->going_online;
}

enum transition_cause node_cause(enum node_transition t)
{
	switch (t) {
	case NODE_GOING_ONLINE:
	case NODE_ONLINE: return CAUSE_ONLINE;
	case NODE_CANCEL_ONLINE: return CAUSE_CANCEL_ONLINE;
	default: return CAUSE_OFFLINE;
	}
}

static void tell_node(struct ledger *l, const struct node_record *e, int error)
{
	bool movable_only = e->nid < 0;
	struct transition t = {
		.kind = T_NODE,
		.time_ns = e->head.time_ns,
		.nid = movable_only ? e->any_nid : e->nid,
		.node = e->transition,
		.movable_only = movable_only,
		.error = error,
		.task = &e->head,
	};

	if (l->ops.transition && ledger_wants(l, NULL, t.nid))
		l->ops.transition(l->ops.context, &t);
}

/* All structures of the node become live or retained; returns how many did. */
static unsigned int node_sweep(struct ledger *l, struct node *n, bool retained,
			       enum transition_cause cause, const struct record *task)
{
	struct cache *c, *next;
	unsigned int changed = 0;

	HASH_ITER (hh, l->caches, c, next) {
		struct slot *s = slot_peek(c, n->nid);

		/* What a cache takes along while it is released is not kept. */
		if (!s || !s->address || s->retained == retained || c->state >= CACHE_GOING)
			continue;
		s->retained = retained;
		s->since_ns = task->time_ns;
		changed++;
		if (cause != CAUSE_NONE)
			slot_tell(l, s, retained ? T_RETAINED : T_REUSED, cause, task);
	}
	return changed;
}

/* A transition that only makes sense when the node was in another state. */
static void node_correct(struct ledger *l, struct node *n, bool has_memory,
			 const struct record *task)
{
	unsigned int changed;

	if (n->known && n->has_memory == has_memory)
		return;
	n->has_memory = has_memory;
	changed = node_sweep(l, n, !has_memory, CAUSE_NONE, task);
	if (l->lossy)
		l->trust.resynced += changed;
	else if (n->known && n->changed_ns)
		l->trust.disagreements++;
	n->known = true;
}

static void node_presume(struct ledger *l, struct node *n, const struct node_record *e)
{
	if (e->transition == NODE_GOING_ONLINE)
		node_correct(l, n, false, &e->head);
	else if (e->transition == NODE_GOING_OFFLINE || e->transition == NODE_CANCEL_OFFLINE)
		node_correct(l, n, true, &e->head);
}

static void node_count(struct node *n, enum node_transition t)
{
	n->onlines += t == NODE_ONLINE;
	n->offlines += t == NODE_OFFLINE;
	n->cancelled_onlines += t == NODE_CANCEL_ONLINE;
	n->cancelled_offlines += t == NODE_CANCEL_OFFLINE;
}

/* What a transition has done once its callback is over. */
static void node_settle(struct ledger *l, struct node *n, enum node_transition t,
			const struct record *task)
{
	node_count(n, t);
	switch (t) {
	case NODE_ONLINE:
		n->known = n->has_memory = true;
		n->going_online = false;
		node_sweep(l, n, false, CAUSE_ONLINE, task);
		break;
	case NODE_CANCEL_ONLINE:
	case NODE_OFFLINE:
		n->known = true;
		n->has_memory = n->going_online = false;
		node_sweep(l, n, true, node_cause(t), task);
		break;
	case NODE_CANCEL_OFFLINE: n->known = n->has_memory = true; break;
	default: break;
	}
	n->open = 0;
	n->changed_ns = task->time_ns;
}

/* The node keeps, or had, memory that counts for nothing. */
static void node_movable(struct node *n, const struct node_record *e)
{
	if (e->transition == NODE_ONLINE)
		n->movable_only = false;
	else if (e->transition == NODE_OFFLINE)
		n->movable_only = e->any_nid < 0; /* what is left is movable */
}

static void node_begin(struct ledger *l, struct node *n, const struct node_record *e)
{
	if (n->open)
		node_settle(l, n, n->open, &e->head); /* its END was lost */
	node_presume(l, n, e);
	if (e->transition == NODE_GOING_ONLINE || e->transition == NODE_ONLINE)
		n->going_online = true;
	n->open = e->transition;
	n->begun_seq = l->seq;
	tell_node(l, e, 0);
}

static void node_end(struct ledger *l, struct node *n, const struct node_record *e)
{
	int error = notifier_error(e->ret);
	bool begun = n->open == e->transition;

	if (!begun) {
		if (n->open)
			node_settle(l, n, n->open, &e->head);
		node_presume(l, n, e);
		if (e->transition == NODE_GOING_ONLINE)
			n->going_online = true;
		n->begun_seq = l->seq;
	}
	if (!begun || error)
		tell_node(l, e, error);
	node_settle(l, n, e->transition, &e->head);
	node_movable(n, e);
}

/* Memory that no structure is for: SLUB does nothing. */
static void node_feed_movable(struct ledger *l, struct node *n, const struct node_record *e)
{
	int error = e->phase == PHASE_END ? notifier_error(e->ret) : 0;

	if (!n->known)
		node_correct(l, n, false, &e->head);
	if (e->phase == PHASE_BEGIN || n->open_movable != e->transition || error)
		tell_node(l, e, error);
	n->open_movable = e->phase == PHASE_BEGIN ? e->transition : 0;
	if (e->phase == PHASE_BEGIN)
		return;
	node_count(n, e->transition);
	if (e->transition == NODE_ONLINE)
		n->movable_only = true;
	else if (e->transition == NODE_OFFLINE)
		n->movable_only = false;
}

/*
 * How the node was found. In the middle of a transition, or when a transition
 * is newer, that transition knows better.
 */
static void node_found(struct ledger *l, struct node *n, const struct node_record *e)
{
	if (n->open || n->going_online || (n->changed_ns && e->head.time_ns <= n->changed_ns)) {
		l->trust.stale++;
		return;
	}
	node_correct(l, n, e->has_memory, &e->head);
	n->movable_only = !e->has_memory && e->any_nid >= 0;
}

int node_feed(struct ledger *l, const struct node_record *e)
{
	struct node *n = node_get(l, e->nid >= 0 ? e->nid : e->any_nid);

	if (!n)
		return -ENOMEM;
	if (e->transition == NODE_STATE)
		node_found(l, n, e);
	else if (e->nid < 0)
		node_feed_movable(l, n, e);
	else if (e->phase == PHASE_BEGIN)
		node_begin(l, n, e);
	else
		node_end(l, n, e);
	return 0;
}
