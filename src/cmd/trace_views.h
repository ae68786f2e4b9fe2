/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The views of one trace: the output and, if that is a file in another format than text, the text
 * on standard error: the changes appear on the terminal, too.
 */
#ifndef SLUBNODE_CMD_TRACE_VIEWS_H
#define SLUBNODE_CMD_TRACE_VIEWS_H

#include "cmd/options.h"
#include "cmd/output.h"
#include "output/trace_view.h"

/*
 * A view begins with the facts that are known after the initial scan. What happens
 * during the scan is written to `early', and printed after the facts.
 */
struct trace_view {
	struct view view;
	FILE *out, *early;
	char *early_text;
	size_t early_len;
};

struct trace_views {
	struct trace_view list[2];
	unsigned int count;
	bool started;
};

/*
 * Open the views for an output that is open. `text' has the options of text, and the output's
 * view. Returns 0 or -ENOMEM.
 */
int trace_views_open(struct trace_views *v, const struct options *options,
		     const struct output *output, const struct view *text);
void trace_views_close(struct trace_views *v);

/* Give the views the model, which is complete when the trace starts. */
void trace_views_model(struct trace_views *v, const struct model *m);

/* Print what a model reports (struct model_observer); `context' is the views. */
void trace_views_session(void *context, const struct session_record *r);
void trace_views_start(void *context, const struct facts *f);
void trace_views_transition(void *context, const struct transition *t);
void trace_views_change(void *context, const struct node_change *c);
void trace_views_offline(void *context, const struct offline_failure *f);
void trace_views_finding(void *context, const struct finding *f);
void trace_views_lost(void *context, const struct lost_record *r);

void trace_views_flush(struct trace_views *v);
void trace_views_summary(struct trace_views *v, const struct model *m, __u64 end_ns);

#endif /* SLUBNODE_CMD_TRACE_VIEWS_H */
