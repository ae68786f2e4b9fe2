/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The event records: the one header that both sides share. The BPF programs
 * write them into the ring buffer, the reader hands them to the ledger, and
 * every one of them starts with struct record.
 *
 * Order. A program reserves its record before the kernel goes on, so the ring
 * buffer's order is the order in which pointers could have been seen. An
 * observation (struct structure_record) takes its time *before* it reads the
 * pointer: one that is older than the creation or the release of its cache is
 * stale and says nothing about the cache that has the address now.
 */
#ifndef SLUBNODE_EVENTS_H
#define SLUBNODE_EVENTS_H

#ifndef __bpf__
#include <linux/types.h> /* the programs have theirs from vmlinux/ */
#endif

#define TASK_COMM_LEN  16
#define CACHE_NAME_LEN 64

enum record_type {
	RECORD_NODE = 1,  /* struct node_record */
	RECORD_CACHE,     /* struct cache_record */
	RECORD_STRUCTURE, /* struct structure_record */
	RECORD_WALK,      /* struct walk_record */
	RECORD_LOST,      /* struct lost_record; made by the reader */
	RECORD_ACCESS,    /* struct access_record */
	RECORD_CANARY,    /* struct canary_record */
	RECORD_FREER,     /* struct freer_record */
};

/* The head of each record. */
struct record {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u32 type;    /* enum record_type */
	__u32 cpu;
	__u32 tgid; /* in the initial pid namespace */
	__u32 tid;
	char comm[TASK_COMM_LEN];
};

/*
 * What a node goes through. Up to 6.16 the memory notifier's actions
 * (include/linux/memory.h: MEM_GOING_ONLINE ...), since 6.17 the node
 * notifier's (include/linux/node.h: NODE_ADDING_FIRST_MEMORY ...).
 */
enum node_transition {
	NODE_STATE = 1,      /* not a transition: what was found at the start */
	NODE_GOING_ONLINE,   /* MEM_GOING_ONLINE, NODE_ADDING_FIRST_MEMORY */
	NODE_ONLINE,         /* MEM_ONLINE, NODE_ADDED_FIRST_MEMORY */
	NODE_CANCEL_ONLINE,  /* MEM_CANCEL_ONLINE, NODE_CANCEL_ADDING_... */
	NODE_GOING_OFFLINE,  /* MEM_GOING_OFFLINE, NODE_REMOVING_LAST_MEMORY */
	NODE_OFFLINE,        /* MEM_OFFLINE, NODE_REMOVED_LAST_MEMORY */
	NODE_CANCEL_OFFLINE, /* MEM_CANCEL_OFFLINE, NODE_CANCEL_REMOVING_... */
	NODE_TRANSITIONS,
};

enum phase {
	PHASE_BEGIN, /* SLUB's callback is entered */
	PHASE_END,   /* it returns */
};

/* SLUB's callback runs for a node: slab_memory_callback() in mm/slub.c. */
struct node_record {
	struct record head;
	__u32 transition; /* enum node_transition */
	__u32 phase;      /* enum phase */
	/*
	 * The node whose structures are concerned: the one that gets its first,
	 * or loses its last, memory that counts for them (up to 6.16 that of a
	 * normal zone). -1: none.
	 */
	__s32 nid;
	/*
	 * The node that gets its first, or loses its last, memory of any zone;
	 * with nid -1 it is a movable-only node, which has no structures. -1:
	 * none.
	 */
	__s32 any_nid;
	__s32 ret;        /* PHASE_END: what the callback returned */
	__u32 has_memory; /* NODE_STATE: memory that counts for structures */
};

enum cache_change {
	CACHE_EXISTS = 1, /* seen by a walk */
	CACHE_CREATED,    /* creation succeeded, still under slab_mutex */
	CACHE_ALIASED,    /* another cache was merged into it; name: the other's */
	CACHE_UNALIASED,  /* destroyed by one of several users, iterators among them */
	CACHE_RENAMED,    /* s->name points elsewhere than before */
	CACHE_DYING,      /* __kmem_cache_shutdown() is entered */
	CACHE_RELEASING,  /* __kmem_cache_release() is entered: structures go */
	CACHE_RELEASED,   /* it returned: they are gone */
};

