// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include "base/node_set.h"
#include "model/behaviour.h"

struct removed {
	struct behaviour *behaviour;
	struct node_set nodes;
};

static int count_node(void *arg, const struct ledger_node *n)
{
	const struct ledger_counts *c = &n->counts;
	struct removed *r = arg;

	r->behaviour->removals += n->offlines;
	r->behaviour->returns += n->onlines;
	if (n->offlines && n->nid < MAX_NODES)
		r->nodes.has[n->nid] = true;
	if (n->offlines > n->movable_offlines)
		r->behaviour->watched |= c->retained || c->freed || c->leaked || c->dangling;
	return 0;
}

/* The ways in which a kernel treats the structures of a removed node, or some of them. */
struct deed {
	__u64 count;
	const char *alone, *some;
};

/* Name the observed behaviour. */
static void name_behaviour(struct behaviour *b, const struct evidence_away *away)
{
	const struct deed deeds[] = {
		{ b->freed, "frees", "frees some" },
		{ b->retained, "retains", "retains some" },
		{ away->leaked, "leaks", "leaks some" },
		{ away->dangling, "leaves dangling pointers", "leaves some dangling" },
	};
	const unsigned int nr = sizeof(deeds) / sizeof(deeds[0]);
	unsigned int kinds = 0, named = 0;
	size_t at = 0;

	for (unsigned int i = 0; i < nr; i++)
		kinds += deeds[i].count != 0;
	for (unsigned int i = 0; i < nr; i++) {
		const char *before = !named ? "" : named + 1 == kinds ? " and " : ", ";

		if (!deeds[i].count)
			continue;
		at += snprintf(b->does + at, sizeof(b->does) - at, "%s%s", before,
			       kinds > 1 ? deeds[i].some : deeds[i].alone);
		named++;
	}
	if (!kinds)
		snprintf(b->does, sizeof(b->does), "%s",
			 b->removals ? "has no structures for the removed nodes"
				     : "was not seen at a removal");
}

void behaviour_make(struct behaviour *b, struct ledger *l, const struct evidence *e,
		    const struct findings *f)
{
	const struct ledger_counts *now = ledger_totals(l);
	struct removed removed = { .behaviour = b };

	memset(b, 0, sizeof(*b));
	b->retained_now = now->retained_now;
	b->retained_now_bytes = now->retained_charged;
	b->leaked = now->leaked;
	b->late = now->late;
	b->reused = now->reused;
	b->same_address = now->same_address;
	b->dangling = now->dangling;
	b->missing = now->missing;
	b->freed = evidence_examples(e, EXAMPLES_FREED)->count;
	b->retained = evidence_examples(e, EXAMPLES_RETAINED)->count;
	/* A structure that was retained at first, and then freed, was not retained. */
	b->retained -= evidence_away(e)->ended < b->retained ? evidence_away(e)->ended
							     : b->retained;
	b->allocated = evidence_count(e, T_ALLOCATED);
	b->peak_bytes = ledger_peak(l).charged;
	b->peak_structures = ledger_peak(l).structures;
	for (unsigned int tier = 0; tier < TIERS; tier++)
		for (unsigned int s = 0; s < STRENGTHS; s++)
			b->findings[s] += findings_count(f, tier, s);
	ledger_each_node(l, count_node, &removed);
	node_set_format(&removed.nodes, b->removed, sizeof(b->removed));
	name_behaviour(b, evidence_away(e));
}

const char *behaviour_name(const struct behaviour *b)
{
	return b->does;
}
