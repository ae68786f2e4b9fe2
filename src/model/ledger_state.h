/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of the ledger: its structures, and the functions that find, add,
 * change and free them. No function here reports a transition.
 *
 * The files of the ledger are layers. A file calls only files below it:
 *
 *   ledger.c                         dispatches records; walks and losses
 *   ledger_cache.c, ledger_node.c    interpret records of caches and of nodes
 *   ledger_look.c                    interprets an observation of a node pointer
 *   ledger_pending.c                 structures whose fate is not known
 *   ledger_digest.c                  compares the ledger with the digest of a walk
 *   ledger_observed.c                what the observed states of structures prove
 *   ledger_totals.c                  the totals for the outside
 *   ledger_emit.c                    counts and reports transitions
 *   ledger_state.c                   the state
 *   transition.c                     names of transitions
 */
#ifndef SLUBNODE_LEDGER_STATE_H
#define SLUBNODE_LEDGER_STATE_H

#include <string.h>
#include "model/ledger.h"

/* Allocates zeroed memory. The tests replace the function to run out of memory. */
extern void *(*ledger_alloc)(size_t size);

#define HASH_NONFATAL_OOM   1
#define uthash_malloc(size) ledger_alloc(size)
#include <uthash.h>

#define LEDGER_NODES 1024 /* the kernel's largest MAX_NUMNODES */

/*
 * The transitions reported so far. Sizes may become known later than the
 * transitions, so structures are counted and not bytes.
 */
struct tally {
	__u64 allocated, freed, retained, reused, leaked, late;
	__u64 same_address, dangling, missing;
	__u64 leaked_barns;
};

struct cache;

/* One s->node[nid]. There are as many as caches times nodes, so that its size counts. */
struct node_ptr {
	struct cache *cache;
	int nid;
	bool retained : 1;     /* otherwise live */
	bool was_retained : 1; /* the structure before; no transition has reported it so far */
	bool late : 1;         /* allocated while its node had no memory: no removal retained it */
	bool baseline : 1;     /* retained, and no transition says when */
	bool evicted : 1;      /* its structure has moved to another pointer */
	bool missing : 1;      /* reported as missing */
	bool dangling : 1;     /* reported as dangling; other pointers may name the address */
	bool free_before : 1;  /* the walk before free_walk saw it free, too */
	bool unseen : 1;       /* the last walk did not see it allocated */
	__u64 address;         /* 0: absent */
	__u64 barn;
	__u64 since_ns; /* time of the change to the present state */
	__u64 freed;    /* its structure was freed and allocated again at that address */
	/* The state of the structure, by walks over all caches. */
	__u64 allocated_walk; /* the last walk that saw it allocated */
	__u64 free_walk;      /* the last walk that saw it free */
	__u64 absent_walk;    /* the last walk that saw no structure where one has to be */
	/* ledger.unaccounted before its node was removed, or in the first quiet walk that saw it. */
	__u64 unaccounted;
	UT_hash_handle hh; /* in ledger.owners by address, unless absent or dangling */
};

enum cache_state {
	CACHE_ALIVE,
	CACHE_SHUTDOWN, /* since CACHE_DYING: it may be off the kernel's list */
	CACHE_RELEASE,  /* since CACHE_RELEASING: no walk shows it any more */
	CACHE_DEAD,     /* since CACHE_RELEASED: kept to recognize stale observations */
};

struct cache {
	__u64 address;
	__u64 incarnation; /* ledger.seq when it was added */
	__u64 created_ns;  /* 0: before the ledger's start */
	__u64 shutdown_ns, released_ns;
	enum cache_state state;
	unsigned int seen_after_shutdown; /* by walks that began after shutdown_ns */
	bool missed;                      /* the last complete walk did not show it */
	__u64 seen_walk;                  /* the last walk that showed it */
	__u64 first_walk;                 /* the walk that revealed it, or 0 */
	bool creating;                    /* records of its creation may still come: */
	__u32 creator;                    /* from this thread, */
	int created_upto;                 /* for this node and those after it */
	__u32 object_size, size, aliases;
	__u32 users; /* itself and its aliases, without iterators */
	char name[CACHE_NAME_LEN];
	struct tally tally;
	struct node_ptr **ptrs; /* by nid; NULL: never seen */
	int nr_ptrs;
	UT_hash_handle hh; /* in ledger.caches by address */
};

