// SPDX-License-Identifier: GPL-2.0-only
/* Text of `trace': one line for each change of a node, and a sentence at the end. */
#include <string.h>
#include <time.h>
#include "base/text.h"
#include "output/answer_text.h"
#include "output/trace_view.h"

const char *trace_text_paint(const struct view *v, enum color color)
{
	static const char *const codes[] = {
		[PLAIN] = "\033[0m",   [RED] = "\033[1;31m",  [GREEN] = "\033[32m",
		[YELLOW] = "\033[33m", [BLUE] = "\033[1;34m", [DIM] = "\033[2m",
	};

	return v->color ? codes[color] : "";
}

void trace_text_gap(struct view *v)
{
	if (!v->gap)
		fputc('\n', v->out);
	v->gap = true;
}

/* --- the start --- */

/* Add "; memory: nodes 0-1", unless there is no such node. */
static void add_nodes(char *text, size_t room, const char *what, const char *nodes)
{
	if (*nodes)
		text_append(text, room, "; %s: node%s %s", what,
			    text_names_several(nodes) ? "s" : "", nodes);
}

static void trace_text_start(struct view *v, const struct facts *f)
{
	const struct session_record *s = f->session;
	char text[1024];

	if (!*s->kernel) /* the recording broke off before its session record */
		return;
	snprintf(text, sizeof(text), "Linux %s: %u caches, %u structures", s->kernel, f->caches,
		 f->structures);
	add_nodes(text, sizeof(text), "memory", f->memory);
	add_nodes(text, sizeof(text), "movable only", f->movable);
	add_nodes(text, sizeof(text), "no memory", f->absent);
	text_wrap(v->out, text, 0, 0, v->columns);
	if (v->verbose)
		fprintf(v->out, "Attached by %s, caches walked by %s\n", s->probes, s->walk);
	if (s->differences_only)
		text_wrap(
			v->out,
			"Caches are polled every second: a change that is undone in between is not seen",
			0, 0, v->columns);
	v->gap = false;
	trace_text_gap(v);
}

/* --- lines --- */

/* Print the time of day, after a line with the date if the day is not that of the line before. */
static void put_wall_time(struct view *v, __u64 time_ns)
{
	__u64 wall_ns = v->wall_ns + (time_ns - v->zero_ns);
	time_t seconds = (time_t)(wall_ns / 1000000000);
	char text[32] = "";
	struct tm tm = {};

	localtime_r(&seconds, &tm);
	if (v->day && v->day != tm.tm_mday) {
		strftime(text, sizeof(text), "%Y-%m-%d", &tm);
		fprintf(v->out, "%s\n", text);
	}
	v->day = tm.tm_mday;
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	fprintf(v->out, "%s.%03u  ", text, (unsigned int)(wall_ns % 1000000000 / 1000000));
}

void trace_text_time(struct view *v, __u64 time_ns)
{
	__u64 since = v->time == TIME_RELATIVE ? time_ns - v->zero_ns : time_ns;

	v->gap = false;
	if (v->time == TIME_WALL)
		put_wall_time(v, time_ns);
	else
		fprintf(v->out, "%12.6f  ", (double)(__s64)since / 1e9);
}

void trace_text_task(struct view *v, const struct record *task)
{
	char comm[4 * TASK_COMM_LEN + 1];

	if (task)
		fprintf(v->out, " %s[%u]", escape_text(comm, sizeof(comm), task->comm), task->tgid);
	fputc('\n', v->out);
}

static void trace_text_lost(struct view *v, __u64 count, __u64 time_ns)
{
	trace_text_time(v, time_ns);
	fprintf(v->out, "%s%llu event%s lost%s\n", trace_text_paint(v, RED), count,
		count == 1 ? " was" : "s were", trace_text_paint(v, PLAIN));
}

static void trace_text_transition(struct view *v, const struct transition *t)
{
	if (v->events && t->kind != T_NODE)
		trace_text_event(v, t);
}

/* --- changes of nodes --- */

static const char *change_name(enum node_transition t)
{
	static const char *const names[] = {
		[NODE_STATE] = "",
		[NODE_GOING_ONLINE] = " going online",
		[NODE_ONLINE] = " online",
		[NODE_CANCEL_ONLINE] = " online cancelled",
		[NODE_GOING_OFFLINE] = " going offline",
		[NODE_OFFLINE] = " offline",
		[NODE_CANCEL_OFFLINE] = " offline cancelled",
	};

	return names[t];
}

