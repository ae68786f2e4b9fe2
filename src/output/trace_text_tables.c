// SPDX-License-Identifier: GPL-2.0-only
/* Text of `trace': the tables at the end, as far as they say more than the lines before. */
#include <string.h>
#include "base/columns.h"
#include "base/terminal.h"
#include "base/text.h"
#include "model/usual.h"
#include "output/counts.h"
#include "output/trace_view.h"

#define NAME_ROOM  (4 * CACHE_NAME_LEN + 1)
#define NAME_WIDTH 22
#define CACHES_MAX 10 /* that differ; --by-cache prints all */

/* --- the caches --- */

struct cache_table {
	struct view *v;
	struct usual usual;
	struct columns columns;
	unsigned int rows, hidden;
};

/* Return whether structures changed, or some are held. */
static bool has_counts(const struct ledger_counts *c)
{
	return c->allocated | c->freed | c->retained | c->reused | c->same_address | c->leaked |
	       c->dangling | c->missing | c->late | c->retained_now;
}

/* Return whether a cache has a row: with --by-cache each to which something happened. */
static bool has_row(const struct cache_table *t, const struct ledger_cache *c)
{
	return t->v->by_cache ? has_counts(&c->counts) : usual_differs(&t->usual, c);
}

static int see_cache(void *arg, const struct ledger_cache *c)
{
	struct cache_table *t = arg;

	if (!has_row(t, c))
		return 0;
	t->rows++;
	columns_see(&t->columns, &c->counts);
	return 0;
}

static int put_cache_row(void *arg, const struct ledger_cache *c)
{
	struct cache_table *t = arg;
	char name[NAME_ROOM];

	if (!has_row(t, c))
		return 0;
	if (!t->v->by_cache && t->rows == CACHES_MAX) {
		t->hidden++;
		return 0;
	}
	t->rows++;
	fprintf(t->v->out, "%-*.*s", NAME_WIDTH, NAME_WIDTH,
		escape_text(name, sizeof(name), c->name));
	columns_row(t->v->out, &t->columns, &c->counts);
	fputc('\n', t->v->out);
	return 0;
}

static void put_caches(struct view *v, struct ledger *l)
{
	struct cache_table t = { .v = v, .columns.fields = ledger_counts_fields };

	usual_find(&t.usual, l);
	ledger_each_cache(l, see_cache, &t);
	if (!t.rows)
		return;
	columns_see(&t.columns, &t.usual.counts);
	columns_fit(&t.columns, (v->columns ?: TABLE_COLUMNS) - NAME_WIDTH);
	trace_text_gap(v);
	v->gap = false;
	fprintf(v->out, "%-*s", NAME_WIDTH, v->by_cache ? "CACHE" : "CACHES THAT DIFFER");
	columns_head(v->out, &t.columns);
	fputc('\n', v->out);
	t.rows = 0;
	ledger_each_cache(l, put_cache_row, &t);
	if (t.hidden)
		fprintf(v->out, "and %u more; --by-cache lists all\n", t.hidden);
	if (v->by_cache)
		return;
	fprintf(v->out, "each of the other %-4llu", t.usual.caches);
	columns_row(v->out, &t.columns, &t.usual.counts);
	fputc('\n', v->out);
}

/* --- the nodes --- */

struct node_table {
	struct view *v;
	struct columns columns;
	unsigned int rows;
	__u64 removals;
};

static int see_node(void *arg, const struct ledger_node *n)
{
	struct node_table *t = arg;

	if (!has_counts(&n->counts))
		return 0;
	t->rows++;
	t->removals += n->offlines;
	columns_see(&t->columns, &n->counts);
	return 0;
}

static int put_node_row(void *arg, const struct ledger_node *n)
{
	struct node_table *t = arg;
	char label[48];

	if (!has_counts(&n->counts))
		return 0;
	snprintf(label, sizeof(label), "%-4d %s", n->nid,
		 n->has_memory     ? "memory"
		 : n->movable_only ? "movable only"
				   : "no memory");
	fprintf(t->v->out, "%-*s", NAME_WIDTH, label);
	columns_row(t->v->out, &t->columns, &n->counts);
	fputc('\n', t->v->out);
	return 0;
}

/* Print the sums of nodes. One removal has its line already. */
static void put_nodes(struct view *v, struct ledger *l)
{
	struct node_table t = { .v = v, .columns.fields = ledger_counts_fields };

	ledger_each_node(l, see_node, &t);
	if (!t.rows || (!v->verbose && !v->by_cache && t.removals < 2 && t.rows < 2))
		return;
	columns_fit(&t.columns, (v->columns ?: TABLE_COLUMNS) - NAME_WIDTH);
	trace_text_gap(v);
	v->gap = false;
	fprintf(v->out, "%-*s", NAME_WIDTH, "NODE");
	columns_head(v->out, &t.columns);
	fputc('\n', v->out);
	ledger_each_node(l, put_node_row, &t);
}

/* --- whether the figures can be trusted --- */

#define ADD(...) text_append(text, sizeof(text), __VA_ARGS__)

static void put_trust(struct view *v, const struct model *m)
{
	const struct ledger_trust *t = ledger_trust(model_ledger(m));
	char text[1024] = "";

	ADD("Lost events: %llu.", t->lost);
	if (model_session(m)->differences_only)
		ADD(" Changes that were undone between two polls were not seen.");
	else
		ADD(" The ledger was compared with %llu walks of all caches: %llu disagreements.",
		    t->verified, t->disagreements);
	if (t->incomplete)
		ADD(" Incomplete walks: %llu.", t->incomplete);
	if (t->resynced)
		ADD(" Pointers corrected after a loss: %llu.", t->resynced);
	if (t->pending)
		ADD(" Dropped structures whose fate is not known: %llu.", t->pending);
	if (t->counted)
		ADD(" Objects in use were counted %llu times: %llu differences.", t->counted,
		    t->miscounted);
	trace_text_gap(v);
	v->gap = false;
	text_wrap(v->out, text, 0, 0, v->columns);
}

void trace_text_tables(struct view *v, const struct model *m)
{
	put_caches(v, model_ledger(m));
	put_nodes(v, model_ledger(m));
	if (v->verbose)
		put_trust(v, m);
	if (model_session(m)->accesses_sought)
		trace_text_accesses(v, m);
}
