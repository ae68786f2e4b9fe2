// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include "base/filter.h"
#include "base/node_set.h"
#include "model/accesses.h"
#include "model/freed_set.h"
#include "model/kmalloc.h"
#include "model/model.h"
#include "model/symbols.h"

struct model {
	struct model_observer observer;
	struct session_record session;
	const struct filter *filter;
	struct ledger *ledger;
	struct ledger_sizes sizes;
	struct kmalloc kmalloc;
	struct freed_set *freed;
	struct symbols *symbols;
	struct coverage coverage;
	struct evidence *evidence;
	struct changes *changes;
	struct offlines *offlines;
	struct accesses *accesses;
	struct findings *findings;
	unsigned int caches;  /* by the last complete walk */
	bool walk_complete;   /* of the last walk over all caches */
	int error;            /* of RECORD_END */
	enum stopped stopped; /* likewise */
	bool partial;         /* likewise */
};

/* Take a transition that the ledger reports. */
static void model_transition(void *context, const struct transition *t)
{
	struct model *m = context;

	evidence_take(m->evidence, t);
	if (m->observer.transition)
		m->observer.transition(m->observer.context, t);
	changes_take(m->changes, t);
}

struct model *model_new(const struct filter *filter, const struct model_observer *observer)
{
	struct model *m = calloc(1, sizeof(*m));
	const struct ledger_ops ledger = { m, model_transition, filter };

	if (!m)
		return NULL;
	m->observer = *observer;
	m->filter = filter;
	m->evidence = evidence_new();
	m->changes = changes_new(&(struct changes_ops){
		.change = observer->change,
		.context = observer->context,
		.filter = filter,
		.session = &m->session,
	});
	m->offlines = offlines_new(&(struct offlines_ops){
		.context = observer->context,
		.failed = observer->offline_failed,
		.filter = filter,
		.session = &m->session,
	});
	m->ledger = ledger_new(&ledger, &m->sizes);
	m->freed = freed_set_new();
	m->symbols = symbols_new();
	m->findings = findings_new(&(struct findings_ops){
		.finding = observer->finding,
		.context = observer->context,
		.filter = filter,
		.coverage = &m->coverage,
	});
	m->accesses = accesses_new(&(struct accesses_parts){
		.session = &m->session,
		.freed = m->freed,
		.symbols = m->symbols,
		.coverage = &m->coverage,
		.findings = m->findings,
	});
	if (m->evidence && m->changes && m->offlines && m->ledger && m->freed && m->symbols &&
	    m->findings && m->accesses)
		return m;
	model_free(m);
	return NULL;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	accesses_free(m->accesses);
	findings_free(m->findings);
	symbols_free(m->symbols);
	freed_set_free(m->freed);
	ledger_free(m->ledger);
	offlines_free(m->offlines);
	changes_free(m->changes);
	evidence_free(m->evidence);
	free(m);
}

static int model_feed_session(struct model *m, const struct session_record *r)
{
	m->session = *r;
	m->sizes.structure_requested = r->layout.size;
	m->sizes.barn_requested = r->barn_bytes;
	ledger_set_sizes(m->ledger, &m->sizes);
	if (m->observer.session)
		m->observer.session(m->observer.context, r);
	return 0;
}

/* Learn the sizes of kmem_cache_node and of the buckets. Returns as ledger_feed(). */
static int model_feed_cache(struct model *m, const struct cache_record *r)
{
	kmalloc_learn(&m->kmalloc, r->name, r->object_size, r->size);
	if (!strcmp(r->name, "kmem_cache_node"))
		m->sizes.structure_charged = r->size;
	m->sizes.barn_charged = kmalloc_charged(&m->kmalloc, m->sizes.barn_requested);
	ledger_set_sizes(m->ledger, &m->sizes);
	return ledger_feed(m->ledger, &r->head);
}

static int model_feed_walk(struct model *m, const struct walk_record *r)
{
	bool all = r->reason != WALK_BEFORE && r->reason != WALK_AFTER;

	if (r->reason == WALK_SLABS) {
		offlines_walk(m->offlines, r);
		return 0;
	}
	if (all && r->phase == PHASE_END) {
		m->walk_complete = r->complete;
		if (r->complete)
			m->caches = r->caches;
	}
	return ledger_feed(m->ledger, &r->head);
}

static int model_feed_lost(struct model *m, const struct lost_record *r)
{
	if (m->observer.lost)
		m->observer.lost(m->observer.context, r);
	return ledger_feed(m->ledger, &r->head);
}

static int model_feed_node(struct model *m, const struct node_record *r)
{
	int err = ledger_feed(m->ledger, &r->head);

	if (r->phase == PHASE_END)
		changes_end(m->changes, r);
	return err;
}

static int model_feed_blocks(struct model *m, const struct blocks_record *r)
{
	if (ledger_node_has_memory(m->ledger, r->nid))
		changes_blocks(m->changes, r);
	return ledger_feed(m->ledger, &r->head);
}

static int model_feed_clock(struct model *m, const struct record *r)
{
	accesses_settle(m->accesses, r->time_ns, false);
	changes_settle(m->changes, r->time_ns, false);
	offlines_settle(m->offlines, r->time_ns, false);
	return 0;
}

static int model_feed_end(struct model *m, const struct end_record *r)
{
	accesses_settle(m->accesses, r->head.time_ns, true);
	ledger_finish(m->ledger);
	changes_settle(m->changes, r->head.time_ns, true);
	offlines_settle(m->offlines, r->head.time_ns, true);
	m->error = r->error;
	m->stopped = r->stopped;
	m->partial = r->partial;
	return 0;
}

