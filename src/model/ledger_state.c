// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include "model/ledger_state.h"

static void *ledger_zeroed(size_t size)
{
	return calloc(1, size);
}

void *(*ledger_alloc)(size_t size) = ledger_zeroed;

bool ledger_wants(struct ledger *l, const char *name, int nid)
{
	return !l->ops.filter || filter_wants(l->ops.filter, name, nid);
}

struct node *node_get(struct ledger *l, int nid)
{
	struct node *n = l->nodes[nid];

	if (!n) {
		n = ledger_alloc(sizeof(*n));
		if (!n)
			return NULL;
		n->nid = nid;
		n->begun_unaccounted = ALLOCATIONS_UNKNOWN;
		l->nodes[nid] = n;
	}
	return n;
}

bool node_has_live(struct ledger *l, int nid)
{
	const struct node *n = l->nodes[nid];

	return !n || !n->known || n->has_memory || n->going_online;
}

struct cache *cache_find(struct ledger *l, __u64 address)
{
	struct cache *c;

	HASH_FIND(hh, l->caches, &address, sizeof(address), c);
	return c;
}

struct cache *cache_add(struct ledger *l, const struct cache_record *e)
{
	struct cache *c = ledger_alloc(sizeof(*c));

	if (!c)
		return NULL;
	c->address = e->cache;
	c->incarnation = l->seq;
	c->size = e->size;
	c->object_size = e->object_size;
	c->users = e->refcount ?: 1;
	name_copy(c->name, e->name);
	HASH_ADD(hh, l->caches, address, sizeof(c->address), c);
	if (!c->hh.tbl) {
		free(c);
		return NULL;
	}
	return c;
}

void cache_clear(struct ledger *l, struct cache *c)
{
	for (int nid = 0; nid < c->nr_ptrs; nid++) {
		if (!c->ptrs[nid])
			continue;
		node_ptr_clear(l, c->ptrs[nid]);
		free(c->ptrs[nid]);
	}
	free(c->ptrs);
	c->ptrs = NULL;
	c->nr_ptrs = 0;
}

void cache_free(struct ledger *l, struct cache *c)
{
	HASH_DEL(l->caches, c);
	cache_clear(l, c);
	free(c);
}

struct retired *retired_find(struct ledger *l, const char *name)
{
	struct retired *r;

	HASH_FIND(hh, l->retired, name, strlen(name), r);
	return r;
}

struct retired *retired_get(struct ledger *l, const char *name)
{
	struct retired *r = retired_find(l, name);

	if (r)
		return r;
	r = ledger_alloc(sizeof(*r));
	if (!r)
		return NULL;
	name_copy(r->name, name);
	HASH_ADD(hh, l->retired, name, strlen(r->name), r);
	if (!r->hh.tbl) {
		free(r);
		return NULL;
	}
	return r;
}

struct node_ptr *node_ptr_find(const struct cache *c, int nid)
{
	return nid < c->nr_ptrs ? c->ptrs[nid] : NULL;
}

static int cache_grow(struct cache *c, int nid)
{
	int nr = c->nr_ptrs ? c->nr_ptrs : 2;
	struct node_ptr **ptrs;

	while (nr <= nid)
		nr *= 2;
	ptrs = ledger_alloc(nr * sizeof(*ptrs));
	if (!ptrs)
		return -ENOMEM;
	if (c->nr_ptrs)
		memcpy(ptrs, c->ptrs, c->nr_ptrs * sizeof(*ptrs));
	free(c->ptrs);
	c->ptrs = ptrs;
	c->nr_ptrs = nr;
	return 0;
}

struct node_ptr *node_ptr_get(struct ledger *l, struct cache *c, int nid)
{
	struct node_ptr *p = node_ptr_find(c, nid);

	if (p)
		return p;
	if (!node_get(l, nid) || (nid >= c->nr_ptrs && cache_grow(c, nid)))
		return NULL;
	p = ledger_alloc(sizeof(*p));
	if (!p)
		return NULL;
	p->cache = c;
	p->nid = nid;
	c->ptrs[nid] = p;
	return p;
}

struct node_ptr *node_ptr_owner(struct ledger *l, __u64 address)
{
	struct node_ptr *p;

	HASH_FIND(hh, l->owners, &address, sizeof(address), p);
	return p;
}

void peak_update(struct ledger *l)
{
	__u64 charged = l->retained_structures * l->sizes.structure_charged +
			l->retained_barns * l->sizes.barn_charged;

	if (l->retained_structures > l->peak.structures)
		l->peak.structures = l->retained_structures;
	if (charged > l->peak.charged)
		l->peak.charged = charged;
}

bool node_uses_barns(const struct ledger *l, int nid)
{
	return l->nodes[nid] && l->nodes[nid]->barns_used;
}

bool barn_is_held(const struct ledger *l, const struct node_ptr *p)
{
	return p->barn && !node_uses_barns(l, p->nid);
}

