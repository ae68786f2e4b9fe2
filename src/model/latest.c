// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model/latest.h"
#include "model/record.h"
#include "model/symbols.h"
#include "model/tier.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* A cache and its node pointers. */
struct latest_cache {
	struct cache_record r;
	__u64 seen_walk; /* the last walk that showed it */
	struct structure_record *ptrs;
	int nr_ptrs;
	UT_hash_handle hh; /* in latest.caches by address */
};

/* A freed structure. */
struct latest_freed {
	struct freed_record r;
	UT_hash_handle hh; /* in latest.freed by address */
};

/* A node; what has no type was never fed. */
struct latest_node {
	struct node_record state; /* NODE_STATE */
	struct barns_record barns;
	struct blocks_record blocks;
	__u32 offlines; /* records of them: those that `blocks' counts may come later */
	bool changing;
};

struct latest {
	struct session_record session;
	struct tier_record tiers[TIERS];
	struct coverage_record coverage;
	struct lost_record lost; /* the sum */
	struct walk_record walk; /* the last complete one over all caches */
	struct latest_node nodes[RECORD_NODES];
	unsigned int changing;
	struct latest_cache *caches;
	struct latest_freed *freed;
	struct symbols *symbols;
	bool settled;
	bool failed; /* memory was short: the state is not whole */
};

struct latest *latest_new(void)
{
	struct latest *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->symbols = symbols_new();
	if (l->symbols)
		return l;
	free(l);
	return NULL;
}

static void cache_delete(struct latest *l, struct latest_cache *c)
{
	HASH_DEL(l->caches, c);
	free(c->ptrs);
	free(c);
}

void latest_free(struct latest *l)
{
	struct latest_cache *c, *next_cache;
	struct latest_freed *f, *next_freed;

	if (!l)
		return;
	HASH_ITER (hh, l->caches, c, next_cache)
		cache_delete(l, c);
	HASH_ITER (hh, l->freed, f, next_freed) {
		HASH_DEL(l->freed, f);
		free(f);
	}
	symbols_free(l->symbols);
	free(l);
}

/* --- records of caches --- */

static struct latest_cache *cache_find(const struct latest *l, __u64 address)
{
	struct latest_cache *c;

	HASH_FIND(hh, l->caches, &address, sizeof(address), c);
	return c;
}

static int cache_add(struct latest *l, const struct cache_record *r)
{
	struct latest_cache *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->r = *r;
	c->seen_walk = r->walk;
	HASH_ADD(hh, l->caches, r.cache, sizeof(c->r.cache), c);
	if (c->hh.tbl)
		return 0;
	free(c);
	return -ENOMEM;
}

static int take_cache(struct latest *l, const struct cache_record *r)
{
	struct latest_cache *c = cache_find(l, r->cache);

	if (r->change == CACHE_RELEASED || (c && r->change == CACHE_CREATED)) {
		if (c)
			cache_delete(l, c);
		c = NULL;
	}
	if (r->change == CACHE_EXISTS || r->change == CACHE_CREATED || r->change == CACHE_RENAMED) {
		if (!c)
			return cache_add(l, r);
		c->r = *r;
		c->seen_walk = r->walk ?: c->seen_walk;
	}
	return 0;
}

static int take_structure(struct latest *l, const struct structure_record *r)
{
	struct latest_cache *c = cache_find(l, r->cache);

	if (!c)
		return 0;
	if (r->nid >= c->nr_ptrs) {
		struct structure_record *more = realloc(c->ptrs, (r->nid + 1U) * sizeof(*more));

		if (!more)
			return -ENOMEM;
		memset(more + c->nr_ptrs, 0, (size_t)(r->nid + 1 - c->nr_ptrs) * sizeof(*more));
		c->ptrs = more;
		c->nr_ptrs = r->nid + 1;
	}
	if (r->head.time_ns >= c->ptrs[r->nid].head.time_ns)
		c->ptrs[r->nid] = *r;
	return 0;
}

/* Note a walk over all caches that reached its end. Caches that it did not show are gone. */
static void take_walk(struct latest *l, const struct walk_record *r)
{
	struct latest_cache *c, *next;

	if ((r->reason != WALK_INITIAL && r->reason != WALK_VERIFY) || r->phase != PHASE_END ||
	    !r->complete)
		return;
	l->walk = *r;
	l->settled = true;
	if (r->digest_only)
		return;
	HASH_ITER (hh, l->caches, c, next)
		if (c->seen_walk != r->walk && c->r.head.time_ns < r->walk)
			cache_delete(l, c);
}

/* --- records of nodes and others --- */

static void set_memory(struct latest_node *n, int nid, const struct node_record *r, bool present)
{
	n->state.head.type = RECORD_NODE;
	n->state.transition = NODE_STATE;
	n->state.phase = PHASE_END;
	n->state.nid = nid;
	if (r->nid >= 0)
		n->state.has_memory = present;
	if (present || r->any_nid >= 0)
		n->state.any_nid = present ? nid : -1;
}

