/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small kernel for tests of the ledger: it has caches, nodes and structures,
 * changes them as a generation of SLUB does, and emits the records that the BPF
 * programs would emit. The transitions that the ledger reports go into a journal.
 */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "bpf/digest.h"
#include "model/ledger.h"
#include "model/record.h"

#define MAX_CACHES     4096
#define MAX_STRUCTURES (1 << 16)
#define NODES          16

enum generation {
	FREES,   /* up to Linux 5.11: offline and a cancelled online free */
	RETAINS, /* since Linux 5.12 */
	LATE,    /* since Linux 6.17: a node's bit stays in slab_nodes when it goes offline */
};

struct kcache {
	bool there;
	__u64 address;
	char name[CACHE_NAME_LEN];
	__u64 node[NODES];
	__u64 seen[NODES]; /* the addresses of the last records */
	__u64 seen_barn[NODES];
};

struct entry {
	struct transition t;
	char name[CACHE_NAME_LEN], alias[CACHE_NAME_LEN];
};

static struct kernel {
	struct ledger *l;
	enum generation generation;
	int nodes;
	__u64 now;
	bool has_memory[NODES], slab_node[NODES];
	struct kcache caches[MAX_CACHES];
	int nr_caches;
	bool in_use[MAX_STRUCTURES];
	int freed[MAX_STRUCTURES], nr_freed, nr_structures;
	int proof;               /* the prev_state of dropped structures; -1: the true one */
	int state;               /* the state of all others; -1: the true one */
	bool allocations_hidden; /* walks do not know the allocations */
	__u64 allocations;       /* from kmem_cache_node, so far */
	__u64 more_in_use;       /* objects that are in use, and that no cache knows */
	bool busy;               /* other work goes on, so that no walk is quiet */
	bool looking;            /* a walk over all caches is under way */
	bool digest_only;        /* and it emits its digest alone */
	__u64 digest;            /* of what the walk has seen so far, with */
	__u32 walked, structures, unusual;
	bool map_full;            /* the programs do not know the pointers from before */
	__s32 ret;                /* returned by callbacks */
	void (*between)(int nid); /* called after the callback's work, before the walk */
	bool (*no_room)(void);    /* decides whether a record of the programs is lost */
	__u64 lost;               /* records since the last one that was not */
	bool was_lost;            /* the last record of the programs */
	struct entry *journal;
	size_t nr_journal, room;
	int err;          /* of the last record fed */
	const char *comm; /* of the task that does all of it; NULL: it has no name */
} k;

/* Where the records go; NULL: into the ledger. */
static int (*fake_feed)(const struct record *e, size_t len);

static const struct ledger_sizes sizes_6_18 = { 72, 128, 64, 96 };

#define A(i) (0xffff888000000000ULL + (__u64)(i)*64)

static inline __u64 tick(void)
{
	return k.now += 10;
}

/* As the session does: bytes that are not a record are reported by one. */
static inline int feed_bytes(const void *bytes, size_t len)
{
	struct lost_record malformed = {
		.head = { .type = RECORD_LOST, .time_ns = tick(), .tid = 7 },
		.malformed = 1,
	};
	const struct record *r = record_check(bytes, len);

	if (r)
		return ledger_feed(k.l, r);
	return ledger_feed(k.l, &malformed.head) ?: -EINVAL;
}

static inline bool is_by_program(const struct record *e)
{
	return e->type <= RECORD_OBJECT &&
	       (e->type != RECORD_NODE ||
		((const struct node_record *)e)->transition != NODE_STATE);
}

/* Report the records that were lost, as the session does before the next one. */
static inline void report_lost(void)
{
	struct lost_record e = { .head = { .type = RECORD_LOST, .time_ns = tick(), .tid = 7 },
				 .dropped = k.lost };

	k.lost = 0;
	if (e.dropped)
		feed_bytes(&e, sizeof(e));
}

static inline void feed(struct record *e, __u32 type, size_t len)
{
	if (!e->time_ns)
		e->time_ns = tick();
	e->type = type;
	if (!e->tid)
		e->tid = 7;
	if (k.comm && !*e->comm) {
		snprintf(e->comm, sizeof(e->comm), "%s", k.comm);
		e->tgid = 142;
	}
	k.was_lost = k.no_room && is_by_program(e) && k.no_room();
	k.lost += k.was_lost;
	if (k.was_lost)
		return;
	report_lost();
	k.err = fake_feed ? fake_feed(e, len) : feed_bytes(e, len);
}

