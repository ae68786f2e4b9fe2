// SPDX-License-Identifier: GPL-2.0-only
/*
 * Caches. An address is used again and again, so a cache is its address and
 * its incarnation; a released one stays behind as a tombstone, by which looks
 * that were under way are told from news.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model/ledger_private.h"

struct cache *cache_find(struct ledger *l, __u64 address)
{
	struct cache *c;

	HASH_FIND(hh, l->caches, &address, sizeof(address), c);
	return c;
}

void cache_free(struct ledger *l, struct cache *c)
{
	HASH_DEL(l->caches, c);
	for (int nid = 0; nid < c->nr_slots; nid++) {
		if (!c->slots[nid])
			continue;
		slot_clear(l, c->slots[nid]);
		free(c->slots[nid]);
	}
	free(c->slots);
	free(c);
}

static void cache_tell(struct ledger *l, const struct cache *c, enum transition_kind kind,
		       const char *alias, const struct record *task)
{
	struct transition t = {
		.kind = kind,
		.time_ns = task->time_ns,
		.nid = -1,
		.cache = c->address,
		.cache_name = c->name,
		.alias = alias,
		.task = task,
	};

	if (l->ops.transition && ledger_wants(l, c->name, -1))
		l->ops.transition(l->ops.context, &t);
}

static struct cache *cache_add(struct ledger *l, const struct cache_record *e)
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

static struct gone *gone_get(struct ledger *l, const char *name)
{
	struct gone *g;

	HASH_FIND(hh, l->gone, name, strlen(name), g);
	if (g)
		return g;
	g = ledger_alloc(sizeof(*g));
	if (!g)
		return NULL;
	name_copy(g->name, name);
	HASH_ADD(hh, l->gone, name, strlen(g->name), g);
	if (!g->hh.tbl) {
		free(g);
		return NULL;
	}
	return g;
}

static void tally_merge(struct tally *to, const struct tally *from)
{
	to->allocated += from->allocated;
	to->freed += from->freed;
	to->retained += from->retained;
	to->reused += from->reused;
	to->leaked += from->leaked;
	to->late += from->late;
	to->leaked_barns += from->leaked_barns;
}

static void gone_fold(struct gone *g, const struct cache *c)
{
	g->address = c->address;
	g->size = c->size;
	g->object_size = c->object_size;
	g->aliases += c->aliases;
	tally_merge(&g->tally, &c->tally);
}

/*
 * The cache is no more. `freed': its release was seen, so what it still had was
 * freed with it; else nothing is claimed, and the pointers are taken off.
 */
static int cache_bury(struct ledger *l, struct cache *c, bool freed, const struct record *task)
{
	struct gone *g = gone_get(l, c->name); /* may fail: before all else */

	if (!g)
		return -ENOMEM;
	for (int nid = 0; nid < c->nr_slots; nid++) {
		struct slot *s = c->slots[nid];

		if (s && s->address && freed)
			slot_tell(l, s, T_FREED, CAUSE_DESTROY, task);
		else if (s && s->address)
			l->trust.resynced += l->lossy;
		if (s)
			slot_clear(l, s);
		free(s);
	}
	free(c->slots);
	c->slots = NULL;
	c->nr_slots = 0;
	gone_fold(g, c);
	memset(&c->tally, 0, sizeof(c->tally));
	if (c->state != CACHE_GOING)
		c->died_ns = task->time_ns;
	c->state = CACHE_DEAD;
	return 0;
}

static int cache_destroyed(struct ledger *l, struct cache *c, bool freed, const struct record *task)
{
	int err = cache_bury(l, c, freed, task);

	if (!err)
		cache_tell(l, c, T_CACHE_DESTROYED, NULL, task);
	return err;
}

