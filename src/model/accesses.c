// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "model/accesses.h"
#include "model/knode_layout.h"

#define FREERS           256           /* the last ones are remembered */
#define FREER_TIMEOUT_NS 1000000000ULL /* for the record of a free that is still in flight */
#define WAITING_MAX      65536         /* records; the oldest is judged before one more waits */

struct waiting {
	struct waiting *next;
	union {
		struct record head;
		struct access_record access;
		struct canary_record canary;
	} r;
};

struct accesses {
	struct accesses_parts parts;
	struct freer_record freers[FREERS]; /* a ring */
	__u64 freer_count;
	struct waiting *first, **last;
	unsigned int waiting; /* their number */
};

struct accesses *accesses_new(const struct accesses_parts *parts)
{
	struct accesses *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->parts = *parts;
	a->last = &a->first;
	return a;
}

void accesses_free(struct accesses *a)
{
	while (a && a->first) {
		struct waiting *w = a->first;

		a->first = w->next;
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

/* --- the task that freed the structure --- */

/*
 * Return whether a function can have freed the structure: the free lies between its
 * entry and its return. For a reader in flight, the free lies anywhere between the
 * reader's own entry and return.
 */
static bool is_freer(const struct freer_record *f, const struct access_record *r)
{
	if (r->how == ACCESS_WINDOW && !r->freed.tid)
		return f->begin_ns <= r->head.time_ns && r->entered_ns <= f->head.time_ns;
	return f->begin_ns <= r->freed.freed_ns && r->freed.freed_ns <= f->head.time_ns &&
	       f->head.tid == r->freed.tid;
}

static const struct freer_record *find_freer(const struct accesses *a,
					     const struct access_record *r)
{
	__u64 count = a->freer_count < FREERS ? a->freer_count : FREERS;

	for (__u64 i = 1; i <= count; i++) {
		const struct freer_record *f = &a->freers[(a->freer_count - i) % FREERS];

		if (is_freer(f, r))
			return f;
	}
	return NULL;
}

/* The task and the stack that freed the structure of a finding. */
struct freeing {
	struct record task;
	struct words words;
};

static void put_structure(struct accesses *a, struct finding *f, struct freeing *by,
			  const struct access_record *r)
{
	const struct freer_record *freer = find_freer(a, r);
	const struct freed *freed = &r->freed;

	f->cache_name = freed->name;
	f->cache = freed->cache;
	f->nid = freed->nid;
	f->address = freed->address;
	f->freed_ns = freed->freed_ns;
	by->task = (struct record){
		.tgid = freed->tgid,
		.tid = freed->tid,
		.time_ns = freed->tid ? freed->freed_ns : 0,
	};
	memcpy(by->task.comm, freed->comm, sizeof(by->task.comm));
	f->freer = freer ? &freer->head : &by->task;
	by->words.len = 0;
	if (freer)
		symbols_put_words(a->parts.symbols, &by->words, freer->stack, freer->stack_len);
	f->freer_frames = by->words.frames;
	f->freer_stack_len = by->words.len;
}

/* --- the proof of an access --- */

/* Return whether SLUB's code accesses the free-list word. */
static bool of_the_free_list(const struct access_record *r, const struct symbol_record *at)
{
	return at->flags & SYMBOL_FREE_LIST && r->word - r->freed.address == r->free_offset;
}

/* Return whether the access is the allocator's own work, the tracing's or a debugger's. */
static bool own_work(const struct accesses *a, const struct access_record *r,
		     const struct symbol_record *at, const struct words *w)
{
	if (at->flags & SYMBOL_READS_ANYTHING || of_the_free_list(r, at))
		return true;
	for (__u32 i = 0; i < w->len; i++)
		if (symbols_find(a->parts.symbols, w->stack[i])->flags & SYMBOL_DEBUGGER)
			return true;
	return false;
}

static bool in_a_register(const struct access_registers *r, __u64 value)
{
	const __u64 *word = &r->ax;

	for (size_t i = 0; i < (sizeof(*r) - offsetof(struct access_registers, ax)) / 8; i++)
		if (word[i] == value)
			return true;
	return false;
}

/*
 * Return whether the counters were read after the record and show that the freed set was exact at
 * an access later than ordered_ns.
 */
static bool access_exact(const struct accesses *a, const struct record *r,
			 const struct freed *freed, __u64 ordered_ns)
{
	return a->parts.session->pages_followed &&
	       a->parts.coverage->counters.head.time_ns >= r->time_ns &&
	       coverage_exact(a->parts.coverage, freed, ordered_ns);
}

/* Return whether an allocation that was in flight at the hit may still be running. */
static bool allocation_may_run(const struct accesses *a, const struct access_record *r)
{
	return r->allocating && a->parts.coverage->counters.allocating;
}

static enum finding_proof proof_of_hit(const struct accesses *a, const struct access_record *r,
				       const struct symbol_record *at)
{
	if (!(at->flags & SYMBOL_KNOWN))
		return PROOF_NONE; /* it may be a load of our own */
	if (!access_exact(a, &r->head, &r->freed, r->ordered_ns) || allocation_may_run(a, r))
		return PROOF_NONE; /* the memory may have another user by now */
	if (r->ordered_ns > r->freed.freed_ns)
		return PROOF_ORDER;
	if (r->free_word && r->value == r->free_word && in_a_register(&r->registers, r->free_word))
		return PROOF_VALUE;
	return PROOF_NONE;
}

static void put_strength(struct accesses *a, struct finding *f, const struct access_record *r,
			 const struct symbol_record *at)
{
	switch (r->how) {
	case ACCESS_WINDOW:
		f->tier = TIER_WINDOW;
		f->strength = STRENGTH_EXPOSURE;
		break;
	case ACCESS_WATCHPOINT:
		f->tier = TIER_WATCHPOINT;
		f->proof = proof_of_hit(a, r, at);
		f->strength = f->proof ? STRENGTH_CONFIRMED : STRENGTH_SUSPECT;
		break;
	default:
		f->tier = TIER_CALL;
		f->proof = PROOF_STATE;
		f->strength = STRENGTH_CONFIRMED;
	}
}

static void put_instruction(const struct accesses *a, struct finding *f,
			    const struct access_record *r, const struct symbol_record *at)
{
	f->function = at->function;
	f->offset = at->offset;
	f->module = at->module;
	f->source = at->source;
	f->ip = r->registers.ip;
	f->word = r->word;
	f->field = knode_field_at(&a->parts.session->layout, r->word - r->freed.address);
	f->value = r->value;
	f->free_word = r->free_word;
	f->registers = &r->registers;
}

static void emit_access(struct accesses *a, const struct access_record *r)
{
	bool hit = r->how == ACCESS_WATCHPOINT;
	/* The instruction pointer is that of the instruction after the access. */
	const struct symbol_record *at = symbols_find(a->parts.symbols, r->registers.ip - 1);
	struct finding f = {
		.task = &r->head,
		.time_ns = r->head.time_ns,
		.function = reader_name(r->reader),
		.ns_tgid = r->ns_tgid,
		.pid_ns = r->pid_ns,
		.entered_ns = r->entered_ns,
	};
	struct words words;
	struct freeing by;

	symbols_put_words(a->parts.symbols, &words, r->stack, r->stack_len);
	if (hit && own_work(a, r, at, &words)) {
		a->parts.coverage->own_hits++;
		return;
	}
	put_strength(a, &f, r, at);
	put_structure(a, &f, &by, r);
	f.stack = words.stack;
	f.frames = words.frames;
	f.stack_len = words.len;
	if (hit)
		put_instruction(a, &f, r, at);
	findings_report(a->parts.findings, &f);
}

static void emit_canary(struct accesses *a, const struct canary_record *r)
{
	const struct access_record as_access = { .how = ACCESS_WATCHPOINT, .freed = r->freed };
	bool proven = access_exact(a, &r->head, &r->freed, 0);
	struct finding f = {
		.tier = TIER_CANARY,
		.strength = proven ? STRENGTH_CONFIRMED : STRENGTH_SUSPECT,
		.proof = proven ? PROOF_STATE : PROOF_NONE,
		.time_ns = r->head.time_ns,
		.function = "",
		.old_words = r->old_words,
		.new_words = r->new_words,
		.words = r->words,
	};
	const char *fields[KNODE_WORDS] = {};
	struct freeing by;
	__u32 first = 0;

	for (__u32 i = 0; i < f.words; i++)
		fields[i] = knode_field_at(&a->parts.session->layout, 8 * (__u64)i);
	while (first + 1 < f.words && r->old_words[first] == r->new_words[first])
		first++;
	put_structure(a, &f, &by, &as_access);
	f.cache_name = r->freed.name; /* as_access ends with this function */
	f.word = r->freed.address + 8 * (__u64)first;
	f.field = fields[first];
	f.word_fields = fields;
	findings_report(a->parts.findings, &f);
}

/* --- when an access can be judged --- */

static bool must_wait_for_access(const struct accesses *a, const struct access_record *r,
				 __u64 now_ns)
{
	if (r->how == ACCESS_WINDOW)
		return !find_freer(a, r) && now_ns < r->head.time_ns + FREER_TIMEOUT_NS;
	return r->how == ACCESS_WATCHPOINT && allocation_may_run(a, r);
}

static bool must_wait(const struct accesses *a, const struct waiting *w, __u64 now_ns)
{
	if (a->parts.coverage->counters.head.time_ns < w->r.head.time_ns)
		return true;
	return w->r.head.type == RECORD_ACCESS && must_wait_for_access(a, &w->r.access, now_ns);
}

/* Return whether another structure may have taken the address before the hit was recorded. */
static bool access_ambiguous(const struct accesses *a, const struct access_record *r)
{
	if (!r->freed.freed_ns || r->word - r->freed.address >= a->parts.session->layout.size)
		return true; /* the entry of the freed set changed while the program read it */
	return r->allocating && !r->unsettled && !freed_set_has(a->parts.freed, &r->freed);
}

static void settle_hit(struct accesses *a, const struct access_record *r)
{
	if (access_ambiguous(a, r))
		a->parts.coverage->ambiguous_hits++;
	else if (r->unsettled)
		a->parts.coverage->own_hits++; /* SLUB's own work */
	else
		emit_access(a, r);
}

static void settle_access(struct accesses *a, const struct access_record *r)
{
	if (r->how == ACCESS_WINDOW && r->unsettled && !find_freer(a, r))
		return; /* the pointer was dropped and the structure never freed: no access */
	if (r->how == ACCESS_WATCHPOINT)
		settle_hit(a, r);
	else
		emit_access(a, r);
}

/* Judge a record and remove it from the list. */
static void accesses_settle_one(struct accesses *a, struct waiting **at)
{
	struct waiting *w = *at;

	*at = w->next;
	a->waiting--;
	if (w->r.head.type == RECORD_CANARY)
		emit_canary(a, &w->r.canary);
	else
		settle_access(a, &w->r.access);
	free(w);
}

static int wait_with(struct accesses *a, const void *r, size_t len)
{
	struct waiting *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	if (a->waiting == WAITING_MAX)
		accesses_settle_one(a, &a->first);
	memcpy(&w->r, r, len);
	*a->last = w;
	a->last = &w->next;
	a->waiting++;
	return 0;
}

static int feed_access(struct accesses *a, const struct access_record *r)
{
	if (r->how != ACCESS_WATCHPOINT || !r->unsettled)
		return wait_with(a, r, sizeof(*r));
	/* There may be very many of these, and none becomes a finding. */
	settle_hit(a, r);
	return 0;
}

int accesses_feed(struct accesses *a, const struct record *r)
{
	switch (r->type) {
	case RECORD_FREER:
		a->freers[a->freer_count++ % FREERS] = *(const struct freer_record *)r;
		return 0;
	case RECORD_CANARY: return wait_with(a, r, sizeof(struct canary_record));
	case RECORD_ACCESS: return feed_access(a, (const void *)r);
	}
	return 0;
}

void accesses_settle(struct accesses *a, __u64 now_ns, bool end)
{
	struct waiting **at = &a->first;

	while (*at) {
		if (!end && must_wait(a, *at, now_ns))
			at = &(*at)->next;
		else
			accesses_settle_one(a, at);
	}
	a->last = at;
}

bool accesses_waiting(const struct accesses *a)
{
	return a->first;
}
