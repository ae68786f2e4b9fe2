// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "model/report.h"

struct report_sets {
	struct node_set missing, holding, empty, homes;
	bool homes_unknown;
	/* Nodes that hold, nodes that do not; and of those, nodes with movable memory. */
	unsigned int nodes[2], movable[2];
};

/* Add a node without memory. */
static void add_absent(struct report_answer *a, struct report_sets *s, const struct report_node *n)
{
	bool holds = n->counts.held || n->counts.barns;

	s->nodes[holds]++;
	s->movable[holds] += n->movable_only;
	s->holding.has[n->nid] = holds;
	s->empty.has[n->nid] = !holds;
	a->held += n->counts.held;
	a->barns += n->counts.barns;
	a->bytes += n->counts.charged;
	s->homes_unknown |= n->unknown_home;
	for (unsigned int home = 0; home < n->home_count && home < MAX_NODES; home++)
		s->homes.has[home] |= n->homes[home] != 0;
}

static enum report_movable movable_of(const struct report_sets *s, bool holds)
{
	return !s->movable[holds]                     ? MOVABLE_NONE
	       : s->movable[holds] == s->nodes[holds] ? MOVABLE_ALL
						      : MOVABLE_SOME;
}

/* Return whether all nodes of the machine have memory. */
static bool all_have_memory(const struct snapshot *s)
{
	for (int nid = 0; nid < MAX_NODES; nid++)
		if (s->possible.has[nid] && !s->memory.has[nid])
			return false;
	return true;
}

static enum report_outcome report_kind(const struct report_answer *a, const struct report *r)
{
	if (*a->missing)
		return REPORT_MISSING;
	if (*a->holding)
		return REPORT_HELD;
	if (*a->empty)
		return REPORT_NOTHING_HELD;
	return all_have_memory(r->snapshot) ? REPORT_ALL_MEMORY : REPORT_NOT_SELECTED;
}

void report_answer_make(struct report_answer *a, const struct report *r)
{
	struct report_sets s = {};

	memset(a, 0, sizeof(*a));
	for (size_t i = 0; i < r->node_count; i++)
		if (!r->nodes[i].has_memory)
			add_absent(a, &s, &r->nodes[i]);
	for (int nid = 0; r->missing_total && nid < MAX_NODES; nid++)
		s.missing.has[nid] = r->missing[nid] != 0;
	a->slabs = &r->slabs;
	a->missing_count = r->missing_total;
	a->caches = r->caches_holding;
	a->holding_movable = movable_of(&s, true);
	a->empty_movable = movable_of(&s, false);
	node_set_format(&s.missing, a->missing, sizeof(a->missing));
	node_set_format(&s.holding, a->holding, sizeof(a->holding));
	node_set_format(&s.empty, a->empty, sizeof(a->empty));
	node_set_format(&r->snapshot->slabs_of, a->slabs_of, sizeof(a->slabs_of));
	if (!s.homes_unknown)
		node_set_format(&s.homes, a->homes, sizeof(a->homes));
	a->kind = report_kind(a, r);
}

const char *report_outcome_name(enum report_outcome kind)
{
	static const char *const names[REPORT_OUTCOMES] = {
		[REPORT_MISSING] = "missing",
		[REPORT_HELD] = "held",
		[REPORT_NOTHING_HELD] = "nothing-held",
		[REPORT_NOT_SELECTED] = "not-selected",
		[REPORT_ALL_MEMORY] = "all-have-memory",
	};

	return names[kind];
}