/* Add a node pointer to the retained structures, or subtract it, by its present state. */
static void count_retained(struct ledger *l, const struct node_ptr *p, int sign)
{
	if (!p->address || !p->retained || p->dangling || !ledger_wants(l, p->cache->name, p->nid))
		return;
	l->retained_structures += sign;
	l->retained_barns += barn_is_held(l, p) ? sign : 0;
	peak_update(l);
}

static int node_ptr_own(struct ledger *l, struct node_ptr *p)
{
	p->hh.tbl = NULL;
	HASH_ADD(hh, l->owners, address, sizeof(p->address), p);
	return p->hh.tbl ? 0 : -ENOMEM;
}

int node_ptr_fill(struct ledger *l, struct node_ptr *p, const struct structure_record *e,
		  bool retained)
{
	p->address = e->address;
	if (node_ptr_own(l, p)) {
		p->address = 0;
		return -ENOMEM;
	}
	p->barn = e->barn;
	p->retained = retained;
	p->since_ns = e->head.time_ns;
	p->baseline = p->evicted = p->missing = p->free_before = p->unseen = false;
	p->freed = p->allocated_walk = p->free_walk = p->absent_walk = 0;
	p->unaccounted = ALLOCATIONS_UNKNOWN;
	count_retained(l, p, 1);
	return 0;
}

void node_ptr_clear(struct ledger *l, struct node_ptr *p)
{
	if (!p->address)
		return;
	count_retained(l, p, -1);
	if (!p->dangling)
		HASH_DEL(l->owners, p);
	p->address = 0;
	p->barn = 0;
	p->retained = p->dangling = p->baseline = p->late = false;
}

void node_ptr_set_dangling(struct ledger *l, struct node_ptr *p, __u64 address)
{
	node_ptr_clear(l, p);
	p->address = address;
	p->dangling = true;
	p->freed = 0;
	p->allocated_walk = 0;
}

int node_ptr_revive(struct ledger *l, struct node_ptr *p)
{
	if (node_ptr_own(l, p))
		return -ENOMEM;
	p->dangling = false;
	p->free_walk = 0;
	p->free_before = false;
	p->unaccounted = ALLOCATIONS_UNKNOWN;
	return 0;
}

void node_ptr_set_retained(struct ledger *l, struct node_ptr *p, bool retained, __u64 time_ns)
{
	count_retained(l, p, -1);
	p->retained = retained;
	p->late &= !retained; /* from its first removal on it is as any other */
	p->since_ns = time_ns;
	count_retained(l, p, 1);
}

void node_ptr_set_barn(struct ledger *l, struct node_ptr *p, __u64 barn)
{
	if (p->barn == barn)
		return;
	count_retained(l, p, -1);
	p->barn = barn;
	count_retained(l, p, 1);
}

void node_set_barns_used(struct ledger *l, struct node *n, bool used)
{
	struct cache *c, *next;

	HASH_ITER (hh, l->caches, c, next) {
		const struct node_ptr *p = node_ptr_find(c, n->nid);

		if (p && p->address && p->retained && p->barn && n->barns_used != used &&
		    ledger_wants(l, c->name, n->nid))
			l->retained_barns += used ? -1 : 1;
	}
	n->barns_used = used;
	peak_update(l);
}

static void count_cache(struct ledger *l, const struct cache *c, int sign)
{
	for (int nid = 0; nid < c->nr_ptrs; nid++)
		if (c->ptrs[nid])
			count_retained(l, c->ptrs[nid], sign);
}

void cache_rename(struct ledger *l, struct cache *c, const char *name)
{
	count_cache(l, c, -1); /* the filter may accept only one of the names */
	name_copy(c->name, name);
	count_cache(l, c, 1);
}

struct walk *walk_find(struct ledger *l, __u64 id)
{
	struct walk *w;

	HASH_FIND(hh, l->walks, &id, sizeof(id), w);
	return w;
}

struct walk *walk_add(struct ledger *l, const struct walk_record *e)
{
	struct walk *w = ledger_alloc(sizeof(*w));

	if (!w)
		return NULL;
	w->id = e->walk;
	w->seq = l->seq;
	w->reason = e->reason;
	w->last = &w->unexplained;
	HASH_ADD(hh, l->walks, id, sizeof(w->id), w);
	if (!w->hh.tbl) {
		free(w);
		return NULL;
	}
	return w;
}

void walk_free(struct ledger *l, struct walk *w)
{
	HASH_DEL(l->walks, w);
	while (w->unexplained) {
		struct unexplained *u = w->unexplained;

		w->unexplained = u->next;
		free(u);
	}
	free(w);
}

void ledger_clear(struct ledger *l)
{
	struct cache *c, *next_cache;
	struct pending *p, *next_pending;
	struct retired *r, *next_retired;

	while (l->walks)
		walk_free(l, l->walks);
	HASH_ITER (hh, l->caches, c, next_cache)
		cache_free(l, c);
	HASH_ITER (hh, l->pending, p, next_pending) {
		HASH_DEL(l->pending, p);
		free(p);
	}
	HASH_ITER (hh, l->retired, r, next_retired) {
		HASH_DEL(l->retired, r);
		free(r);
	}
	for (int nid = 0; nid < LEDGER_NODES; nid++)
		free(l->nodes[nid]);
}
