// SPDX-License-Identifier: GPL-2.0-only
/*
 * The totals for callers of the ledger. Present structures are counted from the node
 * pointers at each call, so the totals cannot drift from the state, and sizes
 * that became known late apply to all of them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model/ledger_emit.h"

/* The structures that are present now. */
struct present {
	__u64 live, retained, barns_retained;
};

static void present_add(const struct ledger *l, struct present *now, const struct node_ptr *p)
{
	if (!p || !p->address || p->dangling)
		return;
	now->live += !p->retained;
	now->retained += p->retained;
	now->barns_retained += p->retained && barn_is_held(l, p);
}

static struct ledger_counts ledger_counts_of(const struct ledger *l, const struct tally *t,
					     const struct present *now)
{
	const struct ledger_sizes *z = &l->sizes;

	return (struct ledger_counts){
		.allocated = t->allocated,
		.freed = t->freed,
		.retained = t->retained,
		.reused = t->reused,
		.leaked = t->leaked,
		.late = t->late,
		.same_address = t->same_address,
		.dangling = t->dangling,
		.missing = t->missing,
		.live_now = now->live,
		.retained_now = now->retained,
		.barns_retained_now = now->barns_retained,
		.retained_requested = now->retained * z->structure_requested +
				      now->barns_retained * z->barn_requested,
		.retained_charged = now->retained * z->structure_charged +
				    now->barns_retained * z->barn_charged,
		.leaked_requested =
			t->leaked * z->structure_requested + t->leaked_barns * z->barn_requested,
		.leaked_charged =
			t->leaked * z->structure_charged + t->leaked_barns * z->barn_charged,
	};
}

static void present_in_cache(struct ledger *l, const struct cache *c, struct present *now)
{
	for (int nid = 0; nid < c->nr_ptrs; nid++)
		if (c->ptrs[nid] && ledger_wants(l, c->name, nid))
			present_add(l, now, c->ptrs[nid]);
}

static void present_on_node(struct ledger *l, int nid, struct present *now)
{
	struct cache *c, *next;

	HASH_ITER (hh, l->caches, c, next) {
		const struct node_ptr *p = node_ptr_find(c, nid);

		if (p && ledger_wants(l, c->name, nid))
			present_add(l, now, p);
	}
}

static struct ledger_node node_row(struct ledger *l, const struct node *n)
{
	struct present now = {};

	present_on_node(l, n->nid, &now);
	return (struct ledger_node){
		.nid = n->nid,
		.has_memory = !n->known || n->has_memory,
		.movable_only = n->movable_only,
		.offlines = n->offlines,
		.movable_offlines = n->movable_offlines,
		.onlines = n->onlines,
		.cancelled_offlines = n->cancelled_offlines,
		.cancelled_onlines = n->cancelled_onlines,
		.counts = ledger_counts_of(l, &n->tally, &now),
	};
}

bool ledger_node_has_memory(struct ledger *l, int nid)
{
	const struct node *n = l->nodes[nid];

	return !n || !n->known || n->has_memory;
}

int ledger_each_node(struct ledger *l, int (*fn)(void *arg, const struct ledger_node *n), void *arg)
{
	for (int nid = 0; nid < LEDGER_NODES; nid++) {
		struct ledger_node row;
		int err;

		if (!l->nodes[nid] || !ledger_wants(l, NULL, nid))
			continue;
		row = node_row(l, l->nodes[nid]);
		err = fn(arg, &row);
		if (err)
			return err;
	}
	return 0;
}

static int cache_order(const struct cache *a, const struct cache *b)
{
	int order = strcmp(a->name, b->name);

	return order ? order : (a->address > b->address) - (a->address < b->address);
}

static int retired_order(const struct retired *a, const struct retired *b)
{
	return strcmp(a->name, b->name);
}

static struct ledger_cache row_alive(struct ledger *l, const struct cache *c)
{
	struct present now = {};

	present_in_cache(l, c, &now);
	return (struct ledger_cache){
		.cache = c->address,
		.name = c->name,
		.object_size = c->object_size,
		.size = c->size,
		.aliases = c->aliases,
		.counts = ledger_counts_of(l, &c->tally, &now),
	};
}

static struct ledger_cache row_retired(const struct ledger *l, const struct retired *r)
{
	const struct present none = {};

	return (struct ledger_cache){
		.cache = r->address,
		.name = r->name,
		.object_size = r->object_size,
		.size = r->size,
		.aliases = r->aliases,
		.destroyed = true,
		.counts = ledger_counts_of(l, &r->tally, &none),
	};
}

static int compare_caches(const void *a, const void *b)
{
	return cache_order(*(const struct cache *const *)a, *(const struct cache *const *)b);
}