struct cache_record {
	struct record head;
	__u64 cache;          /* address of the struct kmem_cache */
	__u64 walk;           /* CACHE_EXISTS: of which walk; else 0 */
	__u32 change;         /* enum cache_change */
	__u32 size;           /* bytes of a slot, s->size */
	__u32 object_size;    /* bytes of an object, s->object_size */
	__u32 refcount;       /* users, s->refcount, less our own iterator */
	__u32 slab_bytes;     /* of one slab: its pages */
	__u32 sheaf_capacity; /* objects in a sheaf; 0: the cache has none */
	char name[CACHE_NAME_LEN];
};

/* What became of the structure that the pointer had named before. */
enum prev_state {
	PREV_NONE,    /* there was none, or it is the same */
	PREV_FREE,    /* it carries a valid free-list word, or its slab is gone */
	PREV_IN_USE,  /* it is on its slab and carries none: nobody freed it */
	PREV_UNKNOWN, /* cannot be told on this kernel */
};

/* Where a pointer was read: one s->node[nid]. */
struct structure_record {
	struct record head; /* time_ns: before the pointer was read */
	__u64 cache;
	__u64 walk;     /* the walk, or 0: read at the cache's creation or release */
	__u64 address;  /* the struct kmem_cache_node, or 0 */
	__u64 barn;     /* 6.18+: the struct node_barn, or 0 */
	__u64 previous; /* the address that the programs saw there before, or 0 */
	__s32 nid;
	__u32 prev_state; /* enum prev_state, of previous */
	__s32 home;       /* the node on whose memory it sits; -1: not known */
	__u32 sheaves;    /* that lie in the barn */
};

enum walk_reason {
	WALK_INITIAL = 1, /* all caches, all nodes: the start */
	WALK_VERIFY,      /* the same: to hold the ledger against the kernel */
	WALK_BEFORE,      /* tracked caches, one node: the callback is entered */
	WALK_AFTER,       /* the same: it returns */
	WALK_SAMPLE,      /* all caches, all nodes, where no other event tells of them */
};

/* The bounds of a walk; the structure events between carry its id. */
struct walk_record {
	struct record head;
	__u64 walk;     /* id: the time at which it began */
	__u32 reason;   /* enum walk_reason */
	__u32 phase;    /* enum phase */
	__s32 nid;      /* WALK_BEFORE, WALK_AFTER: the node; else -1 */
	__u32 caches;   /* PHASE_END: visited */
	__u32 complete; /* PHASE_END: the walk reached its end */
	__u32 pad;
};

/* Made by the reader: from here on something may be missing. */
struct lost_record {
	struct record head;
	__u64 count; /* events lost since the last such record */
};

/*
 * Accesses to freed structures. A freed structure is one incarnation of an
 * address in the freed set: from its free until it is handed out again or its
 * slab page leaves the cache.
 */
#define ACCESS_FRAMES 24 /* of a kernel stack, the innermost */
#define KNODE_WORDS   16 /* of a structure, at the most (6.18: 9) */

/*
 * What was freed, by whom, and no later than when. Address and time name an
 * incarnation: no address is freed twice at one time.
 */
struct freed {
	__u64 address;
	__u64 freed_ns; /* 0: not in the freed set */
	__u64 cache;    /* the struct kmem_cache that it belonged to */
	__s32 nid;
	__u32 tgid, tid; /* who freed it; 0: not known */
	__u32 pad;
	char comm[TASK_COMM_LEN];
	char name[CACHE_NAME_LEN]; /* of the cache */
};

/* A look at the words of a structure that is free. */
struct freed_look {
	__u64 freed_ns; /* which one's: freed then */
	__u64 blind;    /* allocations that had failed by then */
	__u64 words[KNODE_WORDS];
};

