// SPDX-License-Identifier: GPL-2.0-only
/* Text of `trace --events': one line for each event of a structure or a cache. */
#include "base/line.h"
#include "base/text.h"
#include "output/trace_view.h"

#define NAME_ROOM (4 * CACHE_NAME_LEN + 1)

enum color trace_text_kind_color(enum transition_kind kind)
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
	default: return PLAIN;
	}
}

/* Append "node 1 retained", or the event of a cache alone, and blanks up to the next column. */
static void put_event_head(const struct view *v, struct line *l, const struct transition *t)
{
	size_t begin, len;

	line_text(l, trace_text_paint(v, trace_text_kind_color(t->kind)));
	begin = l->len;
	if (t->nid >= 0) {
		line_text(l, "node ");
		line_number(l, (__u64)t->nid, 0);
		line_text(l, " ");
	}
	line_text(l, transition_kind_name(t->kind));
	len = l->len - begin;
	line_text(l, trace_text_paint(v, PLAIN));
	line_left(l, "", len < TRACE_HEAD_WIDTH ? TRACE_HEAD_WIDTH - len : 0);
}

void trace_text_event(struct view *v, const struct transition *t)
{
	char name[NAME_ROOM], bytes[BYTES_ROOM];
	struct line l;

	l.len = 0;
	trace_text_time(v, t->time_ns);
	put_event_head(v, &l, t);
	line_left(&l, escape_text(name, sizeof(name), t->cache_name), 24);
	line_text(&l, " ");
	if (t->address) {
		line_address(&l, t->address, 0);
		line_text(&l, " ");
		line_text(&l, text_bytes(bytes, t->charged));
	} else if (t->alias) {
		line_text(&l, escape_text(name, sizeof(name), t->alias));
	}
	fwrite(l.text, 1, l.len, v->out);
	trace_text_task(v, t->task);
}
