// SPDX-License-Identifier: GPL-2.0-only
/*
 * Totals. What is there now is counted when asked, from the slots: it cannot
 * drift from them, and sizes that came late apply to all.
 */
#include <string.h>
#include "model/ledger_private.h"

/* Structures that are there now. */
struct present {
	__u64 live, retained, barns_retained;
};

void ledger_bytes(const struct ledger *l, struct transition *t)
{
	t->requested = l->sizes.structure_requested;
	t->charged = l->sizes.structure_charged;
	if (t->barn) {
		t->requested += l->sizes.barn_requested;
		t->charged += l->sizes.barn_charged;
	}
}

static void present_add(struct present *p, const struct slot *s)
{
	if (!s || !s->address)
		return;
	p->live += !s->retained;
	p->retained += s->retained;
	p->barns_retained += s->retained && s->barn;
}

static struct ledger_counts counts(const struct ledger *l, const struct tally *t,
				   const struct present *p)
{
	const struct ledger_sizes *z = &l->sizes;

	return (struct ledger_counts){
		.allocated = t->allocated,
		.freed = t->freed,
		.retained = t->retained,
		.reused = t->reused,
		.leaked = t->leaked,
		.late = t->late,
		.live_now = p->live,
		.retained_now = p->retained,
		.barns_retained_now = p->barns_retained,
		.retained_requested = p->retained * z->structure_requested +
				      p->barns_retained * z->barn_requested,
		.retained_charged =
			p->retained * z->structure_charged + p->barns_retained * z->barn_charged,
		.leaked_requested =
			t->leaked * z->structure_requested + t->leaked_barns * z->barn_requested,
		.leaked_charged =
			t->leaked * z->structure_charged + t->leaked_barns * z->barn_charged,
	};
}

static void present_in_cache(struct ledger *l, const struct cache *c, struct present *p)
{
	for (int nid = 0; nid < c->nr_slots; nid++)
		if (c->slots[nid] && ledger_wants(l, c->name, nid))
			present_add(p, c->slots[nid]);
}

static void present_on_node(struct ledger *l, int nid, struct present *p)
{
	struct cache *c, *next;

	HASH_ITER (hh, l->caches, c, next) {
		const struct slot *s = slot_peek(c, nid);

		if (s && ledger_wants(l, c->name, nid))
			present_add(p, s);
	}
}

int ledger_each_node(struct ledger *l, int (*fn)(void *arg, const struct ledger_node *n), void *arg)
{
	for (int nid = 0; nid < LEDGER_NODES; nid++) {
		const struct node *n = l->nodes[nid];
		struct present p = {};
		struct ledger_node out;
		int err;

		if (!n || !ledger_wants(l, NULL, nid))
			continue;
		present_on_node(l, nid, &p);
		out = (struct ledger_node){
			.nid = nid,
			.has_memory = !n->known || n->has_memory,
			.movable_only = n->movable_only,
			.offlines = n->offlines,
			.onlines = n->onlines,
			.cancelled_offlines = n->cancelled_offlines,
			.cancelled_onlines = n->cancelled_onlines,
			.counts = counts(l, &n->tally, &p),
		};
		err = fn(arg, &out);
		if (err)
			return err;
	}
	return 0;
}

static int by_name(const char *name_a, __u64 a, const char *name_b, __u64 b)
{
	int order = strcmp(name_a, name_b);

	return order ? order : (a > b) - (a < b);
}

static int cache_order(const struct cache *a, const struct cache *b)
{
	return by_name(a->name, a->address, b->name, b->address);
}

static int gone_order(const struct gone *a, const struct gone *b)
{
	return strcmp(a->name, b->name);
}

static struct ledger_cache row_alive(struct ledger *l, const struct cache *c)
{
	struct present p = {};

	present_in_cache(l, c, &p);
	return (struct ledger_cache){
		.cache = c->address,
		.name = c->name,
		.object_size = c->object_size,
		.size = c->size,
		.aliases = c->aliases,
		.counts = counts(l, &c->tally, &p),
	};
}

static struct ledger_cache row_gone(const struct ledger *l, const struct gone *g)
{
	const struct present none = {};

	return (struct ledger_cache){
		.cache = g->address,
		.name = g->name,
		.object_size = g->object_size,
		.size = g->size,
		.aliases = g->aliases,
		.destroyed = true,
		.counts = counts(l, &g->tally, &none),
	};
}