/* The words for structures of a kind, in the order in which they are printed. */
static const struct {
	enum transition_kind kind;
	const char *words;
	bool bytes; /* their bytes are of interest */
} kinds[] = {
	{ T_ALLOCATED, "allocated", true },
	{ T_RETAINED, "retained", true },
	{ T_LATE, "allocated late", true },
	{ T_REUSED, "reused", false },
	{ T_SAME_ADDRESS, "at their old address", false },
	{ T_FREED, "freed", true },
	{ T_LEAKED, "leaked", true },
	{ T_DANGLING, "freed, but still pointed to", false },
	{ T_MISSING, "missing", false },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static enum color worse_color(enum color a, enum color b)
{
	static const enum color order[] = { RED, YELLOW, GREEN };

	for (unsigned int i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return PLAIN;
}

/* Write "187 structures retained, 11.7 KiB". Returns the color of the worst kind. */
static enum color change_what(char *text, size_t room, const struct node_change *c)
{
	enum color color = PLAIN;
	unsigned int put = 0, last = 0;
	char bytes[BYTES_ROOM];

	*text = 0;
	for (unsigned int i = 0; i < KINDS; i++) {
		__u64 count = c->counts[kinds[i].kind];

		if (!count)
			continue;
		if (put)
			text_append(text, room, ", %llu %s", count, kinds[i].words);
		else
			text_append(text, room, "%llu structure%s %s", count, text_plural(count),
				    kinds[i].words);
		color = worse_color(color, trace_text_kind_color(kinds[i].kind));
		last = i;
		put++;
	}
	if (put == 1 && kinds[last].bytes)
		text_append(text, room, ", %s", text_bytes(bytes, c->charged[kinds[last].kind]));
	if (c->movable_only)
		text_append(text, room, "movable memory: no structures");
	return color;
}

static void put_notes(struct view *v, const struct node_change *c)
{
	if (c->error)
		fprintf(v->out, "%*sSLUB's callback failed: %s\n", TRACE_TIME_WIDTH, "",
			strerror(-c->error));
	if (c->begin_unseen)
		fprintf(v->out, "%*sit had begun before the trace, or its beginning was lost\n",
			TRACE_TIME_WIDTH, "");
}

static void trace_text_change(struct view *v, const struct node_change *c)
{
	char head[64], what[256], blocks[BLOCKS_ROOM];
	enum color color;
	int width; /* of both */

	trace_text_time(v, c->time_ns);
	if (c->blocks) {
		text_wrap(v->out, answer_blocks(blocks, c->blocks), TRACE_TIME_WIDTH,
			  TRACE_TIME_WIDTH, v->columns);
		return;
	}
	snprintf(head, sizeof(head), "node %d%s", c->nid, change_name(c->node));
	color = change_what(what, sizeof(what), c);
	width = (int)strlen(what) +
		(strlen(head) < TRACE_HEAD_WIDTH ? TRACE_HEAD_WIDTH : (int)strlen(head));
	fprintf(v->out, "%s%-*s%s%s%s%s", trace_text_paint(v, BLUE), TRACE_HEAD_WIDTH, head,
		trace_text_paint(v, PLAIN), trace_text_paint(v, color), what,
		trace_text_paint(v, PLAIN));
	if (c->task && width < TRACE_HEAD_WIDTH + TRACE_WHAT_WIDTH)
		fprintf(v->out, "%*s", TRACE_HEAD_WIDTH + TRACE_WHAT_WIDTH - width, "");
	trace_text_task(v, c->task);
	put_notes(v, c);
}

/* --- the end --- */

static enum color outcome_color(enum outcome_kind kind)
{
	switch (kind) {
	case OUTCOME_UNSAFE:
	case OUTCOME_DANGLING:
	case OUTCOME_LEAKED:
	case OUTCOME_MISSING: return RED;
	case OUTCOME_SUSPECT:
	case OUTCOME_INCONCLUSIVE: return YELLOW;
	default: return PLAIN;
	}
}

static void trace_text_summary(struct view *v, const struct model *m, __u64 time_ns)
{
	char text[ANSWER_ROOM];
	struct answer a;

	(void)time_ns;
	if (!v->brief) {
		trace_text_tables(v, m);
		trace_text_gap(v);
	}
	model_answer(m, &a);
	fputs(trace_text_paint(v, outcome_color(a.kind)), v->out);
	text_wrap(v->out, answer_text(text, &a), 0, 0, v->columns);
	fputs(trace_text_paint(v, PLAIN), v->out);
}

const struct view_ops view_text = {
	.start = trace_text_start,
	.transition = trace_text_transition,
	.change = trace_text_change,
	.offline_failed = trace_text_offline,
	.finding = trace_text_finding,
	.lost = trace_text_lost,
	.summary = trace_text_summary,
};
