/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ledger: the one state machine that owns the life of node structures.
 *
 *   absent -> live -> retained -> live (reused)
 *                \         \-> freed (cache destroyed) -> absent
 *                 \-> freed (node offline up to 5.11, cache destroyed,
 *                            online cancelled) -> absent
 *   anywhere: leaked
 *
 * It takes events (bpf/records.h) in the order of the ring buffer and gives
 * transitions and totals. It is pure: no clock, no kernel, no file; live
 * tracing, replay and unit tests drive the same code.
 */
#ifndef SLUBNODE_LEDGER_H
#define SLUBNODE_LEDGER_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include "bpf/records.h"

struct ledger;

enum transition_kind {
	/* of a structure */
	T_ALLOCATED = 1, /* absent -> live */
	T_RETAINED,      /* live -> retained: its node has no memory any more */
	T_REUSED,        /* retained -> live: its node is back, the address the same */
	T_FREED,         /* -> absent; see cause */
	T_LEAKED,        /* the pointer is gone, the structure was never freed */
	T_LATE,          /* absent -> retained: allocated while its node had no memory */
	T_STRUCTURE_KINDS,
	/* of a node */
	T_NODE = T_STRUCTURE_KINDS, /* see node_transition */
	/* of a cache */
	T_CACHE_CREATED,
	T_CACHE_DESTROYED,
	T_CACHE_ALIASED, /* alias: the name of the other */
	T_CACHE_UNALIASED,
	T_CACHE_RENAMED, /* alias: the name before */
	T_KINDS,
};

/* Why a structure came or went. */
enum transition_cause {
	CAUSE_NONE,
	CAUSE_ONLINE, /* its node came, or comes, online */
	CAUSE_CANCEL_ONLINE,
	CAUSE_OFFLINE,
	CAUSE_CREATE,  /* its cache was created */
	CAUSE_DESTROY, /* its cache was destroyed */
	CAUSE_OUTSIDE, /* outside of any event that explains it */
};

/*
 * One transition. Pointers are valid during the call only. `task' is who did
 * it: of the event that showed it.
 */
struct transition {
	enum transition_kind kind;
	enum transition_cause cause;
	__u64 time_ns;
	int nid;     /* -1: of a cache */
	__u64 cache; /* address; 0: of a node */
	const char *cache_name;
	const char *alias;
	__u64 address;             /* of the structure */
	__u64 barn;                /* its node_barn, or 0 */
	__u64 requested;           /* bytes: sizeof the structure, and its barn's */
	__u64 charged;             /* bytes: the slots that they take */
	enum node_transition node; /* T_NODE */
	bool movable_only;         /* T_NODE: memory that counts for no structure */
	int error;                 /* T_NODE: negative errno that SLUB's callback returned, or 0 */
	const struct record *task;
};

/* Sizes that the ledger multiplies with, in bytes; 0: not known. */
struct ledger_sizes {
	__u64 structure_requested; /* sizeof(struct kmem_cache_node), by BTF */
	__u64 structure_charged;   /* slot size of the kmem_cache_node cache */
	__u64 barn_requested;      /* sizeof(struct node_barn), by BTF */
	__u64 barn_charged;        /* size of its kmalloc bucket */
};

struct ledger_ops {
	void *context;
	/* Called for each transition that passes `wants', in order. */
	void (*transition)(void *context, const struct transition *t);
	/* The filters; NULL: everything. nid -1 asks for the cache alone. */
	bool (*wants)(void *context, const char *cache_name, int nid);
};

/* Transitions since the start, and what is there now; what `wants' lets through. */
struct ledger_counts {
	__u64 allocated, freed, retained, reused, leaked, late;
	__u64 live_now, retained_now;
	__u64 barns_retained_now;
	__u64 retained_requested, retained_charged; /* bytes, now, with barns */
	__u64 leaked_requested, leaked_charged;     /* bytes, since the start */
};

struct ledger_node {
	int nid;
	bool has_memory;   /* that counts for structures */
	bool movable_only; /* has memory, but none that counts */
	__u64 offlines, onlines, cancelled_offlines, cancelled_onlines;
	struct ledger_counts counts;
};

struct ledger_cache {
	__u64 cache;
	const char *name;
	__u32 object_size, size;
	__u32 aliases; /* seen since the start */
	bool destroyed;
	struct ledger_counts counts;
};

/* How far the ledger can be believed. */
struct ledger_trust {
	__u64 lost;          /* events that never arrived */
	__u64 resynced;      /* pointers taken over from a walk after a loss */
	__u64 verified;      /* complete walks that were held against the ledger */
	__u64 incomplete;    /* walks that did not reach their end */
	__u64 disagreements; /* pointers or caches where such a walk saw another truth */
	__u64 stale;         /* observations older than what they speak of; harmless */
	__u64 malformed;     /* records too short, of no known type or value */
	__u64 pending;       /* dropped pointers not (yet) told to be freed or leaked */
};

/* NULL: out of memory. */
struct ledger *ledger_new(const struct ledger_ops *ops, const struct ledger_sizes *sizes);
void ledger_free(struct ledger *l);

/* Sizes become known with the first walk. */
void ledger_set_sizes(struct ledger *l, const struct ledger_sizes *sizes);

/*
 * Takes one event of `len' bytes. 0, -EINVAL (malformed; counted and ignored)
 * or -ENOMEM.
 */
int ledger_feed(struct ledger *l, const struct record *e, size_t len);

/*
 * No more events. A dropped pointer of which two whole walks have not proven
 * that its structure leaked stays pending: nothing is claimed.
 */
void ledger_finish(struct ledger *l, __u64 time_ns);

/* Ordered by nid; by name and address. Each call returns 0 to go on. */
int ledger_each_node(struct ledger *l, int (*fn)(void *arg, const struct ledger_node *n),
		     void *arg);
int ledger_each_cache(struct ledger *l, int (*fn)(void *arg, const struct ledger_cache *c),
		      void *arg);
/* Each structure that is there, with T_ALLOCATED (live) or T_RETAINED as its kind. */
int ledger_each_structure(struct ledger *l, int (*fn)(void *arg, const struct transition *t),
			  void *arg);
const struct ledger_counts *ledger_totals(struct ledger *l);
const struct ledger_trust *ledger_trust(struct ledger *l);

/* "allocated", "cache-created" ...; "online", "cancel-offline" ...; "offline" ... */
const char *transition_kind_name(enum transition_kind kind);
const char *node_transition_name(enum node_transition t);
const char *transition_cause_name(enum transition_cause cause);

#endif /* SLUBNODE_LEDGER_H */