int model_feed(struct model *m, const struct record *r)
{
	switch (r->type) {
	case RECORD_SESSION: return model_feed_session(m, (const void *)r);
	case RECORD_CACHE: return model_feed_cache(m, (const void *)r);
	case RECORD_WALK: return model_feed_walk(m, (const void *)r);
	case RECORD_LOST: return model_feed_lost(m, (const void *)r);
	case RECORD_NODE: return model_feed_node(m, (const void *)r);
	case RECORD_BLOCKS: return model_feed_blocks(m, (const void *)r);
	case RECORD_OFFLINE: return offlines_feed(m->offlines, (const void *)r);
	case RECORD_SLABS: return offlines_slabs(m->offlines, (const void *)r);
	case RECORD_BARNS:
	case RECORD_OBJECT:
	case RECORD_STRUCTURE: return ledger_feed(m->ledger, r);
	case RECORD_ACCESS:
	case RECORD_CANARY:
	case RECORD_FREER: return accesses_feed(m->accesses, r);
	case RECORD_TIER: coverage_feed_tier(&m->coverage, (const void *)r); return 0;
	case RECORD_COVERAGE: coverage_feed(&m->coverage, (const void *)r); return 0;
	case RECORD_SYMBOL: return symbols_feed(m->symbols, (const void *)r);
	case RECORD_FREED: return freed_set_feed(m->freed, (const void *)r);
	case RECORD_CLOCK: return model_feed_clock(m, r);
	case RECORD_END: return model_feed_end(m, (const void *)r);
	}
	return -EINVAL;
}

struct ledger *model_ledger(const struct model *m)
{
	return m->ledger;
}

const struct findings *model_findings(const struct model *m)
{
	return m->findings;
}

const struct evidence *model_evidence(const struct model *m)
{
	return m->evidence;
}

const struct changes *model_changes(const struct model *m)
{
	return m->changes;
}

const struct coverage *model_coverage(const struct model *m)
{
	return &m->coverage;
}

const struct session_record *model_session(const struct model *m)
{
	return &m->session;
}

bool model_waiting(const struct model *m)
{
	return accesses_waiting(m->accesses);
}

__u64 model_next_ns(const struct model *m)
{
	__u64 changes_ns = changes_next_ns(m->changes);
	__u64 offlines_ns = offlines_next_ns(m->offlines);

	return changes_ns < offlines_ns ? changes_ns : offlines_ns;
}

bool model_walk_complete(const struct model *m)
{
	return m->walk_complete;
}

static int match_cache(void *glob, const struct ledger_cache *c)
{
	return !fnmatch(glob, c->name, 0);
}

bool model_matches(const struct model *m, const char *glob)
{
	/* Without memory for the search, the pattern is not reported as one that matches nothing. */
	return ledger_each_cache(m->ledger, match_cache, (void *)glob);
}

/* Find the first pattern of --cache that no cache matches. Returns it, or NULL. */
static const char *model_unmatched(const struct model *m)
{
	for (unsigned int i = 0; m->filter && i < m->filter->glob_count; i++)
		if (!model_matches(m, m->filter->globs[i]))
			return m->filter->globs[i];
	return NULL;
}

void model_caveats(const struct model *m, struct caveats *c)
{
	const struct ledger_counts *counts = ledger_totals(m->ledger);
	const struct caveat_facts facts = {
		.trust = ledger_trust(m->ledger),
		.coverage = &m->coverage,
		.error = m->error,
		.stopped = m->stopped,
		.partial = m->partial,
		.unattached = m->session.differences_only ? m->session.unattached : NULL,
		.walk_complete = m->walk_complete,
		.nothing_selected = m->walk_complete && !ledger_counts_any(counts),
		.unmatched = model_unmatched(m),
		.freed = counts->freed || counts->dangling,
	};

	caveats_find(c, &facts);
}

void model_answer(const struct model *m, struct answer *a)
{
	struct caveats caveats;
	const struct answer_facts facts = {
		.ledger = m->ledger,
		.evidence = m->evidence,
		.changes = m->changes,
		.findings = m->findings,
		.coverage = &m->coverage,
		.caveats = &caveats,
		.session = &m->session,
		.filter = m->filter,
	};

	model_caveats(m, &caveats);
	answer_make(a, &facts);
}

struct node_lists {
	struct node_set possible, memory, movable, absent;
};

static int add_node(void *arg, const struct ledger_node *n)
{
	struct node_lists *lists = arg;

	lists->possible.has[n->nid] = true;
	lists->memory.has[n->nid] = n->has_memory;
	lists->movable.has[n->nid] = n->movable_only;
	lists->absent.has[n->nid] = !n->has_memory && !n->movable_only;
	return 0;
}

void model_facts(const struct model *m, struct facts *f)
{
	const struct ledger_counts *counts = ledger_totals(m->ledger);
	struct node_lists lists = {};

	f->session = &m->session;
	f->caches = m->caches;
	f->structures = counts->live_now + counts->retained_now;
	ledger_each_node(m->ledger, add_node, &lists);
	node_set_format(&lists.possible, f->nodes, sizeof(f->nodes));
	node_set_format(&lists.memory, f->memory, sizeof(f->memory));
	node_set_format(&lists.movable, f->movable, sizeof(f->movable));
	node_set_format(&lists.absent, f->absent, sizeof(f->absent));
	f->filter = m->filter;
	*f->only = '\0';
	if (m->filter && m->filter->by_node)
		node_set_format(&m->filter->nodes, f->only, sizeof(f->only));
}
