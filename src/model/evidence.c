// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "model/evidence.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define CAUSES (CAUSE_OUTSIDE + 1)

struct place {
	__u64 cache;
	__u64 nid;
};

/* A structure that is retained. */
struct held {
	struct place place;
	__u64 address;
	__u64 charged;
	UT_hash_handle hh;
};

struct evidence {
	__u64 counts[T_STRUCTURE_KINDS][CAUSES];
	struct examples examples[EXAMPLE_KINDS];
	struct held *held;
	__u64 bytes; /* of all that is held */
	__u64 peak_bytes, peak_structures;
};

struct evidence *evidence_new(void)
{
	return calloc(1, sizeof(struct evidence));
}

static void forget_all(struct evidence *e)
{
	struct held *h, *next;

	HASH_ITER (hh, e->held, h, next) {
		HASH_DEL(e->held, h);
		free(h);
	}
	e->bytes = 0;
}

void evidence_free(struct evidence *e)
{
	if (!e)
		return;
	forget_all(e);
	free(e);
}

static struct held *find(const struct evidence *e, const struct transition *t)
{
	struct place place = { .cache = t->cache, .nid = (__u64)t->nid };
	struct held *h;

	HASH_FIND(hh, e->held, &place, sizeof(place), h);
	return h;
}

static void keep(struct evidence *e, enum example_kind kind, const struct transition *t)
{
	struct example x;

	example_of_transition(&x, t);
	examples_add(&e->examples[kind], &x);
}

static int hold(struct evidence *e, const struct transition *t)
{
	struct held *h = find(e, t);

	if (h && h->address != t->address)
		keep(e, EXAMPLES_REPLACED, t);
	if (!h) {
		h = calloc(1, sizeof(*h));
		if (!h)
			return -ENOMEM;
		h->place = (struct place){ .cache = t->cache, .nid = (__u64)t->nid };
		HASH_ADD(hh, e->held, place, sizeof(h->place), h);
		if (!h->hh.tbl) {
			free(h);
			return -ENOMEM;
		}
	}
	e->bytes += t->charged - h->charged;
	h->address = t->address;
	h->charged = t->charged;
	if (e->bytes > e->peak_bytes)
		e->peak_bytes = e->bytes;
	if (HASH_COUNT(e->held) > e->peak_structures)
		e->peak_structures = HASH_COUNT(e->held);
	return 0;
}

/* True: a structure was held there, this one or another. */
static bool let_go(struct evidence *e, const struct transition *t)
{
	struct held *h = find(e, t);

	if (!h)
		return false;
	if (t->kind == T_REUSED && h->address != t->address)
		keep(e, EXAMPLES_REPLACED, t);
	e->bytes -= h->charged;
	HASH_DEL(e->held, h);
	free(h);
	return true;
}

/* Not what has taken its place meanwhile. */
static bool is_held(const struct evidence *e, const struct transition *t)
{
	const struct held *h = find(e, t);

	return h && h->address == t->address;
}

static int hold_retained(void *arg, const struct transition *t)
{
	return t->kind == T_RETAINED ? hold(arg, t) : 0;
}

int evidence_begin(struct evidence *e, struct ledger *ledger)
{
	forget_all(e);
	return ledger_each_structure(ledger, hold_retained, e);
}

/* The removal is the cause, or an online that did not come to its end. */
static bool by_the_node(const struct transition *t)
{
	return t->cause == CAUSE_OFFLINE || t->cause == CAUSE_CANCEL_ONLINE;
}

int evidence_take(struct evidence *e, const struct transition *t)
{
	bool held;

	if (t->kind >= T_STRUCTURE_KINDS)
		return 0;
	if (t->cause < CAUSES)
		e->counts[t->kind][t->cause]++;
	switch (t->kind) {
	case T_RETAINED:
		if (by_the_node(t))
			keep(e, EXAMPLES_RETAINED, t);
		return hold(e, t);
	case T_LATE: return hold(e, t);
	case T_REUSED: let_go(e, t); return 0;
	case T_FREED:
		held = let_go(e, t);
		if (by_the_node(t))
			keep(e, EXAMPLES_FREED, t);
		/* With its cache is how a retained one ends well. */
		else if (held && t->cause != CAUSE_DESTROY && t->cause != CAUSE_CREATE)
			keep(e, EXAMPLES_REPLACED, t);
		return 0;
	case T_LEAKED:
		keep(e, EXAMPLES_LEAKED, t);
		if (is_held(e, t) && let_go(e, t))
			keep(e, EXAMPLES_REPLACED, t);
		return 0;
	case T_ALLOCATED:
		if (let_go(e, t))
			keep(e, EXAMPLES_REPLACED, t);
		return 0;
	default: return 0;
	}
}

const struct examples *evidence_examples(const struct evidence *e, enum example_kind kind)
{
	return &e->examples[kind];
}

__u64 evidence_count(const struct evidence *e, enum transition_kind kind)
{
	__u64 count = 0;

	for (unsigned int cause = 0; cause < CAUSES; cause++)
		count += e->counts[kind][cause];
	return count;
}

__u64 evidence_count_by(const struct evidence *e, enum transition_kind kind,
			enum transition_cause cause)
{
	return e->counts[kind][cause];
}

__u64 evidence_peak_bytes(const struct evidence *e)
{
	return e->peak_bytes;
}

__u64 evidence_peak_structures(const struct evidence *e)
{
	return e->peak_structures;
}

void example_of_transition(struct example *x, const struct transition *t)
{
	*x = (struct example){
		.time_ns = t->time_ns,
		.nid = t->nid,
		.address = t->address,
		.charged = t->charged,
	};
	snprintf(x->event, sizeof(x->event), "%s", transition_kind_name(t->kind));
	if (t->cause != CAUSE_NONE)
		snprintf(x->cause, sizeof(x->cause), "%s", transition_cause_name(t->cause));
	snprintf(x->cache, sizeof(x->cache), "%s", t->cache_name ?: "");
	if (t->task) {
		snprintf(x->comm, sizeof(x->comm), "%.*s", TASK_COMM_LEN - 1, t->task->comm);
		x->pid = t->task->tgid;
	}
}

void example_of_finding(struct example *x, const struct finding_row *row)
{
	*x = (struct example){
		.time_ns = row->first_ns,
		.nid = row->nid,
		.count = row->count,
		.stack_len = row->stack_len < EXAMPLE_FRAMES ? row->stack_len : EXAMPLE_FRAMES,
	};
	snprintf(x->event, sizeof(x->event), "%s %s", finding_tier_name(row->tier),
		 finding_strength_name(row->strength));
	snprintf(x->cache, sizeof(x->cache), "%s", row->cache_name);
	snprintf(x->function, sizeof(x->function), "%s", row->function);
	snprintf(x->source, sizeof(x->source), "%s", row->source);
	snprintf(x->comm, sizeof(x->comm), "%.*s", TASK_COMM_LEN - 1, row->comm);
	for (__u32 i = 0; i < x->stack_len; i++) {
		if (row->frames[i])
			snprintf(x->frames[i], sizeof(x->frames[i]), "%s", row->frames[i]);
		else
			snprintf(x->frames[i], sizeof(x->frames[i]), "0x%llx",
				 (unsigned long long)row->stack[i]);
	}
}

void examples_add(struct examples *all, const struct example *x)
{
	if (all->count < EXAMPLES_KEPT)
		all->kept[all->count] = *x;
	all->count++;
}
