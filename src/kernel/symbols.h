/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses and names from /proc/kallsyms, read once. */
#ifndef SLUBNODE_SYMBOLS_H
#define SLUBNODE_SYMBOLS_H

#include <linux/types.h>
#include <stdbool.h>

#define SYMBOL_NAME_LEN 128

/* A symbol that is looked for; the rest is filled in. */
struct symbol {
	const char *want;
	bool function; /* a compiler's suffix is accepted: .isra.0 ... */
	bool found;
	__u64 address;              /* 0: not found, or hidden (kptr_restrict) */
	char name[SYMBOL_NAME_LEN]; /* as the kernel spells it */
};

/*
 * Looks all `count' symbols up in one pass. 0, or a negative errno of opening
 * or reading. *hidden: addresses read as zero, by kernel.kptr_restrict or for
 * want of CAP_SYSLOG.
 */
int symbols_find(struct symbol *symbols, unsigned int count, bool *hidden);

#endif /* SLUBNODE_SYMBOLS_H */