/* The totals of all destroyed caches of one name. */
struct retired {
	char name[CACHE_NAME_LEN];
	__u64 address; /* of the last one */
	__u32 object_size, size, aliases;
	struct tally tally;
	UT_hash_handle hh; /* in ledger.retired by name */
};

struct node {
	int nid;
	bool known; /* otherwise it is assumed to have memory */
	bool has_memory, going_online, going_offline, movable_only;
	bool barns_used;                    /* by its CPUs, whether it has memory or not */
	bool going_online_seen;             /* the begin of its NODE_GOING_ONLINE */
	enum node_transition begun;         /* its BEGIN came and its END did not; or 0 */
	enum node_transition begun_movable; /* the same for its movable memory */
	__u64 changed_ns;                   /* time of the last transition */
	__u64 begun_seq;                    /* ledger.seq when it began, */
	__u64 begun_unaccounted;            /* and ledger.unaccounted */
	__u64 offlines, onlines, cancelled_offlines, cancelled_onlines, movable_offlines;
	__u64 unseen_offlines; /* by sysfs or uevents, without a record */
	struct tally tally;
};

/*
 * A structure whose pointer was dropped: it is not known to be freed or leaked, or it has
 * leaked.
 */
struct pending {
	__u64 address, barn;
	__u64 cache, incarnation;
	char name[CACHE_NAME_LEN];
	int nid;
	bool retained;
	bool was_retained; /* it was retained, and no transition has reported it so far */
	__u64 since_ns;    /* of the node pointer before the drop */
	enum transition_cause cause;
	struct record task;   /* of the drop; no name and no tid: not known */
	bool away;            /* its node had no memory, or was losing it */
	bool leaked;          /* reported as leaked */
	__u64 dropped_ns;     /* of the drop, or of the last loss after it */
	__u64 answered_walk;  /* the last walk that looked at it */
	__u64 allocated_walk; /* the last walk that saw it allocated */
	unsigned int walks;   /* complete walks that saw it allocated */
	UT_hash_handle hh;    /* in ledger.pending by address */
};

/* What T_LEAKED has reported of a structure. */
struct leak {
	bool reported;
	bool away; /* as it was reported */
};

/* A difference between a walk and the ledger that no event has explained so far. */
struct unexplained {
	struct unexplained *next;
	struct structure_record e;
	__u64 incarnation; /* of the cache */
	__u64 seq;
};

/* A walk that has begun and not ended. */
struct walk {
	__u64 id;
	__u64 seq;
	enum walk_reason reason;
	struct unexplained *unexplained, **last; /* in the order of the records */
	UT_hash_handle hh;                       /* in ledger.walks by id */
};

struct ledger {
	struct ledger_ops ops;
	struct ledger_sizes sizes;
	struct ledger_trust trust;
	struct ledger_counts totals; /* as ledger_totals() returned them last */
	__u64 retained_structures;   /* now; with the barns, for the peak alone */
	__u64 retained_barns;
	struct ledger_peak peak;
	struct tally tally;
	struct node *nodes[LEDGER_NODES];
	struct cache *caches;
	struct node_ptr *owners;
	struct retired *retired;
	struct pending *pending;
	struct walk *walks;
	unsigned int leaked_now; /* of pending */
	/*
	 * The allocations from kmem_cache_node, by the last walk, less the structures that
	 * appeared: while the difference stays the same, each allocation is one of these.
	 */
	__u64 unaccounted;
	__u64 appeared;     /* structures that were allocated */
	__u64 counted_walk; /* the last walk in which the objects in use were counted */
	__u64 seq;          /* records fed so far */
	__u64 lost_seq;     /* at the last loss */
	bool lossy;         /* records were lost, and no complete walk came since */
	bool agrees;        /* the last walk over all caches had the ledger's digest */
};

