// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include "model/ledger_emit.h"
#include "model/ledger_pending.h"

static bool same_cache(const struct pending *p, const struct cache *c)
{
	return p->cache == c->address && p->incarnation == c->incarnation;
}

/* Return the tally of the structure's cache, or that of its name if the cache is destroyed. */
static struct tally *tally_of(struct ledger *l, const struct pending *p)
{
	struct cache *c = cache_find(l, p->cache);
	struct retired *r;

	if (c && same_cache(p, c) && c->state != CACHE_DEAD)
		return &c->tally;
	r = retired_find(l, p->name);
	return r ? &r->tally : NULL;
}

static void pending_remove(struct ledger *l, struct pending *p)
{
	l->leaked_now -= p->leaked;
	HASH_DEL(l->pending, p);
	free(p);
}

/* Note that the transition of a pending structure reports that it was retained. */
static void reported_retained(struct ledger *l, const struct pending *p)
{
	const struct cache *c = cache_find(l, p->cache);
	struct node_ptr *ptr = c && same_cache(p, c) ? node_ptr_find(c, p->nid) : NULL;

	if (ptr && p->was_retained)
		ptr->was_retained = false;
}

void pending_replaced(struct ledger *l, const struct node_ptr *ptr)
{
	struct pending *p, *next;

	HASH_ITER (hh, l->pending, p, next)
		if (same_cache(p, ptr->cache) && p->nid == ptr->nid)
			p->was_retained = false;
}

/* Report the fate of the structure. task: NULL if it is not known. */
static void pending_emit(struct ledger *l, struct pending *p, enum transition_kind kind,
			 __u64 time_ns, const struct record *task)
{
	struct transition t = {
		.kind = kind,
		.cause = p->cause,
		.time_ns = time_ns,
		.nid = p->nid,
		.cache = p->cache,
		.cache_name = p->name,
		.address = p->address,
		.barn = p->barn,
		.was_retained = p->was_retained,
		.was_leaked = p->leaked,
		.away = p->away,
		.task = task,
	};

	reported_retained(l, p);
	emit_structure(l, &t, tally_of(l, p));
}

/*
 * Report a structure as freed at a time before that observation. The task that dropped it need
 * not be the one that freed it.
 */
static void pending_freed(struct ledger *l, struct pending *p, __u64 time_ns)
{
	pending_emit(l, p, T_FREED, time_ns, NULL);
	pending_remove(l, p);
}

static void pending_leaked(struct ledger *l, struct pending *p)
{
	pending_emit(l, p, T_LEAKED, p->task.time_ns, &p->task);
	p->was_retained = false; /* T_LEAKED has reported it */
	p->leaked = true;
	l->leaked_now++;
}

static struct pending *pending_find(struct ledger *l, __u64 address)
{
	struct pending *p;

	HASH_FIND(hh, l->pending, &address, sizeof(address), p);
	return p;
}

