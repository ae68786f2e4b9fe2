// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include "model/ledger_cache.h"
#include "model/ledger_emit.h"
#include "model/ledger_pending.h"

static void tally_merge(struct tally *to, const struct tally *from)
{
	to->allocated += from->allocated;
	to->freed += from->freed;
	to->retained += from->retained;
	to->reused += from->reused;
	to->leaked += from->leaked;
	to->late += from->late;
	to->same_address += from->same_address;
	to->dangling += from->dangling;
	to->missing += from->missing;
	to->leaked_barns += from->leaked_barns;
}

static void retired_merge(struct retired *r, const struct cache *c)
{
	r->address = c->address;
	r->size = c->size;
	r->object_size = c->object_size;
	r->aliases += c->aliases;
	tally_merge(&r->tally, &c->tally);
}

/* Give up a structure that its cache still names at its end. Returns 0 or -ENOMEM. */
static int node_ptr_orphan(struct ledger *l, const struct node_ptr *p, bool released,
			   const struct record *e)
{
	if (!p || !p->address || p->dangling)
		return 0;
	if (released)
		return pending_add(l, p, CAUSE_DESTROY, e);
	l->trust.resynced += l->lossy;
	return 0;
}

/*
 * Retire a cache that no longer exists. `released' means that its release was observed, so
 * that its structures were freed or leaked by it; otherwise nothing is claimed about them.
 * Returns 0 or -ENOMEM.
 */
static int cache_retire(struct ledger *l, struct cache *c, bool released, const struct record *e)
{
	struct retired *r = retired_get(l, c->name); /* may fail: before any change */

	if (!r)
		return -ENOMEM;
	for (int nid = 0; nid < c->nr_ptrs; nid++) {
		int err = node_ptr_orphan(l, c->ptrs[nid], released, e);

		if (err)
			return err;
		if (c->ptrs[nid])
			node_ptr_clear(l, c->ptrs[nid]);
	}
	cache_clear(l, c);
	retired_merge(r, c);
	memset(&c->tally, 0, sizeof(c->tally));
	if (c->state != CACHE_RELEASE)
		c->released_ns = e->time_ns;
	c->state = CACHE_DEAD;
	return 0;
}

static int cache_destroyed(struct ledger *l, struct cache *c, bool released, const struct record *e)
{
	int err = cache_retire(l, c, released, e);

	if (err)
		return err;
	emit_cache(l, c, T_CACHE_DESTROYED, NULL, e);
	return 0;
}

/* Give up a cache whose address belongs to another cache now. Returns 0 or -ENOMEM. */
static int cache_supersede(struct ledger *l, struct cache *c, const struct record *e)
{
	bool in_release = c->state == CACHE_RELEASE;
	int err;

	if (c->state != CACHE_DEAD) {
		err = cache_destroyed(l, c, in_release, e);
		if (err)
			return err;
		if (!in_release && !l->lossy)
			l->trust.disagreements++;
	}
	cache_free(l, c);
	return 0;
}

static int cache_created(struct ledger *l, struct cache *c, const struct cache_record *e)
{
	if (c) {
		int err = cache_supersede(l, c, &e->head);

		if (err)
			return err;
	}
	c = cache_add(l, e);
	if (!c)
		return -ENOMEM;
	c->created_ns = e->head.time_ns;
	c->creating = true;
	c->creator = e->head.tid;
	emit_cache(l, c, T_CACHE_CREATED, NULL, &e->head);
	return 0;
}

static void cache_renamed(struct ledger *l, struct cache *c, const struct cache_record *e)
{
	char name[CACHE_NAME_LEN], before[CACHE_NAME_LEN];

	name_copy(name, e->name);
	if (!strcmp(c->name, name))
		return;
	name_copy(before, c->name);
	cache_rename(l, c, name);
	emit_cache(l, c, T_CACHE_RENAMED, before, &e->head);
}

static void cache_alias(struct ledger *l, struct cache *c, const struct cache_record *e)
{
	char alias[CACHE_NAME_LEN];

	name_copy(alias, e->name);
	if (e->change == CACHE_ALIASED) {
		c->aliases++;
		c->users++;
		emit_cache(l, c, T_CACHE_ALIASED, alias, &e->head);
	} else if (c->users > 1) {
		/* The record does not contain the name that is given up. */
		c->users--;
		emit_cache(l, c, T_CACHE_UNALIASED, NULL, &e->head);
	} /* otherwise the last user destroys it, and an iterator still refers to the cache */
}

