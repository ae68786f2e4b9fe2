// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <string.h>
#include "model/tier.h"
#include "model/record.h"

/* The length of each type's structure. */
static const size_t lengths[RECORD_TYPES] = {
	[RECORD_NODE] = sizeof(struct node_record),
	[RECORD_CACHE] = sizeof(struct cache_record),
	[RECORD_STRUCTURE] = sizeof(struct structure_record),
	[RECORD_WALK] = sizeof(struct walk_record),
	[RECORD_ACCESS] = sizeof(struct access_record),
	[RECORD_CANARY] = sizeof(struct canary_record),
	[RECORD_FREER] = sizeof(struct freer_record),
	[RECORD_OBJECT] = sizeof(struct object_record),
	[RECORD_SLABS] = sizeof(struct slabs_record),
	[RECORD_OFFLINE] = sizeof(struct offline_record),
	[RECORD_SESSION] = sizeof(struct session_record),
	[RECORD_LOST] = sizeof(struct lost_record),
	[RECORD_TIER] = sizeof(struct tier_record),
	[RECORD_SYMBOL] = sizeof(struct symbol_record),
	[RECORD_FREED] = sizeof(struct freed_record),
	[RECORD_COVERAGE] = sizeof(struct coverage_record),
	[RECORD_BARNS] = sizeof(struct barns_record),
	[RECORD_BLOCKS] = sizeof(struct blocks_record),
	[RECORD_CLOCK] = sizeof(struct record),
	[RECORD_END] = sizeof(struct end_record),
};

#define TERMINATED(text) (memchr(text, 0, sizeof(text)) != NULL)

/*
 * Texts of user space are printed as they are: a recording may not have sequences for a terminal in
 * them. Names from the kernel are escaped when they are printed.
 */
#define PRINTABLE(text) is_printable(text, sizeof(text))

static bool is_printable(const char *text, size_t room)
{
	for (; room && *text; text++, room--)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return room;
}

static bool nid_ok(__s32 nid)
{
	return nid >= 0 && nid < RECORD_NODES;
}

static bool node_ok(const struct node_record *r)
{
	return r->transition >= NODE_STATE && r->transition < NODE_TRANSITIONS &&
	       r->phase <= PHASE_END && (r->nid == -1 || nid_ok(r->nid)) &&
	       (r->any_nid == -1 || nid_ok(r->any_nid)) && (r->nid >= 0 || r->any_nid >= 0);
}

static bool cache_ok(const struct cache_record *r)
{
	return r->cache && r->change >= CACHE_EXISTS && r->change <= CACHE_RELEASED &&
	       TERMINATED(r->name);
}

static bool structure_ok(const struct structure_record *r)
{
	return r->cache && nid_ok(r->nid) && r->prev_state <= OBJECT_UNKNOWN &&
	       r->state <= OBJECT_UNKNOWN;
}

static bool object_ok(const struct object_record *r)
{
	return r->walk && r->address && r->state <= OBJECT_UNKNOWN;
}

static bool walk_ok(const struct walk_record *r)
{
	bool one_node = r->reason == WALK_BEFORE || r->reason == WALK_AFTER ||
			r->reason == WALK_SLABS;

	return r->walk && r->reason >= WALK_INITIAL && r->reason < WALK_REASONS &&
	       r->phase <= PHASE_END && (!one_node || nid_ok(r->nid)) &&
	       (!r->digest_only || r->reason == WALK_VERIFY);
}

static bool slabs_ok(const struct slabs_record *r)
{
	return r->walk && r->cache && nid_ok(r->nid) && TERMINATED(r->name);
}

#define ERRNO_MAX 4095 /* include/linux/err.h */

static bool offline_ok(const struct offline_record *r)
{
	return r->ret < 0 && r->ret >= -ERRNO_MAX && (r->nid == -1 || nid_ok(r->nid));
}

static bool freed_ok(const struct freed *f)
{
	return nid_ok(f->nid) && TERMINATED(f->comm) && TERMINATED(f->name);
}

static bool access_ok(const struct access_record *r)
{
	return r->how >= ACCESS_CALL && r->how <= ACCESS_WATCHPOINT &&
	       r->stack_len <= ACCESS_FRAMES && freed_ok(&r->freed);
}

static bool canary_ok(const struct canary_record *r)
{
	return r->words && r->words <= KNODE_WORDS && freed_ok(&r->freed);
}

#define BARN_BYTES_MAX (1 << 20)

static bool session_ok(const struct session_record *r)
{
	if (r->layout.count > KNODE_FIELDS || r->barn_bytes > BARN_BYTES_MAX ||
	    !PRINTABLE(r->kernel) || !PRINTABLE(r->probes) || !PRINTABLE(r->walk) ||
	    !PRINTABLE(r->unattached))
		return false;
	for (__u32 i = 0; i < r->layout.count; i++)
		if (!PRINTABLE(r->layout.field[i].name))
			return false;
	return true;
}

static bool tier_ok(const struct tier_record *r)
{
	return r->tier < TIERS && r->state < TIER_STATES && PRINTABLE(r->why);
}

static bool symbol_ok(const struct symbol_record *r)
{
	return PRINTABLE(r->function) && PRINTABLE(r->module) && PRINTABLE(r->source);
}

static bool end_ok(const struct end_record *r)
{
	return r->stopped < STOPPED_KINDS && r->error <= 0 && r->error >= -ERRNO_MAX;
}

static bool values_ok(const struct record *r)
{
	switch (r->type) {
	case RECORD_NODE: return node_ok((const void *)r);
	case RECORD_CACHE: return cache_ok((const void *)r);
	case RECORD_STRUCTURE: return structure_ok((const void *)r);
	case RECORD_WALK: return walk_ok((const void *)r);
	case RECORD_ACCESS: return access_ok((const void *)r);
	case RECORD_CANARY: return canary_ok((const void *)r);
	case RECORD_FREER: return ((const struct freer_record *)r)->stack_len <= ACCESS_FRAMES;
	case RECORD_OBJECT: return object_ok((const void *)r);
	case RECORD_SLABS: return slabs_ok((const void *)r);
	case RECORD_OFFLINE: return offline_ok((const void *)r);
	case RECORD_SESSION: return session_ok((const void *)r);
	case RECORD_TIER: return tier_ok((const void *)r);
	case RECORD_SYMBOL: return symbol_ok((const void *)r);
	case RECORD_BARNS: return nid_ok(((const struct barns_record *)r)->nid);
	case RECORD_BLOCKS: return nid_ok(((const struct blocks_record *)r)->nid);
	case RECORD_END: return end_ok((const void *)r);
	case RECORD_FREED: return freed_ok(&((const struct freed_record *)r)->freed);
	}
	return true;
}

const struct record *record_check(const void *data, size_t len)
{
	const struct record *r = data;

	if (len < sizeof(*r) || !r->type || r->type >= RECORD_TYPES || len < lengths[r->type])
		return NULL;
	return TERMINATED(r->comm) && values_ok(r) ? r : NULL;
}

size_t record_len(const struct record *r)
{
	return lengths[r->type];
}
