// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "model/difference.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* A cache as a walk showed it. */
struct seen {
	struct cache_record e;
	struct structure_record *ptrs;
	int nr_ptrs, room;
	UT_hash_handle hh; /* by e.cache, in the order of the walk */
};

struct image {
	struct walk_record begin;
	struct seen *caches;
	struct seen *last; /* the cache whose node pointers follow */
	int nids;          /* one more than the largest nid */
};

struct difference {
	struct difference_ops ops;
	struct image before; /* the last complete walk */
	struct image now;    /* the walk that is being read; no begin.walk: none */
	bool first;          /* there was no complete walk so far */
	bool lost;
	struct node_set memory_before, memory;
	__u64 time_ns; /* of the records of the differences */
	int err;       /* returned by ops.emit(); nothing is emitted after it */
};

struct difference *difference_new(const struct difference_ops *ops, const struct node_set *memory)
{
	struct difference *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->ops = *ops;
	d->first = true;
	d->memory = d->memory_before = *memory;
	return d;
}

static void image_clear(struct image *image)
{
	struct seen *c, *next;

	HASH_ITER (hh, image->caches, c, next) {
		HASH_DEL(image->caches, c);
		free(c->ptrs);
		free(c);
	}
	memset(image, 0, sizeof(*image));
}

void difference_free(struct difference *d)
{
	if (!d)
		return;
	image_clear(&d->before);
	image_clear(&d->now);
	free(d);
}

void difference_set_memory(struct difference *d, const struct node_set *memory)
{
	d->memory = *memory;
}

void difference_lost(struct difference *d)
{
	d->lost = true;
}

static struct seen *image_find(const struct image *image, __u64 cache)
{
	struct seen *c;

	HASH_FIND(hh, image->caches, &cache, sizeof(cache), c);
	return c;
}

static int image_add_cache(struct image *image, const struct cache_record *e)
{
	struct seen *c = image_find(image, e->cache);

	if (!c) {
		c = calloc(1, sizeof(*c));
		if (!c)
			return -ENOMEM;
		c->e = *e;
		HASH_ADD(hh, image->caches, e.cache, sizeof(c->e.cache), c);
		if (!c->hh.tbl) {
			free(c);
			return -ENOMEM;
		}
	}
	image->last = c;
	return 0;
}

static int image_add_ptr(struct image *image, const struct structure_record *e)
{
	struct seen *c = image->last;

	if (!c || c->e.cache != e->cache || e->nid < 0 || e->nid >= MAX_NODES)
		return 0;
	if (c->nr_ptrs == c->room) {
		int room = c->room ? 2 * c->room : 4;
		struct structure_record *ptrs = realloc(c->ptrs, room * sizeof(*ptrs));

		if (!ptrs)
			return -ENOMEM;
		c->ptrs = ptrs;
		c->room = room;
	}
	c->ptrs[c->nr_ptrs++] = *e;
	if (e->nid >= image->nids)
		image->nids = e->nid + 1;
	return 0;
}

/* Return the record of a node pointer, or NULL: it is absent. */
static const struct structure_record *ptr_of(const struct seen *c, int nid)
{
	for (int i = 0; i < c->nr_ptrs; i++)
		if (c->ptrs[i].nid == nid)
			return &c->ptrs[i];
	return NULL;
}

static __u64 address_of(const struct seen *c, int nid)
{
	const struct structure_record *e = ptr_of(c, nid);

	return e ? e->address : 0;
}

static void difference_emit(struct difference *d, const struct record *r)
{
	if (!d->err)
		d->err = d->ops.emit(d->ops.context, r);
}

static void emit_cache(struct difference *d, const struct seen *c, enum cache_change change)
{
	struct cache_record e = c->e;

	e.head = (struct record){ .time_ns = d->time_ns, .type = RECORD_CACHE };
	e.walk = 0;
	e.change = change;
	difference_emit(d, &e.head);
}

static void emit_ptr(struct difference *d, const struct seen *c, int nid, __u64 previous,
		     __u64 walk)
{
	const struct structure_record *now = ptr_of(c, nid);
	struct structure_record e = {
		.cache = c->e.cache,
		.previous = previous,
		.nid = nid,
		.prev_state = previous ? OBJECT_UNKNOWN : OBJECT_NONE,
		.home = -1,
	};

	if (now)
		e = *now;
	e.head = (struct record){ .time_ns = d->time_ns, .type = RECORD_STRUCTURE };
	e.walk = walk;
	difference_emit(d, &e.head);
}

static void emit_walk(struct difference *d, enum walk_reason reason, int nid, enum phase phase)
{
	struct walk_record e = {
		.head = { .time_ns = d->time_ns, .type = RECORD_WALK },
		.walk = d->time_ns,
		.reason = reason,
		.phase = phase,
		.nid = nid,
		.complete = phase == PHASE_END,
		.allocated = ALLOCATIONS_UNKNOWN,
	};

	difference_emit(d, &e.head);
}

static void emit_node(struct difference *d, int nid, enum phase phase)
{
	struct node_record e = {
		.head = { .time_ns = d->time_ns, .type = RECORD_NODE },
		.transition = d->memory.has[nid] ? NODE_ONLINE : NODE_OFFLINE,
		.phase = phase,
		.nid = nid,
		.any_nid = nid,
	};

	difference_emit(d, &e.head);
}