static void take_node(struct latest *l, const struct node_record *r)
{
	int nid = r->nid >= 0 ? r->nid : r->any_nid;
	struct latest_node *n = &l->nodes[nid];
	bool begins = r->phase == PHASE_BEGIN || r->transition == NODE_GOING_ONLINE ||
		      r->transition == NODE_GOING_OFFLINE;

	if (r->transition == NODE_STATE) {
		n->state = *r;
		return;
	}
	if (begins != n->changing)
		l->changing += begins ? 1 : -1U;
	n->changing = begins;
	if (!begins && (r->transition == NODE_ONLINE || r->transition == NODE_OFFLINE))
		set_memory(n, nid, r, r->transition == NODE_ONLINE);
	n->offlines += !begins && r->transition == NODE_OFFLINE && r->nid >= 0;
}

static int take_freed(struct latest *l, const struct freed_record *r)
{
	__u64 address = r->freed.address;
	struct latest_freed *f;

	HASH_FIND(hh, l->freed, &address, sizeof(address), f);
	if (!r->present) {
		if (f && f->r.freed.freed_ns == r->freed.freed_ns) {
			HASH_DEL(l->freed, f);
			free(f);
		}
		return 0;
	}
	if (f) {
		f->r = *r;
		return 0;
	}
	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->r = *r;
	HASH_ADD(hh, l->freed, r.freed.address, sizeof(address), f);
	if (f->hh.tbl)
		return 0;
	free(f);
	return -ENOMEM;
}

static void take_lost(struct latest *l, const struct lost_record *r)
{
	l->lost.head = r->head;
	l->lost.dropped += r->dropped;
	l->lost.skipped += r->skipped;
	l->lost.malformed += r->malformed;
}

static int latest_take(struct latest *l, const struct record *r)
{
	l->settled &= r->type != RECORD_NODE && r->type != RECORD_CACHE &&
		      r->type != RECORD_STRUCTURE && r->type != RECORD_LOST;
	switch (r->type) {
	case RECORD_SESSION: l->session = *(const struct session_record *)r; return 0;
	case RECORD_CACHE: return take_cache(l, (const void *)r);
	case RECORD_STRUCTURE: return take_structure(l, (const void *)r);
	case RECORD_WALK: take_walk(l, (const void *)r); return 0;
	case RECORD_NODE: take_node(l, (const void *)r); return 0;
	case RECORD_FREED: return take_freed(l, (const void *)r);
	case RECORD_SYMBOL: return symbols_feed(l->symbols, (const void *)r);
	case RECORD_LOST: take_lost(l, (const void *)r); return 0;
	case RECORD_COVERAGE: l->coverage = *(const struct coverage_record *)r; return 0;
	case RECORD_TIER:
		l->tiers[((const struct tier_record *)r)->tier] = *(const struct tier_record *)r;
		return 0;
	case RECORD_BARNS:
		l->nodes[((const struct barns_record *)r)->nid].barns =
			*(const struct barns_record *)r;
		return 0;
	case RECORD_BLOCKS:
		l->nodes[((const struct blocks_record *)r)->nid].blocks =
			*(const struct blocks_record *)r;
		return 0;
	}
	return 0;
}

int latest_feed(struct latest *l, const struct record *r)
{
	int err = latest_take(l, r);

	l->failed |= err != 0;
	return err;
}

bool latest_is_settled(const struct latest *l)
{
	return l->settled && !l->changing;
}

/* --- the state --- */

struct latest_sink {
	int (*emit)(void *context, const struct record *r);
	void *context;
};

/* Emit a record that was fed. Returns 0 or the error of the sink. */
static int emit_one(const struct latest_sink *to, const struct record *r)
{
	return r->type ? to->emit(to->context, r) : 0;
}

/* Emit how often the last block of a node went offline, as far as a record shows it. */
static int emit_blocks(const struct latest_node *n, int nid, const struct latest_sink *to)
{
	struct blocks_record r = n->blocks;

	if (r.emptied >= n->offlines)
		return emit_one(to, &r.head);
	if (!r.head.type)
		r.head = (struct record){ .type = RECORD_BLOCKS, .time_ns = n->state.head.time_ns };
	r.nid = nid;
	r.emptied = n->offlines;
	return emit_one(to, &r.head);
}

static int emit_nodes(const struct latest *l, const struct latest_sink *to)
{
	int err = 0;

	for (int nid = 0; nid < RECORD_NODES && !err; nid++) {
		const struct latest_node *n = &l->nodes[nid];

		err = emit_one(to, &n->state.head);
		if (!err)
			err = emit_one(to, &n->barns.head);
		if (!err)
			err = emit_blocks(n, nid, to);
	}
	return err;
}

