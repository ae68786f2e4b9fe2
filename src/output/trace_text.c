// SPDX-License-Identifier: GPL-2.0-only
/* Text of `trace': one line for each event, and tables at the end. */
#include <string.h>
#include "base/line.h"
#include "base/text.h"
#include "output/counts.h"
#include "output/trace_view.h"

#define NAME_ROOM (4 * CACHE_NAME_LEN + 1)

enum color { PLAIN, RED, GREEN, YELLOW, BLUE, DIM };

static const char *trace_text_paint(const struct view *v, enum color color)
{
	static const char *const codes[] = {
		[PLAIN] = "\033[0m",   [RED] = "\033[1;31m",  [GREEN] = "\033[32m",
		[YELLOW] = "\033[33m", [BLUE] = "\033[1;34m", [DIM] = "\033[2m",
	};

	return v->color ? codes[color] : "";
}

static enum color kind_color(enum transition_kind kind)
{
	switch (kind) {
	case T_RETAINED:
	case T_LATE: return YELLOW;
	case T_REUSED:
	case T_SAME_ADDRESS:
	case T_ALLOCATED: return GREEN;
	case T_LEAKED:
	case T_DANGLING:
	case T_MISSING: return RED;
	case T_NODE: return BLUE;
	default: return PLAIN;
	}
}

double trace_text_seconds(const struct view *v, __u64 time_ns)
{
	return (double)(__s64)(time_ns - v->zero_ns) / 1e9;
}

static void trace_text_start(struct view *v, const struct facts *f)
{
	const struct session_record *s = f->session;

	fprintf(v->out,
		"Kernel %s: %u caches, %u node structures; nodes %s, with memory %s%s%s\n"
		"Attached by %s, caches walked by %s\n%s",
		s->kernel, f->caches, f->structures, f->nodes, f->memory,
		*f->movable ? ", movable only " : "", f->movable, s->probes, s->walk,
		s->differences_only ? "" : "\n");
	if (s->differences_only)
		fputs("Caches are polled every second: a change that is undone in between is not seen\n\n",
		      v->out);
	fprintf(v->out, "%12s %4s %-15s %-24s %-18s %5s %s\n", "TIME", "NODE", "EVENT", "CACHE",
		"ADDRESS", "BYTES", "TASK");
}

static void put_head(const struct view *v, struct line *l, const struct transition *t,
		     const char *event)
{
	line_seconds(l, (__s64)(t->time_ns - v->zero_ns), 12);
	line_text(l, " ");
	if (t->nid >= 0)
		line_number(l, (__u64)t->nid, 4);
	else
		line_right(l, "", 4);
	line_text(l, " ");
	line_text(l, trace_text_paint(v, kind_color(t->kind)));
	line_left(l, event, 15);
	line_text(l, trace_text_paint(v, PLAIN));
	line_text(l, " ");
}

static void put_name(struct line *l, const char *name, size_t width)
{
	char text[NAME_ROOM];

	line_left(l, escape_text(text, sizeof(text), name), width);
	line_text(l, " ");
}

static void put_task(struct line *l, const struct transition *t)
{
	char comm[4 * TASK_COMM_LEN + 1];

	if (!t->task)
		return;
	line_text(l, escape_text(comm, sizeof(comm), t->task->comm));
	line_text(l, "[");
	line_number(l, t->task->tgid, 0);
	line_text(l, "]");
}

static void put_node(const struct view *v, struct line *l, const struct transition *t)
{
	put_head(v, l, t, node_transition_name(t->node));
	line_left(l, t->movable_only ? "movable memory only: it has no structures" : "", 49);
	line_text(l, " ");
	if (t->error) {
		line_text(l, "(SLUB's callback failed: ");
		line_text(l, strerror(-t->error));
		line_text(l, ") ");
	}
}

static void put_cache(const struct view *v, struct line *l, const struct transition *t)
{
	put_head(v, l, t, transition_kind_name(t->kind));
	put_name(l, t->cache_name, t->alias ? 24 : 49);
	if (t->alias)
		put_name(l, t->alias, 24);
}

static void put_structure(const struct view *v, struct line *l, const struct transition *t)
{
	put_head(v, l, t, transition_kind_name(t->kind));
	put_name(l, t->cache_name, 24);
	line_address(l, t->address, 18);
	line_text(l, " ");
	line_number(l, t->charged, 5);
	line_text(l, " ");
}

static void trace_text_transition(struct view *v, const struct transition *t)
{
	struct line l;

	l.len = 0;
	if (t->kind == T_NODE)
		put_node(v, &l, t);
	else if (t->kind > T_NODE)
		put_cache(v, &l, t);
	else
		put_structure(v, &l, t);
	put_task(&l, t);
	line_print(&l, v->out);
}

