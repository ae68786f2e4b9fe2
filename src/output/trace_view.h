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
	/* Binary formats: return the length of the first packet; 0: its end is not there. */
	size_t (*packet)(const char *bytes, size_t len);
	bool page; /* for a browser: not for a terminal, and no message stands in it */
	/* Prepare a view with a state of its own, before anything else. Returns 0 or -ENOMEM. */
	int (*open)(struct view *v); /* NULL: it has none */
	void (*close)(struct view *v);
	void (*start)(struct view *v, const struct facts *f);
	void (*transition)(struct view *v, const struct transition *t);
	void (*change)(struct view *v, const struct node_change *c); /* NULL: not of interest */
	void (*offline_failed)(struct view *v, const struct offline_failure *f);
	void (*finding)(struct view *v, const struct finding *f);
	void (*lost)(struct view *v, __u64 count, __u64 time_ns);
	void (*summary)(struct view *v, const struct model *m, __u64 time_ns);
};

enum time_format {
	TIME_WALL,      /* the time of day, in the local time zone */
	TIME_RELATIVE,  /* seconds since the start of the session */
	TIME_MONOTONIC, /* seconds of CLOCK_MONOTONIC */
};

struct view {
	const struct view_ops *ops;
	FILE *out;
	struct view_state *state;  /* of the format's own */
	const struct model *model; /* from start() on */
	bool color;
	__u64 zero_ns; /* CLOCK_MONOTONIC at the start of the session */
	__u64 wall_ns; /* CLOCK_REALTIME at the same moment */
	/* Text: */
	unsigned int columns; /* of a line; 0: no limit */
	bool brief;           /* the sentence at the end alone */
	bool verbose;         /* what is attached, and what was covered */
	bool events;          /* a line for each event of a structure or a cache */
	bool by_cache;        /* all caches in the table at the end */
	enum time_format time;
	int day;              /* of the month, of the last line; 0: there was none */
	bool slabs_explained; /* the limits of the lists of slabs have been printed */
	bool gap;             /* the last line was blank */
};

extern const struct view_ops view_text;
extern const struct view_ops view_json;
extern const struct view_ops view_perfetto;
extern const struct view_ops view_html;

/* The colors of text. */
enum color { PLAIN, RED, GREEN, YELLOW, BLUE, DIM };

/* Return the sequence that begins a color; "" if the view has none. */
const char *trace_text_paint(const struct view *v, enum color color);

/* The columns of a line: the time, what changed, what happened to it, and the task. */
#define TRACE_TIME_WIDTH 14 /* with the blanks after it */
#define TRACE_HEAD_WIDTH 21
#define TRACE_WHAT_WIDTH 34

/* Print a blank line, unless the last one was blank. */
void trace_text_gap(struct view *v);

/* Begin a line with its time. */
void trace_text_time(struct view *v, __u64 time_ns);

/* End a line with the task; NULL: it is not known. */
void trace_text_task(struct view *v, const struct record *task);

/* Return the color of a kind of transition. */
enum color trace_text_kind_color(enum transition_kind kind);

/* Print the event of a structure or a cache. */
void trace_text_event(struct view *v, const struct transition *t);

/* Print that memory stays online, and the slabs on its node. */
void trace_text_offline(struct view *v, const struct offline_failure *f);

/* Print a finding, or the findings and the coverage at the end. */
void trace_text_finding(struct view *v, const struct finding *f);
void trace_text_accesses(struct view *v, const struct model *m);

/* Print the tables at the end. */
void trace_text_tables(struct view *v, const struct model *m);

#endif /* SLUBNODE_TRACE_VIEW_H */
