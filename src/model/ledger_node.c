// SPDX-License-Identifier: GPL-2.0-only
/*
 * T_NODE is reported at BEGIN, before the structures that the callback changes,
 * because their observations come between BEGIN and END. END reports T_NODE
 * again only if the callback failed, or if BEGIN never came. The state of the
 * node changes at END in either case.
 */
#include <errno.h>
#include "model/ledger_emit.h"
#include "model/ledger_node.h"

#define NOTIFY_STOP_MASK 0x8000 /* include/linux/notifier.h */

/* Convert a return value as notifier_to_errno() does. Returns 0 or a negative errno. */
static int notifier_error(__s32 ret)
{
	ret &= ~NOTIFY_STOP_MASK;
	return ret > 1 ? 1 - ret : 0;
}

/* Return true if the last look that knew the state, while it was retained, saw it allocated. */
static bool seen_allocated(const struct node_ptr *p)
{
	return p->allocated_walk > p->since_ns && !p->free_walk;
}

/*
 * Make the structures of the node live or retained. If the begin of its online was not seen,
 * the structures that were there at the start may have been allocated by it. Returns how many
 * changed.
 */
static unsigned int node_set_retained(struct ledger *l, struct node *n, bool retained,
				      enum transition_cause cause, const struct record *e)
{
	struct cache *c, *next;
	unsigned int changed = 0;
	bool unseen = !n->going_online_seen;

	HASH_ITER (hh, l->caches, c, next) {
		struct node_ptr *p = node_ptr_find(c, n->nid);

		/* The structures of a cache that is being released are not retained. */
		if (!p || !p->address || p->retained == retained || c->state >= CACHE_RELEASE)
			continue;
		if (p->dangling) {
			p->retained = retained;
			continue;
		}
		if (cause != CAUSE_NONE && retained)
			emit_node_ptr(l, p, T_RETAINED, cause, e);
		else if (cause != CAUSE_NONE && !(p->baseline && unseen))
			emit_return(l, p, seen_allocated(p), e);
		node_ptr_set_retained(l, p, retained, e->time_ns);
		if (retained && n->begun_unaccounted != ALLOCATIONS_UNKNOWN)
			p->unaccounted = n->begun_unaccounted;
		p->baseline = cause == CAUSE_NONE && retained;
		changed++;
	}
	return changed;
}

/*
 * Correct the state of a node without reporting a transition. Returns whether the state
 * that was known before was wrong and no loss explains it.
 */
static bool node_correct(struct ledger *l, struct node *n, bool has_memory, const struct record *e)
{
	bool was_known = n->known;
	unsigned int changed;

	if (n->known && n->has_memory == has_memory)
		return false;
	n->has_memory = has_memory;
	changed = node_set_retained(l, n, !has_memory, CAUSE_NONE, e);
	if (l->lossy)
		l->trust.resynced += changed;
	n->known = true;
	return was_known && !l->lossy;
}

/* Correct the state of the node to the one that the transition starts from. */
static void node_imply(struct ledger *l, struct node *n, const struct node_record *e)
{
	bool wrong = false;

	if (e->transition == NODE_GOING_ONLINE)
		wrong = node_correct(l, n, false, &e->head);
	else if (e->transition == NODE_GOING_OFFLINE || e->transition == NODE_CANCEL_OFFLINE)
		wrong = node_correct(l, n, true, &e->head);
	/* The state by sysfs at the start may be newer than the first records. */
	l->trust.disagreements += wrong && n->changed_ns;
}

static void node_count(struct node *n, enum node_transition t)
{
	n->onlines += t == NODE_ONLINE;
	n->offlines += t == NODE_OFFLINE;
	n->cancelled_onlines += t == NODE_CANCEL_ONLINE;
	n->cancelled_offlines += t == NODE_CANCEL_OFFLINE;
}

/* Change the state of the node when its callback has returned. */
static void node_done(struct ledger *l, struct node *n, enum node_transition t,
		      const struct record *e)
{
	node_count(n, t);
	switch (t) {
	case NODE_ONLINE:
		n->known = n->has_memory = true;
		n->going_online = false;
		node_set_retained(l, n, false, CAUSE_ONLINE, e);
		n->going_online_seen = false;
		break;
	case NODE_CANCEL_ONLINE:
	case NODE_OFFLINE:
		n->known = true;
		n->has_memory = n->going_offline = false;
		n->going_online = n->going_online_seen = false;
		node_set_retained(l, n, true, transition_cause_of(t), e);
		break;
	case NODE_CANCEL_OFFLINE:
		n->known = n->has_memory = true;
		n->going_offline = false;
		break;
	default: break;
	}
	n->begun = 0;
	n->begun_unaccounted = ALLOCATIONS_UNKNOWN;
	n->changed_ns = e->time_ns;
}

