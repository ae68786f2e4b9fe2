// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include "model/ledger_emit.h"
#include "model/ledger_look.h"
#include "model/ledger_pending.h"

/* The meaning of a difference between an observation and the ledger. */
enum meaning {
	MEANS_TRANSITION,
	MEANS_BASELINE,    /* the state before the ledger's start */
	MEANS_RESYNC,      /* the record that explains it may be lost */
	MEANS_UNEXPLAINED, /* no record explains it, and none was lost */
};

struct observation {
	const struct structure_record *e;
	enum transition_cause cause;
	enum meaning meaning;
	bool settled; /* the kernel's work is done: a structure in use now will not be freed */
};

/* Return true if kernels free structures in such an event. */
static bool may_free(enum transition_cause cause)
{
	return cause == CAUSE_OFFLINE || cause == CAUSE_CANCEL_ONLINE || cause == CAUSE_DESTROY;
}

/*
 * Return true if the dropped structure was freed. Before the kernel's work is
 * done, memory in use proves nothing: the kernel clears the pointer first and
 * frees the structure after it.
 */
static bool was_freed(const struct observation *o, __u64 dropped)
{
	enum object_state proof = o->e->previous == dropped ? o->e->prev_state : OBJECT_UNKNOWN;

	if (proof == OBJECT_FREE)
		return true;
	if (proof == OBJECT_ALLOCATED && o->settled)
		return false;
	return may_free(o->cause);
}

/* Handle a pointer that no longer names its structure. Returns 0 or -ENOMEM. */
static int node_ptr_drop(struct ledger *l, struct node_ptr *p, const struct observation *o)
{
	bool retained = p->retained;

	if (o->meaning == MEANS_RESYNC) {
		l->trust.resynced++;
	} else if (was_freed(o, p->address)) {
		emit_node_ptr(l, p, T_FREED, o->cause, &o->e->head);
		retained = false; /* T_FREED has reported it */
	} else if (pending_add(l, p, o->e, o->cause)) {
		return -ENOMEM;
	}
	p->was_retained = retained;
	node_ptr_clear(l, p);
	return 0;
}

/*
 * Clear a pointer whose structure's address appears at another pointer: the
 * structure was freed and allocated again, and this pointer was not observed since.
 */
static void node_ptr_evict(struct ledger *l, struct node_ptr *p, const struct observation *o)
{
	enum node_transition begun = l->nodes[p->nid]->begun;
	enum transition_cause cause = CAUSE_OUTSIDE;

	if (p->cache->state == CACHE_RELEASE)
		cause = CAUSE_DESTROY;
	else if (begun && may_free(transition_cause_of(begun)))
		cause = transition_cause_of(begun);
	if (cause == CAUSE_OUTSIDE && (l->lossy || o->meaning == MEANS_BASELINE)) {
		l->trust.resynced += l->lossy;
		p->was_retained = p->retained;
	} else {
		emit_node_ptr(l, p, T_FREED, cause, &o->e->head);
	}
	node_ptr_clear(l, p);
}

/*
 * Handle a structure that appears at a pointer; `replaced' means that the pointer
 * named another one before. Returns 0 or -ENOMEM.
 */
static int node_ptr_appear(struct ledger *l, struct node_ptr *p, const struct observation *o,
			   bool replaced)
{
	bool retained = !node_has_live(l, p->nid), restored;
	struct node_ptr *owner;
	int err;

	/* The beginning of an online callback was lost: the node is going online. */
	if (retained && o->cause == CAUSE_ONLINE && o->meaning == MEANS_TRANSITION &&
	    !l->nodes[p->nid]->begun)
		retained = false;
	owner = node_ptr_owner(l, o->e->address);
	if (owner)
		node_ptr_evict(l, owner, o);
	restored = pending_appeared(l, p, o->e->address);
	if (restored)
		retained = p->retained;
	err = node_ptr_fill(l, p, o->e, retained);
	if (err || restored)
		return err;
	if (o->meaning == MEANS_RESYNC)
		l->trust.resynced += !replaced;
	else if (o->meaning == MEANS_UNEXPLAINED && !replaced)
		l->trust.disagreements++;
	else if (o->meaning != MEANS_BASELINE)
		emit_node_ptr(l, p, retained ? T_LATE : T_ALLOCATED, o->cause, &o->e->head);
	if (p->was_retained)
		pending_replaced(l, p);
	p->was_retained = false;
	return 0;
}

static bool look_differs(const struct cache *c, const struct structure_record *e)
{
	const struct node_ptr *p = node_ptr_find(c, e->nid);

	return (p ? p->address : 0) != e->address;
}

static int node_ptr_change(struct ledger *l, struct cache *c, const struct observation *o)
{
	struct node_ptr *p = node_ptr_get(l, c, o->e->nid);
	bool replaced;

	if (!p)
		return -ENOMEM;
	replaced = p->address;
	if (replaced) {
		int err = node_ptr_drop(l, p, o);

		if (err)
			return err;
	}
	return o->e->address ? node_ptr_appear(l, p, o, replaced) : 0;
}

static int look_observe(struct ledger *l, struct cache *c, const struct observation *o)
{
	struct node_ptr *p;

	pending_proof(l, c, o->e);
	if (look_differs(c, o->e))
		return node_ptr_change(l, c, o);
	p = node_ptr_find(c, o->e->nid);
	if (p)
		node_ptr_set_barn(l, p, o->e->barn); /* it may come later than its structure */
	return 0;
}