static const struct cache *skip_dead(const struct cache *c)
{
	while (c && c->state == CACHE_DEAD)
		c = c->hh.next;
	return c;
}

int ledger_each_cache(struct ledger *l, int (*fn)(void *arg, const struct ledger_cache *c),
		      void *arg)
{
	const struct cache *c;
	const struct gone *g;
	int err = 0;

	HASH_SORT(l->caches, cache_order);
	HASH_SORT(l->gone, gone_order);
	c = skip_dead(l->caches);
	g = l->gone;
	while ((c || g) && !err) {
		bool alive = c && (!g || strcmp(c->name, g->name) <= 0);
		struct ledger_cache row = alive ? row_alive(l, c) : row_gone(l, g);

		if (ledger_wants(l, row.name, -1))
			err = fn(arg, &row);
		if (alive)
			c = skip_dead(c->hh.next);
		else
			g = g->hh.next;
	}
	return err;
}

static int each_slot(struct ledger *l, const struct cache *c,
		     int (*fn)(void *arg, const struct transition *t), void *arg)
{
	for (int nid = 0; nid < c->nr_slots; nid++) {
		const struct slot *s = c->slots[nid];
		struct transition t = { .nid = nid, .cache = c->address, .cache_name = c->name };
		int err;

		if (!s || !s->address || !ledger_wants(l, c->name, nid))
			continue;
		t.kind = s->retained ? T_RETAINED : T_ALLOCATED;
		t.time_ns = s->since_ns;
		t.address = s->address;
		t.barn = s->barn;
		ledger_bytes(l, &t);
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

	HASH_SORT(l->caches, cache_order);
	HASH_ITER (hh, l->caches, c, next) {
		int err = each_slot(l, c, fn, arg);

		if (err)
			return err;
	}
	return 0;
}

const struct ledger_counts *ledger_totals(struct ledger *l)
{
	struct cache *c, *next;
	struct present p = {};

	HASH_ITER (hh, l->caches, c, next)
		present_in_cache(l, c, &p);
	l->totals = counts(l, &l->tally, &p);
	return &l->totals;
}

const struct ledger_trust *ledger_trust(struct ledger *l)
{
	l->trust.pending = HASH_COUNT(l->pending);
	return &l->trust;
}

static const char *pick(const char *const *names, size_t nr, size_t i)
{
	return i < nr && names[i] ? names[i] : "unknown";
}

#define PICK(names, i) pick(names, sizeof(names) / sizeof((names)[0]), i)

const char *transition_kind_name(enum transition_kind kind)
{
	static const char *const names[] = {
		[T_ALLOCATED] = "allocated",
		[T_RETAINED] = "retained",
		[T_REUSED] = "reused",
		[T_FREED] = "freed",
		[T_LEAKED] = "leaked",
		[T_LATE] = "late",
		[T_NODE] = "node",
		[T_CACHE_CREATED] = "cache-created",
		[T_CACHE_DESTROYED] = "cache-destroyed",
		[T_CACHE_ALIASED] = "cache-aliased",
		[T_CACHE_UNALIASED] = "cache-unaliased",
		[T_CACHE_RENAMED] = "cache-renamed",
	};

	return PICK(names, kind);
}

const char *node_transition_name(enum node_transition t)
{
	static const char *const names[] = {
		[NODE_STATE] = "state",
		[NODE_GOING_ONLINE] = "going-online",
		[NODE_ONLINE] = "online",
		[NODE_CANCEL_ONLINE] = "cancel-online",
		[NODE_GOING_OFFLINE] = "going-offline",
		[NODE_OFFLINE] = "offline",
		[NODE_CANCEL_OFFLINE] = "cancel-offline",
	};

	return PICK(names, t);
}

const char *transition_cause_name(enum transition_cause cause)
{
	static const char *const names[] = {
		[CAUSE_NONE] = "none",
		[CAUSE_ONLINE] = "online",
		[CAUSE_CANCEL_ONLINE] = "cancel-online",
		[CAUSE_OFFLINE] = "offline",
		[CAUSE_CREATE] = "create",
		[CAUSE_DESTROY] = "destroy",
		[CAUSE_OUTSIDE] = "outside",
	};

	return PICK(names, cause);
}