/* Note whether the node has movable memory, which counts for no structure. */
static void node_note_movable(struct node *n, const struct node_record *e)
{
	if (e->transition == NODE_ONLINE)
		n->movable_only = false;
	else if (e->transition == NODE_OFFLINE)
		n->movable_only = e->any_nid < 0; /* the node keeps memory, all of it movable */
}

static void node_begin(struct ledger *l, struct node *n, const struct node_record *e)
{
	if (n->begun)
		node_done(l, n, n->begun, &e->head); /* its END was lost */
	node_imply(l, n, e);
	if (e->transition == NODE_GOING_ONLINE || e->transition == NODE_ONLINE)
		n->going_online = true;
	n->going_online_seen |= e->transition == NODE_GOING_ONLINE;
	n->going_offline |= e->transition == NODE_GOING_OFFLINE;
	n->begun = e->transition;
	n->begun_seq = l->seq;
	n->begun_unaccounted = l->unaccounted;
	emit_node(l, e, 0);
}

static void node_end(struct ledger *l, struct node *n, const struct node_record *e)
{
	int error = notifier_error(e->ret);
	bool begun = n->begun == e->transition;

	if (!begun) {
		if (n->begun)
			node_done(l, n, n->begun, &e->head);
		node_imply(l, n, e);
		if (e->transition == NODE_GOING_ONLINE)
			n->going_online = true; /* its begin was not seen */
		n->going_offline |= e->transition == NODE_GOING_OFFLINE;
		n->begun_seq = l->seq;
	}
	if (!begun || error)
		emit_node(l, e, error);
	node_done(l, n, e->transition, &e->head);
	node_note_movable(n, e);
}

/* Handle a transition of movable memory, for which SLUB does nothing. */
static void node_feed_movable(struct ledger *l, struct node *n, const struct node_record *e)
{
	int error = e->phase == PHASE_END ? notifier_error(e->ret) : 0;

	if (!n->known)
		node_correct(l, n, false, &e->head);
	if (e->phase == PHASE_BEGIN || n->begun_movable != e->transition || error)
		emit_node(l, e, error);
	n->begun_movable = e->phase == PHASE_BEGIN ? e->transition : 0;
	if (e->phase == PHASE_BEGIN)
		return;
	node_count(n, e->transition);
	n->movable_offlines += e->transition == NODE_OFFLINE;
	if (e->transition == NODE_ONLINE)
		n->movable_only = true;
	else if (e->transition == NODE_OFFLINE)
		n->movable_only = false;
}

/*
 * Handle the state in which the node was found. It is stale in the middle of a
 * transition and after a newer one. Otherwise a state that differs shows a change that
 * no program saw.
 */
static void node_found(struct ledger *l, struct node *n, const struct node_record *e)
{
	if (n->begun || n->going_online || n->going_offline ||
	    (n->changed_ns && e->head.time_ns <= n->changed_ns)) {
		l->trust.stale++;
		return;
	}
	if (node_correct(l, n, e->has_memory, &e->head)) {
		l->trust.unseen_changes++;
		n->unseen_offlines += !e->has_memory;
	}
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

/*
 * The kernel calls SLUB before it sends the uevent of the last block, and the caller has read
 * the records of the programs since then.
 */
int node_feed_blocks(struct ledger *l, const struct blocks_record *e)
{
	struct node *n = node_get(l, e->nid);
	__u64 reported;

	if (!n)
		return -ENOMEM;
	reported = n->offlines + n->unseen_offlines;
	if (l->trust.lost || e->emptied <= reported)
		return 0; /* what was lost may have reported it */
	l->trust.unseen_changes += 2 * (e->emptied - reported); /* it went, and it is back */
	n->unseen_offlines += e->emptied - reported;
	return 0;
}

int node_feed_barns(struct ledger *l, const struct barns_record *e)
{
	struct node *n = node_get(l, e->nid);

	if (!n)
		return -ENOMEM;
	node_set_barns_used(l, n, e->in_use);
	return 0;
}
