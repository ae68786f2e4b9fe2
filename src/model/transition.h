/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A transition: one change in the life of a node structure, a node or a cache.
 *
 *   absent -> live -> retained -> live (reused)
 *                \         \-> freed (cache destroyed) -> absent
 *                 \-> freed (node offline up to Linux 5.11, cache destroyed,
 *                            online cancelled) -> absent
 *   anywhere: leaked, dangling
 */
#ifndef SLUBNODE_TRANSITION_H
#define SLUBNODE_TRANSITION_H

#include <linux/types.h>
#include <stdbool.h>
#include "bpf/records.h"

enum transition_kind {
	/* of a structure */
	T_ALLOCATED = 1, /* absent -> live */
	T_RETAINED,      /* live -> retained: its node has lost its memory */
	T_REUSED,        /* retained -> live: its node is online again, and nothing freed it */
	T_FREED,         /* -> absent; see cause */
	T_LEAKED,        /* no pointer names the structure, and it is still allocated */
	T_LATE,          /* absent -> retained: allocated while its node had no memory */
	T_SAME_ADDRESS,  /* as T_REUSED, but a free in between cannot be excluded */
	T_DANGLING,      /* the structure was freed, and the pointer still names it */
	T_MISSING,       /* absent, although the node has memory that counts */
	T_STRUCTURE_KINDS,
	/* of a node */
	T_NODE = T_STRUCTURE_KINDS, /* see node_transition */
	/* of a cache */
	T_CACHE_CREATED,
	T_CACHE_DESTROYED,
	T_CACHE_ALIASED, /* alias: the name of the merged cache */
	T_CACHE_UNALIASED,
	T_CACHE_RENAMED, /* alias: the name before */
	T_KINDS,
};

/* Why a structure was allocated, retained, freed or leaked. */
enum transition_cause {
	CAUSE_NONE,
	CAUSE_ONLINE, /* its node is going online or online */
	CAUSE_CANCEL_ONLINE,
	CAUSE_OFFLINE,
	CAUSE_CREATE,  /* its cache was created */
	CAUSE_DESTROY, /* its cache was destroyed */
	CAUSE_OUTSIDE, /* no event explains the change */
};

/* Pointers are valid during the call that reports the transition, and no longer. */
struct transition {
	enum transition_kind kind;
	enum transition_cause cause;
	__u64 time_ns;
	int nid;     /* -1: a transition of a cache */
	__u64 cache; /* address; 0: a transition of a node */
	const char *cache_name;
	const char *alias;
	__u64 address;   /* of the structure */
	__u64 barn;      /* its node_barn, or 0 */
	__u64 requested; /* bytes: sizeof the structure and of its barn */
	__u64 charged;   /* bytes: the sizes of the objects that they occupy */
	/*
	 * The node pointer named a retained structure before: T_FREED, T_LEAKED, T_DANGLING,
	 * T_REUSED and T_SAME_ADDRESS that structure, T_ALLOCATED and T_LATE the one that it
	 * replaces. Exactly one transition reports so for each retained structure.
	 */
	bool was_retained;
	bool was_leaked; /* T_LEAKED reported the structure before, and is void now */
	/*
	 * T_FREED, T_LEAKED, T_DANGLING: while the node had no memory, or was losing it.
	 * T_SAME_ADDRESS: as of the leak that is void.
	 */
	bool away;
	/* T_SAME_ADDRESS: it was not seen allocated while it was retained, or it was dropped. */
	bool unobserved;
	enum node_transition node; /* T_NODE */
	bool movable_only;         /* T_NODE: memory that does not count for structures */
	int error;                 /* T_NODE: negative errno that SLUB's callback returned, or 0 */
	const struct record *task; /* that caused it; NULL: not known */
};

/* Return the cause of the changes that a node's callback makes. */
enum transition_cause transition_cause_of(enum node_transition t);

/* Return the names for output: "allocated" ...; "cancel-offline" ...; "offline" ... */
const char *transition_kind_name(enum transition_kind kind);
const char *node_transition_name(enum node_transition t);
const char *transition_cause_name(enum transition_cause cause);

#endif /* SLUBNODE_TRANSITION_H */
