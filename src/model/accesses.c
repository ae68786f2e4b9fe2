// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "model/accesses.h"
#include "model/knode_layout.h"

#define FREERS      256           /* the last ones are remembered */
#define PATIENCE    1000000000ULL /* ns, for the record of who freed */
#define FRAME_TEXT  160
#define SYMBOL_ROOM 128
#define MODULE_ROOM 64 /* MODULE_NAME_LEN is 56 */

struct waiting {
	struct waiting *next;
	struct access_record e;
};

struct accesses {
	struct accesses_ops ops;
	struct kallsyms *ksyms;
	struct knode_layout layout;
	struct accesses_stats stats;
	struct freer_record freers[FREERS]; /* a ring */
	__u64 freer_count;
	struct waiting *waiting;
};

/* A stack in words. */
struct words {
	char text[FINDING_FRAMES][FRAME_TEXT];
	const char *frames[FINDING_FRAMES];
	__u64 stack[FINDING_FRAMES];
	__u32 len;
};

struct accesses *accesses_new(const struct accesses_ops *ops, struct kallsyms *ksyms,
			      const struct knode_layout *layout)
{
	struct accesses *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->ops = *ops;
	a->ksyms = ksyms;
	a->layout = *layout;
	return a;
}

void accesses_free(struct accesses *a)
{
	while (a && a->waiting) {
		struct waiting *w = a->waiting;

		a->waiting = w->next;
		free(w);
	}
	free(a);
}

const char *reader_name(enum reader reader)
{
	static const char *const names[READERS] = {
		[READER_OBJECTS] = "show_slab_objects",    [READER_SLABINFO] = "get_slabinfo",
		[READER_OOM] = "slab_out_of_memory",       [READER_SHRINK] = "__kmem_cache_shrink",
		[READER_VALIDATE] = "validate_slab_cache", [READER_LOCATIONS] = "list_locations",
		[READER_TRACES] = "slab_debug_trace_open", [READER_ALLOC] = "___slab_alloc",
		[READER_REFILL] = "refill_objects",        [READER_PARTIAL] = "get_partial_node",
	};

	return reader < READERS && names[reader] ? names[reader] : "";
}

static void put_words(struct accesses *a, struct words *w, const __u64 *stack, __u32 len)
{
	w->len = len < FINDING_FRAMES ? len : FINDING_FRAMES;
	memcpy(w->stack, stack, w->len * sizeof(*stack));
	w->len = kallsyms_strip(a->ksyms, w->stack, w->len);
	for (__u32 i = 0; i < w->len; i++)
		w->frames[i] = kallsyms_format(a->ksyms, w->stack[i], w->text[i], FRAME_TEXT);
}

/*
 * Who freed it: the function whose time encloses the free. A reader in flight
 * knows only that the free came between its entry and its return.
 */
static bool is_freer(const struct freer_record *f, const struct access_record *e)
{
	if (e->how == ACCESS_WINDOW && !e->freed.tid)
		return f->begin_ns <= e->head.time_ns && e->entered_ns <= f->head.time_ns;
	return f->begin_ns <= e->freed.freed_ns && e->freed.freed_ns <= f->head.time_ns &&
	       f->head.tid == e->freed.tid;
}

static const struct freer_record *find_freer(const struct accesses *a,
					     const struct access_record *e)
{
	__u64 count = a->freer_count < FREERS ? a->freer_count : FREERS;

	for (__u64 i = 1; i <= count; i++) {
		const struct freer_record *f = &a->freers[(a->freer_count - i) % FREERS];

		if (is_freer(f, e))
			return f;
	}
	return NULL;
}

static bool one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(name, *names))
			return true;
	return false;
}

/* Looks that take any memory as it is, and follow no pointer of SLUB's. */
static bool of_a_debugger(const struct words *w, const char *function)
{
	static const char *const lookers[] = { "copy_from_kernel_nofault",
					       "bpf_probe_read_kernel",
					       "bpf_probe_read_kernel_common",
					       "scan_block",
					       "copy_mc_to_kernel",
					       NULL };
	static const char *const callers[] = { "read_kcore+", "read_kcore_iter+", "scan_block+",
					       "read_mem+", NULL };

	if (one_of(function, lookers))
		return true;
	for (__u32 i = 0; i < w->len; i++)
		for (const char *const *c = callers; *c; c++)
			if (!strncmp(w->frames[i], *c, strlen(*c)))
				return true;
	return false;
}

/*
 * mm/slub.c, 5.10 to 7.3: what sorts free objects of a slab, in whosever time;
 * the free-list word of a structure is theirs.
 */
