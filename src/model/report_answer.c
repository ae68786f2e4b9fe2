// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "model/report_answer.h"

struct report_sets {
	struct node_set missing, holding, empty, homes;
	bool homes_unknown, not_movable;
};

/* Add a node without memory. */
static void add_absent(struct report_answer *a, struct report_sets *s, const struct report_node *n)
{
	s->not_movable |= !n->movable_only && n->counts.held;
	s->holding.has[n->nid] = n->counts.held;
	s->empty.has[n->nid] = !n->counts.held;
	a->held += n->counts.held;
	a->bytes += n->counts.charged;
	s->homes_unknown |= n->unknown_home;
	for (unsigned int home = 0; home < n->home_count && home < MAX_NODES; home++)
		s->homes.has[home] |= n->homes[home];
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
	for (int nid = 0; nid < MAX_NODES; nid++)
		s.missing.has[nid] = r->missing[nid];
	a->missing_count = r->missing_total;
	a->caches = r->caches_holding;
	a->movable_only = !s.not_movable;
	node_set_format(&s.missing, a->missing, sizeof(a->missing));
	node_set_format(&s.holding, a->holding, sizeof(a->holding));
	node_set_format(&s.empty, a->empty, sizeof(a->empty));
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
