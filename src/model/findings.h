/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Findings: accesses to node structures after their free, by tier (the way of
 * detection) and strength (the proof). They are counted here, and a repeated
 * finding is distinguished from a new one by its stack.
 */
#ifndef SLUBNODE_FINDINGS_H
#define SLUBNODE_FINDINGS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include "bpf/records.h"
#include "model/tier.h"

struct findings;

enum finding_strength {
	STRENGTH_SUSPECT,   /* seen, and not proven to come after the free */
	STRENGTH_EXPOSURE,  /* a reader raced with the free; its access is not proven */
	STRENGTH_CONFIRMED, /* a real access to freed memory */
	STRENGTHS,
};

/* The proof of a confirmed finding. */
enum finding_proof {
	PROOF_NONE,
	PROOF_ORDER, /* a timer interrupt ran on the CPU between the free and the access */
	PROOF_VALUE, /* a register holds the value that the free wrote there */
	PROOF_STATE, /* the structure was free while its pointer was used or its bytes changed */
};

#define FINDING_FRAMES ACCESS_FRAMES
#define FINDING_SOURCE 256

/* One occurrence. Pointers are valid during the call only. */
struct finding {
	enum finding_tier tier;
	enum finding_strength strength;
	enum finding_proof proof;
	__u64 count; /* of this stack so far, this one included */
	__u64 time_ns;
	const struct record *task; /* that accessed; NULL: not known (canary) */
	__u32 ns_tgid;             /* its pid in its own pid namespace; 0: not known */
	__u64 pid_ns;              /* inode of that namespace; 0: not known */

	/* The structure. */
	const char *cache_name; /* of the cache that it belonged to */
	__u64 cache;
	int nid;
	__u64 address;
	__u64 freed_ns;             /* no later than this */
	const struct record *freer; /* the task that freed it; time_ns 0: not known */

	/* The access. */
	const char *function; /* the reader, or the function of the instruction; "" unknown */
	__u64 offset;         /* of the instruction in it, bytes */
	__u64 ip;             /* instruction after the access; 0: none */
	const char *module;   /* watchpoint: of the function; "" the kernel itself */
	const char *source;   /* watchpoint: "mm/slub.c:2061"; "" or NULL: not known */
	__u64 word;           /* watchpoint, canary: first byte concerned, address */
	const char *field;    /* of struct kmem_cache_node at `word'; "" unknown */
	__u64 value;          /* watchpoint: the word's content at the hit */
	__u64 free_word;      /* watchpoint: the free-list word; 0: not distinctive */
	__u64 entered_ns;     /* window: when the reader was entered */
	const struct access_registers *registers; /* watchpoint; otherwise NULL */
	const __u64 *old_words, *new_words;       /* canary; otherwise NULL */
	const char *const *word_fields;           /* canary: their fields' names */
	__u32 words;                              /* canary: their number */

	const __u64 *stack;        /* return addresses, the innermost first */
	const char *const *frames; /* the same in words: "function+0x12" */
	__u32 stack_len;
	const char *const *freer_frames; /* of the task that freed it */
	__u32 freer_stack_len;
};

struct coverage;
struct filter;

/* All of it outlives the findings; a member that is NULL is not used. */
struct findings_ops {
	/* Called for each finding that is reported. */
	void (*finding)(void *context, const struct finding *f);
	void *context;
	const struct filter *filter;
	const struct coverage *coverage;
};

/* Create an empty set. Returns NULL when out of memory. */
struct findings *findings_new(const struct findings_ops *ops);
void findings_free(struct findings *f);

/*
 * Count a finding and report it, unless its tier is not available or the filter
 * rejects it.
 */
void findings_report(struct findings *all, struct finding *f);

/* Count a finding and set f->count. Returns 0, or -ENOMEM if it is counted without its stack. */
int findings_add(struct findings *all, struct finding *f);

/* Return the number of findings of one kind, or of all. */
__u64 findings_count(const struct findings *all, enum finding_tier tier,
		     enum finding_strength strength);
__u64 findings_total(const struct findings *all);

/* One row for each stack, in the order in which they came first. */
struct finding_row {
	enum finding_tier tier;
	enum finding_strength strength; /* the strongest of its occurrences */
	__u64 count;
	__u64 counts[STRENGTHS]; /* of those, by strength */
	__u64 first_ns, last_ns;
	char function[64];
	char source[FINDING_SOURCE];     /* of the first; "" not known */
	char cache_name[CACHE_NAME_LEN]; /* of the first */
	int nid;                         /* of the first */
	char comm[TASK_COMM_LEN];        /* of the first */
	__u64 stack[FINDING_FRAMES];
	char *frames[FINDING_FRAMES]; /* in words; NULL: not known */
	__u32 stack_len;
	__u32 tgid; /* of the first; 0: not known */
	/* The free before the first. */
	__u64 freed_ns;
	char freer_comm[TASK_COMM_LEN]; /* "" not known */
	__u32 freer_tgid;
	char *freer_frames[FINDING_FRAMES];
	__u32 freer_stack_len;
};

/*
 * Call a function for each row until it returns another value than 0. Returns that
 * value, or 0.
 */
int findings_each(const struct findings *all, int (*fn)(void *arg, const struct finding_row *row),
		  void *arg);

/* The findings of one clause: the first one, and how many there are. */
struct finding_words {
	enum finding_tier tier;
	enum finding_strength strength;
	__u64 count;               /* of this strength */
	const char *function;      /* of the first; "" not known */
	const char *comm;          /* likewise */
	const char *cache_name;    /* likewise */
	unsigned int other_places; /* other stacks than that of the first */
};

/*
 * Describe findings: "1 reader in flight across a free: show_slab_objects() by cat". Names are
 * not escaped. Returns text.
 */
const char *findings_describe(char *text, size_t room, const struct finding_words *w);

/* Return "suspect", "exposure", "confirmed"; "none", "order", "value", "state". */
const char *finding_strength_name(enum finding_strength strength);
const char *finding_proof_name(enum finding_proof proof);

#endif /* SLUBNODE_FINDINGS_H */