int pending_add(struct ledger *l, const struct node_ptr *ptr, enum transition_cause cause,
		const struct record *e)
{
	struct pending *p = ledger_alloc(sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->address = ptr->address;
	p->barn = ptr->barn;
	p->cache = ptr->cache->address;
	p->incarnation = ptr->cache->incarnation;
	name_copy(p->name, ptr->cache->name);
	p->nid = ptr->nid;
	p->retained = p->was_retained = ptr->retained;
	p->since_ns = ptr->since_ns;
	p->cause = cause;
	p->away = is_away(cause, ptr->retained);
	p->task = *e;
	p->dropped_ns = e->time_ns;
	HASH_ADD(hh, l->pending, address, sizeof(p->address), p);
	if (!p->hh.tbl) {
		free(p);
		return -ENOMEM;
	}
	return 0;
}

/*
 * Restore the pointer that was dropped without an event to explain it: it never changed.
 *
 *   records                         kernel
 *   the record is reserved
 *                                   the pointer is read as absent
 *   records of later changes
 *   the record is submitted
 */
static void pending_restore(struct ledger *l, struct node_ptr *ptr, struct pending *p)
{
	ptr->retained = p->retained;
	ptr->was_retained = false;
	ptr->since_ns = p->since_ns;
	l->trust.stale++;
}

enum appearance pending_appeared(struct ledger *l, struct node_ptr *ptr,
				 const struct structure_record *e, bool allocates,
				 struct leak *leak)
{
	struct pending *p = pending_find(l, e->address);
	enum appearance how = APPEARED_MOVED;

	if (!p)
		return APPEARED_NEW;
	if (same_cache(p, ptr->cache) && p->nid == ptr->nid) {
		how = p->cause == CAUSE_OUTSIDE && !allocates && !p->leaked ? APPEARED_BACK
									    : APPEARED_SAME;
	} else if (allocates) {
		pending_freed(l, p, e->head.time_ns);
		return APPEARED_NEW;
	}
	if (how == APPEARED_BACK)
		pending_restore(l, ptr, p);
	else if (how == APPEARED_SAME)
		*leak = (struct leak){ p->leaked, p->away };
	pending_remove(l, p);
	return how;
}

/*
 * Use a proof that comes after the drop. Two CPUs may observe one drop: one of them
 * gets the proof, and the record of the other may come first.
 */
void pending_proof(struct ledger *l, const struct cache *c, const struct structure_record *e)
{
	struct pending *p;

	if (!e->previous || e->previous == e->address || e->prev_state != OBJECT_FREE)
		return;
	p = pending_find(l, e->previous);
	if (p && same_cache(p, c) && p->nid == e->nid)
		pending_freed(l, p, e->head.time_ns);
}

void pending_observed(struct ledger *l, const struct object_record *e)
{
	struct pending *p = pending_find(l, e->address);

	if (!p || e->head.time_ns <= p->task.time_ns || e->state == OBJECT_NONE)
		return;
	if (e->state == OBJECT_FREE) {
		pending_freed(l, p, e->head.time_ns);
		return;
	}
	if (e->state == OBJECT_ALLOCATED)
		p->allocated_walk = e->walk;
	if (e->state != OBJECT_UNKNOWN)
		p->answered_walk = e->walk;
}

/*
 * A structure that is allocated may belong to a cache that is being created or destroyed
 * and is not on the kernel's list: one walk may miss it.
 */
#define WALKS_TO_LEAK 2

void pending_walked(struct ledger *l, const struct walk *w)
{
	struct pending *p, *next;

	HASH_ITER (hh, l->pending, p, next) {
		if (p->leaked || p->allocated_walk != w->id || w->id <= p->dropped_ns)
			continue;
		if (++p->walks >= WALKS_TO_LEAK && w->id >= p->dropped_ns + LEDGER_LEAK_NS)
			pending_leaked(l, p);
	}
}

bool pending_count(const struct ledger *l, const struct walk *w, __u64 *allocated)
{
	struct pending *p, *next;

	HASH_ITER (hh, l->pending, p, next) {
		if (p->answered_walk != w->id)
			return false;
		*allocated += p->allocated_walk == w->id;
	}
	return true;
}

void pending_lost(struct ledger *l, __u64 time_ns)
{
	struct pending *p, *next;

	HASH_ITER (hh, l->pending, p, next) {
		p->dropped_ns = time_ns;
		p->walks = 0;
	}
}

void pending_finish(struct ledger *l)
{
	struct pending *p, *next;

	if (!l->lossy)
		return;
	HASH_ITER (hh, l->pending, p, next) {
		if (p->leaked)
			continue;
		l->trust.resynced++;
		pending_remove(l, p);
	}
}

__u64 ledger_newest_drop(const struct ledger *l)
{
	struct pending *p, *next;
	__u64 newest_ns = 0;

	HASH_ITER (hh, l->pending, p, next)
		if (!p->leaked && p->dropped_ns > newest_ns)
			newest_ns = p->dropped_ns;
	return newest_ns;
}

static int each_sought(struct ledger *l, bool leaked,
		       int (*fn)(void *arg, const struct ledger_sought *s), void *arg)
{
	struct pending *p, *next;

	HASH_ITER (hh, l->pending, p, next) {
		const struct ledger_sought s = { p->address, p->cache, p->nid };
		int err = p->leaked == leaked ? fn(arg, &s) : 0;

		if (err)
			return err;
	}
	return 0;
}

int ledger_each_sought(struct ledger *l, int (*fn)(void *arg, const struct ledger_sought *s),
		       void *arg)
{
	int err = each_sought(l, false, fn, arg);

	return err ? err : each_sought(l, true, fn, arg);
}