/* The address is somebody else's now; make room for the new incarnation. */
static int cache_supersede(struct ledger *l, struct cache *c, const struct record *task)
{
	bool going = c->state == CACHE_GOING;
	int err;

	if (c->state != CACHE_DEAD) {
		err = cache_destroyed(l, c, going, task);
		if (err)
			return err;
		if (!going && !l->lossy)
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
	c->born_ns = e->head.time_ns;
	c->creating = true;
	c->creator = e->head.tid;
	cache_tell(l, c, T_CACHE_CREATED, NULL, &e->head);
	return 0;
}

static void cache_renamed(struct ledger *l, struct cache *c, const struct cache_record *e)
{
	char name[CACHE_NAME_LEN], before[CACHE_NAME_LEN];

	name_copy(name, e->name);
	if (!strcmp(c->name, name))
		return;
	name_copy(before, c->name);
	name_copy(c->name, name);
	cache_tell(l, c, T_CACHE_RENAMED, before, &e->head);
}

static void cache_alias(struct ledger *l, struct cache *c, const struct cache_record *e)
{
	char alias[CACHE_NAME_LEN];

	name_copy(alias, e->name);
	if (e->change == CACHE_ALIASED) {
		c->aliases++;
		c->users++;
		cache_tell(l, c, T_CACHE_ALIASED, alias, &e->head);
	} else if (c->users > 1) {
		/* Which of its names leaves is not told. */
		c->users--;
		cache_tell(l, c, T_CACHE_UNALIASED, NULL, &e->head);
	} /* else its only user leaves while an iterator stands at it */
}

/* A walk meets a cache of which we had no creation. */
static int cache_introduce(struct ledger *l, struct cache *c, const struct cache_record *e)
{
	struct walk *w = ledger_walk(l, e->walk);
	int err;

	if (c) {
		err = cache_supersede(l, c, &e->head);
		if (err)
			return err;
	}
	c = cache_add(l, e);
	if (!c)
		return -ENOMEM;
	c->intro_walk = c->seen_walk = e->walk;
	if (w && w->reason == WALK_SAMPLE)
		cache_tell(l, c, T_CACHE_CREATED, NULL, &e->head);
	if (w && (w->reason == WALK_INITIAL || w->reason == WALK_SAMPLE))
		return 0;
	if (l->lossy)
		l->trust.resynced++;
	else
		l->trust.disagreements++;
	return 0;
}

/*
 * 5.10 keeps a cache whose shutdown failed. One look proves nothing: the
 * shutdown may have been under way. Two that began after it do.
 */
static void cache_seen_dying(struct cache *c, const struct cache_record *e)
{
	if (c->state != CACHE_SHUT || e->walk <= c->dying_ns || e->walk == c->seen_walk)
		return;
	if (++c->seen_dying == 2)
		c->state = CACHE_ALIVE;
}

/* By samples alone, another name at the address is another cache. */
static bool sampled_another(struct ledger *l, const struct cache *c, const struct cache_record *e)
{
	struct walk *w = ledger_walk(l, e->walk);

	return w && w->reason == WALK_SAMPLE && strncmp(c->name, e->name, CACHE_NAME_LEN - 1);
}

static int cache_exists(struct ledger *l, struct cache *c, const struct cache_record *e)
{
	bool dead = c && c->state >= CACHE_GOING;

	if (c && e->head.time_ns <= (dead ? c->died_ns : c->born_ns)) {
		l->trust.stale++;
		return 0;
	}
	if (dead && e->walk <= c->died_ns) {
		l->trust.stale++;
		return 0;
	}
	if (c && !dead && sampled_another(l, c, e)) {
		int err = cache_destroyed(l, c, true, &e->head);

		if (err)
			return err;
		dead = true;
	}
	if (!c || dead)
		return cache_introduce(l, c, e);
	cache_seen_dying(c, e);
	c->seen_walk = e->walk;
	c->missed = false;
	cache_renamed(l, c, e);
	return 0;
}

static int cache_released(struct ledger *l, struct cache *c, const struct cache_record *e)
{
	return c->state == CACHE_GOING ? cache_destroyed(l, c, true, &e->head) : 0;
}

static void cache_dying(struct cache *c, const struct cache_record *e)
{
	if (c->state == CACHE_ALIVE)
		c->state = CACHE_SHUT;
	c->dying_ns = e->head.time_ns;
	c->seen_dying = 0;
}

static int cache_changed(struct ledger *l, struct cache *c, const struct cache_record *e)
{
	switch (e->change) {
	case CACHE_ALIASED:
	case CACHE_UNALIASED: cache_alias(l, c, e); break;
	case CACHE_RENAMED: cache_renamed(l, c, e); break;
	case CACHE_DYING: cache_dying(c, e); break;
	case CACHE_RELEASING:
		c->state = CACHE_GOING;
		c->died_ns = e->head.time_ns;
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
		return 0; /* a creation that failed, or one that we missed */
	return cache_changed(l, c, e);
}

/*
 * A cache that a whole walk did not see. One that was never seen may have been
 * on its way to the kernel's list; one that stays away, or may have gone among
 * lost events, is let go unclaimed.
 */
static void cache_missed(struct ledger *l, struct cache *c, const struct record *task)
{
	if (!l->lossy && (c->seen_walk || c->missed))
		l->trust.disagreements++;
	if (l->lossy || c->missed)
		cache_bury(l, c, false, task);
	c->missed = true;
}

/* A whole walk over all caches is over. */
void cache_walked(struct ledger *l, const struct walk *w, const struct record *task)
{
	bool last = HASH_COUNT(l->walks) == 1;
	struct cache *c, *next;

	HASH_ITER (hh, l->caches, c, next) {
		if (c->state == CACHE_DEAD && last && c->died_ns < w->id)
			cache_free(l, c); /* no look that is under way is older */
		else if (c->state == CACHE_GOING && l->lossy && c->died_ns < w->id)
			cache_destroyed(l, c, true, task); /* RELEASED was lost */
		else if (c->state == CACHE_ALIVE && c->incarnation < w->seq &&
			 c->seen_walk != w->id)
			cache_missed(l, c, task);
	}
}

/* A whole sample is over: what it did not see was destroyed since the last. */
void cache_sampled(struct ledger *l, const struct walk *w, const struct record *task)
{
	struct cache *c, *next;

	HASH_ITER (hh, l->caches, c, next) {
		if (c->state == CACHE_DEAD)
			cache_free(l, c);
		else if (c->incarnation < w->seq && c->seen_walk != w->id)
			cache_destroyed(l, c, true, task);
	}
}