/* Emit a cache and its pointers as a walk does. Returns as emit_one(). */
static int emit_cache(const struct latest *l, const struct latest_cache *c,
		      const struct latest_sink *to)
{
	struct cache_record r = c->r;
	int err;

	r.change = CACHE_EXISTS;
	r.walk = l->walk.walk;
	r.head.time_ns = l->walk.head.time_ns;
	err = emit_one(to, &r.head);
	for (int nid = 0; nid < c->nr_ptrs && !err; nid++) {
		struct structure_record s = c->ptrs[nid];

		if (!s.head.type)
			continue;
		s.walk = l->walk.walk;
		s.head.time_ns = l->walk.head.time_ns;
		if (s.address && s.state == OBJECT_NONE)
			s.state = OBJECT_ALLOCATED; /* the digest of the last walk says so */
		s.previous = 0;
		s.prev_state = OBJECT_NONE;
		err = emit_one(to, &s.head);
	}
	return err;
}

/* Emit the last walk as the first one, with records. Returns as emit_one(). */
static int emit_walk(const struct latest *l, const struct latest_sink *to)
{
	struct walk_record r = l->walk;
	struct latest_cache *c, *next;
	int err;

	r.reason = WALK_INITIAL;
	r.digest_only = 0;
	r.phase = PHASE_BEGIN;
	err = emit_one(to, &r.head);
	HASH_ITER (hh, l->caches, c, next)
		if (!err)
			err = emit_cache(l, c, to);
	r.phase = PHASE_END;
	return err ? err : emit_one(to, &r.head);
}

static int emit_symbol(void *to, const struct symbol_record *r)
{
	return emit_one(to, &r->head);
}

static int emit_others(const struct latest *l, const struct latest_sink *to)
{
	struct latest_freed *f, *next_freed;
	int err = symbols_each(l->symbols, emit_symbol, (void *)to);

	HASH_ITER (hh, l->freed, f, next_freed)
		if (!err)
			err = emit_one(to, &f->r.head);
	if (!err)
		err = emit_one(to, &l->coverage.head);
	return err ? err : emit_one(to, &l->lost.head);
}

int latest_emit(const struct latest *l, int (*emit)(void *context, const struct record *r),
		void *context)
{
	const struct latest_sink to = { emit, context };
	int err = emit_one(&to, &l->session.head);

	for (unsigned int tier = 0; tier < TIERS && !err; tier++)
		err = emit_one(&to, &l->tiers[tier].head);
	if (!err)
		err = emit_nodes(l, &to);
	if (!err)
		err = emit_walk(l, &to);
	return err ? err : emit_others(l, &to);
}

/* --- a snapshot --- */

static void snapshot_cache(struct snapshot *s, const struct latest_cache *c)
{
	struct snapshot_cache *to = &s->caches[s->cache_count++];

	*to = (struct snapshot_cache){
		.address = c->r.cache,
		.size = c->r.size,
		.object_size = c->r.object_size,
		.slab_bytes = c->r.slab_bytes,
		.sheaf_capacity = c->r.sheaf_capacity,
	};
	memcpy(to->name, c->r.name, sizeof(to->name));
	for (int nid = 0; nid < c->nr_ptrs; nid++) {
		const struct structure_record *p = &c->ptrs[nid];

		if (!p->address && !p->barn)
			continue;
		s->allocated_count += p->address != 0;
		s->structures[s->structure_count++] = (struct snapshot_structure){
			.address = p->address,
			.barn = p->barn,
			.sheaves = p->sheaves,
			.cache = (__u32)s->cache_count - 1,
			.nid = nid,
			.home = p->home >= -1 && p->home < RECORD_NODES ? p->home : -1,
		};
	}
}

static void snapshot_nodes(struct snapshot *s, const struct latest *l)
{
	for (int nid = 0; nid < RECORD_NODES; nid++) {
		const struct latest_node *n = &l->nodes[nid];

		s->possible.has[nid] = n->state.head.type != 0;
		s->any_memory.has[nid] = n->state.head.type && n->state.any_nid >= 0;
		s->memory.has[nid] = n->state.head.type && n->state.has_memory;
		s->barns_used.has[nid] = n->barns.head.type && n->barns.in_use;
	}
}

int latest_snapshot(const struct latest *l, struct snapshot *s)
{
	struct latest_cache *c, *next;
	size_t pointers = 0;

	if (l->failed)
		return -ENOMEM;
	HASH_ITER (hh, l->caches, c, next)
		pointers += (size_t)c->nr_ptrs;
	s->caches = calloc(HASH_COUNT(l->caches) + 1, sizeof(*s->caches));
	s->structures = calloc(pointers + 1, sizeof(*s->structures));
	if (!s->caches || !s->structures) {
		free(s->caches);
		free(s->structures);
		return -ENOMEM;
	}
	HASH_ITER (hh, l->caches, c, next)
		snapshot_cache(s, c);
	snapshot_nodes(s, l);
	return 0;
}
