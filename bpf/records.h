/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The records: the one header that kernel side and user side share, and the one
 * form in which a fact enters the model (src/model/model.h). The BPF programs
 * write records into the ring buffer; user space adds what only it can know
 * (node states, losses, symbols, coverage, time). A recording is a sequence of
 * records. Every record starts with struct record.
 *
 * Order. A program reserves its record before the kernel continues, so the
 * order of the ring buffer is the order in which pointers could have been seen.
 * An observation (struct structure_record) has a time from before the read of the
 * node pointer: an observation that is older than the creation or the release
 * of its cache proves nothing about the cache that has the address now.
 */
#ifndef SLUBNODE_RECORDS_H
#define SLUBNODE_RECORDS_H

#ifndef __bpf__
#include <linux/types.h> /* the programs include vmlinux.h instead */
#endif

#define TASK_COMM_LEN  16
#define CACHE_NAME_LEN 64

/*
 * Recordings have these numbers, and the records as they are: a new type gets the next number, and
 * a new field stands at the end of its record.
 */
enum record_type {
	/* By the programs. */
	RECORD_NODE = 1,      /* struct node_record; by user space, too (NODE_STATE) */
	RECORD_CACHE = 2,     /* struct cache_record */
	RECORD_STRUCTURE = 3, /* struct structure_record */
	RECORD_WALK = 4,      /* struct walk_record */
	RECORD_ACCESS = 5,    /* struct access_record */
	RECORD_CANARY = 6,    /* struct canary_record */
	RECORD_FREER = 7,     /* struct freer_record */
	RECORD_OBJECT = 8,    /* struct object_record */
	/* By user space. */
	RECORD_SESSION = 9,   /* struct session_record; the first of all */
	RECORD_LOST = 10,     /* struct lost_record */
	RECORD_TIER = 11,     /* struct tier_record */
	RECORD_SYMBOL = 12,   /* struct symbol_record */
	RECORD_FREED = 13,    /* struct freed_record */
	RECORD_COVERAGE = 14, /* struct coverage_record */
	RECORD_BARNS = 15,    /* struct barns_record */
	RECORD_BLOCKS = 16,   /* struct blocks_record */
	RECORD_CLOCK = 17,    /* struct record alone: the time at the end of a turn */
	RECORD_END = 18,      /* struct end_record; the last of all */
	/* Since then; by the programs: */
	RECORD_SLABS = 19,   /* struct slabs_record */
	RECORD_OFFLINE = 20, /* struct offline_record; user space completes it */
	RECORD_TYPES,
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
 * The changes of a node: up to Linux 6.16 the actions of the memory notifier
 * (include/linux/memory.h: MEM_GOING_ONLINE ...), since Linux 6.17 those of the
 * node notifier (include/linux/node.h: NODE_ADDING_FIRST_MEMORY ...).
 */
enum node_transition {
	NODE_STATE = 1,      /* not a transition: the state at the start, by sysfs */
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
	 * The node whose structures are concerned: it gets its first, or loses
	 * its last, memory that counts for them (up to Linux 6.16: memory of a
	 * normal zone). -1: none.
	 */
	__s32 nid;
	/*
	 * The node that gets its first, or loses its last, memory of any zone.
	 * With nid -1 it is a movable-only node, which has no structures. -1:
	 * none.
	 */
	__s32 any_nid;
	__s32 ret;        /* PHASE_END: the return value of the callback */
	__u32 has_memory; /* NODE_STATE: memory that counts for structures */
};

enum cache_change {
	CACHE_EXISTS = 1, /* seen by a walk */
	CACHE_CREATED,    /* creation succeeded, still under slab_mutex */
	CACHE_ALIASED,    /* another cache was merged into it; name: the other's */
	CACHE_UNALIASED,  /* one of several users (iterators are users, too) destroyed it */
	CACHE_RENAMED,    /* s->name has another value than before */
	CACHE_DYING,      /* __kmem_cache_shutdown() is entered */
	CACHE_RELEASING,  /* __kmem_cache_release() is entered: it frees the structures */
	CACHE_RELEASED,   /* __kmem_cache_release() returned */
};

struct cache_record {
	struct record head;
	__u64 cache;          /* address of the struct kmem_cache */
	__u64 walk;           /* CACHE_EXISTS: the walk that saw it; otherwise 0 */
	__u32 change;         /* enum cache_change */
	__u32 size;           /* bytes that an object takes, s->size */
	__u32 object_size;    /* bytes of an object, s->object_size */
	__u32 refcount;       /* users, s->refcount, less our own iterator */
	__u32 slab_bytes;     /* of one slab: its pages */
	__u32 sheaf_capacity; /* objects in a sheaf; 0: the cache has none */
	char name[CACHE_NAME_LEN];
};

/* What was observed of an object of the cache kmem_cache_node (bpf/slab.bpf.c). */
enum object_state {
	OBJECT_NONE, /* there is no object, or its state was not looked at */
	/* It is on a free list or in KASAN's quarantine, or its slab has left the cache. */
	OBJECT_FREE,
	OBJECT_ALLOCATED,
	/* Not known: its slab kept changing, KFENCE manages it, or symbols are hidden. */
	OBJECT_UNKNOWN,
};

/* One observation of a node pointer, s->node[nid]. */
struct structure_record {
	struct record head; /* time_ns: before the pointer was read */
	__u64 cache;
	__u64 walk;     /* the walk; 0: read at the creation or release of the cache */
	__u64 address;  /* the struct kmem_cache_node, or 0 */
	__u64 barn;     /* since Linux 6.18: the struct node_barn, or 0 */
	__u64 previous; /* the address that the programs read there before, or 0 */
	__s32 nid;
	__u32 prev_state; /* enum object_state, of previous, if the pointer has changed */
	__s32 home;       /* the node on whose memory it lies; -1: not known */
	__u32 sheaves;    /* in the barn */
	__u32 state;      /* enum object_state, of address; only in walks over all caches */
	__u32 pad;
};

/* A structure that no node pointer names, and whose state is sought: the map `sought'. */
struct sought_object {
	__u64 address;
	__u64 cache; /* whose structure it was */
	__s32 nid;
	__u32 pad;
};

/*
 * The state of a structure that no node pointer names. User space asks for it: a walk
 * over all caches looks at the structures in the map `sought' first.
 */
struct object_record {
	struct record head;
	__u64 walk;
	__u64 address;
	__u32 state; /* enum object_state */
	__u32 pad;
};

enum walk_reason {
	WALK_INITIAL = 1, /* all caches, all nodes, at the start */
	WALK_VERIFY,      /* the same, later: the ledger is compared with the kernel */
	WALK_BEFORE,      /* tracked caches, one node, when the callback is entered */
	WALK_AFTER,       /* the same, when it returns */
	WALK_SLABS,       /* all caches, one node: records of its slabs alone */
	WALK_REASONS,
};

/* The bounds of a walk; the cache and structure records between them carry its id. */
struct walk_record {
	struct record head;
	__u64 walk;     /* id: the time at which it began */
	__u32 reason;   /* enum walk_reason */
	__u32 phase;    /* enum phase */
	__s32 nid;      /* WALK_BEFORE, WALK_AFTER, WALK_SLABS: the node; otherwise -1 */
	__u32 caches;   /* PHASE_END: visited */
	__u32 complete; /* PHASE_END: the walk reached its end */
	/*
	 * PHASE_END of a walk over all caches: no structure was allocated or freed meanwhile,
	 * as far as the programs see, so that the count below belongs to the pointers seen.
	 */
	__u32 quiet;
	__u32 uncounted; /* PHASE_END: slabs whose objects could not be counted */
	/* WALK_VERIFY: no records of caches and node pointers come with it, but the digest alone. */
	__u32 digest_only;
	/* PHASE_END: objects in use in the slabs of all structures that the walk looked at. */
	__u64 in_use;
	/*
	 * Allocations from kmem_cache_node so far, counted from any zero: between two walks at
	 * most the difference. ALLOCATIONS_UNKNOWN: not known.
	 */
	__u64 allocated;
	/* PHASE_END of a walk over all caches: what it saw (bpf/digest.h). */
	__u64 digest;
	__u32 structures; /* node pointers that name one */
	__u32 unusual;    /* of those, structures not known to be allocated all the time */
};

#define ALLOCATIONS_UNKNOWN (~0ULL)

#define SLABS_UNKNOWN (~0ULL)

/* The slabs of a cache on a node, which has some. */
struct slabs_record {
	struct record head;
	__u64 walk;
	__u64 cache;
	__u64 slabs;   /* n->nr_slabs; SLABS_UNKNOWN: the kernel has no CONFIG_SLUB_DEBUG */
	__u64 partial; /* n->nr_partial */
	__s32 nid;
	__u32 slab_bytes;  /* of one slab, of the preferred order */
	__u32 reclaimable; /* the pages are allocated with __GFP_RECLAIMABLE */
	__u32 pad;
	char name[CACHE_NAME_LEN];
};

/*
 * Accesses to freed structures. A freed structure is one incarnation of an
 * address in the freed set: from its free until it is allocated again or its
 * slab leaves the cache.
 */
#define ACCESS_FRAMES 24 /* of a kernel stack, the innermost */
#define KNODE_WORDS   16 /* of a structure, at most (6.18: 9) */

/*
 * A freed structure, with the task that freed it and the latest time of the free.
 * Address and time identify an incarnation.
 */
struct freed {
	__u64 address;
	__u64 freed_ns; /* 0: not in the freed set */
	__u64 cache;    /* the struct kmem_cache that it belonged to */
	__s32 nid;
	__u32 tgid, tid; /* of the task that freed it; 0: not known */
	__u32 pad;
	char comm[TASK_COMM_LEN];
	char name[CACHE_NAME_LEN]; /* of the cache */
};

/* The words of a freed structure, as read once. */
struct freed_look {
	__u64 freed_ns; /* the incarnation: freed at that time */
	__u64 blind;    /* allocations that had failed by then */
	__u64 words[KNODE_WORDS];
};

/* An entry of the freed set, which user space reads while the programs write it. */
struct freed_slot {
	struct freed freed;      /* freed_ns 0: the entry is unused */
	struct freed_look first; /* as after the free */
	struct freed_look last;  /* the canary's last reading; only the canary writes it */
};

/* The general registers of struct pt_regs (arch/x86/include/asm/ptrace.h). */
struct access_registers {
	__u64 ip, sp, ax, bx, cx, dx, si, di, bp, r8, r9, r10, r11, r12, r13, r14, r15;
};

/*
 * Functions of mm/slub.c and mm/slab_common.c that fetch node structures from
 * their cache without slab_mutex, or get one as an argument.
 */
enum reader {
	READER_OBJECTS = 1, /* show_slab_objects(): /sys/kernel/slab */
	READER_SLABINFO,    /* get_slabinfo(): /proc/slabinfo, OOM dumps */
	READER_OOM,         /* slab_out_of_memory(): the allocation failed */
	READER_SHRINK,      /* __kmem_cache_do_shrink(), __kmem_cache_shrink() */
	READER_VALIDATE,    /* validate_slab_cache() */
	READER_LOCATIONS,   /* list_locations(), up to Linux 5.13: sysfs alloc_calls, free_calls */
	READER_TRACES,      /* slab_debug_trace_open(), since Linux 5.14: the same in debugfs */
	READER_ALLOC,       /* ___slab_alloc(): the slow path, other nodes' partial lists */
	READER_REFILL,      /* refill_objects(), since Linux 7.1 */
	READER_PARTIAL,     /* get_partial_node(): the structure is an argument */
	READERS,
};

/* The functions that change lifetimes. With enum reader they are the cookies of kprobes. */
enum lifetime_function {
	FUNCTION_NOTIFIER = READERS, /* slab_memory_callback() */
	FUNCTION_CREATE,             /* do_kmem_cache_create(), __kmem_cache_create() */
	FUNCTION_RELEASE,            /* __kmem_cache_release() */
	FUNCTION_SHUTDOWN,           /* __kmem_cache_shutdown() */
	FUNCTION_ALIAS,              /* sysfs_slab_alias() */
	FUNCTION_DESTROY,            /* kmem_cache_destroy() */
	FUNCTION_OFFLINE,            /* offline_pages() */
};

/* The programs of cold readers that those of hot readers go on as. */
enum cold_program {
	COLD_ENTRY,   /* at the entry, by kprobe */
	COLD_RETURN,  /* at the return, by kretprobe */
	COLD_SESSION, /* at both, by kprobe session */
	COLD_PROGRAMS,
};

/*
 * The kfuncs of kprobe sessions. A program calls them by these numbers, and the loader replaces the
 * numbers by the ids of the functions in the kernel's BTF.
 */
enum session_kfunc {
	KFUNC_SESSION_IS_RETURN, /* bool bpf_session_is_return() */
	KFUNC_SESSION_COOKIE,    /* __u64 *bpf_session_cookie() */
	SESSION_KFUNCS,
};

enum access_how {
	ACCESS_CALL = 1,   /* a traced function found the pointer in its cache */
	ACCESS_ARGUMENT,   /* a traced function was called with the pointer */
	ACCESS_WINDOW,     /* a traced function was in flight when the structure was freed */
	ACCESS_WATCHPOINT, /* a debug register saw a load or store */
};

struct access_record {
	struct record head; /* of the task that accesses */
	struct freed freed;
	__u32 how;         /* enum access_how */
	__u32 reader;      /* enum reader; unused by ACCESS_WATCHPOINT */
	__u32 allocating;  /* functions in flight that may allocate the address */
	__u32 ns_tgid;     /* the task's pid in its own pid namespace */
	__u64 pid_ns;      /* inode of that namespace */
	__u64 allocations; /* of those functions, begun so far */
	__u64 entered_ns;  /* ACCESS_WINDOW: when the function was entered */
	__u64 ordered_ns;  /* ACCESS_WATCHPOINT: the CPU's last heartbeat before */
	__u64 word;        /* ACCESS_WATCHPOINT: address of the watched word */
	__u64 value;       /* ACCESS_WATCHPOINT: its content after the access */
	__u64 free_word;   /* ACCESS_WATCHPOINT: the free-list word; 0: not distinctive */
	__u64 free_offset; /* of the free-list word, from the structure's address */
	__u32 stack_len;   /* frames */
	/*
	 * ACCESS_WATCHPOINT: the task is in the middle of SLUB's own work on node
	 * structures. ACCESS_WINDOW: when the reader returned, the cache no longer
	 * pointed to the structure, and the structure was in use (still or again).
	 */
	__u32 unsettled;
	struct access_registers registers; /* ACCESS_WATCHPOINT */
	__u64 stack[ACCESS_FRAMES];        /* return addresses, the innermost first */
};

/* Bytes of a freed structure have changed, and no allocation explains it. */
struct canary_record {
	struct record head; /* of the task that compared the bytes, not of the writer */
	struct freed freed;
	__u32 words;
	__u32 pad;
	__u64 old_words[KNODE_WORDS]; /* at the reading before, or right after the free */
	__u64 new_words[KNODE_WORDS];
};

/* A function that has freed structures returns; the stack is that of all its frees. */
struct freer_record {
	struct record head; /* time_ns: of the return */
	__u64 begin_ns;     /* of the entry */
	__u32 freed;        /* structures */
	__u32 stack_len;
	__u64 stack[ACCESS_FRAMES];
};

#define NO_BLOCK (~0ULL)

/* offline_pages() has failed (mm/memory_hotplug.c): a memory block stays online. */
struct offline_record {
	struct record head;
	__u64 start_pfn, nr_pages;
	__u64 block; /* by user space; NO_BLOCK: not known */
	__s32 nid;   /* by user space; -1: not known, or the block lies on several nodes */
	__s32 ret;   /* negative errno */
};

/* Further entries of maps that user space reads and deletes. */

/*
 * A running reader. No other running function has its frame: a reader that an interrupt enters in
 * the middle of the same reader, or that is entered again further down the stack, has a window of
 * its own.
 */
struct window_key {
	__u64 frame;
	__u32 tid;
	__u32 reader;
};

#define NO_NODE (~0ULL)

/* The node pointers that it could have fetched. */
struct window {
	__u64 cache;
	__u64 entered_ns;
	__u64 allocations; /* at the entry; -1: an allocation was running */
	__u64 dangling;    /* a node whose pointer dangled at the entry, or NO_NODE */
	__u64 node_ptrs[]; /* nr_node_ids; user space sets the size of the value */
};

/*
 * SLUB's own work: a thread runs a function that allocates or frees structures
 * (the notifier's callback, creation and release of a cache), or our sweep.
 */
struct slub_work {
	__u64 begin_ns;
	__u64 seen;       /* freed_seen when the outermost function began */
	__u64 frame;      /* of the outermost function; 0: it has ended */
	__u32 running;    /* of its functions, counted in works_running */
	__u32 allocating; /* of those, the ones that allocate, counted in `allocating' */
};

/* Records of user space. */

#define KNODE_FIELDS 16 /* of struct kmem_cache_node, at most */

/* The fields of struct kmem_cache_node, by BTF. */
struct knode_layout {
	__u32 size; /* bytes of the structure; 0: not known */
	__u32 count;
	struct knode_field {
		char name[24];
		__u32 offset, size; /* bytes */
	} field[KNODE_FIELDS];
};

/* The facts that are known before the first event. Text is always terminated. */
struct session_record {
	struct record head;     /* time_ns: the zero of relative times */
	__u64 wall_ns;          /* CLOCK_REALTIME at the same moment */
	__u64 barn_bytes;       /* sizeof(struct node_barn), by BTF; 0: there is none */
	__u32 differences_only; /* nothing is attached: two walks are compared, see `unattached' */
	__u32 pages_followed;   /* pages that leave or join kmem_cache_node are observed */
	__u32 accesses_sought;  /* accesses to freed structures are looked for */
	__u32 pad;
	struct knode_layout layout;
	char kernel[72];      /* uname -r */
	char probes[32];      /* "fentry+kprobe.session", "none", ...: see session_facts.c */
	char walk[16];        /* "iterator", "list" */
	char unattached[200]; /* why nothing is attached; "": something is */
	__u64 boot_ns;        /* CLOCK_BOOTTIME at the moment of wall_ns */
};

/* Records that never arrived, since the last such record. */
struct lost_record {
	struct record head;
	__u64 dropped;   /* no room in the ring buffer, in a map of caches or of pointers */
	__u64 skipped;   /* runs that the kernel's recursion guard skipped */
	__u64 malformed; /* pieces of the ring buffer that were not a record */
};

enum tier_state {
	TIER_READY,   /* available */
	TIER_LIMITED, /* available; `why' is the limit of its proofs */
	TIER_MISSING, /* not available; `why' is the reason */
	TIER_STATES,
};

/* The state of a tier of detection. Text is always terminated. */
struct tier_record {
	struct record head;
	__u32 tier;  /* enum finding_tier (src/model/findings.h) */
	__u32 state; /* enum tier_state */
	char why[160];
};

enum symbol_flags {
	SYMBOL_KNOWN = 1,   /* the kernel's symbols can be read */
	SYMBOL_TRACING = 2, /* the tracing itself: trampolines, BPF programs, helpers */
	/* The function reads arbitrary memory, and follows no pointer of SLUB's. */
	SYMBOL_READS_ANYTHING = 4,
	SYMBOL_DEBUGGER = 8,   /* the function reads memory for a debugger */
	SYMBOL_FREE_LIST = 16, /* the function works on the free list of a slab */
};

/* The symbol of an address. A later record of the same address replaces it. Text is terminated. */
struct symbol_record {
	struct record head;
	__u64 address;
	__u64 offset; /* bytes, in the function */
	__u32 flags;  /* enum symbol_flags */
	__u32 pad;
	char function[128]; /* "" not known */
	char module[64];    /* "" the kernel itself */
	char source[256];   /* "mm/slub.c:2061"; "" not known, or not looked for */
};

/* A structure entered the freed set, or left it. */
struct freed_record {
	struct record head;
	struct freed freed;
	__u32 present; /* 1: it entered; 0: it left */
	__u32 pad;
};

/*
 * The coverage of the programs and of the debug registers so far. All counters were
 * read between head.time_ns and read_ns.
 */
struct coverage_record {
	struct record head;
	__u64 read_ns;
	__u64 freed_now;     /* structures in the freed set */
	__u64 freed_seen;    /* that ever were */
	__u64 freed_dropped; /* that found no room in it */
	__u64 untracked;     /* caches and pointers that are not followed: the set is not exact */
	__u64 allocating;    /* functions in flight that may allocate a node structure */
	__u64 windows;       /* readers that were timed */
	__u64 lost_windows;  /* readers for which there was no room */
	__u64 lost_accesses; /* access records for which there was no room */
	__u64 hits;          /* of watchpoints, at any word */
	__u64 compared;      /* by the canary: structures */
	__u64 covered;       /* by the canary: of freed_seen, compared at least once */
	__u64 blind;         /* of those, read again: an allocation had failed meanwhile */
	__u64 skipped;       /* by the canary: an allocation was in flight */
	/* Entries and returns of readers that the kernel skipped; of hot ones, during changes. */
	__u64 skipped_readers;
	__u64 skipped_removals; /* skipped runs of programs that remove from the freed set */
	__u64 skipped_slabs;    /* of those, the ones that observe new slabs */
	__u64 looks;            /* sweeps of the canary */
	__u64 armed_ns;         /* time during which hot readers were timed */
	__u64 armings;          /* number of such times: changes of a node's memory */
	__u64 registers;        /* debug registers in use, on each CPU */
	__u64 cpus;             /* with debug registers in use */
	__u64 turns;            /* of the words that share the registers */
	/* Time of all freed words that were to be watched; the mean over the CPUs online. */
	__u64 freed_word_ns;
	__u64 watched_word_ns; /* of that, watched: an event was open, enabled and aimed there */
	/* CPUs that were online and did not watch freed words for a time; that time, added up. */
	__u64 cpus_unwatched;
	__u64 unwatched_ns;
};

/* Whether the CPUs of a node use its barns, so that these are held by nothing. Until it comes: no. */
struct barns_record {
	struct record head;
	__s32 nid;
	__u32 in_use;
};

/* The memory blocks of a node, by uevents since the start. */
struct blocks_record {
	struct record head;
	__s32 nid;
	__u32 emptied; /* how often its last block went offline */
	__u32 online;  /* its blocks that are online now */
	/* Blocks that went offline and are not back, while others remain; 0 after the last one. */
	__u32 gone;
	__u64 first_gone, last_gone; /* the lowest and the highest number of those */
};

/* A switch of the kernel that leaves programs attached and does not run them. */
enum stopped {
	STOPPED_NO,
	STOPPED_FTRACE,  /* kernel.ftrace_enabled was 0 */
	STOPPED_KPROBES, /* /sys/kernel/debug/kprobes/enabled was 0 */
	STOPPED_KINDS,
};

/* The session is over. */
struct end_record {
	struct record head;
	__s32 error;   /* negative errno that ended the session; 0: none */
	__u32 stopped; /* enum stopped, when memory changed or at the end */
	__u32 partial; /* a replay whose recording begins in the middle of the run */
	__u32 pad;
};

#endif /* SLUBNODE_RECORDS_H */
