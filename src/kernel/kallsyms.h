/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's symbols, from /proc/kallsyms: addresses by name, functions by address. */
#ifndef SLUBNODE_KALLSYMS_H
#define SLUBNODE_KALLSYMS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define SYMBOL_NAME_LEN 128

/* A symbol to look for by name. The caller sets `want' and `function'. */
struct kallsyms_symbol {
	const char *want;
	bool function; /* accept a compiler's suffix, such as .isra.0 */
	bool found;
	__u64 address;              /* 0: not found, or hidden */
	char name[SYMBOL_NAME_LEN]; /* as the kernel spells it */
};

/*
 * Look `count' symbols up in one pass over PROC/kallsyms. *hidden is set if the kernel
 * hides all addresses (kernel.kptr_restrict, or CAP_SYSLOG is missing).
 * Returns 0 or a negative errno.
 */
int kallsyms_find(const char *proc, struct kallsyms_symbol *symbols, unsigned int count,
		  bool *hidden);

/*
 * The kernel's functions, sorted by address. They are read at the first look-up, and
 * read again when modules have been loaded or unloaded.
 */
struct kallsyms;

struct kallsyms_place {
	const char *function; /* valid until the next look-up; "" if it is not known */
	const char *module;   /* "" for the kernel itself */
	__u64 offset;         /* bytes into the function */
};

/*
 * Create an empty table. `proc' is "/proc", except in tests; the pointer is kept.
 * Returns NULL if there is no memory.
 */
struct kallsyms *kallsyms_new(const char *proc);
void kallsyms_free(struct kallsyms *k);

/* Read the symbols now, not at the first look-up. Returns 0 or a negative errno. */
int kallsyms_load(struct kallsyms *k);

/* Return false if addresses are hidden or PROC/kallsyms cannot be read. */
bool kallsyms_known(struct kallsyms *k);

/* Resolve an address. Returns the function that covers it, or one with an empty name. */
struct kallsyms_place kallsyms_resolve(struct kallsyms *k, __u64 address);

#endif /* SLUBNODE_KALLSYMS_H */