static bool of_the_free_list(const char *function)
{
	static const char *const sorters[] = { "deactivate_slab",
					       "unfreeze_partials",
					       "__unfreeze_partials",
					       "__put_partials",
					       "put_cpu_partial",
					       "flush_cpu_slab",
					       "__flush_cpu_slab",
					       "flush_all",
					       "free_to_partial_list",
					       "__kmem_cache_do_shrink",
					       "__kmem_cache_shrink",
					       "validate_slab",
					       "validate_slab_slab",
					       "on_freelist",
					       "check_object",
					       "process_slab",
					       NULL };

	return one_of(function, sorters);
}

static bool own_work(const struct accesses *a, const struct access_record *e, const struct words *w,
		     const char *function)
{
	__u64 at = e->word - e->freed.address;

	if (of_a_debugger(w, function))
		return true;
	/* SLUB's free-list word lies in the middle of the structure. */
	return at == (a->layout.size / 2 & ~7ULL) && of_the_free_list(function);
}

static bool holds(const struct access_registers *r, __u64 value)
{
	const __u64 *word = &r->ax;

	for (size_t i = 0; i < (sizeof(*r) - offsetof(struct access_registers, ax)) / 8; i++)
		if (word[i] == value)
			return true;
	return false;
}

/* What a hit of a watchpoint proves. */
static enum finding_proof proof_of_hit(struct accesses *a, const struct access_record *e)
{
	if (!kallsyms_known(a->ksyms))
		return PROOF_NONE; /* it may be our own look */
	if (!a->ops.exact(a->ops.context, &e->freed, e->head.time_ns))
		return PROOF_NONE; /* it may be somebody else's memory by now */
	if (e->ordered_ns > e->freed.freed_ns)
		return PROOF_ORDER;
	if (e->free_word && e->value == e->free_word && holds(&e->registers, e->free_word))
		return PROOF_VALUE;
	return PROOF_NONE;
}

static void judge(struct accesses *a, const struct access_record *e, struct finding *f)
{
	switch (e->how) {
	case ACCESS_WINDOW:
		f->tier = TIER_WINDOW;
		f->strength = STRENGTH_EXPOSURE;
		break;
	case ACCESS_WATCHPOINT:
		f->tier = TIER_WATCHPOINT;
		f->proof = proof_of_hit(a, e);
		f->strength = f->proof ? STRENGTH_CONFIRMED : STRENGTH_SUSPECT;
		break;
	default:
		f->tier = TIER_CALL;
		f->proof = PROOF_STATE;
		f->strength = STRENGTH_CONFIRMED;
	}
}

static void fill_structure(struct finding *f, const struct freed *freed, struct record *freer)
{
	f->cache_name = freed->name;
	f->cache = freed->cache;
	f->nid = freed->nid;
	f->address = freed->address;
	f->freed_ns = freed->freed_ns;
	freer->tgid = freed->tgid;
	freer->tid = freed->tid;
	freer->time_ns = freed->tid ? freed->freed_ns : 0;
	memcpy(freer->comm, freed->comm, sizeof(freer->comm));
	f->freer = freer;
}

static void tell(struct accesses *a, const struct access_record *e)
{
	const struct freer_record *by = find_freer(a, e);
	struct kallsyms_place place = {};
	struct words access, freeing = {};
	char function[SYMBOL_ROOM], module[MODULE_ROOM];
	struct record freer = {};
	struct finding f = { .task = &e->head, .time_ns = e->head.time_ns };

	if (e->how == ACCESS_WATCHPOINT && e->unsettled) {
		a->stats.own++; /* SLUB's own work; there may be very many */
		return;
	}
	put_words(a, &access, e->stack, e->stack_len);
	if (e->how == ACCESS_WATCHPOINT)
		place = kallsyms_resolve(a->ksyms,
					 e->registers.ip - 1); /* ip is behind the access */
	snprintf(function, sizeof(function), "%s",
		 e->how == ACCESS_WATCHPOINT ? place.function : reader_name(e->reader));
	/* The next look-up may read all symbols anew. */
	snprintf(module, sizeof(module), "%s", place.module ?: "");
	if (e->how == ACCESS_WATCHPOINT && own_work(a, e, &access, function)) {
		a->stats.own++;
		return;
	}
	judge(a, e, &f);
	fill_structure(&f, &e->freed, &freer);
	if (by) {
		put_words(a, &freeing, by->stack, by->stack_len);
		f.freer = &by->head;
	}
	f.function = function;
	f.ns_tgid = e->ns_tgid;
	f.pid_ns = e->pid_ns;
	f.entered_ns = e->entered_ns;
	f.stack = access.stack;
	f.frames = access.frames;
	f.stack_len = access.len;
	f.freer_frames = freeing.frames;
	f.freer_stack_len = freeing.len;
	if (e->how == ACCESS_WATCHPOINT) {
		f.offset = place.offset;
		f.module = module;
		f.ip = e->registers.ip;
		f.word = e->word;
		f.field = knode_field_at(&a->layout, e->word - e->freed.address);
		f.value = e->value;
		f.free_word = e->free_word;
		f.registers = &e->registers;
	}
	a->ops.finding(a->ops.context, &f);
}