static inline void node_full(__u32 transition, __u32 phase, int nid, int any_nid, __s32 ret)
{
	struct node_record e = {
		.transition = transition, .phase = phase, .nid = nid, .any_nid = any_nid, .ret = ret
	};

	feed(&e.head, RECORD_NODE, sizeof(e));
}

static inline void node_begins(__u32 transition, int nid)
{
	node_full(transition, PHASE_BEGIN, nid, nid, 0);
}

static inline void node_ends(__u32 transition, int nid)
{
	node_full(transition, PHASE_END, nid, nid, k.ret);
}

static inline void node_found(int nid, bool has_memory)
{
	struct node_record e = {
		.transition = NODE_STATE, .nid = nid, .any_nid = -1, .has_memory = has_memory
	};

	feed(&e.head, RECORD_NODE, sizeof(e));
}

static inline void blocks_were_emptied(int nid, __u32 emptied)
{
	struct blocks_record e = { .nid = nid, .emptied = emptied };

	feed(&e.head, RECORD_BLOCKS, sizeof(e));
}

static inline void blocks_are(int nid, __u32 gone, __u32 online, __u64 first, __u64 last)
{
	struct blocks_record e = {
		.nid = nid, .gone = gone, .online = online, .first_gone = first, .last_gone = last
	};

	feed(&e.head, RECORD_BLOCKS, sizeof(e));
}

static inline void cache_says(__u64 cache, __u32 change, const char *name, __u64 walk)
{
	struct cache_record e = { .cache = cache,
				  .walk = walk,
				  .change = change,
				  .size = 256,
				  .object_size = 200,
				  .refcount = 1 };

	snprintf(e.name, sizeof(e.name), "%s", name);
	feed(&e.head, RECORD_CACHE, sizeof(e));
}

static inline __u64 walk_begins_at(__u64 id, __u32 reason, int nid)
{
	struct walk_record e = { .head.time_ns = id,
				 .walk = id,
				 .reason = reason,
				 .nid = nid,
				 .digest_only = nid < 0 && k.digest_only };

	if (nid < 0) {
		k.digest = 0;
		k.walked = k.structures = k.unusual = 0;
	}
	feed(&e.head, RECORD_WALK, sizeof(e));
	return id;
}

static inline __u64 walk_begins(__u32 reason, int nid)
{
	return walk_begins_at(tick(), reason, nid);
}

static inline void loses(__u64 count)
{
	struct lost_record e = { .dropped = count };

	feed(&e.head, RECORD_LOST, sizeof(e));
}

/* Let a walk end as the programs do: `quiet' if nothing was allocated or freed meanwhile. */
static inline void walk_ends_counted(__u64 id, __u32 reason, int nid, bool complete, bool quiet)
{
	struct walk_record e = { .walk = id,
				 .reason = reason,
				 .phase = PHASE_END,
				 .nid = nid,
				 .caches = k.nr_caches,
				 .complete = complete,
				 .quiet = quiet,
				 .uncounted = k.state == OBJECT_UNKNOWN,
				 .in_use = k.more_in_use,
				 .allocated = k.allocations };

	if (nid < 0) {
		e.digest_only = k.digest_only;
		e.digest = k.digest;
		e.caches = k.walked;
		e.structures = k.structures;
		e.unusual = k.unusual;
	}
	for (int i = 0; i <= k.nr_structures; i++)
		e.in_use += k.in_use[i];
	if (k.allocations_hidden)
		e.allocated = ALLOCATIONS_UNKNOWN;
	feed(&e.head, RECORD_WALK, sizeof(e));
}

static inline void walk_ends(__u64 id, __u32 reason, int nid, bool complete)
{
	walk_ends_counted(id, reason, nid, complete, false);
}

/* Emit any observation of a node pointer. */
static inline void look_raw(struct structure_record e)
{
	feed(&e.head, RECORD_STRUCTURE, sizeof(e));
}

