/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The views of `trace': the events of the model, written for a reader. There is one
 * writer for each format, and a writer decides nothing.
 */
#ifndef SLUBNODE_TRACE_VIEW_H
#define SLUBNODE_TRACE_VIEW_H

#include <stdbool.h>
#include <stdio.h>
#include "model/model.h"

struct view;

struct view_ops {
	void (*start)(struct view *v, const struct facts *f);
	void (*transition)(struct view *v, const struct transition *t);
	void (*finding)(struct view *v, const struct finding *f);
	void (*lost)(struct view *v, __u64 count, __u64 time_ns);
	void (*summary)(struct view *v, const struct model *m, __u64 time_ns);
};

struct view {
	const struct view_ops *ops;
	FILE *out;
	bool color;
	__u64 zero_ns; /* CLOCK_MONOTONIC; times in text count from it */
};

extern const struct view_ops view_text;
extern const struct view_ops view_json;

/* Return a time in seconds since the start of the session. */
double trace_text_seconds(const struct view *v, __u64 time_ns);

/* Print a finding, or the table and the coverage at the end. */
void trace_text_finding(struct view *v, const struct finding *f);
void trace_text_accesses(struct view *v, const struct model *m);

#endif /* SLUBNODE_TRACE_VIEW_H */
