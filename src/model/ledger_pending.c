// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include "model/ledger_emit.h"
#include "model/ledger_pending.h"

/*
 * A structure that is in use may belong to a cache that is being created or
 * destroyed and is not on the kernel's list: one walk may miss it.
 */
#define WALKS_TO_LEAK 2

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

/* Report the fate of the structure, with the time and the task of the drop. */
static void pending_resolve(struct ledger *l, struct pending *p, enum transition_kind kind)
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
		.was_retained = p->was_retained,
		.task = &p->task,
	};

	reported_retained(l, p);
	emit_structure(l, &t, tally_of(l, p));
	pending_remove(l, p);
}

static struct pending *pending_find(struct ledger *l, __u64 address)
{
	struct pending *p;

	HASH_FIND(hh, l->pending, &address, sizeof(address), p);
	return p;
}

int pending_add(struct ledger *l, const struct node_ptr *ptr, const struct structure_record *e,
		enum transition_cause cause)
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
	p->in_use = e->previous == ptr->address && e->prev_state == OBJECT_ALLOCATED;
	p->cause = cause;
	p->task = e->head;
	p->seq = l->seq;
	HASH_ADD(hh, l->pending, address, sizeof(p->address), p);
	if (!p->hh.tbl) {
		free(p);
		return -ENOMEM;
	}
	return 0;
}

/*
 * Resolve the pending structure of an address that appears. If it appears at the
 * same node pointer, and no event explained the drop, then the pointer never changed:
 *
 *   records                         kernel
 *   the record is reserved
 *                                   the pointer is read as absent
 *   records of later changes
 *   the record is submitted
 *
 * At any other pointer the structure was freed and allocated again. Returns true if
 * the pointer never changed.
 */
bool pending_appeared(struct ledger *l, struct node_ptr *ptr, __u64 address)
{
	struct pending *p = pending_find(l, address);

	if (!p)
		return false;
	if (p->cause != CAUSE_OUTSIDE || !same_cache(p, ptr->cache) || p->nid != ptr->nid) {
		pending_resolve(l, p, T_FREED);
		return false;
	}
	ptr->retained = p->retained;
	ptr->was_retained = false;
	ptr->since_ns = p->since_ns;
	pending_remove(l, p);
	l->trust.stale++;
	return true;
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
		pending_resolve(l, p, T_FREED);
}

void pending_walked(struct ledger *l, const struct walk *w)
{
	struct pending *p, *next;

	HASH_ITER (hh, l->pending, p, next) {
		if (w->seq > p->seq && ++p->walks >= WALKS_TO_LEAK && p->in_use)
			pending_resolve(l, p, T_LEAKED);
	}
}

void pending_lost(struct ledger *l)
{
	struct pending *p, *next;

	HASH_ITER (hh, l->pending, p, next) {
		p->seq = l->seq;
		p->walks = 0;
	}
}

void pending_finish(struct ledger *l)
{
	struct pending *p, *next;

	if (!l->lossy)
		return;
	HASH_ITER (hh, l->pending, p, next) {
		l->trust.resynced++;
		pending_remove(l, p);
	}
}