/* A slot of the freed set, which the front end reads as it stands. */
struct freed_slot {
	struct freed freed;      /* freed_ns 0: the slot is free */
	struct freed_look first; /* as after the free */
	struct freed_look last;  /* the canary's; it alone writes it */
};

/* arch/x86/include/asm/ptrace.h: struct pt_regs, less what says nothing here */
struct access_registers {
	__u64 ip, sp, ax, bx, cx, dx, si, di, bp, r8, r9, r10, r11, r12, r13, r14, r15;
};

/*
 * Functions that fetch node structures from their cache without slab_mutex, or
 * take one: mm/slub.c, mm/slab_common.c.
 */
enum reader {
	READER_OBJECTS = 1, /* show_slab_objects(): /sys/kernel/slab */
	READER_SLABINFO,    /* get_slabinfo(): /proc/slabinfo, OOM dumps */
	READER_OOM,         /* slab_out_of_memory(): the allocation failed */
	READER_SHRINK,      /* __kmem_cache_do_shrink(), __kmem_cache_shrink() */
	READER_VALIDATE,    /* validate_slab_cache() */
	READER_LOCATIONS,   /* list_locations(), up to 5.13: alloc_calls, free_calls of sysfs */
	READER_TRACES,      /* slab_debug_trace_open(), since 5.14: their like in debugfs */
	READER_ALLOC,       /* ___slab_alloc(): the slow path, other nodes' partial lists */
	READER_REFILL,      /* refill_objects(), since 7.1 */
	READER_PARTIAL,     /* get_partial_node(): takes the structure */
	READERS,
};

enum access_how {
	ACCESS_CALL = 1,   /* a traced function found the pointer in its cache */
	ACCESS_ARGUMENT,   /* it was entered with the pointer */
	ACCESS_WINDOW,     /* it was in flight when the structure was freed */
	ACCESS_WATCHPOINT, /* a debug register saw a load or store */
};

/*
 * unsettled: of ACCESS_WATCHPOINT, the task is in the middle of SLUB's own work
 * on node structures; of ACCESS_WINDOW, the pointer was gone when the reader
 * returned, and its structure in use: still, or again.
 */
struct access_record {
	struct record head; /* who accesses */
	struct freed freed;
	__u32 how;         /* enum access_how */
	__u32 reader;      /* not ACCESS_WATCHPOINT: enum reader of bpf/readers.h */
	__u32 allocating;  /* functions in flight that may hand the address out */
	__u32 ns_tgid;     /* the task's pid in its own pid namespace */
	__u64 pid_ns;      /* inode of that namespace */
	__u64 allocations; /* of those functions, begun so far */
	__u64 entered_ns;  /* ACCESS_WINDOW: since when it was in flight */
	__u64 ordered_ns;  /* ACCESS_WATCHPOINT: when the CPU was last seen at work before */
	__u64 word;        /* ACCESS_WATCHPOINT: the watched address */
	__u64 value;       /* ACCESS_WATCHPOINT: what is there now */
	__u64 free_word;   /* ACCESS_WATCHPOINT: the free-list word; 0: not distinctive */
	__u32 stack_len;   /* frames */
	__u32 unsettled;   /* see below */
	struct access_registers registers; /* ACCESS_WATCHPOINT */
	__u64 stack[ACCESS_FRAMES];        /* return addresses, the innermost first */
};

/* Freed bytes that nothing of the allocator's explains have changed. */
struct canary_record {
	struct record head; /* who looked, not who wrote */
	struct freed freed;
	__u32 words;
	__u32 pad;
	__u64 old_words[KNODE_WORDS]; /* at the look before, or as after the free */
	__u64 new_words[KNODE_WORDS];
};

/* A function that has freed structures returns: the stack of all those frees. */
struct freer_record {
	struct record head; /* time_ns: of the return */
	__u64 begin_ns;     /* of the entry */
	__u32 freed;        /* structures */
	__u32 stack_len;
	__u64 stack[ACCESS_FRAMES];
};

#endif /* SLUBNODE_EVENTS_H */