static void trace_text_lost(struct view *v, __u64 count, __u64 time_ns)
{
	fprintf(v->out, "%12.6f      %slost%s            %llu events\n",
		trace_text_seconds(v, time_ns), trace_text_paint(v, RED),
		trace_text_paint(v, PLAIN), count);
}

static void put_head_row(struct view *v, const char *label)
{
	fprintf(v->out, "\n%-26s", label);
	text_columns_head(v->out, ledger_counts_fields);
	fputc('\n', v->out);
}

static void put_counts(struct view *v, const struct ledger_counts *c)
{
	text_columns(v->out, ledger_counts_fields, c);
	fputc('\n', v->out);
}

static int put_cache_row(void *arg, const struct ledger_cache *c)
{
	const struct ledger_counts *n = &c->counts;
	struct view *v = arg;
	char name[NAME_ROOM];

	if (!(n->allocated | n->freed | n->retained | n->reused | n->same_address | n->leaked |
	      n->dangling | n->missing | n->late | n->retained_now))
		return 0;
	fprintf(v->out, "%-26s", escape_text(name, sizeof(name), c->name));
	put_counts(v, n);
	return 0;
}

static int put_node_row(void *arg, const struct ledger_node *n)
{
	struct view *v = arg;
	char label[32];

	snprintf(label, sizeof(label), "%d", n->nid);
	fprintf(v->out, "%-5s%-21s", label,
		n->has_memory     ? "memory"
		: n->movable_only ? "movable only"
				  : "no memory");
	put_counts(v, &n->counts);
	return 0;
}

/* Print the counts that have no column, because they are rarely other than 0. */
static void put_rare_counts(struct view *v, const struct ledger_counts *c)
{
	if (c->same_address)
		fprintf(v->out,
			"\nSame address as before the removal, and a free in between cannot be excluded: %llu.",
			c->same_address);
	if (c->dangling)
		fprintf(v->out, "\n%sFreed, and their caches still point to them: %llu.%s",
			trace_text_paint(v, RED), c->dangling, trace_text_paint(v, PLAIN));
	if (c->missing)
		fprintf(v->out, "\n%sMissing for nodes with memory: %llu.%s",
			trace_text_paint(v, RED), c->missing, trace_text_paint(v, PLAIN));
	if (c->same_address | c->dangling | c->missing)
		fputc('\n', v->out);
}

static void put_trust(struct view *v, const struct model *m)
{
	const struct ledger_trust *t = ledger_trust(model_ledger(m));

	fprintf(v->out, "\nLost events: %llu.", t->lost);
	if (model_session(m)->differences_only)
		fputs(" Changes that were undone between two polls were not seen.", v->out);
	else
		fprintf(v->out,
			" The ledger was compared with %llu walks of all caches: %s%llu disagreements%s.",
			t->verified, t->disagreements ? trace_text_paint(v, RED) : "",
			t->disagreements, trace_text_paint(v, PLAIN));
	if (t->incomplete)
		fprintf(v->out, " Incomplete walks: %llu.", t->incomplete);
	if (t->resynced)
		fprintf(v->out, " Pointers corrected after a loss: %llu.", t->resynced);
	if (t->pending)
		fprintf(v->out, " Dropped structures whose fate is not known: %llu.", t->pending);
	if (t->counted)
		fprintf(v->out, "\nObjects in use were counted %llu times: %llu differences.",
			t->counted, t->miscounted);
	fputc('\n', v->out);
}

static void trace_text_summary(struct view *v, const struct model *m, __u64 time_ns)
{
	struct ledger *l = model_ledger(m);

	fprintf(v->out,
		"\nSummary of %.3f s. HELD: retained now, with the bytes requested and charged\n",
		trace_text_seconds(v, time_ns));
	put_head_row(v, "CACHE");
	ledger_each_cache(l, put_cache_row, v);
	put_head_row(v, "NODE");
	ledger_each_node(l, put_node_row, v);
	fprintf(v->out, "%-26s", "all");
	put_counts(v, ledger_totals(l));
	put_rare_counts(v, ledger_totals(l));
	put_trust(v, m);
	if (model_session(m)->accesses_sought)
		trace_text_accesses(v, m);
}

const struct view_ops view_text = {
	.start = trace_text_start,
	.transition = trace_text_transition,
	.finding = trace_text_finding,
	.lost = trace_text_lost,
	.summary = trace_text_summary,
};
