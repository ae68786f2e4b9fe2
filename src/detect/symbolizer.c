// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "detect/symbolizer.h"
#include "kernel/kallsyms.h"
#include "kernel/ksyms.h"
#include "kernel/names.h"
#include "kernel/srclines.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define ASK_INTERVAL_NS                                                                            \
	100000000ULL /* between two questions for an address outside of the kernel */

/* An address whose symbol is wanted. */
struct wanted {
	__u64 address;
	bool emitted;
	bool with_source; /* the source line was looked for */
	/* As emitted last. */
	__u32 flags;
	__u64 offset;
	char function[128], module[64];
	__u64 asked_ns;    /* when the kernel was asked for it */
	UT_hash_handle hh; /* in symbolizer.wanted by address */
};

struct symbolizer {
	struct symbolizer_ops ops;
	struct ksyms *ksyms; /* NULL: not loaded, or the kernel cannot be asked */
	bool tried_ksyms;
	struct kallsyms *kallsyms;
	struct srclines *srclines;
	struct wanted *wanted;
	bool active; /* an access was seen: symbols are resolved at once */
};

struct symbolizer *symbolizer_new(const struct symbolizer_ops *ops)
{
	struct symbolizer *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->ops = *ops;
	s->kallsyms = kallsyms_new(ops->proc);
	s->srclines = srclines_new();
	if (s->kallsyms && s->srclines)
		return s;
	symbolizer_free(s);
	return NULL;
}

void symbolizer_free(struct symbolizer *s)
{
	struct wanted *w, *next;

	if (!s)
		return;
	HASH_ITER (hh, s->wanted, w, next) {
		HASH_DEL(s->wanted, w);
		free(w);
	}
	ksyms_close(s->ksyms);
	kallsyms_free(s->kallsyms);
	srclines_free(s->srclines);
	free(s);
}

/* Load the program that asks the kernel. Returns false if the kernel cannot be asked. */
static bool asks_kernel(struct symbolizer *s)
{
	if (!s->tried_ksyms)
		s->ksyms = ksyms_open();
	s->tried_ksyms = true;
	return s->ksyms;
}

static struct wanted *symbolizer_want(struct symbolizer *s, __u64 address)
{
	struct wanted *w;

	HASH_FIND(hh, s->wanted, &address, sizeof(address), w);
	if (w)
		return w;
	w = calloc(1, sizeof(*w));
	if (!w)
		return NULL;
	w->address = address;
	HASH_ADD(hh, s->wanted, address, sizeof(w->address), w);
	if (w->hh.tbl)
		return w;
	free(w);
	return NULL;
}

static __u32 flags_of(const struct kallsyms_place *p, bool known)
{
	unsigned int names = names_of_function(p->function, p->module);
	__u32 flags = known ? SYMBOL_KNOWN : 0;

	if (names & NAME_TRACING)
		flags |= SYMBOL_TRACING;
	if (names & NAME_DEBUGGER)
		flags |= SYMBOL_READS_ANYTHING;
	if (names & NAME_DEBUGGER_CALLER)
		flags |= SYMBOL_DEBUGGER;
	if (names & NAME_FREE_LIST)
		flags |= SYMBOL_FREE_LIST;
	return flags;
}

/*
 * Check whether the symbol as emitted last cannot have changed, or was asked for a moment ago.
 * The text of the kernel itself does not change; modules and BPF programs come and go.
 */
static bool is_fresh(const struct wanted *w)
{
	if (!w->emitted || !w->asked_ns)
		return false;
	return (*w->function && !*w->module && !(w->flags & SYMBOL_TRACING)) ||
	       clock_now() - w->asked_ns < ASK_INTERVAL_NS;
}

/* Resolve an address. *known is set if functions have names. */
static struct kallsyms_place symbolizer_resolve(struct symbolizer *s, struct wanted *w, bool *known)
{
	if (asks_kernel(s)) {
		*known = true;
		w->asked_ns = clock_now();
		return ksyms_resolve(s->ksyms, w->address);
	}
	*known = kallsyms_known(s->kallsyms); /* first: it may read the symbols again */
	return kallsyms_resolve(s->kallsyms, w->address);
}

/* Check whether the symbol was emitted as it is now. */
static bool is_as_emitted(const struct wanted *w, const struct symbol_record *r)
{
	return w->emitted && w->flags == r->flags && w->offset == r->offset &&
	       !strcmp(w->function, r->function) && !strcmp(w->module, r->module);
}

/* Emit the symbol of an address, unless it was emitted before. Returns 0 or a negative errno. */
static int symbolizer_emit(struct symbolizer *s, struct wanted *w, bool source)
{
	struct symbol_record r = { .head = { .type = RECORD_SYMBOL }, .address = w->address };
	struct kallsyms_place p;
	bool known;

	if (is_fresh(w) && w->with_source >= source)
		return 0;
	p = symbolizer_resolve(s, w, &known);
	r.head.time_ns = clock_now();
	r.offset = p.offset;
	r.flags = flags_of(&p, known);
	snprintf(r.function, sizeof(r.function), "%s", p.function);
	snprintf(r.module, sizeof(r.module), "%s", p.module);
	if (w->with_source >= source && is_as_emitted(w, &r))
		return 0;
	/* A function that reads any memory is no finding, so its source line is not looked up. */
	if (source && !(r.flags & SYMBOL_READS_ANYTHING))
		snprintf(r.source, sizeof(r.source), "%s",
			 srclines_find(s->srclines, w->address, r.module));
	memcpy(w->function, r.function, sizeof(w->function));
	memcpy(w->module, r.module, sizeof(w->module));
	w->emitted = true;
	w->with_source = source;
	w->flags = r.flags;
	w->offset = r.offset;
	return s->ops.emit(s->ops.context, &r.head);
}

static int see_address(struct symbolizer *s, __u64 address, bool source)
{
	struct wanted *w = symbolizer_want(s, address);

	if (!w)
		return -ENOMEM;
	return s->active ? symbolizer_emit(s, w, source) : 0;
}

static int see_stack(struct symbolizer *s, const __u64 *stack, __u32 len)
{
	int err = 0;

	for (__u32 i = 0; i < len && !err; i++)
		err = see_address(s, stack[i], false);
	return err;
}

/* Emit the symbols that were wanted before the first access. Returns 0 or a negative errno. */
static int symbolizer_activate(struct symbolizer *s)
{
	struct wanted *w, *next;
	int err;

	if (s->active)
		return 0;
	s->active = true;
	HASH_ITER (hh, s->wanted, w, next) {
		err = symbolizer_emit(s, w, false);
		if (err)
			return err;
	}
	return 0;
}

static int see_access(struct symbolizer *s, const struct access_record *r)
{
	int err;

	/* SLUB's own work causes very many hits, and none of them becomes a finding. */
	if (r->how == ACCESS_WATCHPOINT && r->unsettled)
		return 0;
	err = symbolizer_activate(s);
	if (err)
		return err;
	err = see_stack(s, r->stack, r->stack_len);
	if (err || r->how != ACCESS_WATCHPOINT)
		return err;
	return see_address(s, r->registers.ip - 1, true);
}

int symbolizer_see(struct symbolizer *s, const struct record *r)
{
	const struct freer_record *freer = (const void *)r;

	switch (r->type) {
	case RECORD_ACCESS: return see_access(s, (const void *)r);
	case RECORD_CANARY: return symbolizer_activate(s);
	case RECORD_FREER: return see_stack(s, freer->stack, freer->stack_len);
	}
	return 0;
}
