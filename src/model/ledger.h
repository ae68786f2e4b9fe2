/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ledger: the one state machine for the lifetimes of node structures
 * (transition.h). It consumes records (bpf/records.h) in the order of the ring
 * buffer, and produces transitions and totals. It is pure: it knows no clock, no
 * kernel and no file, so that live tracing, replay and unit tests use the same
 * code.
 */
#ifndef SLUBNODE_LEDGER_H
#define SLUBNODE_LEDGER_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include "base/filter.h"
#include "bpf/records.h"
#include "model/transition.h"

struct ledger;

/* Bytes of one structure and of one barn; 0: not known. */
struct ledger_sizes {
	__u64 structure_requested; /* sizeof(struct kmem_cache_node), by BTF */
	__u64 structure_charged;   /* size of an object of the kmem_cache_node cache */
	__u64 barn_requested;      /* sizeof(struct node_barn), by BTF */
	__u64 barn_charged;        /* size of its kmalloc bucket */
};

struct ledger_ops {
	void *context;
	/* Called for each transition that passes the filter, in order. */
	void (*transition)(void *context, const struct transition *t);
	const struct filter *filter; /* NULL: everything passes; it outlives the ledger */
};

/* Transitions since the start, and present structures, as far as they pass the filter. */
struct ledger_counts {
	__u64 allocated, freed, retained, reused, leaked, late;
	__u64 same_address, dangling, missing;
	__u64 live_now, retained_now; /* without the dangling ones */
	__u64 barns_retained_now;
	__u64 retained_requested, retained_charged; /* bytes, now, with barns */
	__u64 leaked_requested, leaked_charged;     /* bytes, since the start */
};

/* The most structures and bytes that were retained at one moment, as far as they pass the filter. */
struct ledger_peak {
	__u64 structures, charged;
};

struct ledger_node {
	int nid;
	bool has_memory;   /* that counts for structures */
	bool movable_only; /* has memory, but none that counts */
	__u64 offlines, onlines, cancelled_offlines, cancelled_onlines;
	__u64 movable_offlines; /* of `offlines', those of movable memory that counts for none */
	struct ledger_counts counts;
};

struct ledger_cache {
	__u64 cache;
	const char *name;
	__u32 object_size, size;
	__u32 aliases; /* merged into it since the start */
	bool destroyed;
	struct ledger_counts counts;
};

/* The figures that show how far the ledger can be trusted. */
struct ledger_trust {
	__u64 lost;           /* records that never arrived */
	__u64 skipped;        /* of those, runs that the kernel's recursion guard skipped */
	__u64 resynced;       /* node pointers corrected by a walk after a loss */
	__u64 verified;       /* complete walks that were compared with the ledger, */
	__u64 by_digest;      /* of those, by their digest alone */
	__u64 incomplete;     /* walks that did not reach their end */
	__u64 disagreements;  /* node pointers or caches that differed */
	__u64 unseen_changes; /* of a node's memory, which no record reported */
	__u64 stale;          /* observations of an earlier state; harmless */
	__u64 malformed;      /* bytes that were not a record */
	__u64 pending;        /* dropped structures not known to be freed or leaked */
	__u64 moved;          /* structures that appeared at another pointer, without a free */
	__u64 unobserved;     /* not known to be allocated since their node's last change */
	__u64 counted;        /* walks in which the objects in use were counted */
	__u64 miscounted;     /* of those, walks whose count differed from the ledger's, */
	__u64 in_use, held;   /* and the two counts of the last one that did */
	bool counted_since;   /* the objects in use were counted since the last change of a node */
};

/*
 * A structure that was dropped, and is observed as allocated in a walk that began this long
 * after it, has leaked. Kernels may free after a grace period, or from delayed work.
 */
#define LEDGER_LEAK_NS 2000000000ULL

/* Create an empty ledger. Returns NULL when out of memory. */
struct ledger *ledger_new(const struct ledger_ops *ops, const struct ledger_sizes *sizes);
void ledger_free(struct ledger *l);

/* Set the sizes; they become known with the first walk. */
void ledger_set_sizes(struct ledger *l, const struct ledger_sizes *sizes);

/* Take one record, as record_check() returned it. Returns 0 or -ENOMEM. */
int ledger_feed(struct ledger *l, const struct record *r);

/*
 * Return true if the last walk over all caches saw what the ledger knows, by its digest. Then the
 * digest alone is enough for the next walk, as long as it agrees.
 */
bool ledger_agrees(const struct ledger *l);

/* Return the digest with which a walk would agree, or 0. */
__u64 ledger_digest(const struct ledger *l);

/* End the ledger after the last record. Structures whose fate is not known stay pending. */
void ledger_finish(struct ledger *l);

/* Return whether a node has memory that counts for structures; one of unknown state has. */
bool ledger_node_has_memory(struct ledger *l, int nid);

/*
 * Call a function for each node, ordered by nid, or for each cache, ordered by
 * name and address, until it returns another value than 0. Returns that value, or 0.
 */
int ledger_each_node(struct ledger *l, int (*fn)(void *arg, const struct ledger_node *n),
		     void *arg);
int ledger_each_cache(struct ledger *l, int (*fn)(void *arg, const struct ledger_cache *c),
		      void *arg);

/*
 * Do the same for each present structure, in no order; its kind is T_ALLOCATED (live)
 * or T_RETAINED.
 */
int ledger_each_structure(struct ledger *l, int (*fn)(void *arg, const struct transition *t),
			  void *arg);

/* Return whether the counts name any structure, present or past. */
bool ledger_counts_any(const struct ledger_counts *n);

/*
 * Call a function for each structure that no pointer names and whose state is to be
 * observed, until it returns another value than 0: first those whose fate is not known, then
 * the leaked ones. Returns that value, or 0.
 */
struct ledger_sought {
	__u64 address;
	__u64 cache;
	int nid;
};

int ledger_each_sought(struct ledger *l, int (*fn)(void *arg, const struct ledger_sought *s),
		       void *arg);

/* Return when the newest structure was dropped whose fate is not known; 0: there is none. */
__u64 ledger_newest_drop(const struct ledger *l);

/* Return the totals of the structures that pass the filter, valid until the next call. */
const struct ledger_counts *ledger_totals(struct ledger *l);
struct ledger_peak ledger_peak(const struct ledger *l);
const struct ledger_trust *ledger_trust(struct ledger *l);

#endif /* SLUBNODE_LEDGER_H */
