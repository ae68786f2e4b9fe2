// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include "model/ledger_emit.h"
#include "model/ledger_observed.h"
#include "model/ledger_pending.h"

void observed_state(struct node_ptr *p, const struct structure_record *e)
{
	if (e->state != OBJECT_NONE)
		p->unseen = e->state != OBJECT_ALLOCATED;
	if (e->state == OBJECT_ALLOCATED) {
		p->allocated_walk = e->walk;
		p->free_walk = 0;
		p->free_before = false;
	} else if (e->state == OBJECT_FREE && p->free_walk != e->walk) {
		p->free_before = p->free_walk;
		p->free_walk = e->walk;
	}
}

void observed_allocations(struct ledger *l, const struct walk_record *e)
{
	if (e->allocated == ALLOCATIONS_UNKNOWN || l->lossy)
		l->unaccounted = ALLOCATIONS_UNKNOWN;
	else
		l->unaccounted = e->allocated - l->appeared;
}

/* The walk that is judged, and the count of the structures that should be in use. */
struct judged {
	const struct walk *w;
	const struct walk_record *e;
	int nids; /* one more than the largest nid */
	bool countable;
	__u64 held;
};

/*
 * Report a pointer that names a freed structure. A walk reads the pointer and then the state,
 * so one look can fall into a free: the pointer counts if nothing was freed during the walk, or
 * if two walks agree.
 */
static void judge_free(struct ledger *l, struct node_ptr *p, const struct judged *j)
{
	if (p->dangling || p->cache->state != CACHE_ALIVE || !(j->e->quiet || p->free_before))
		return;
	emit_observed(l, p, T_DANGLING, j->e->head.time_ns);
	node_ptr_set_dangling(l, p, p->address);
}

/* Handle a structure that is allocated: a dangling one was allocated again. */
static int judge_allocated(struct ledger *l, struct node_ptr *p, const struct judged *j)
{
	if (p->dangling) {
		if (node_ptr_owner(l, p->address))
			return 0; /* by another pointer */
		if (node_ptr_revive(l, p))
			return -ENOMEM;
		node_ptr_set_retained(l, p, !node_has_live(l, p->nid), j->e->head.time_ns);
		l->appeared++;
		emit_observed(l, p, p->retained ? T_LATE : T_ALLOCATED, j->e->head.time_ns);
	} else if (j->e->quiet && p->unaccounted == ALLOCATIONS_UNKNOWN) {
		p->unaccounted = l->unaccounted;
	}
	return 0;
}

static int judge_present(struct ledger *l, struct node_ptr *p, struct judged *j)
{
	int err = 0;

	if (p->free_walk == j->w->id)
		judge_free(l, p, j);
	else if (p->allocated_walk == j->w->id)
		err = judge_allocated(l, p, j);
	j->held += !p->dangling && p->free_walk != j->w->id;
	return err;
}

/* Return true if the node has had memory that counts since before the walk. */
static bool has_settled_memory(const struct node *n, const struct walk *w)
{
	return n && n->known && n->has_memory && !n->begun && !n->going_online &&
	       n->changed_ns < w->id;
}

/*
 * Report that the cache has no structure for the node. Beside other work on structures two
 * walks have to agree. Returns 0 or -ENOMEM.
 */
static int judge_absent(struct ledger *l, struct cache *c, int nid, const struct judged *j)
{
	const struct node *n = l->nodes[nid];
	struct node_ptr *p;

	if (l->lossy || c->state != CACHE_ALIVE || !has_settled_memory(n, j->w))
		return 0;
	p = node_ptr_get(l, c, nid);
	if (!p)
		return -ENOMEM;
	if (p->evicted || p->freed)
		return 0; /* it named a structure when it was last seen */
	if (!p->missing && (j->e->quiet || p->absent_walk > n->changed_ns)) {
		emit_observed(l, p, T_MISSING, j->e->head.time_ns);
		p->missing = true;
	}
	p->absent_walk = j->w->id;
	return 0;
}

static int judge_cache(struct ledger *l, struct cache *c, struct judged *j)
{
	int err = 0;

	for (int nid = 0; nid < j->nids && !err; nid++) {
		struct node_ptr *p = node_ptr_find(c, nid);

		if (p && p->address)
			err = judge_present(l, p, j);
		else
			err = judge_absent(l, c, nid, j);
	}
	return err;
}

/*
 * Compare the objects in use with the structures that are known to be. Nothing was allocated
 * or freed meanwhile, and the walk saw each of them.
 */
static void judge_count(struct ledger *l, struct judged *j)
{
	if (!j->countable || !j->e->quiet || j->e->uncounted || !j->e->in_use || l->lossy ||
	    !pending_count(l, j->w, &j->held))
		return;
	l->trust.counted++;
	l->counted_walk = j->w->id;
	if (j->e->in_use == j->held)
		return;
	l->trust.miscounted++;
	l->trust.in_use = j->e->in_use;
	l->trust.held = j->held;
}

int observed_walked(struct ledger *l, const struct walk *w, const struct walk_record *e)
{
	struct judged j = { .w = w, .e = e, .countable = true };
	struct cache *c, *next;

	for (int nid = 0; nid < LEDGER_NODES; nid++)
		if (l->nodes[nid])
			j.nids = nid + 1;
	HASH_ITER (hh, l->caches, c, next) {
		int err = 0;

		if (c->seen_walk == w->id && (c->incarnation < w->seq || c->first_walk == w->id))
			err = judge_cache(l, c, &j);
		else if (c->state != CACHE_DEAD)
			j.countable = false; /* its structures were not looked at */
		if (err)
			return err;
	}
	judge_count(l, &j);
	return 0;
}
