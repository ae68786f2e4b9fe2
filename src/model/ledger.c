// SPDX-License-Identifier: GPL-2.0-only
/*
 * The entry of the ledger: records are dispatched here. Walks and losses are kept
 * here, too, because they decide how far the rest can be trusted.
 */
#include <errno.h>
#include <stdlib.h>
#include "model/ledger_cache.h"
#include "model/ledger_digest.h"
#include "model/ledger_look.h"
#include "model/ledger_node.h"
#include "model/ledger_observed.h"
#include "model/ledger_pending.h"
#include "model/ledger_state.h"

/* Walks whose end was lost would accumulate. */
#define MAX_WALKS 64

struct ledger *ledger_new(const struct ledger_ops *ops, const struct ledger_sizes *sizes)
{
	struct ledger *l = ledger_alloc(sizeof(*l));

	if (!l)
		return NULL;
	if (ops)
		l->ops = *ops;
	if (sizes)
		l->sizes = *sizes;
	l->unaccounted = ALLOCATIONS_UNKNOWN;
	return l;
}

void ledger_set_sizes(struct ledger *l, const struct ledger_sizes *sizes)
{
	l->sizes = *sizes;
	peak_update(l);
}

static bool covers_all(enum walk_reason reason)
{
	return reason == WALK_INITIAL || reason == WALK_VERIFY;
}

/* Give up a walk that did not reach its end. */
static void walk_abandon(struct ledger *l, struct walk *w)
{
	if (covers_all(w->reason))
		l->trust.incomplete++;
	walk_free(l, w);
}

static int walk_begin(struct ledger *l, const struct walk_record *e)
{
	struct walk *w = walk_find(l, e->walk);

	if (w)
		walk_abandon(l, w);
	/* If its end gets lost, the walk before has agreed, and not this one. */
	l->agrees &= !covers_all(e->reason);
	while (HASH_COUNT(l->walks) >= MAX_WALKS)
		walk_abandon(l, l->walks); /* the oldest */
	return walk_add(l, e) ? 0 : -ENOMEM;
}

/* Draw the conclusions of a complete walk over all caches. Returns 0 or -ENOMEM. */
static int walk_concluded(struct ledger *l, const struct walk *w, const struct walk_record *e)
{
	int err = observed_walked(l, w, e);

	if (w->reason == WALK_VERIFY) {
		l->trust.verified++;
		l->trust.by_digest += e->digest_only;
		cache_walked(l, w, &e->head);
		pending_walked(l, w);
		l->lossy = false;
	}
	/* A digest that agrees still does: it has confirmed the pointers and caches as they are. */
	l->agrees = !err && (e->digest_only || digest_agrees(l, e));
	return err;
}

/*
 * End a walk over all caches. It is complete if its beginning was recorded, it reached its end,
 * and nothing was lost in between. A digest that is not the ledger's claims nothing: a walk with
 * records has to show the difference. Returns 0 or -ENOMEM.
 */
static int walk_over_all_ended(struct ledger *l, const struct walk *w, const struct walk_record *e)
{
	bool complete = w && e->complete && (!l->lossy || l->lost_seq < w->seq);

	l->agrees = complete && e->digest_only && digest_agrees(l, e);
	if (!complete)
		l->trust.incomplete++;
	else if (l->agrees)
		digest_confirm(l, w);
	return complete && (l->agrees || !e->digest_only) ? walk_concluded(l, w, e) : 0;
}

/* Compare a walk that has ended with the ledger. Returns 0 or -ENOMEM. */
static int walk_end(struct ledger *l, const struct walk_record *e)
{
	struct walk *w = walk_find(l, e->walk);
	int err = w ? look_walked(l, w) : 0;

	observed_allocations(l, e);
	if (covers_all(e->reason) && !err)
		err = walk_over_all_ended(l, w, e);
	if (w)
		walk_free(l, w);
	return err;
}

static void ledger_lose(struct ledger *l, __u64 count, __u64 time_ns)
{
	if (!count)
		return;
	l->trust.lost += count;
	l->lossy = true;
	l->lost_seq = l->seq;
	l->unaccounted = ALLOCATIONS_UNKNOWN;
	pending_lost(l, time_ns);
}

static void ledger_lost(struct ledger *l, const struct lost_record *r)
{
	l->trust.skipped += r->skipped;
	l->trust.malformed += r->malformed;
	ledger_lose(l, r->dropped + r->skipped, r->head.time_ns);
}

static int ledger_dispatch(struct ledger *l, const struct record *e)
{
	const struct walk_record *w = (const void *)e;

	switch (e->type) {
	case RECORD_NODE: return node_feed(l, (const void *)e);
	case RECORD_CACHE: return cache_feed(l, (const void *)e);
	case RECORD_OBJECT: pending_observed(l, (const void *)e); return 0;
	case RECORD_STRUCTURE: return look_feed(l, (const void *)e);
	case RECORD_WALK: return w->phase == PHASE_BEGIN ? walk_begin(l, w) : walk_end(l, w);
	case RECORD_BLOCKS: return node_feed_blocks(l, (const void *)e);
	case RECORD_BARNS: return node_feed_barns(l, (const void *)e);
	case RECORD_LOST: ledger_lost(l, (const void *)e); return 0;
	}
	return 0;
}

int ledger_feed(struct ledger *l, const struct record *r)
{
	int err;

	l->seq++;
	err = ledger_dispatch(l, r);
	if (err)
		ledger_lose(l, 1, r->time_ns); /* out of memory: the record is lost */
	return err;
}

bool ledger_agrees(const struct ledger *l)
{
	return l->agrees && !l->lossy;
}

void ledger_finish(struct ledger *l)
{
	while (l->walks)
		walk_abandon(l, l->walks);
	pending_finish(l);
}

void ledger_free(struct ledger *l)
{
	if (!l)
		return;
	ledger_clear(l);
	free(l);
}
