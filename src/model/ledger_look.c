// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include "model/ledger_emit.h"
#include "model/ledger_look.h"
#include "model/ledger_observed.h"
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
	struct record head; /* of e; it names a task only if the task caused the difference */
	enum transition_cause cause;
	enum meaning meaning;
};

/* Make an observation whose task did not cause what it observes. */
static struct observation observation_by_walk(const struct structure_record *e,
					      enum meaning meaning)
{
	return (struct observation){
		.e = e,
		.head.time_ns = e->head.time_ns,
		.cause = CAUSE_OUTSIDE,
		.meaning = meaning,
	};
}

/* Return true if the structure that the pointer named was observed as free. */
static bool was_freed(const struct observation *o, __u64 dropped)
{
	return o->e->previous == dropped && o->e->prev_state == OBJECT_FREE;
}

/* Handle a pointer that no longer names its structure. Returns 0 or -ENOMEM. */
static int node_ptr_drop(struct ledger *l, struct node_ptr *p, const struct observation *o)
{
	bool retained = p->retained;

	if (p->dangling) {
		retained = false; /* T_DANGLING has reported it */
	} else if (o->meaning == MEANS_RESYNC) {
		l->trust.resynced++;
	} else if (was_freed(o, p->address)) {
		emit_node_ptr(l, p, T_FREED, o->cause, &o->head);
		retained = false; /* T_FREED has reported it */
	} else if (pending_add(l, p, o->cause, &o->head)) {
		return -ENOMEM;
	}
	p->was_retained = retained;
	node_ptr_clear(l, p);
	return 0;
}

/* Return the cause for which the structure of a pointer was freed that still names it. */
static enum transition_cause cause_of_eviction(struct ledger *l, const struct node_ptr *p)
{
	enum node_transition begun = l->nodes[p->nid]->begun;

	if (p->cache->state == CACHE_RELEASE)
		return CAUSE_DESTROY;
	return begun ? transition_cause_of(begun) : CAUSE_OUTSIDE;
}

/*
 * Clear a pointer whose structure's address appears at another pointer. If the kernel
 * allocates there, the structure was freed and allocated again, and this pointer was not
 * observed since. Otherwise the structure has moved, and nothing is claimed. Returns true if it
 * was freed.
 */
static bool node_ptr_evict(struct ledger *l, struct node_ptr *p, const struct observation *o,
			   bool allocates)
{
	__u64 address = p->address;

	if (allocates) {
		emit_node_ptr(l, p, T_FREED, cause_of_eviction(l, p),
			      &(struct record){ .time_ns = o->head.time_ns });
	} else if (l->lossy || o->meaning == MEANS_BASELINE) {
		l->trust.resynced += l->lossy;
		p->was_retained = p->retained;
	} else {
		/* If this walk has shown both pointers, one of them dangles. */
		l->trust.disagreements += o->e->walk && p->allocated_walk == o->e->walk;
		l->trust.moved++;
		p->was_retained = p->retained;
	}
	node_ptr_clear(l, p);
	p->freed = allocates ? address : 0;
	p->evicted = !allocates;
	return allocates;
}

/*
 * Return true if the kernel has allocated what appears: the pointer was absent, and kernels
 * allocate structures in such an event.
 */
static bool is_allocation(const struct node_ptr *p, const struct observation *o, bool replaced)
{
	const struct structure_record *e = o->e;

	if (replaced || p->evicted || (e->previous && e->previous != e->address))
		return false;
	return o->meaning == MEANS_TRANSITION &&
	       (o->cause == CAUSE_CREATE || o->cause == CAUSE_ONLINE);
}

/* Report a structure that has appeared at a pointer. */
static void appear_report(struct ledger *l, struct node_ptr *p, const struct observation *o,
			  bool replaced)
{
	if (o->meaning == MEANS_RESYNC) {
		l->trust.resynced += !replaced;
	} else if (o->meaning == MEANS_UNEXPLAINED && !replaced) {
		l->trust.disagreements++;
	} else if (o->meaning != MEANS_BASELINE) {
		l->appeared++;
		p->late = p->retained;
		emit_node_ptr(l, p, p->late ? T_LATE : T_ALLOCATED, o->cause, &o->head);
	}
}

