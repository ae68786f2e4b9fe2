// SPDX-License-Identifier: GPL-2.0-only
#include "model/ledger_emit.h"

static void tally_add(struct tally *t, enum transition_kind kind, bool barn)
{
	t->allocated += kind == T_ALLOCATED;
	t->freed += kind == T_FREED;
	t->retained += kind == T_RETAINED;
	t->reused += kind == T_REUSED;
	t->leaked += kind == T_LEAKED;
	t->late += kind == T_LATE;
	t->same_address += kind == T_SAME_ADDRESS;
	t->dangling += kind == T_DANGLING;
	t->missing += kind == T_MISSING;
	t->leaked_barns += kind == T_LEAKED && barn;
}

static void tally_no_leak(struct tally *t, bool barn)
{
	t->leaked--;
	t->leaked_barns -= barn;
}

/* Uncount a leak that turned out to be none. */
static void emit_no_leak(struct ledger *l, const struct transition *t, struct tally *of_cache)
{
	if (of_cache)
		tally_no_leak(of_cache, t->barn);
	tally_no_leak(&l->nodes[t->nid]->tally, t->barn);
	tally_no_leak(&l->tally, t->barn);
}

bool is_away(enum transition_cause cause, bool retained)
{
	switch (cause) {
	case CAUSE_OFFLINE:
	case CAUSE_CANCEL_ONLINE: return true;
	case CAUSE_CREATE:
	case CAUSE_DESTROY: return false;
	default: return retained;
	}
}

void emit_bytes(const struct ledger *l, struct transition *t)
{
	bool retained = t->kind == T_RETAINED || t->kind == T_LATE || t->kind == T_REUSED ||
			t->kind == T_SAME_ADDRESS;

	if (t->kind == T_MISSING)
		return; /* it takes no bytes */
	t->requested = l->sizes.structure_requested;
	t->charged = l->sizes.structure_charged;
	if (t->barn && !(retained && node_uses_barns(l, t->nid))) {
		t->requested += l->sizes.barn_requested;
		t->charged += l->sizes.barn_charged;
	}
}

/* Report a transition; the records of differences between two walks name no task. */
static void emit_transition(struct ledger *l, struct transition *t)
{
	if (t->task && !t->task->comm[0] && !t->task->tid)
		t->task = NULL;
	l->ops.transition(l->ops.context, t);
}

void emit_structure(struct ledger *l, struct transition *t, struct tally *of_cache)
{
	if (!ledger_wants(l, t->cache_name, t->nid))
		return;
	if (of_cache)
		tally_add(of_cache, t->kind, t->barn);
	tally_add(&l->nodes[t->nid]->tally, t->kind, t->barn);
	tally_add(&l->tally, t->kind, t->barn);
	if (t->was_leaked)
		emit_no_leak(l, t, of_cache);
	if (!l->ops.transition)
		return;
	emit_bytes(l, t);
	emit_transition(l, t);
}

static bool was_retained(const struct node_ptr *p, enum transition_kind kind)
{
	switch (kind) {
	case T_REUSED: return true;
	case T_SAME_ADDRESS: return p->retained || p->was_retained;
	case T_DANGLING:
	case T_FREED: return p->retained;
	case T_ALLOCATED:
	case T_LATE: return p->was_retained;
	default: return false;
	}
}

static struct transition transition_of(const struct node_ptr *p, enum transition_kind kind,
				       enum transition_cause cause, const struct record *e)
{
	return (struct transition){
		.kind = kind,
		.cause = cause,
		.time_ns = e->time_ns,
		.nid = p->nid,
		.cache = p->cache->address,
		.cache_name = p->cache->name,
		.address = p->address,
		.barn = p->barn,
		.was_retained = was_retained(p, kind),
		.away = (kind == T_FREED && is_away(cause, p->retained)) ||
			(kind == T_DANGLING && p->retained),
		.task = e,
	};
}

void emit_node_ptr(struct ledger *l, const struct node_ptr *p, enum transition_kind kind,
		   enum transition_cause cause, const struct record *e)
{
	struct transition t = transition_of(p, kind, cause, e);

	emit_structure(l, &t, &p->cache->tally);
}

void emit_observed(struct ledger *l, const struct node_ptr *p, enum transition_kind kind,
		   __u64 time_ns)
{
	const struct record e = { .time_ns = time_ns };

	emit_node_ptr(l, p, kind, CAUSE_NONE, &e);
}

void emit_same_address(struct ledger *l, const struct node_ptr *p, const struct leak *leak,
		       enum transition_cause cause, const struct record *e)
{
	struct transition t = transition_of(p, T_SAME_ADDRESS, cause, e);

	t.was_leaked = leak->reported;
	t.away = leak->away;
	t.unobserved = true;
	emit_structure(l, &t, &p->cache->tally);
}

void emit_return(struct ledger *l, const struct node_ptr *p, bool observed, const struct record *e)
{
	bool known = p->unaccounted != ALLOCATIONS_UNKNOWN && p->unaccounted == l->unaccounted &&
		     !p->free_walk;
	struct transition t = transition_of(p, known ? T_REUSED : T_SAME_ADDRESS, CAUSE_ONLINE, e);

	t.unobserved = !known && !observed && !p->late;
	emit_structure(l, &t, &p->cache->tally);
}

void emit_cache(struct ledger *l, const struct cache *c, enum transition_kind kind,
		const char *alias, const struct record *e)
{
	struct transition t = {
		.kind = kind,
		.time_ns = e->time_ns,
		.nid = -1,
		.cache = c->address,
		.cache_name = c->name,
		.alias = alias,
		.task = e,
	};

	if (l->ops.transition && ledger_wants(l, c->name, -1))
		emit_transition(l, &t);
}

void emit_node(struct ledger *l, const struct node_record *e, int error)
{
	bool movable_only = e->nid < 0;
	struct transition t = {
		.kind = T_NODE,
		.time_ns = e->head.time_ns,
		.nid = movable_only ? e->any_nid : e->nid,
		.node = e->transition,
		.movable_only = movable_only,
		.error = error,
		.task = &e->head,
	};

	if (l->ops.transition && ledger_wants(l, NULL, t.nid))
		emit_transition(l, &t);
}
