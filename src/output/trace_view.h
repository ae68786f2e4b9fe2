/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The views: what the ledger tells, written for a reader. One interface, one
 * writer a format; a view decides nothing.
 */
#ifndef SLUBNODE_VIEW_H
#define SLUBNODE_VIEW_H

#include <stdbool.h>
#include <stdio.h>
#include "model/coverage.h"
#include "model/ledger.h"

/* What is known before the first event. */
struct trace_start {
	const char *kernel;  /* uname -r */
	__u64 time_ns;       /* CLOCK_MONOTONIC: the zero of the text's times */
	__u64 wall_ns;       /* CLOCK_REALTIME at the same moment */
	unsigned int caches; /* found by the first walk */
	unsigned int structures;
	const char *probes;  /* "fentry", "kprobe", "fentry+kprobe" */
	const char *walk;    /* "iterator", "list" */
	const char *nodes;   /* possible nodes, as a list */
	const char *memory;  /* those with memory that counts */
	const char *movable; /* those with movable memory only, "" for none */
};

struct view;

struct view_ops {
	void (*start)(struct view *v, const struct trace_start *s);
	void (*transition)(struct view *v, const struct transition *t);
	void (*finding)(struct view *v, const struct finding *f);
	void (*lost)(struct view *v, __u64 count, __u64 time_ns);
	/* d: NULL when accesses were not looked for at all. */
	void (*summary)(struct view *v, struct ledger *l, const struct detection *d, __u64 time_ns);
};

struct view {
	const struct view_ops *ops;
	FILE *out;
	bool color;
	bool sampled;  /* nothing was attached */
	void *context; /* the view's own */
	__u64 zero_ns;
};

extern const struct view_ops view_text;
extern const struct view_ops view_json;

/* The parts of the text view that print findings. */
void trace_text_finding(struct view *v, const struct finding *f);
void trace_text_detection(struct view *v, const struct detection *d);

#endif /* SLUBNODE_VIEW_H */
