// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include "base/node_set.h"
#include "model/answer.h"

/* The sets of nodes that the answer names. */
struct node_sets {
	struct answer *answer;
	struct node_set gone, absent, added, movable, movable_changed, unfinished, cancelled;
};

static int answer_node(void *arg, const struct ledger_node *n)
{
	struct node_sets *s = arg;
	bool gone = n->offlines > n->movable_offlines && !n->has_memory;

	s->absent.has[n->nid] = !n->has_memory && !n->movable_only;
	s->added.has[n->nid] = n->onlines && n->has_memory;
	s->movable.has[n->nid] = n->movable_only;
	s->cancelled.has[n->nid] = n->cancelled_offlines != 0;
	s->gone.has[n->nid] = gone;
	s->answer->some_not_gone |= n->offlines && !gone;
	if (!gone)
		return 0;
	s->answer->gone_movable |= n->movable_only;
	s->answer->gone_without |= !n->movable_only;
	s->answer->held += n->counts.retained_now;
	s->answer->held_bytes += n->counts.retained_charged;
	return 0;
}

static int answer_changes(void *arg, const struct changed_node *n)
{
	struct node_sets *s = arg;

	s->unfinished.has[n->nid] = n->going_offline != 0;
	s->movable_changed.has[n->nid] = n->movable_changes != 0;
	s->answer->begin_unseen |= n->begin_unseen;
	s->answer->allocated += n->allocated;
	if (n->blocks && n->blocks->gone && n->blocks->online)
		s->answer->blocks = n->blocks;
	return 0;
}

static void answer_nodes(struct answer *a, const struct answer_facts *f)
{
	struct node_sets s = { .answer = a };

	ledger_each_node(f->ledger, answer_node, &s);
	changes_each(f->changes, answer_changes, &s);
	node_set_format(&s.gone, a->gone, sizeof(a->gone));
	a->back = !*a->gone;
	node_set_format(&s.absent, a->absent, sizeof(a->absent));
	node_set_format(&s.added, a->added, sizeof(a->added));
	node_set_format(&s.movable, a->movable, sizeof(a->movable));
	node_set_format(&s.movable_changed, a->movable_changed, sizeof(a->movable_changed));
	node_set_format(&s.unfinished, a->unfinished, sizeof(a->unfinished));
	node_set_format(&s.cancelled, a->cancelled, sizeof(a->cancelled));
}

static int answer_finding(void *arg, const struct finding_row *row)
{
	struct answer *a = arg;

	if (a->worst && row->strength < a->worst->strength)
		return 0;
	if (a->worst && row->strength == a->worst->strength) {
		a->other_places++;
		return 0;
	}
	a->worst = row;
	a->other_places = 0;
	return 0;
}

static void answer_reason(struct answer *a, const struct caveats *c)
{
	for (unsigned int i = 0; i < c->count; i++) {
		if (c->list[i].verdict_only)
			continue;
		if (*a->reason)
			a->other_reasons++;
		else
			snprintf(a->reason, sizeof(a->reason), "%s", c->list[i].reason);
	}
}

static void answer_coverage(struct answer *a, const struct answer_facts *f)
{
	__u64 freed = evidence_count(f->evidence, T_FREED);

	a->freed_with_caches = freed > a->behaviour.freed ? freed - a->behaviour.freed : 0;
	a->accesses_sought = f->session->accesses_sought;
	if (a->accesses_sought && !coverage_missing(f->coverage, TIER_WATCHPOINT))
		a->watched = coverage_watched(f->coverage);
	if (a->watched < 0)
		a->watched = 0;
}

static enum nothing answer_nothing(const struct answer *a)
{
	if (*a->unfinished)
		return NOTHING_UNFINISHED;
	if (a->blocks)
		return NOTHING_BLOCKS;
	if (*a->movable_changed)
		return NOTHING_MOVABLE;
	if (a->behaviour.removals)
		return NOTHING_SELECTED;
	return *a->cancelled ? NOTHING_CANCELLED : NOTHING_CHANGED;
}

static enum outcome_kind answer_kind(const struct answer *a)
{
	const struct behaviour *b = &a->behaviour;

	if (b->findings[STRENGTH_CONFIRMED] || b->findings[STRENGTH_EXPOSURE])
		return OUTCOME_UNSAFE;
	if (b->dangling)
		return OUTCOME_DANGLING;
	if (b->leaked)
		return OUTCOME_LEAKED;
	if (b->missing)
		return OUTCOME_MISSING;
	if (b->findings[STRENGTH_SUSPECT])
		return OUTCOME_SUSPECT;
	if (*a->reason)
		return OUTCOME_INCONCLUSIVE;
	if (b->freed || a->freed_with_caches)
		return coverage_percent(a->watched) < 100 ? OUTCOME_PARTLY_COVERED : OUTCOME_FREED;
	if (b->retained)
		return a->back ? OUTCOME_REUSED : OUTCOME_HELD;
	if (!b->removals && *a->added)
		return OUTCOME_ADDED;
	return OUTCOME_NOTHING;
}

void answer_make(struct answer *a, const struct answer_facts *f)
{
	memset(a, 0, sizeof(*a));
	behaviour_make(&a->behaviour, f->ledger, f->evidence, f->findings);
	a->leaked_away = evidence_away(f->evidence)->leaked;
	a->dangling_away = evidence_away(f->evidence)->dangling;
	a->leaked_bytes = ledger_totals(f->ledger)->leaked_charged;
	a->by_node = f->filter && f->filter->by_node;
	answer_nodes(a, f);
	findings_each(f->findings, answer_finding, a);
	answer_reason(a, f->caveats);
	answer_coverage(a, f);
	a->kind = answer_kind(a);
	a->nothing = answer_nothing(a);
}

const char *outcome_name(enum outcome_kind kind)
{
	static const char *const names[OUTCOME_KINDS] = {
		[OUTCOME_UNSAFE] = "unsafe",
		[OUTCOME_DANGLING] = "dangling",
		[OUTCOME_LEAKED] = "leaked",
		[OUTCOME_MISSING] = "missing",
		[OUTCOME_SUSPECT] = "suspect",
		[OUTCOME_INCONCLUSIVE] = "inconclusive",
		[OUTCOME_PARTLY_COVERED] = "partly-covered",
		[OUTCOME_FREED] = "freed",
		[OUTCOME_HELD] = "held",
		[OUTCOME_REUSED] = "reused",
		[OUTCOME_ADDED] = "added",
		[OUTCOME_NOTHING] = "nothing",
	};

	return names[kind];
}
