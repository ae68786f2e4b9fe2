// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ledger's door: records are checked here and handed on; walks and losses,
 * which bound what the others may believe, are kept here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model/ledger_private.h"

/* Walks whose end was lost would pile up. */
#define MAX_WALKS 64

static void *zeroed(size_t size)
{
	return calloc(1, size);
}

void *(*ledger_alloc)(size_t size) = zeroed;

struct ledger *ledger_new(const struct ledger_ops *ops, const struct ledger_sizes *sizes)
{
	struct ledger *l = ledger_alloc(sizeof(*l));

	if (!l)
		return NULL;
	if (ops)
		l->ops = *ops;
	if (sizes)
		l->sizes = *sizes;
	return l;
}

void ledger_set_sizes(struct ledger *l, const struct ledger_sizes *sizes)
{
	l->sizes = *sizes;
}

struct walk *ledger_walk(struct ledger *l, __u64 id)
{
	struct walk *w;

	HASH_FIND(hh, l->walks, &id, sizeof(id), w);
	return w;
}

static bool looks_at_all(enum walk_reason reason)
{
	return reason == WALK_INITIAL || reason == WALK_VERIFY || reason == WALK_SAMPLE;
}

/* Forget a walk that did not reach its end. */
static void walk_abandon(struct ledger *l, struct walk *w)
{
	if (looks_at_all(w->reason))
		l->trust.incomplete++;
	HASH_DEL(l->walks, w);
	doubts_free(w);
	free(w);
}

static int walk_begin(struct ledger *l, const struct walk_record *e)
{
	struct walk *w = ledger_walk(l, e->walk);

	if (w)
		walk_abandon(l, w);
	while (HASH_COUNT(l->walks) >= MAX_WALKS)
		walk_abandon(l, l->walks); /* the oldest comes first */
	w = ledger_alloc(sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->id = e->walk;
	w->seq = l->seq;
	w->reason = e->reason;
	w->last_doubt = &w->doubts;
	HASH_ADD(hh, l->walks, id, sizeof(w->id), w);
	if (!w->hh.tbl) {
		free(w);
		return -ENOMEM;
	}
	return 0;
}

/*
 * A walk is held against the ledger only as a whole: its beginning was seen, it
 * reached its end, and nothing was lost on the way.
 */
static int walk_end(struct ledger *l, const struct walk_record *e)
{
	struct walk *w = ledger_walk(l, e->walk);
	bool whole = w && e->complete && (!l->lossy || l->lost_seq < w->seq);
	int err = w ? doubts_settle(l, w) : 0;

	if (whole && w->reason == WALK_VERIFY) {
		l->trust.verified++;
		cache_walked(l, w, &e->head);
		pending_walked(l, w);
		l->lossy = false;
	} else if (whole && w->reason == WALK_SAMPLE) {
		cache_sampled(l, w, &e->head);
		pending_walked(l, w);
		l->lossy = false;
	} else if (!whole && looks_at_all(e->reason)) {
		l->trust.incomplete++;
	}
	if (w) {
		HASH_DEL(l->walks, w);
		doubts_free(w);
		free(w);
	}
	return err;
}

static void lost(struct ledger *l, __u64 count)
{
	if (!count)
		return;
	l->trust.lost += count;
	l->lossy = true;
	l->lost_seq = l->seq;
	pending_lost(l);
}

static bool nid_ok(__s32 nid)
{
	return nid >= 0 && nid < LEDGER_NODES;
}

static bool node_ok(const struct node_record *e)
{
	return e->transition >= NODE_STATE && e->transition < NODE_TRANSITIONS &&
	       e->phase <= PHASE_END && (e->nid == -1 || nid_ok(e->nid)) &&
	       (e->any_nid == -1 || nid_ok(e->any_nid)) && (e->nid >= 0 || e->any_nid >= 0);
}

static bool cache_ok(const struct cache_record *e)
{
	return e->cache && e->change >= CACHE_EXISTS && e->change <= CACHE_RELEASED;
}

static bool structure_ok(const struct structure_record *e)
{
	return e->cache && nid_ok(e->nid) && e->prev_state <= PREV_UNKNOWN;
}

static bool walk_ok(const struct walk_record *e)
{
	return e->walk && e->reason >= WALK_INITIAL && e->reason <= WALK_SAMPLE &&
	       e->phase <= PHASE_END && (looks_at_all(e->reason) || nid_ok(e->nid));
}

static bool well_formed(const struct record *e, size_t len)
{
	if (len < sizeof(*e))
		return false;
	switch (e->type) {
	case RECORD_NODE: return len >= sizeof(struct node_record) && node_ok((const void *)e);
	case RECORD_CACHE: return len >= sizeof(struct cache_record) && cache_ok((const void *)e);
	case RECORD_STRUCTURE:
		return len >= sizeof(struct structure_record) && structure_ok((const void *)e);
	case RECORD_WALK: return len >= sizeof(struct walk_record) && walk_ok((const void *)e);
	case RECORD_LOST: return len >= sizeof(struct lost_record);
	}
	return false;
}

static int feed(struct ledger *l, const struct record *e)
{
	const struct walk_record *w = (const void *)e;

	switch (e->type) {
	case RECORD_NODE: return node_feed(l, (const void *)e);
	case RECORD_CACHE: return cache_feed(l, (const void *)e);
	case RECORD_STRUCTURE: return slot_feed(l, (const void *)e);
	case RECORD_WALK: return w->phase == PHASE_BEGIN ? walk_begin(l, w) : walk_end(l, w);
	default: lost(l, ((const struct lost_record *)e)->count); return 0;
	}
}

int ledger_feed(struct ledger *l, const struct record *e, size_t len)
{
	int err;

	if (!well_formed(e, len)) {
		l->trust.malformed++;
		return -EINVAL;
	}
	l->seq++;
	err = feed(l, e);
	if (err)
		lost(l, 1); /* no room to take it in */
	return err;
}

/* What is settled here has its own time: that of the drop. */
void ledger_finish(struct ledger *l, __u64 time_ns __attribute__((unused)))
{
	while (l->walks)
		walk_abandon(l, l->walks);
	pending_finish(l);
}

void ledger_free(struct ledger *l)
{
	struct cache *c, *next_cache;
	struct pending *p, *next_pending;
	struct gone *g, *next_gone;

	if (!l)
		return;
	while (l->walks)
		walk_abandon(l, l->walks);
	HASH_ITER (hh, l->caches, c, next_cache)
		cache_free(l, c);
	HASH_ITER (hh, l->pending, p, next_pending) {
		HASH_DEL(l->pending, p);
		free(p);
	}
	HASH_ITER (hh, l->gone, g, next_gone) {
		HASH_DEL(l->gone, g);
		free(g);
	}
	for (int nid = 0; nid < LEDGER_NODES; nid++)
		free(l->nodes[nid]);
	free(l);
}