/* Copy a name that may lack its end. */
static inline void name_copy(char *to, const char *from)
{
	size_t len = strnlen(from, CACHE_NAME_LEN - 1);

	memcpy(to, from, len);
	to[len] = 0;
}

/*
 * Ask the filter; nid -1 asks for the cache alone. Returns true if transitions of it are
 * reported.
 */
bool ledger_wants(struct ledger *l, const char *name, int nid);

/* Find or add a node. Returns NULL when out of memory. */
struct node *node_get(struct ledger *l, int nid);

/*
 * Check whether the structures of a node are live. A node of unknown state is assumed to
 * have memory. Returns true if so.
 */
bool node_has_live(struct ledger *l, int nid);

/* Find a cache by its address, or add one from its record. Returns NULL for none or no memory. */
struct cache *cache_find(struct ledger *l, __u64 address);
struct cache *cache_add(struct ledger *l, const struct cache_record *e);

/* Change the name of a cache. */
void cache_rename(struct ledger *l, struct cache *c, const char *name);

/* Free the node pointers of a cache, or the cache itself. */
void cache_clear(struct ledger *l, struct cache *c);
void cache_free(struct ledger *l, struct cache *c);

/* Find the totals of a name, or add them. Returns NULL for none or no memory. */
struct retired *retired_find(struct ledger *l, const char *name);
struct retired *retired_get(struct ledger *l, const char *name);

/* Find a node pointer, or add it. Returns NULL for none or no memory. */
struct node_ptr *node_ptr_find(const struct cache *c, int nid);
struct node_ptr *node_ptr_get(struct ledger *l, struct cache *c, int nid);

/* Return the node pointer that names the structure at an address, or NULL. */
struct node_ptr *node_ptr_owner(struct ledger *l, __u64 address);

/* Let a node pointer name a structure. Returns 0 or -ENOMEM. */
int node_ptr_fill(struct ledger *l, struct node_ptr *p, const struct structure_record *e,
		  bool retained);
void node_ptr_clear(struct ledger *l, struct node_ptr *p);

/* Return true if the CPUs of the node use its barns. */
bool node_uses_barns(const struct ledger *l, int nid);
void node_set_barns_used(struct ledger *l, struct node *n, bool used);

/* Return true if the node pointer has a barn that its node's CPUs do not use. */
bool barn_is_held(const struct ledger *l, const struct node_ptr *p);

/*
 * Let a node pointer keep naming a structure that was freed. It is no owner of the address,
 * which may be allocated again, and its structure is not retained.
 */
void node_ptr_set_dangling(struct ledger *l, struct node_ptr *p, __u64 address);

/* Let it own the structure at its address again. Returns 0 or -ENOMEM. */
int node_ptr_revive(struct ledger *l, struct node_ptr *p);

/* Change the structure that a node pointer names, or the barn. */
void node_ptr_set_retained(struct ledger *l, struct node_ptr *p, bool retained, __u64 time_ns);
void node_ptr_set_barn(struct ledger *l, struct node_ptr *p, __u64 barn);

/* Raise the peak to the structures that are retained now, if there are more. */
void peak_update(struct ledger *l);

/* Find a walk, begin one, or free one. walk_add() returns NULL when out of memory. */
struct walk *walk_find(struct ledger *l, __u64 id);
struct walk *walk_add(struct ledger *l, const struct walk_record *e);
void walk_free(struct ledger *l, struct walk *w);

/* Free everything. */
void ledger_clear(struct ledger *l);

#endif /* SLUBNODE_LEDGER_STATE_H */
