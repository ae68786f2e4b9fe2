// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "model/symbols.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct entry {
	struct symbol_record symbol;
	UT_hash_handle hh; /* in symbols.entries by address */
};

struct symbols {
	struct entry *entries;
};

struct symbols *symbols_new(void)
{
	return calloc(1, sizeof(struct symbols));
}

void symbols_free(struct symbols *s)
{
	struct entry *e, *next;

	if (!s)
		return;
	HASH_ITER (hh, s->entries, e, next) {
		HASH_DEL(s->entries, e);
		free(e);
	}
	free(s);
}

static struct entry *entry_find(const struct symbols *s, __u64 address)
{
	struct entry *e;

	HASH_FIND(hh, s->entries, &address, sizeof(address), e);
	return e;
}

int symbols_feed(struct symbols *s, const struct symbol_record *r)
{
	struct entry *e = entry_find(s, r->address);

	if (e) {
		e->symbol = *r;
		return 0;
	}
	e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->symbol = *r;
	HASH_ADD(hh, s->entries, symbol.address, sizeof(e->symbol.address), e);
	if (!e->hh.tbl) {
		free(e);
		return -ENOMEM;
	}
	return 0;
}

const struct symbol_record *symbols_find(const struct symbols *s, __u64 address)
{
	static const struct symbol_record unknown;
	const struct entry *e = entry_find(s, address);

	return e ? &e->symbol : &unknown;
}

int symbols_each(const struct symbols *s, int (*fn)(void *arg, const struct symbol_record *r),
		 void *arg)
{
	int err = 0;

	for (const struct entry *e = s->entries; e && !err; e = e->hh.next)
		err = fn(arg, &e->symbol);
	return err;
}

/*
 * Count the innermost frames of the tracing itself. A BPF program has no name
 * without bpf_jit_kallsyms; it lies before the first frame that has one.
 */
static __u32 tracing_frames(const struct symbols *s, const __u64 *stack, __u32 len)
{
	for (__u32 i = 0; i < len; i++) {
		const struct symbol_record *r = symbols_find(s, stack[i]);

		if (*r->function && !(r->flags & SYMBOL_TRACING))
			return i;
	}
	return 0; /* no frame is known: all of them are better than none */
}

static void put_frame(const struct symbol_record *r, __u64 address, char *text, size_t room)
{
	if (!*r->function)
		snprintf(text, room, "0x%llx", address);
	else
		snprintf(text, room, "%s+0x%llx%s%s%s", r->function, r->offset,
			 *r->module ? " [" : "", r->module, *r->module ? "]" : "");
}

/*
 * Check whether frame i is a trampoline that stands in the middle of the function before it, which
 * is then there twice: at its entry it calls the trampoline, and that calls the rest of it.
 */
static bool is_in_its_middle(const struct symbols *s, const __u64 *stack, __u32 i, __u32 len)
{
	return i && i + 1 < len && symbols_find(s, stack[i])->flags & SYMBOL_TRACING &&
	       !strcmp(symbols_find(s, stack[i - 1])->function,
		       symbols_find(s, stack[i + 1])->function);
}

void symbols_put_words(const struct symbols *s, struct words *w, const __u64 *stack, __u32 len)
{
	__u32 first;

	if (len > ACCESS_FRAMES)
		len = ACCESS_FRAMES;
	first = tracing_frames(s, stack, len);
	stack += first;
	len -= first;
	w->len = 0;
	for (__u32 i = 0; i < len; i++) {
		if (is_in_its_middle(s, stack, i, len)) {
			i++; /* the same function */
			continue;
		}
		put_frame(symbols_find(s, stack[i]), stack[i], w->text[w->len], FRAME_TEXT);
		w->stack[w->len] = stack[i];
		w->frames[w->len] = w->text[w->len];
		w->len++;
	}
}