static inline __u64 structure_new(void)
{
	int i = k.nr_freed ? k.freed[--k.nr_freed] : ++k.nr_structures;

	assert_true(i < MAX_STRUCTURES);
	k.in_use[i] = true;
	k.allocations++;
	return A(i);
}

static inline void structure_free(__u64 address)
{
	int i = (address - A(0)) / 64;

	assert_true(k.in_use[i]);
	k.in_use[i] = false;
	k.freed[k.nr_freed++] = i;
}

static inline __u32 structure_state(__u64 address, int instead)
{
	if (instead >= 0)
		return instead;
	if (address < A(0) || address >= A(MAX_STRUCTURES))
		return OBJECT_UNKNOWN;
	return k.in_use[(address - A(0)) / 64] ? OBJECT_ALLOCATED : OBJECT_FREE;
}

static inline __u64 barn_of(__u64 address)
{
	return address && k.generation == LATE ? address + 32 : 0;
}

/* Emit an observation as emit_structure() does. */
static inline void look(struct kcache *c, int nid, __u64 walk)
{
	struct structure_record e = { .cache = c->address,
				      .walk = walk,
				      .nid = nid,
				      .address = c->node[nid],
				      .previous = c->seen[nid] };

	if (!e.address && !e.previous)
		return; /* emit_structure() makes no record of it */
	if (k.map_full)
		e.previous = 0;
	e.barn = barn_of(e.address);
	if (e.previous && e.previous != e.address)
		e.prev_state = structure_state(e.previous, k.proof);
	if (e.address && k.looking)
		e.state = structure_state(e.address, k.state);
	look_raw(e);
	if (k.was_lost)
		return; /* the next look emits it */
	c->seen[nid] = e.address;
	c->seen_barn[nid] = e.barn;
}

/* Add a cache and its pointers to the digest of a walk over all caches. */
static inline void digest_visit(const struct kcache *c)
{
	__u64 name[DIGEST_WORDS] = {};

	memcpy(name, c->name, strlen(c->name));
	k.walked++;
	k.digest += digest_cache(c->address, name);
	for (int nid = 0; nid < k.nodes; nid++) {
		if (!c->node[nid])
			continue;
		k.structures++;
		k.unusual += structure_state(c->node[nid], k.state) != OBJECT_ALLOCATED;
		k.digest += digest_node_ptr(c->address, nid, c->node[nid], barn_of(c->node[nid]));
	}
}

static inline void looks(struct kcache *c, __u64 walk)
{
	for (int nid = 0; nid < k.nodes; nid++)
		look(c, nid, walk);
}

/* Check whether the last record of a pointer has its present value. */
static inline bool is_known(const struct kcache *c, int nid)
{
	return !k.map_full && c->node[nid] == c->seen[nid] &&
	       barn_of(c->node[nid]) == c->seen_barn[nid];
}

/* Emit the pointers of a node that have changed, as walk_tracked() does. */
static inline void walk_node(__u32 reason, int nid)
{
	__u64 walk = walk_begins(reason, nid);

	for (int i = 0; i < k.nr_caches; i++)
		if (k.caches[i].there && !is_known(&k.caches[i], nid))
			look(&k.caches[i], nid, walk);
	walk_ends(walk, reason, nid, true);
}

#define MAX_SOUGHT 4096

struct sought {
	__u64 address[MAX_SOUGHT];
	int nr;
};

static inline int seek(void *arg, const struct ledger_sought *s)
{
	struct sought *all = arg;

	assert_true(all->nr < MAX_SOUGHT);
	all->address[all->nr++] = s->address;
	return 0;
}

/* Emit the states of the structures that the ledger asks for. */
static inline void look_at_sought(__u64 walk)
{
	static struct sought all;

	all.nr = 0;
	ledger_each_sought(k.l, seek, &all);
	for (int i = 0; i < all.nr; i++) {
		struct object_record e = { .walk = walk,
					   .address = all.address[i],
					   .state = structure_state(all.address[i], k.state) };

		feed(&e.head, RECORD_OBJECT, sizeof(e));
	}
}