/* Add a cache that a walk shows and whose creation was not recorded. Returns 0 or -ENOMEM. */
static int cache_revealed(struct ledger *l, struct cache *c, const struct cache_record *e)
{
	struct walk *w = walk_find(l, e->walk);
	int err;

	if (c) {
		err = cache_supersede(l, c, &e->head);
		if (err)
			return err;
	}
	c = cache_add(l, e);
	if (!c)
		return -ENOMEM;
	c->first_walk = c->seen_walk = e->walk;
	if (w && w->reason == WALK_INITIAL)
		return 0;
	if (l->lossy)
		l->trust.resynced++;
	else
		l->trust.disagreements++;
	return 0;
}

/*
 * Note that a walk shows a cache after its shutdown. Linux 5.10 keeps a cache whose
 * shutdown failed. One walk proves nothing, because the shutdown may be under way;
 * two walks that began after it prove that the cache still exists.
 */
static void cache_seen_after_shutdown(struct cache *c, const struct cache_record *e)
{
	if (c->state != CACHE_SHUTDOWN || e->walk <= c->shutdown_ns || e->walk == c->seen_walk)
		return;
	if (++c->seen_after_shutdown == 2)
		c->state = CACHE_ALIVE;
}

static int cache_exists(struct ledger *l, struct cache *c, const struct cache_record *e)
{
	bool released = c && c->state >= CACHE_RELEASE;

	if (c && e->head.time_ns <= (released ? c->released_ns : c->created_ns)) {
		l->trust.stale++;
		return 0;
	}
	if (released && e->walk <= c->released_ns) {
		l->trust.stale++;
		return 0;
	}
	if (!c || released)
		return cache_revealed(l, c, e);
	cache_seen_after_shutdown(c, e);
	c->seen_walk = e->walk;
	c->missed = false;
	cache_renamed(l, c, e);
	return 0;
}

static int cache_released(struct ledger *l, struct cache *c, const struct cache_record *e)
{
	if (c->state == CACHE_RELEASE)
		return cache_destroyed(l, c, true, &e->head);
	return cache_retire(l, c, false, &e->head); /* RELEASING was lost */
}

static void cache_shutdown(struct cache *c, const struct cache_record *e)
{
	if (c->state == CACHE_ALIVE)
		c->state = CACHE_SHUTDOWN;
	c->shutdown_ns = e->head.time_ns;
	c->seen_after_shutdown = 0;
}

static int cache_changed(struct ledger *l, struct cache *c, const struct cache_record *e)
{
	switch (e->change) {
	case CACHE_ALIASED:
	case CACHE_UNALIASED: cache_alias(l, c, e); break;
	case CACHE_RENAMED: cache_renamed(l, c, e); break;
	case CACHE_DYING: cache_shutdown(c, e); break;
	case CACHE_RELEASING:
		c->state = CACHE_RELEASE;
		c->released_ns = e->head.time_ns;
		break;
	case CACHE_RELEASED: return cache_released(l, c, e);
	}
	return 0;
}

int cache_feed(struct ledger *l, const struct cache_record *e)
{
	struct cache *c = cache_find(l, e->cache);

	if (e->change == CACHE_EXISTS)
		return cache_exists(l, c, e);
	if (e->change == CACHE_CREATED)
		return cache_created(l, c, e);
	if (!c || c->state == CACHE_DEAD)
		return 0; /* its creation failed or was not recorded */
	return cache_changed(l, c, e);
}

/*
 * Note that a complete walk did not show the cache. A cache that no walk has shown
 * yet may not be on the kernel's list so far. A cache that two walks miss, or whose
 * destruction may be among lost records, is removed without a claim.
 */
static void cache_missed(struct ledger *l, struct cache *c, const struct record *e)
{
	if (!l->lossy && (c->seen_walk || c->missed))
		l->trust.disagreements++;
	if (l->lossy || c->missed)
		cache_retire(l, c, false, e);
	c->missed = true;
}

void cache_walked(struct ledger *l, const struct walk *w, const struct record *e)
{
	bool last = HASH_COUNT(l->walks) == 1;
	struct cache *c, *next;

	HASH_ITER (hh, l->caches, c, next) {
		if (c->state == CACHE_DEAD && last && c->released_ns < w->id)
			cache_free(l, c); /* no observation from before is under way */
		else if (c->state == CACHE_RELEASE && l->lossy && c->released_ns < w->id)
			cache_destroyed(l, c, true, e); /* RELEASED was lost */
		else if (c->state == CACHE_SHUTDOWN && l->lossy && c->shutdown_ns < w->id &&
			 c->seen_walk != w->id)
			cache_retire(l, c, false, e); /* RELEASING and RELEASED may be lost */
		else if (c->state == CACHE_ALIVE && c->incarnation < w->seq &&
			 c->seen_walk != w->id)
			cache_missed(l, c, e);
	}
}
