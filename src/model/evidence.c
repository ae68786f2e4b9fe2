// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "model/evidence.h"

struct evidence {
	__u64 counts[T_STRUCTURE_KINDS];
	struct examples examples[EXAMPLE_KINDS];
	struct evidence_away away;
};

struct evidence *evidence_new(void)
{
	return calloc(1, sizeof(struct evidence));
}

void evidence_free(struct evidence *e)
{
	free(e);
}

/* Count an example, and describe it only if there is room. */
static void evidence_keep(struct evidence *e, enum example_kind kind, const struct transition *t)
{
	struct examples *all = &e->examples[kind];

	if (all->count < EXAMPLES_KEPT)
		example_of_transition(&all->kept[all->count], t);
	all->count++;
}

/* Return true if the cause is the removal of the node, or an online that was cancelled. */
static bool by_the_node(const struct transition *t)
{
	return t->cause == CAUSE_OFFLINE || t->cause == CAUSE_CANCEL_ONLINE;
}

/* Return true if a retained structure is replaced or lost, other than with its cache. */
static bool is_replaced(const struct transition *t)
{
	if (!t->was_retained || t->kind == T_REUSED || t->kind == T_SAME_ADDRESS ||
	    t->kind == T_DANGLING)
		return false;
	/* A free because of the removal, late or not, is kept as such. */
	return t->kind != T_FREED ||
	       (!t->away && t->cause != CAUSE_DESTROY && t->cause != CAUSE_CREATE);
}

/* Forget a leak that turned out to be a late free. */
static void evidence_no_leak(struct evidence *e, const struct transition *t)
{
	struct examples *leaked = &e->examples[EXAMPLES_LEAKED];
	__u64 kept = leaked->count < EXAMPLES_KEPT ? leaked->count : EXAMPLES_KEPT;

	for (__u64 i = 0; i < kept; i++) {
		if (leaked->kept[i].address != t->address)
			continue;
		memmove(&leaked->kept[i], &leaked->kept[i + 1],
			(kept - i - 1) * sizeof(leaked->kept[0]));
		break;
	}
	leaked->count--;
	e->counts[T_LEAKED]--;
	e->away.leaked -= t->away;
}

/* Count a transition that ends a structure because its node was removed. */
static void evidence_take_away(struct evidence_away *a, const struct transition *t)
{
	bool was_there = t->away && !by_the_node(t) && !t->was_leaked;

	a->leaked += t->kind == T_LEAKED && t->away;
	a->dangling += t->kind == T_DANGLING && t->away;
	a->ended += was_there;
	a->unconfirmed += t->kind == T_SAME_ADDRESS && t->unobserved;
}

void evidence_take(struct evidence *e, const struct transition *t)
{
	if (t->kind >= T_STRUCTURE_KINDS)
		return;
	e->counts[t->kind]++;
	if (t->was_leaked)
		evidence_no_leak(e, t);
	evidence_take_away(&e->away, t);
	if (t->kind == T_RETAINED && by_the_node(t))
		evidence_keep(e, EXAMPLES_RETAINED, t);
	if (t->kind == T_FREED && t->away)
		evidence_keep(e, EXAMPLES_FREED, t);
	if (t->kind == T_LEAKED)
		evidence_keep(e, EXAMPLES_LEAKED, t);
	if (t->kind == T_DANGLING)
		evidence_keep(e, EXAMPLES_DANGLING, t);
	if (t->kind == T_MISSING)
		evidence_keep(e, EXAMPLES_MISSING, t);
	if (is_replaced(t))
		evidence_keep(e, EXAMPLES_REPLACED, t);
}

const struct examples *evidence_examples(const struct evidence *e, enum example_kind kind)
{
	return &e->examples[kind];
}

const struct evidence_away *evidence_away(const struct evidence *e)
{
	return &e->away;
}

__u64 evidence_count(const struct evidence *e, enum transition_kind kind)
{
	return e->counts[kind];
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

/* Copy the innermost frames of a stack. Returns their number. */
static __u32 copy_frames(char to[EXAMPLE_FRAMES][96], char *const *frames, const __u64 *stack,
			 __u32 len)
{
	if (len > EXAMPLE_FRAMES)
		len = EXAMPLE_FRAMES;
	for (__u32 i = 0; i < len; i++) {
		if (frames[i])
			snprintf(to[i], sizeof(to[i]), "%s", frames[i]);
		else
			snprintf(to[i], sizeof(to[i]), "0x%llx", stack ? stack[i] : 0);
	}
	return len;
}

void example_of_finding(struct example *x, const struct finding_row *row)
{
	*x = (struct example){
		.time_ns = row->first_ns,
		.nid = row->nid,
		.count = row->counts[row->strength],
		.pid = row->tgid,
		.freed_ns = row->freed_ns,
		.freer_pid = row->freer_tgid,
	};
	snprintf(x->event, sizeof(x->event), "%s %s", finding_tier_name(row->tier),
		 finding_strength_name(row->strength));
	snprintf(x->cache, sizeof(x->cache), "%s", row->cache_name);
	snprintf(x->function, sizeof(x->function), "%s", row->function);
	snprintf(x->source, sizeof(x->source), "%s", row->source);
	snprintf(x->comm, sizeof(x->comm), "%.*s", TASK_COMM_LEN - 1, row->comm);
	snprintf(x->freer_comm, sizeof(x->freer_comm), "%.*s", TASK_COMM_LEN - 1, row->freer_comm);
	x->stack_len = copy_frames(x->frames, row->frames, row->stack, row->stack_len);
	x->freer_stack_len =
		copy_frames(x->freer_frames, row->freer_frames, NULL, row->freer_stack_len);
}

void examples_add(struct examples *all, const struct example *x)
{
	if (all->count < EXAMPLES_KEPT)
		all->kept[all->count] = *x;
	all->count++;
}

void examples_merge(struct examples *all, const struct examples *more)
{
	for (__u64 i = 0; i < more->count && i < EXAMPLES_KEPT; i++)
		if (all->count + i < EXAMPLES_KEPT)
			all->kept[all->count + i] = more->kept[i];
	all->count += more->count;
}
