// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/msg.h"
#include "base/terminal.h"
#include "cmd/trace_views.h"

static int add_view(struct trace_views *v, const struct view *view, FILE *out, int fd)
{
	struct trace_view *to = &v->list[v->count];

	*to = (struct trace_view){ .view = *view, .out = out };
	to->view.columns = terminal_size(fd).columns;
	to->early = open_memstream(&to->early_text, &to->early_len);
	if (!to->early)
		return -ENOMEM;
	v->count++;
	return view->ops->open ? view->ops->open(&to->view) : 0;
}

int trace_views_open(struct trace_views *v, const struct options *options,
		     const struct output *output, const struct view *text)
{
	struct view view = *text;
	int err;

	*v = (struct trace_views){};
	view.verbose = msg_level() >= MSG_VERBOSE;
	view.brief = msg_level() == MSG_QUIET && options->format == FORMAT_TEXT;
	err = add_view(v, &view, writer_stream(output->lines), output->fd);
	if (err || options->format == FORMAT_TEXT || output->fd == STDOUT_FILENO ||
	    output->messages == output->lines)
		return err;
	view.brief = msg_level() == MSG_QUIET;
	options_select_view(options, FORMAT_TEXT, &view, terminal_is_capable(STDERR_FILENO));
	return add_view(v, &view, writer_stream(output->messages), STDERR_FILENO);
}

void trace_views_close(struct trace_views *v)
{
	for (unsigned int i = 0; i < v->count; i++) {
		if (v->list[i].view.ops->close)
			v->list[i].view.ops->close(&v->list[i].view);
		fclose(v->list[i].early);
		free(v->list[i].early_text);
	}
	v->count = 0;
}

/* Direct a view to its output or, before the start, to its early text. Returns the view. */
static struct view *directed(const struct trace_views *v, struct trace_view *to)
{
	to->view.out = v->started ? to->out : to->early;
	return &to->view;
}

/* Return the view after the i-th, and count i up; NULL: there is none. Brief ones are left out. */
static struct view *next_view(struct trace_views *v, unsigned int *i)
{
	while (*i < v->count) {
		struct trace_view *to = &v->list[(*i)++];

		if (!to->view.brief)
			return directed(v, to);
	}
	return NULL;
}

void trace_views_model(struct trace_views *v, const struct model *m)
{
	for (unsigned int i = 0; i < v->count; i++)
		v->list[i].view.model = m;
}

void trace_views_session(void *context, const struct session_record *r)
{
	struct trace_views *v = context;

	for (unsigned int i = 0; i < v->count; i++) {
		v->list[i].view.zero_ns = r->head.time_ns;
		v->list[i].view.wall_ns = r->wall_ns;
	}
}

void trace_views_start(void *context, const struct facts *f)
{
	struct trace_views *v = context;
	struct view *view;

	v->started = true;
	for (unsigned int i = 0; (view = next_view(v, &i));)
		view->ops->start(view, f);
	for (struct trace_view *to = v->list; to < v->list + v->count; to++) {
		fflush(to->early);
		fwrite(to->early_text, 1, to->early_len, to->out);
		fflush(to->out);
		to->view.gap &= !to->early_len;
	}
}

void trace_views_transition(void *context, const struct transition *t)
{
	struct trace_views *v = context;
	struct view *view;

	for (unsigned int i = 0; (view = next_view(v, &i));)
		view->ops->transition(view, t);
}

void trace_views_change(void *context, const struct node_change *c)
{
	struct trace_views *v = context;
	struct view *view;

	for (unsigned int i = 0; (view = next_view(v, &i));)
		if (view->ops->change)
			view->ops->change(view, c);
}

void trace_views_offline(void *context, const struct offline_failure *f)
{
	struct trace_views *v = context;
	struct view *view;

	for (unsigned int i = 0; (view = next_view(v, &i));)
		view->ops->offline_failed(view, f);
}

void trace_views_finding(void *context, const struct finding *f)
{
	struct trace_views *v = context;
	struct view *view;

	for (unsigned int i = 0; (view = next_view(v, &i));)
		view->ops->finding(view, f);
}

void trace_views_lost(void *context, const struct lost_record *r)
{
	struct trace_views *v = context;
	__u64 count = r->dropped + r->skipped;
	struct view *view;

	if (!count)
		return;
	for (unsigned int i = 0; (view = next_view(v, &i));)
		view->ops->lost(view, count, r->head.time_ns);
}

void trace_views_flush(struct trace_views *v)
{
	for (unsigned int i = 0; i < v->count; i++)
		fflush(v->list[i].out);
}

void trace_views_summary(struct trace_views *v, const struct model *m, __u64 end_ns)
{
	for (unsigned int i = 0; i < v->count; i++) {
		struct view *view = directed(v, &v->list[i]);

		view->ops->summary(view, m, end_ns);
	}
}