static void tell_canary(struct accesses *a, const struct canary_record *e)
{
	struct access_record as_access = { .how = ACCESS_WATCHPOINT, .freed = e->freed };
	const struct freer_record *by = find_freer(a, &as_access);
	struct words freeing = {};
	struct record freer = {};
	struct finding f = {
		.tier = TIER_CANARY,
		.strength = STRENGTH_CONFIRMED,
		.proof = PROOF_STATE,
		.time_ns = e->head.time_ns,
		.function = "",
		.old_words = e->old_words,
		.new_words = e->new_words,
		.words = e->words < KNODE_WORDS ? e->words : KNODE_WORDS,
	};
	const char *fields[KNODE_WORDS] = {};
	__u32 first = 0;

	if (!a->ops.exact(a->ops.context, &e->freed, e->head.time_ns)) {
		f.strength = STRENGTH_SUSPECT;
		f.proof = PROOF_NONE;
	}
	for (__u32 i = 0; i < f.words; i++)
		fields[i] = knode_field_at(&a->layout, 8 * (__u64)i);
	while (first + 1 < f.words && e->old_words[first] == e->new_words[first])
		first++;
	fill_structure(&f, &e->freed, &freer);
	if (by) {
		put_words(a, &freeing, by->stack, by->stack_len);
		f.freer = &by->head;
	}
	f.word = e->freed.address + 8 * (__u64)first;
	f.field = fields[first];
	f.word_fields = fields;
	f.freer_frames = freeing.frames;
	f.freer_stack_len = freeing.len;
	a->ops.finding(a->ops.context, &f);
}

/* Must it be waited for what is in flight? */
static bool must_wait(struct accesses *a, const struct access_record *e, __u64 now_ns)
{
	if (e->how == ACCESS_WINDOW)
		return !find_freer(a, e) && now_ns < e->head.time_ns + PATIENCE;
	return e->how == ACCESS_WATCHPOINT && e->allocating &&
	       a->ops.allocating(a->ops.context, e->allocations);
}

/* What was in flight at the hit is over: had it handed the address out? */
static void settle(struct accesses *a, const struct access_record *e)
{
	if (e->how == ACCESS_WINDOW && e->unsettled && !find_freer(a, e))
		return; /* dropped, and never freed: the ledger's matter */
	/* The slot was given to another structure while the program read it. */
	if (e->how == ACCESS_WATCHPOINT &&
	    (!e->freed.freed_ns || e->word - e->freed.address >= a->layout.size))
		a->stats.ambiguous++;
	else if (e->how == ACCESS_WATCHPOINT && e->allocating && !e->unsettled &&
		 !a->ops.still_freed(a->ops.context, &e->freed))
		a->stats.ambiguous++;
	else
		tell(a, e);
}

static int wait_for(struct accesses *a, const struct access_record *e)
{
	struct waiting *w = malloc(sizeof(*w)), **last = &a->waiting;

	if (!w)
		return -ENOMEM;
	w->e = *e;
	w->next = NULL;
	while (*last)
		last = &(*last)->next;
	*last = w;
	return 0;
}

int accesses_feed(struct accesses *a, const struct record *e)
{
	const struct access_record *access = (const void *)e;

	switch (e->type) {
	case RECORD_FREER:
		a->freers[a->freer_count++ % FREERS] = *(const struct freer_record *)e;
		return 0;
	case RECORD_CANARY: tell_canary(a, (const void *)e); return 0;
	case RECORD_ACCESS:
		if (must_wait(a, access, e->time_ns))
			return wait_for(a, access);
		settle(a, access);
		return 0;
	}
	return 0;
}

void accesses_settle(struct accesses *a, __u64 now_ns, bool last)
{
	struct waiting **at = &a->waiting;

	while (*at) {
		struct waiting *w = *at;

		if (!last && must_wait(a, &w->e, now_ns)) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		settle(a, &w->e);
		free(w);
	}
}

bool accesses_waiting(const struct accesses *a)
{
	return a->waiting;
}

struct accesses_stats accesses_stats(const struct accesses *a)
{
	return a->stats;
}