static inline void walk_all(__u32 reason, bool complete)
{
	__u64 walk = walk_begins(reason, -1);

	look_at_sought(walk);
	k.looking = true;
	for (int i = 0; i < k.nr_caches; i++) {
		if (!k.caches[i].there)
			continue;
		digest_visit(&k.caches[i]);
		if (k.digest_only)
			continue;
		cache_says(k.caches[i].address, CACHE_EXISTS, k.caches[i].name, walk);
		looks(&k.caches[i], walk);
	}
	k.looking = false;
	walk_ends_counted(walk, reason, -1, complete, complete && !k.busy);
}

/* Walk without records of caches and pointers. */
static inline void walk_digest(void)
{
	k.digest_only = true;
	walk_all(WALK_VERIFY, true);
	k.digest_only = false;
}

/* Make a cache without a record. Its address is the first that is free. */
static inline struct kcache *cache_make(const char *name)
{
	struct kcache *c = k.caches;

	while (c->there)
		c++;
	assert_true(c < k.caches + MAX_CACHES);
	if (c == k.caches + k.nr_caches)
		k.nr_caches++;
	memset(c, 0, sizeof(*c));
	c->there = true;
	c->address = 0xffff999000000000ULL + (__u64)(c - k.caches) * 256;
	snprintf(c->name, sizeof(c->name), "%s", name);
	for (int nid = 0; nid < k.nodes; nid++)
		c->node[nid] = k.slab_node[nid] ? structure_new() : 0;
	return c;
}

static inline struct kcache *create(const char *name)
{
	struct kcache *c = cache_make(name);

	cache_says(c->address, CACHE_CREATED, name, 0);
	looks(c, 0);
	return c;
}

static inline void destroy(struct kcache *c)
{
	cache_says(c->address, CACHE_DYING, c->name, 0);
	looks(c, 0);
	cache_says(c->address, CACHE_RELEASING, c->name, 0);
	for (int nid = 0; nid < k.nodes; nid++) {
		if (c->node[nid])
			structure_free(c->node[nid]);
		c->node[nid] = 0;
	}
	looks(c, 0);
	cache_says(c->address, CACHE_RELEASED, c->name, 0);
	c->there = false;
}

static inline void give_all(int nid)
{
	for (int i = 0; i < k.nr_caches; i++)
		if (k.caches[i].there && !k.caches[i].node[nid])
			k.caches[i].node[nid] = structure_new();
}

static inline void free_all(int nid)
{
	for (int i = 0; i < k.nr_caches; i++) {
		if (!k.caches[i].there || !k.caches[i].node[nid])
			continue;
		structure_free(k.caches[i].node[nid]);
		k.caches[i].node[nid] = 0;
	}
}

/* Do what slab_memory_callback() of the generation does. */
static inline void callback_works(__u32 transition, int nid)
{
	switch (transition) {
	case NODE_GOING_ONLINE:
		give_all(nid);
		k.slab_node[nid] = true;
		break;
	case NODE_ONLINE: k.has_memory[nid] = true; break;
	case NODE_OFFLINE:
	case NODE_CANCEL_ONLINE:
		k.has_memory[nid] = false;
		k.slab_node[nid] = k.generation == LATE;
		if (k.generation == FREES)
			free_all(nid);
		break;
	}
}

static inline void callback(__u32 transition, int nid)
{
	walk_node(WALK_BEFORE, nid);
	node_begins(transition, nid);
	callback_works(transition, nid);
	if (k.between)
		k.between(nid);
	walk_node(WALK_AFTER, nid);
	node_ends(transition, nid);
}

/* Walk as the session does: records come only where the digest does not agree. */
static inline void verify(void)
{
	bool digest = !fake_feed && ledger_agrees(k.l);

	if (digest)
		walk_digest();
	if (!digest || !ledger_agrees(k.l))
		walk_all(WALK_VERIFY, true);
}

/* The session walks after each change of a node. */
static inline void offline(int nid)
{
	callback(NODE_GOING_OFFLINE, nid);
	callback(NODE_OFFLINE, nid);
	verify();
}

static inline void online(int nid)
{
	callback(NODE_GOING_ONLINE, nid);
	callback(NODE_ONLINE, nid);
}

