/* SPDX-License-Identifier: GPL-2.0-only */
/* The symbols of addresses, from RECORD_SYMBOL, and stacks in words. */
#ifndef SLUBNODE_SYMBOLS_H
#define SLUBNODE_SYMBOLS_H

#include "bpf/records.h"

#define FRAME_TEXT 208 /* "function+0x12 [module]" */

struct symbols;

/* A stack in words, the innermost frame first. */
struct words {
	__u64 stack[ACCESS_FRAMES];
	char text[ACCESS_FRAMES][FRAME_TEXT];
	const char *frames[ACCESS_FRAMES]; /* into `text' */
	__u32 len;
};

/* Return NULL when out of memory. */
struct symbols *symbols_new(void);
void symbols_free(struct symbols *s);

/* Add the symbol of an address, or replace it. Returns 0 or -ENOMEM. */
int symbols_feed(struct symbols *s, const struct symbol_record *r);

/* Return the symbol of an address; one without function and flags when none is known. */
const struct symbol_record *symbols_find(const struct symbols *s, __u64 address);

/* Call a function for each symbol until it returns another value than 0. Returns that value, or 0. */
int symbols_each(const struct symbols *s, int (*fn)(void *arg, const struct symbol_record *r),
		 void *arg);

/*
 * Put a stack of return addresses into words, without the innermost frames that
 * belong to the tracing itself.
 */
void symbols_put_words(const struct symbols *s, struct words *w, const __u64 *stack, __u32 len);

#endif /* SLUBNODE_SYMBOLS_H */