/*
 * Return true if the pointer is one that the cache was created with. The
 * records of these follow CACHE_CREATED, in the order of the nodes and by the
 * same thread; observations of other CPUs may come between them.
 */
static bool created_with(struct cache *c, const struct node *n, const struct structure_record *e,
			 enum walk_reason reason)
{
	if (!c->creating || c->state != CACHE_ALIVE || e->nid < c->created_upto)
		return false;
	/*
	 * The record of the last node may never come, so `creating' may stay set. A
	 * difference that a callback observes is the callback's work, and one that a
	 * later walk shows has to wait for the walk's end.
	 */
	if (e->walk && ((n && n->begun) || (reason == WALK_VERIFY && e->walk > c->created_ns)))
		return false;
	if (!e->walk) {
		c->creating = e->head.tid == c->creator;
		c->created_upto = e->nid + 1;
	}
	return c->creating;
}

/* Return true while the walk that revealed the cache goes on. */
static bool look_revealing(struct ledger *l, const struct cache *c,
			   const struct structure_record *e)
{
	return c->first_walk && (e->walk == c->first_walk || walk_find(l, c->first_walk));
}

/* Return the meaning of a difference that no event explains. */
static enum meaning meaning_outside(struct ledger *l, enum walk_reason reason, __u64 walk)
{
	if (l->lossy)
		return MEANS_RESYNC;
	if (walk && reason != WALK_BEFORE)
		return MEANS_UNEXPLAINED;
	return MEANS_TRANSITION;
}

static struct observation observation_of(struct ledger *l, struct cache *c,
					 const struct structure_record *e, enum walk_reason reason)
{
	const struct node_ptr *p = node_ptr_find(c, e->nid);
	const struct node *n = l->nodes[e->nid];
	struct observation o = { .e = e, .meaning = MEANS_TRANSITION, .settled = true };

	if (c->state == CACHE_RELEASE) {
		o.cause = CAUSE_DESTROY;
	} else if (created_with(c, n, e, reason)) {
		o.cause = CAUSE_CREATE;
	} else if (look_revealing(l, c, e) && !(p && p->address)) {
		o.meaning = MEANS_BASELINE;
	} else if (n && n->begun) {
		o.cause = transition_cause_of(n->begun);
		o.settled = reason == WALK_AFTER;
	} else if (reason == WALK_AFTER) {
		/* BEGIN was lost. Pointers appear at an online and vanish at an offline. */
		o.cause = e->address ? CAUSE_ONLINE : CAUSE_OFFLINE;
	} else {
		o.cause = CAUSE_OUTSIDE;
		o.meaning = meaning_outside(l, reason, e->walk);
	}
	return o;
}

/* Return true if the observation is older than what the ledger knows of the cache. */
static bool is_stale(const struct cache *c, const struct structure_record *e)
{
	if (!c || c->state == CACHE_DEAD)
		return e->walk || e->address; /* otherwise the cache's creation has failed */
	return e->walk && (e->head.time_ns <= c->created_ns || c->state == CACHE_RELEASE);
}

/*
 * Keep an unexplained difference until the end of its walk. A walk runs beside the
 * kernel's work, and a pointer may be read later than the place of its record in
 * the ring buffer suggests:
 *
 *   the walk                          another CPU
 *   reserves the record
 *                                     enters SLUB's callback: BEGIN
 *                                     changes the pointer
 *   reads the pointer
 *   submits the record
 *
 * The difference is void if a transition of its node has begun by the end of the
 * walk. Returns 0 or -ENOMEM.
 */
static int unexplained_add(struct walk *w, const struct cache *c, const struct structure_record *e,
			   __u64 seq)
{
	struct unexplained *u = ledger_alloc(sizeof(*u));

	if (!u)
		return -ENOMEM;
	u->e = *e;
	u->incarnation = c->incarnation;
	u->seq = seq;
	*w->last = u;
	w->last = &u->next;
	return 0;
}

static bool is_void(struct ledger *l, const struct unexplained *u)
{
	const struct cache *c = cache_find(l, u->e.cache);
	const struct node *n = l->nodes[u->e.nid];

	return !c || c->incarnation != u->incarnation || c->state >= CACHE_RELEASE ||
	       (n && n->begun_seq > u->seq);
}

int look_walked(struct ledger *l, struct walk *w)
{
	int err = 0;

	for (struct unexplained *u = w->unexplained; u && !err; u = u->next) {
		struct observation o = {
			.e = &u->e,
			.cause = CAUSE_OUTSIDE,
			.meaning = l->lossy ? MEANS_RESYNC : MEANS_UNEXPLAINED,
			.settled = true,
		};

		if (is_void(l, u))
			l->trust.stale++;
		else
			err = look_observe(l, cache_find(l, u->e.cache), &o);
	}
	return err;
}

int look_feed(struct ledger *l, const struct structure_record *e)
{
	struct walk *w = e->walk ? walk_find(l, e->walk) : NULL;
	struct cache *c = cache_find(l, e->cache);
	struct observation o;

	if (is_stale(c, e)) {
		l->trust.stale++;
		return 0;
	}
	if (!c || c->state == CACHE_DEAD)
		return 0;
	o = observation_of(l, c, e, w ? w->reason : 0);
	if (w && o.meaning == MEANS_UNEXPLAINED && look_differs(c, e))
		return unexplained_add(w, c, e, l->seq);
	return look_observe(l, c, &o);
}