/* Memory comes online that has no structures. */
static inline void online_movable(int nid)
{
	node_full(NODE_GOING_ONLINE, PHASE_BEGIN, -1, nid, 0);
	node_full(NODE_GOING_ONLINE, PHASE_END, -1, nid, 0);
	node_full(NODE_ONLINE, PHASE_BEGIN, -1, nid, 0);
	node_full(NODE_ONLINE, PHASE_END, -1, nid, 0);
}

static inline void cancel_online(int nid)
{
	callback(NODE_GOING_ONLINE, nid);
	callback(NODE_CANCEL_ONLINE, nid);
}

static inline void cancel_offline(int nid)
{
	callback(NODE_GOING_OFFLINE, nid);
	callback(NODE_CANCEL_OFFLINE, nid);
}

/* Wait for so long that a structure that is still allocated has leaked, with two walks. */
static inline void wait_for_leaks(void)
{
	verify();
	k.now += LEDGER_LEAK_NS;
	verify();
}

static inline void note(void *context __attribute__((unused)), const struct transition *t)
{
	struct entry *e;

	if (k.nr_journal == k.room) {
		k.room = k.room ? 2 * k.room : 64;
		k.journal = realloc(k.journal, k.room * sizeof(*k.journal));
		assert_non_null(k.journal);
	}
	e = &k.journal[k.nr_journal++];
	memset(e, 0, sizeof(*e));
	e->t = *t;
	snprintf(e->name, sizeof(e->name), "%s", t->cache_name ? t->cache_name : "");
	snprintf(e->alias, sizeof(e->alias), "%s", t->alias ? t->alias : "");
}

static inline void forget(void)
{
	k.nr_journal = 0;
}

/* Return how many such transitions were reported; cause -1: any. */
static inline int reported(int kind, int cause)
{
	int nr = 0;

	for (size_t i = 0; i < k.nr_journal; i++)
		nr += k.journal[i].t.kind == (enum transition_kind)kind &&
		      (cause < 0 || k.journal[i].t.cause == (enum transition_cause)cause);
	return nr;
}

/* The same for all transitions of structures. */
static inline int reported_structures(void)
{
	int nr = 0;

	for (size_t i = 0; i < k.nr_journal; i++)
		nr += k.journal[i].t.kind < T_STRUCTURE_KINDS;
	return nr;
}

static inline const struct entry *last(int kind)
{
	for (size_t i = k.nr_journal; i-- > 0;)
		if (k.journal[i].t.kind == (enum transition_kind)kind)
			return &k.journal[i];
	fail_msg("no such transition: %d", kind);
	return NULL;
}

/* Boot a kernel, whose records a ledger takes that belongs to somebody else. */
static inline void boot_into(struct ledger *l, enum generation g, int nodes)
{
	memset(&k, 0, sizeof(k));
	k.generation = g;
	k.nodes = nodes;
	k.proof = k.state = -1;
	k.now = 1000;
	k.l = l;
	assert_non_null(k.l);
	for (int nid = 0; nid < nodes; nid++)
		k.has_memory[nid] = k.slab_node[nid] = true;
}

/* Emit what is known before the first event. */
static inline void first_look(void)
{
	for (int nid = 0; nid < k.nodes; nid++)
		node_found(nid, k.has_memory[nid]);
	walk_all(WALK_INITIAL, true);
}

static inline void boot_with(enum generation g, int nodes, const struct ledger_ops *ops)
{
	boot_into(ledger_new(ops, &sizes_6_18), g, nodes);
	first_look();
}

static inline void boot(enum generation g, int nodes)
{
	const struct ledger_ops ops = { .transition = note };

	boot_with(g, nodes, &ops);
}

static inline int halt(void **state __attribute__((unused)))
{
	ledger_free(k.l);
	free(k.journal);
	k.l = NULL;
	k.journal = NULL;
	return 0;
}

static inline const struct ledger_counts *now(void)
{
	return ledger_totals(k.l);
}

static inline const struct ledger_trust *trust(void)
{
	return ledger_trust(k.l);
}

/* Everything is explained, and nothing is pending. */
static inline void assert_trusted(void)
{
	assert_int_equal(trust()->disagreements, 0);
	assert_int_equal(trust()->resynced, 0);
	assert_int_equal(trust()->pending, 0);
	assert_int_equal(trust()->malformed, 0);
}

#endif /* FAKE_KERNEL_H */