/* Return true if a structure that appears at the pointer is retained. */
static bool appears_retained(struct ledger *l, const struct node_ptr *p,
			     const struct observation *o)
{
	if (node_has_live(l, p->nid))
		return false;
	/* The beginning of an online callback was lost: the node is going online. */
	return o->cause != CAUSE_ONLINE || o->meaning != MEANS_TRANSITION ||
	       l->nodes[p->nid]->begun;
}

/*
 * Handle a structure that appears at a pointer; `replaced' means that the pointer
 * named another one before. Returns 0 or -ENOMEM.
 */
static int node_ptr_appear(struct ledger *l, struct node_ptr *p, const struct observation *o,
			   bool replaced)
{
	bool allocates = is_allocation(p, o, replaced), retained = appears_retained(l, p, o);
	struct node_ptr *owner = node_ptr_owner(l, o->e->address);
	struct leak leak = {};
	enum appearance how;
	int err;

	if (owner && p->freed == o->e->address && p->cache->state == CACHE_ALIVE) {
		/* It was freed and allocated at another pointer, and this one still names it. */
		node_ptr_set_dangling(l, p, p->freed);
		emit_observed(l, p, T_DANGLING, o->head.time_ns);
		return 0;
	}
	how = pending_appeared(l, p, o->e, allocates, &leak);
	if (owner && !node_ptr_evict(l, owner, o, allocates))
		how = APPEARED_MOVED;
	else if (how == APPEARED_MOVED)
		l->trust.moved++;
	err = node_ptr_fill(l, p, o->e, how == APPEARED_BACK ? p->retained : retained);
	if (err || how == APPEARED_BACK)
		return err;
	p->baseline = p->retained && o->meaning == MEANS_BASELINE;
	if (how == APPEARED_NEW)
		appear_report(l, p, o, replaced);
	else if (how == APPEARED_SAME && (o->meaning != MEANS_RESYNC || leak.reported))
		emit_same_address(l, p, &leak, o->cause, &o->head);
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
	replaced = p->address && !p->dangling;
	if (p->address) {
		int err = node_ptr_drop(l, p, o);

		if (err)
			return err;
	}
	return o->e->address ? node_ptr_appear(l, p, o, replaced) : 0;
}

static int look_at_ptr(struct ledger *l, struct cache *c, const struct observation *o)
{
	struct node_ptr *p;

	pending_proof(l, c, o->e);
	if (look_differs(c, o->e))
		return node_ptr_change(l, c, o);
	p = node_ptr_find(c, o->e->nid);
	if (p && !p->dangling)
		node_ptr_set_barn(l, p, o->e->barn); /* it may come later than its structure */
	return 0;
}

/* Observe a pointer, and the state of its structure. Returns 0 or -ENOMEM. */
static int look_observe(struct ledger *l, struct cache *c, const struct observation *o)
{
	int err = look_at_ptr(l, c, o);
	struct node_ptr *p = err ? NULL : node_ptr_find(c, o->e->nid);

	if (p && p->address && p->address == o->e->address)
		observed_state(p, o->e);
	if (p && !o->e->address) {
		p->evicted = false;
		p->freed = 0;
	}
	return err;
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
	struct observation o = observation_by_walk(e, MEANS_TRANSITION);

	if (c->state == CACHE_RELEASE) {
		o.cause = CAUSE_DESTROY;
	} else if (created_with(c, n, e, reason)) {
		o.cause = CAUSE_CREATE;
	} else if (look_revealing(l, c, e) && !(p && p->address)) {
		o.cause = CAUSE_NONE;
		o.meaning = MEANS_BASELINE;
	} else if (n && n->begun) {
		o.cause = transition_cause_of(n->begun);
	} else if (reason == WALK_AFTER) {
		/* BEGIN was lost. Pointers appear at an online and vanish at an offline. */
		o.cause = e->address ? CAUSE_ONLINE : CAUSE_OFFLINE;
	} else {
		o.meaning = meaning_outside(l, reason, e->walk);
	}
	if (o.cause != CAUSE_OUTSIDE && (!e->walk || reason == WALK_BEFORE || reason == WALK_AFTER))
		o.head = e->head;
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
		struct observation o =
			observation_by_walk(&u->e, l->lossy ? MEANS_RESYNC : MEANS_UNEXPLAINED);

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
