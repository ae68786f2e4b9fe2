// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slots: what the look at a pointer tells, given what was known and what the
 * kernel was doing; and the dropped pointers of which that cannot be told yet.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model/ledger_private.h"

/* A structure in use may sit unseen in a cache that is born or dies: look twice. */
#define WALKS_TO_LEAK 2

/* How a difference is to be taken. */
enum manner {
	TELL,     /* it is a transition */
	BASELINE, /* it was so before we came */
	RESYNC,   /* the event that told it may be among the lost */
	DOUBT,    /* the ledger should have known */
};

struct context {
	const struct structure_record *e;
	enum transition_cause cause;
	enum manner manner;
	bool settled; /* the kernel is done here: what is in use will not be freed */
};

struct slot *slot_peek(const struct cache *c, int nid)
{
	return nid < c->nr_slots ? c->slots[nid] : NULL;
}

static int slots_grow(struct cache *c, int nid)
{
	int nr = c->nr_slots ? c->nr_slots : 2;
	struct slot **slots;

	while (nr <= nid)
		nr *= 2;
	slots = ledger_alloc(nr * sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	if (c->nr_slots)
		memcpy(slots, c->slots, c->nr_slots * sizeof(*slots));
	free(c->slots);
	c->slots = slots;
	c->nr_slots = nr;
	return 0;
}

static struct slot *slot_get(struct ledger *l, struct cache *c, int nid)
{
	struct slot *s = slot_peek(c, nid);

	if (s)
		return s;
	if (!node_get(l, nid) || (nid >= c->nr_slots && slots_grow(c, nid)))
		return NULL;
	s = ledger_alloc(sizeof(*s));
	if (!s)
		return NULL;
	s->cache = c;
	s->nid = nid;
	c->slots[nid] = s;
	return s;
}

void slot_clear(struct ledger *l, struct slot *s)
{
	if (!s->address)
		return;
	HASH_DEL(l->owners, s);
	s->address = 0;
	s->barn = 0;
	s->retained = false;
}

static int slot_fill(struct ledger *l, struct slot *s, const struct structure_record *e,
		     bool retained)
{
	s->address = e->address;
	HASH_ADD(hh, l->owners, address, sizeof(s->address), s);
	if (!s->hh.tbl) {
		s->address = 0;
		return -ENOMEM;
	}
	s->barn = e->barn;
	s->retained = retained;
	s->since_ns = e->head.time_ns;
	return 0;
}

static void tally_add(struct tally *t, enum transition_kind kind, bool barn)
{
	t->allocated += kind == T_ALLOCATED;
	t->freed += kind == T_FREED;
	t->retained += kind == T_RETAINED;
	t->reused += kind == T_REUSED;
	t->leaked += kind == T_LEAKED;
	t->late += kind == T_LATE;
	t->leaked_barns += kind == T_LEAKED && barn;
}

/* The one place where structures' transitions are counted and told. */
static void tell(struct ledger *l, struct transition *t, struct tally *of_cache)
{
	if (!ledger_wants(l, t->cache_name, t->nid))
		return;
	if (of_cache)
		tally_add(of_cache, t->kind, t->barn);
	tally_add(&l->nodes[t->nid]->tally, t->kind, t->barn);
	tally_add(&l->tally, t->kind, t->barn);
	if (!l->ops.transition)
		return;
	ledger_bytes(l, t);
	l->ops.transition(l->ops.context, t);
}

void slot_tell(struct ledger *l, const struct slot *s, enum transition_kind kind,
	       enum transition_cause cause, const struct record *task)
{
	struct transition t = {
		.kind = kind,
		.cause = cause,
		.time_ns = task->time_ns,
		.nid = s->nid,
		.cache = s->cache->address,
		.cache_name = s->cache->name,
		.address = s->address,
		.barn = s->barn,
		.task = task,
	};

	tell(l, &t, &s->cache->tally);
}

/* The cache of a pending drop may be gone by now: then its name's record. */
static struct tally *pending_tally(struct ledger *l, const struct pending *p)
{
	struct cache *c = cache_find(l, p->cache);
	struct gone *g;

	if (c && c->incarnation == p->incarnation && c->state != CACHE_DEAD)
		return &c->tally;
	HASH_FIND(hh, l->gone, p->name, strlen(p->name), g);
	return g ? &g->tally : NULL;
}

static void pending_drop(struct ledger *l, struct pending *p)
{
	HASH_DEL(l->pending, p);
	free(p);
}

/* It is known now; it is told as of then. */
static void pending_settle(struct ledger *l, struct pending *p, enum transition_kind kind)
{
	struct transition t = {
		.kind = kind,
		.cause = p->cause,
		.time_ns = p->task.time_ns,
		.nid = p->nid,
		.cache = p->cache,
		.cache_name = p->name,
		.address = p->address,
		.barn = p->barn,
		.task = &p->task,
	};

	tell(l, &t, pending_tally(l, p));
	pending_drop(l, p);
}

static struct pending *pending_find(struct ledger *l, __u64 address)
{
	struct pending *p;

	HASH_FIND(hh, l->pending, &address, sizeof(address), p);
	return p;
}

static int pending_add(struct ledger *l, const struct slot *s, const struct context *x)
{
	struct pending *p = ledger_alloc(sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->address = s->address;
	p->barn = s->barn;
	p->cache = s->cache->address;
	p->incarnation = s->cache->incarnation;
	name_copy(p->name, s->cache->name);
	p->nid = s->nid;
	p->retained = s->retained;
	p->since_ns = s->since_ns;
	p->in_use = x->e->previous == s->address && x->e->prev_state == PREV_IN_USE;
	p->cause = x->cause;
	p->task = x->e->head;
	p->seq = l->seq;
	HASH_ADD(hh, l->pending, address, sizeof(p->address), p);
	if (!p->hh.tbl) {
		free(p);
		return -ENOMEM;
	}
	return 0;
}

void pending_walked(struct ledger *l, const struct walk *w)
{
	struct pending *p, *next;

	HASH_ITER (hh, l->pending, p, next) {
		if (w->seq > p->seq && ++p->walks >= WALKS_TO_LEAK && p->in_use)
			pending_settle(l, p, T_LEAKED);
	}
}

/* The address may have shown up in what was lost: start to look anew. */
void pending_lost(struct ledger *l)
{
	struct pending *p, *next;

	HASH_ITER (hh, l->pending, p, next) {
		p->seq = l->seq;
		p->walks = 0;
	}
}

/*
 * What is not proven by now stays pending: no claim. After a loss the address
 * may have been in what was lost.
 */
void pending_finish(struct ledger *l)
{
	struct pending *p, *next;

	HASH_ITER (hh, l->pending, p, next) {
		if (!l->lossy)
			continue;
		l->trust.resynced++;
		pending_drop(l, p);
	}
}

/* Contexts in which kernels give structures back. */
static bool frees(enum transition_cause cause)
{
	return cause == CAUSE_OFFLINE || cause == CAUSE_CANCEL_ONLINE || cause == CAUSE_DESTROY;
}

/*
 * The dropped pointer's structure, by what its memory looked like. A look in
 * the middle of the kernel's work proves nothing by "in use": the pointer goes
 * first, the structure after it.
 */
static bool proven_free(const struct context *x, __u64 dropped)
{
	enum prev_state proof = x->e->previous == dropped ? x->e->prev_state : PREV_UNKNOWN;

	if (proof == PREV_FREE)
		return true;
	if (proof == PREV_IN_USE && x->settled)
		return false;
	return frees(x->cause);
}

/* The slot's pointer was dropped, and this look shows it. */
static int slot_drop(struct ledger *l, struct slot *s, const struct context *x)
{
	if (x->manner == RESYNC) {
		l->trust.resynced++;
	} else if (proven_free(x, s->address)) {
		slot_tell(l, s, T_FREED, x->cause, &x->e->head);
	} else if (pending_add(l, s, x)) {
		return -ENOMEM;
	}
	slot_clear(l, s);
	return 0;
}

/*
 * The address is in another slot now, so it was freed and handed out again
 * before anybody looked at this one.
 */
static void slot_evict(struct ledger *l, struct slot *s, const struct context *x)
{
	enum node_transition open = l->nodes[s->nid]->open;
	enum transition_cause cause = CAUSE_OUTSIDE;

	if (s->cache->state == CACHE_GOING)
		cause = CAUSE_DESTROY;
	else if (open && frees(node_cause(open)))
		cause = node_cause(open);
	if (cause == CAUSE_OUTSIDE && (l->lossy || x->manner == BASELINE))
		l->trust.resynced += l->lossy;
	else
		slot_tell(l, s, T_FREED, cause, &x->e->head);
	slot_clear(l, s);
}

/*
 * A pending address shows up. In the very slot that lost it outside of any
 * event, it was never dropped: the look that missed it was made later than its
 * place in the ring buffer says. Anywhere else, it was freed and handed out.
 */
static bool pending_met(struct ledger *l, struct slot *s, const struct context *x)
{
	struct pending *p = pending_find(l, x->e->address);

	if (!p)
		return false;
	if (p->cause != CAUSE_OUTSIDE || p->cache != s->cache->address || p->nid != s->nid ||
	    p->incarnation != s->cache->incarnation) {
		pending_settle(l, p, T_FREED);
		return false;
	}
	s->retained = p->retained;
	s->since_ns = p->since_ns;
	pending_drop(l, p);
	l->trust.stale++;
	return true;
}

static int slot_appear(struct ledger *l, struct slot *s, const struct context *x, bool replaced)
{
	struct node *n = l->nodes[s->nid];
	bool retained = !node_serves(l, s->nid), back;
	struct slot *other;
	int err;

	/* A callback whose beginning was lost, on a node without memory: it comes. */
	if (retained && x->cause == CAUSE_ONLINE && x->manner == TELL && !n->open)
		retained = false;
	HASH_FIND(hh, l->owners, &x->e->address, sizeof(x->e->address), other);
	if (other)
		slot_evict(l, other, x);
	back = pending_met(l, s, x);
	if (back)
		retained = s->retained;
	err = slot_fill(l, s, x->e, retained);
	if (err || back)
		return err;
	if (x->manner == RESYNC)
		l->trust.resynced += !replaced;
	else if (x->manner == DOUBT && !replaced)
		l->trust.disagreements++;
	else if (x->manner != BASELINE)
		slot_tell(l, s, retained ? T_LATE : T_ALLOCATED, x->cause, &x->e->head);
	return 0;
}

/*
 * Two looks at once: one takes the proof along, the other is first in the ring
 * buffer. The proof counts when it comes.
 */
static void late_proof(struct ledger *l, const struct cache *c, const struct context *x)
{
	const struct structure_record *e = x->e;
	struct pending *p;

	if (!e->previous || e->previous == e->address || e->prev_state != PREV_FREE)
		return;
	p = pending_find(l, e->previous);
	if (p && p->cache == c->address && p->incarnation == c->incarnation && p->nid == e->nid)
		pending_settle(l, p, T_FREED);
}

static int slot_look(struct ledger *l, struct cache *c, const struct context *x)
{
	struct slot *s = slot_peek(c, x->e->nid);
	bool replaced = false;
	int err;

	late_proof(l, c, x);
	if (!s && !x->e->address)
		return 0;
	if (!s)
		s = slot_get(l, c, x->e->nid);
	if (!s)
		return -ENOMEM;
	if (s->address == x->e->address) {
		s->barn = x->e->barn; /* a barn may come later than its structure */
		return 0;
	}
	if (s->address) {
		err = slot_drop(l, s, x);
		if (err)
			return err;
		replaced = true;
	}
	return x->e->address ? slot_appear(l, s, x, replaced) : 0;
}

/*
 * Is the pointer one that the cache was created with? Its records follow
 * CACHE_CREATED, in the order of nodes and by the same thread; another CPU's
 * look may come between them.
 */
static bool creating(struct cache *c, const struct node *n, const struct structure_record *e,
		     enum walk_reason reason)
{
	if (!c->creating || c->state != CACHE_ALIVE || e->nid < c->created_upto)
		return false;
	/*
	 * The last node's record may never come. So what a callback's look shows is
	 * its work; what a later walk shows waits for the walk's end.
	 */
	if (e->walk && ((n && n->open) || (reason == WALK_VERIFY && e->walk > c->born_ns)))
		return false;
	if (!e->walk) {
		c->creating = e->head.tid == c->creator;
		c->created_upto = e->nid + 1;
	}
	return c->creating;
}

/* Is the walk that brought the cache in still showing it for the first time? */
static bool introducing(struct ledger *l, const struct cache *c, const struct structure_record *e)
{
	return c->intro_walk && (e->walk == c->intro_walk || ledger_walk(l, c->intro_walk));
}

/* Between two samples anything may have happened; what they differ in, has. */
static enum transition_cause sampled_cause(struct ledger *l, const struct cache *c,
					   const struct structure_record *e)
{
	const struct node *n = l->nodes[e->nid];

	if (introducing(l, c, e))
		return CAUSE_CREATE;
	return n && n->open ? node_cause(n->open) : CAUSE_NONE;
}

/* Nothing of the kernel's explains the difference. */
static enum manner unexplained(struct ledger *l, enum walk_reason reason, __u64 walk)
{
	if (l->lossy)
		return RESYNC;
	if (walk && reason != WALK_BEFORE)
		return DOUBT;
	return TELL;
}

static struct context context_of(struct ledger *l, struct cache *c, const struct structure_record *e,
				 enum walk_reason reason)
{
	struct slot *s = slot_peek(c, e->nid);
	struct node *n = l->nodes[e->nid];
	struct context x = { .e = e, .manner = TELL, .settled = true };

	if (reason == WALK_SAMPLE) {
		x.cause = sampled_cause(l, c, e);
	} else if (c->state == CACHE_GOING) {
		x.cause = CAUSE_DESTROY;
	} else if (creating(c, n, e, reason)) {
		x.cause = CAUSE_CREATE;
	} else if (introducing(l, c, e) && !(s && s->address)) {
		x.manner = BASELINE;
	} else if (n && n->open) {
		x.cause = node_cause(n->open);
		x.settled = reason == WALK_AFTER;
	} else if (reason == WALK_AFTER) {
		/* BEGIN was lost; pointers come with memory and go with it */
		x.cause = e->address ? CAUSE_ONLINE : CAUSE_OFFLINE;
	} else {
		x.cause = CAUSE_OUTSIDE;
		x.manner = unexplained(l, reason, e->walk);
	}
	return x;
}

/* Does the look speak of something older than what we know? */
static bool slot_stale(const struct cache *c, const struct structure_record *e)
{
	if (!c || c->state == CACHE_DEAD)
		return e->walk || e->address; /* a failed creation's last look is none */
	return e->walk && (e->head.time_ns <= c->born_ns || c->state == CACHE_GOING);
}

/*
 * A walk of the front end's runs beside the kernel's work, and a look at a
 * pointer can be later than its record's place in the ring buffer: the record
 * is reserved first. So a difference that nothing explains waits for the end
 * of its walk, and is void when a transition of its node began meanwhile.
 */
static int doubt_add(struct walk *w, const struct cache *c, const struct structure_record *e,
		     __u64 seq)
{
	struct doubt *d = ledger_alloc(sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->e = *e;
	d->incarnation = c->incarnation;
	d->seq = seq;
	*w->last_doubt = d;
	w->last_doubt = &d->next;
	return 0;
}

static bool doubt_void(struct ledger *l, const struct doubt *d)
{
	const struct cache *c = cache_find(l, d->e.cache);
	const struct node *n = l->nodes[d->e.nid];

	return !c || c->incarnation != d->incarnation || c->state >= CACHE_GOING ||
	       (n && n->begun_seq > d->seq);
}

int doubts_settle(struct ledger *l, struct walk *w)
{
	int err = 0;

	for (struct doubt *d = w->doubts; d && !err; d = d->next) {
		struct context x = {
			.e = &d->e,
			.cause = CAUSE_OUTSIDE,
			.manner = l->lossy ? RESYNC : DOUBT,
			.settled = true,
		};

		if (doubt_void(l, d))
			l->trust.stale++;
		else
			err = slot_look(l, cache_find(l, d->e.cache), &x);
	}
	return err;
}

void doubts_free(struct walk *w)
{
	while (w->doubts) {
		struct doubt *d = w->doubts;

		w->doubts = d->next;
		free(d);
	}
}

static bool differs(const struct cache *c, const struct structure_record *e)
{
	const struct slot *s = slot_peek(c, e->nid);

	return (s ? s->address : 0) != e->address;
}

int slot_feed(struct ledger *l, const struct structure_record *e)
{
	struct walk *w = e->walk ? ledger_walk(l, e->walk) : NULL;
	struct cache *c = cache_find(l, e->cache);
	struct context x;

	if (slot_stale(c, e)) {
		l->trust.stale++;
		return 0;
	}
	if (!c || c->state == CACHE_DEAD)
		return 0;
	x = context_of(l, c, e, w ? w->reason : 0);
	if (w && x.manner == DOUBT && differs(c, e))
		return doubt_add(w, c, e, l->seq);
	return slot_look(l, c, &x);
}
