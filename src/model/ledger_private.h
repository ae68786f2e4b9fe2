/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the ledger share, and nobody else includes:
 * ledger.c (events in), ledger_cache.c (caches), ledger_node.c (the notifier),
 * ledger_slot.c (pointers and what they tell), ledger_report.c (totals out).
 */
#ifndef SLUBNODE_LEDGER_PRIVATE_H
#define SLUBNODE_LEDGER_PRIVATE_H

#include "model/ledger.h"

/* Zeroed memory or NULL. A variable, so that tests can run out of memory. */
extern void *(*ledger_alloc)(size_t size);

#define HASH_NONFATAL_OOM   1
#define uthash_malloc(size) ledger_alloc(size)
#include <uthash.h>

#define LEDGER_NODES 1024 /* the kernel's largest MAX_NUMNODES */

/* What was told so far; sizes come late, so structures are counted, not bytes. */
struct tally {
	__u64 allocated, freed, retained, reused, leaked, late;
	__u64 leaked_barns;
};

struct cache;

/* One s->node[nid]. */
struct slot {
	struct cache *cache;
	int nid;
	__u64 address; /* 0: absent */
	__u64 barn;
	__u64 since_ns;    /* of the state it is in */
	bool retained;     /* else live */
	UT_hash_handle hh; /* in ledger.owners by address, unless absent */
};

enum cache_state {
	CACHE_ALIVE,
	CACHE_SHUT,  /* CACHE_DYING: it may be off the kernel's list */
	CACHE_GOING, /* CACHE_RELEASING: no walk may speak of it any more */
	CACHE_DEAD,  /* released: a tombstone that tells stale looks */
};

struct cache {
	__u64 address;
	__u64 incarnation; /* ledger.seq at which it was taken in */
	__u64 born_ns;     /* 0: it was there before us */
	__u64 dying_ns, died_ns;
	enum cache_state state;
	unsigned int seen_dying; /* by walks that began after dying_ns */
	bool missed;             /* the last complete walk did not see it */
	__u64 seen_walk;         /* the walk that saw it last */
	__u64 intro_walk;        /* the walk that brought it in, or 0 */
	bool creating;           /* records of its creation are still to come: */
	__u32 creator;           /* from this thread, */
	int created_upto;        /* for nodes from this one on */
	__u32 object_size, size, aliases;
	__u32 users; /* itself and its aliases; iterators are none */
	char name[CACHE_NAME_LEN];
	struct tally tally;
	struct slot **slots; /* by nid, NULL: never seen */
	int nr_slots;
	UT_hash_handle hh; /* in ledger.caches by address */
};

/* All destroyed caches of one name. */
struct gone {
	char name[CACHE_NAME_LEN];
	__u64 address; /* the last one's */
	__u32 object_size, size, aliases;
	struct tally tally;
	UT_hash_handle hh; /* in ledger.gone by name */
};

struct node {
	int nid;
	bool known; /* else taken for one with memory */
	bool has_memory, going_online, movable_only;
	enum node_transition open;         /* BEGIN without END, or 0 */
	enum node_transition open_movable; /* the same of its movable memory */
	__u64 changed_ns;                  /* the last transition's time */
	__u64 begun_seq;                   /* ledger.seq at its beginning */
	__u64 offlines, onlines, cancelled_offlines, cancelled_onlines;
	struct tally tally;
};

/* A pointer that is gone while its structure cannot be told to be free. */
struct pending {
	__u64 address, barn;
	__u64 cache, incarnation;
	char name[CACHE_NAME_LEN];
	int nid;
	bool retained;
	__u64 since_ns; /* of the slot's state before */
	enum transition_cause cause;
	struct record task;
	__u64 seq;          /* of the drop, or of the loss after it */
	unsigned int walks; /* complete ones since that did not meet the address */
	bool in_use;        /* it was seen that nobody had freed it; else not known */
	UT_hash_handle hh;  /* in ledger.pending by address */
};

/* A difference that a walk shows and nothing explains so far. */
struct doubt {
	struct doubt *next;
	struct structure_record e;
	__u64 incarnation; /* of the cache */
	__u64 seq;
};

/* A walk that has begun and not ended. */
struct walk {
	__u64 id;
	__u64 seq;
	enum walk_reason reason;
	struct doubt *doubts, **last_doubt; /* in the order of the ring */
	UT_hash_handle hh;                  /* in ledger.walks by id */
};

struct ledger {
	struct ledger_ops ops;
	struct ledger_sizes sizes;
	struct ledger_trust trust;
	struct ledger_counts totals; /* what ledger_totals() returned */
	struct tally tally;
	struct node *nodes[LEDGER_NODES];
	struct cache *caches;
	struct slot *owners;
	struct gone *gone;
	struct pending *pending;
	struct walk *walks;
	__u64 seq;      /* records taken, in the order of the ring */
	__u64 lost_seq; /* at the last loss */
	bool lossy;     /* and no complete walk since */
};

static inline bool ledger_wants(struct ledger *l, const char *name, int nid)
{
	return !l->ops.wants || l->ops.wants(l->ops.context, name, nid);
}

/* A field of a record, or another name of ours: cut, and always ended. */
static inline void name_copy(char *to, const char *from)
{
	size_t len = strnlen(from, CACHE_NAME_LEN - 1);

	memcpy(to, from, len);
	to[len] = 0;
}

/* ledger.c */
struct walk *ledger_walk(struct ledger *l, __u64 id);

/* ledger_cache.c */
struct cache *cache_find(struct ledger *l, __u64 address);
int cache_feed(struct ledger *l, const struct cache_record *e);
void cache_walked(struct ledger *l, const struct walk *w, const struct record *task);
void cache_sampled(struct ledger *l, const struct walk *w, const struct record *task);
void cache_free(struct ledger *l, struct cache *c);

/* ledger_node.c */
struct node *node_get(struct ledger *l, int nid);
bool node_serves(struct ledger *l, int nid);
enum transition_cause node_cause(enum node_transition t);
int node_feed(struct ledger *l, const struct node_record *e);

/* ledger_slot.c */
struct slot *slot_peek(const struct cache *c, int nid);
void slot_tell(struct ledger *l, const struct slot *s, enum transition_kind kind,
	       enum transition_cause cause, const struct record *task);
void slot_clear(struct ledger *l, struct slot *s);
int slot_feed(struct ledger *l, const struct structure_record *e);
int doubts_settle(struct ledger *l, struct walk *w);
void doubts_free(struct walk *w);
void pending_walked(struct ledger *l, const struct walk *w);
void pending_lost(struct ledger *l);
void pending_finish(struct ledger *l);

/* ledger_report.c */
void ledger_bytes(const struct ledger *l, struct transition *t);

#endif /* SLUBNODE_LEDGER_PRIVATE_H */