/* Return the same cache in another image; another name at the address is another cache. */
static const struct seen *same_in(const struct image *image, const struct seen *c)
{
	const struct seen *other = image_find(image, c->e.cache);

	return other && !strncmp(other->e.name, c->e.name, CACHE_NAME_LEN) ? other : NULL;
}

static void emit_released(struct difference *d)
{
	for (const struct seen *c = d->before.caches; c; c = c->hh.next) {
		if (same_in(&d->now, c))
			continue;
		emit_cache(d, c, CACHE_RELEASING);
		emit_cache(d, c, CACHE_RELEASED);
	}
}

/* Emit the changed pointers of a node as a walk of that node. */
static void emit_ptrs(struct difference *d, enum walk_reason reason, int nid)
{
	bool begun = false;

	for (const struct seen *c = d->now.caches; c; c = c->hh.next) {
		const struct seen *before = same_in(&d->before, c);
		__u64 previous = before ? address_of(before, nid) : 0;

		if (!before || previous == address_of(c, nid))
			continue;
		if (!begun)
			emit_walk(d, reason, nid, PHASE_BEGIN);
		begun = true;
		emit_ptr(d, c, nid, previous, d->time_ns);
	}
	if (begun)
		emit_walk(d, reason, nid, PHASE_END);
}

static void emit_nodes(struct difference *d)
{
	for (int nid = 0; nid < MAX_NODES; nid++) {
		if (d->memory.has[nid] == d->memory_before.has[nid])
			continue;
		emit_node(d, nid, PHASE_BEGIN);
		emit_ptrs(d, WALK_AFTER, nid);
		emit_node(d, nid, PHASE_END);
	}
}

/* Emit the changes of node pointers that no change of a node's memory explains. */
static void emit_other_ptrs(struct difference *d)
{
	int nids = d->now.nids > d->before.nids ? d->now.nids : d->before.nids;

	for (int nid = 0; nid < nids; nid++)
		if (d->memory.has[nid] == d->memory_before.has[nid])
			emit_ptrs(d, WALK_BEFORE, nid);
}

static void emit_created(struct difference *d)
{
	for (const struct seen *c = d->now.caches; c; c = c->hh.next) {
		if (same_in(&d->before, c))
			continue;
		emit_cache(d, c, CACHE_CREATED);
		for (int nid = 0; nid < d->now.nids; nid++)
			emit_ptr(d, c, nid, 0, 0);
	}
}

static void emit_image(struct difference *d)
{
	for (const struct seen *c = d->now.caches; c; c = c->hh.next) {
		difference_emit(d, &c->e.head);
		for (int i = 0; i < c->nr_ptrs; i++)
			difference_emit(d, &c->ptrs[i].head);
	}
}

/*
 * Emit the end of a walk. Nothing shows whether structures are allocated and freed during a
 * walk or between two walks, so no walk is quiet, and no count of allocations tells one
 * structure from another at the same address.
 */
static void emit_walk_end(struct difference *d, const struct walk_record *end, bool complete)
{
	struct walk_record e = *end;

	e.complete = complete;
	e.quiet = 0;
	e.allocated = ALLOCATIONS_UNKNOWN;
	difference_emit(d, &e.head);
}

/*
 * Emit the differences of a walk that has ended. They happened before the walk, so
 * their records have a time before its beginning. Returns 0 or the error of emit().
 */
static int difference_compare(struct difference *d, const struct walk_record *end)
{
	d->time_ns = d->now.begin.walk - 1;
	difference_emit(d, &d->now.begin.head);
	if (!d->first) {
		emit_released(d);
		emit_nodes(d);
		emit_other_ptrs(d);
		emit_created(d);
	}
	emit_image(d);
	emit_walk_end(d, end, true);
	image_clear(&d->before);
	d->before = d->now;
	d->now = (struct image){};
	d->memory_before = d->memory;
	d->first = false;
	return d->err;
}

/* Pass on the bounds of an incomplete walk. Returns 0 or the error of emit(). */
static int pass_incomplete(struct difference *d, const struct walk_record *end)
{
	if (d->now.begin.walk)
		difference_emit(d, &d->now.begin.head);
	emit_walk_end(d, end, false);
	image_clear(&d->now);
	return d->err;
}

static int difference_feed_walk(struct difference *d, const struct walk_record *e)
{
	if (e->phase == PHASE_BEGIN) {
		image_clear(&d->now);
		d->now.begin = *e;
		d->lost = false;
		return 0;
	}
	if (!e->complete || d->lost || d->now.begin.walk != e->walk)
		return pass_incomplete(d, e);
	return difference_compare(d, e);
}

int difference_feed(struct difference *d, const struct record *r)
{
	d->err = 0;
	switch (r->type) {
	case RECORD_WALK: return difference_feed_walk(d, (const void *)r);
	case RECORD_CACHE: return image_add_cache(&d->now, (const void *)r);
	case RECORD_STRUCTURE: return image_add_ptr(&d->now, (const void *)r);
	}
	difference_emit(d, r);
	return d->err;
}