/*
 * Sort the caches that exist into an array. The table keeps its order, because
 * transitions are emitted in it and must not depend on calls in between.
 * Returns NULL when out of memory.
 */
static const struct cache **sorted_caches(struct ledger *l, size_t *count)
{
	const struct cache **sorted = ledger_alloc((HASH_COUNT(l->caches) + 1) * sizeof(*sorted));
	struct cache *c, *next;

	*count = 0;
	if (!sorted)
		return NULL;
	HASH_ITER (hh, l->caches, c, next)
		if (c->state != CACHE_DEAD)
			sorted[(*count)++] = c;
	qsort(sorted, *count, sizeof(*sorted), compare_caches);
	return sorted;
}

int ledger_each_cache(struct ledger *l, int (*fn)(void *arg, const struct ledger_cache *c),
		      void *arg)
{
	const struct retired *r;
	const struct cache **caches;
	size_t count, i = 0;
	int err = 0;

	caches = sorted_caches(l, &count);
	if (!caches)
		return -ENOMEM;
	HASH_SORT(l->retired, retired_order);
	r = l->retired;
	while ((i < count || r) && !err) {
		bool alive = i < count && (!r || strcmp(caches[i]->name, r->name) <= 0);
		struct ledger_cache row = alive ? row_alive(l, caches[i]) : row_retired(l, r);

		if (ledger_wants(l, row.name, -1))
			err = fn(arg, &row);
		if (alive)
			i++;
		else
			r = r->hh.next;
	}
	free(caches);
	return err;
}

static int each_of_cache(struct ledger *l, const struct cache *c,
			 int (*fn)(void *arg, const struct transition *t), void *arg)
{
	for (int nid = 0; nid < c->nr_ptrs; nid++) {
		const struct node_ptr *p = c->ptrs[nid];
		struct transition t = { .nid = nid, .cache = c->address, .cache_name = c->name };
		int err;

		if (!p || !p->address || p->dangling || !ledger_wants(l, c->name, nid))
			continue;
		t.kind = p->retained ? T_RETAINED : T_ALLOCATED;
		t.time_ns = p->since_ns;
		t.address = p->address;
		t.barn = p->barn;
		emit_bytes(l, &t);
		err = fn(arg, &t);
		if (err)
			return err;
	}
	return 0;
}

int ledger_each_structure(struct ledger *l, int (*fn)(void *arg, const struct transition *t),
			  void *arg)
{
	struct cache *c, *next;

	HASH_ITER (hh, l->caches, c, next) {
		int err = each_of_cache(l, c, fn, arg);

		if (err)
			return err;
	}
	return 0;
}

bool ledger_counts_any(const struct ledger_counts *n)
{
	return n->live_now + n->retained_now + n->allocated + n->freed + n->leaked + n->late +
	       n->dangling + n->missing;
}

const struct ledger_counts *ledger_totals(struct ledger *l)
{
	struct cache *c, *next;
	struct present now = {};

	HASH_ITER (hh, l->caches, c, next)
		present_in_cache(l, c, &now);
	l->totals = ledger_counts_of(l, &l->tally, &now);
	return &l->totals;
}

struct ledger_peak ledger_peak(const struct ledger *l)
{
	return l->peak;
}

/*
 * Return true if it is open whether a pointer names an allocated structure: no walk has seen it
 * allocated since the last change of its node, or the last walk did not. A cache that was created
 * after the change needs no walk.
 */
static bool is_unobserved(struct ledger *l, const struct node_ptr *p)
{
	__u64 changed_ns;

	if (!p || p->dangling || !ledger_wants(l, p->cache->name, p->nid))
		return false;
	changed_ns = l->nodes[p->nid]->changed_ns;
	if (!p->address)
		return !p->missing && p->absent_walk > changed_ns;
	if (p->unseen)
		return true;
	return p->allocated_walk <= changed_ns && p->cache->created_ns <= changed_ns;
}

/* Count the pointers of which that is open. */
static __u64 unobserved(struct ledger *l)
{
	struct cache *c, *next;
	__u64 count = 0;

	HASH_ITER (hh, l->caches, c, next) {
		if (c->state != CACHE_ALIVE)
			continue;
		for (int nid = 0; nid < c->nr_ptrs; nid++)
			count += is_unobserved(l, c->ptrs[nid]);
	}
	return count;
}

static bool counted_since(const struct ledger *l)
{
	for (int nid = 0; nid < LEDGER_NODES; nid++)
		if (l->nodes[nid] && l->nodes[nid]->changed_ns >= l->counted_walk)
			return false;
	return l->counted_walk;
}

const struct ledger_trust *ledger_trust(struct ledger *l)
{
	l->trust.pending = HASH_COUNT(l->pending) - l->leaked_now;
	l->trust.unobserved = unobserved(l);
	l->trust.counted_since = counted_since(l);
	return &l->trust;
}
