/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of the JSON view of `trace', and the tables by which other views show the same fields. */
#ifndef SLUBNODE_TRACE_JSON_H
#define SLUBNODE_TRACE_JSON_H

#include "base/field.h"
#include "output/answer_text.h"
#include "output/trace_view.h"

/* Fields of struct record: the process (comm, pid, tid), and the task (the same, and its CPU). */
extern const struct field process_fields[];
extern const struct field task_fields[];

/* Fields of struct facts, struct transition, and struct finding without its stacks. */
extern const struct field start_fields[];
extern const struct field transition_fields[];
extern const struct field finding_fields[];

struct loss {
	__u64 time_ns, count;
};

extern const struct field loss_fields[];
extern const struct field offline_failure_fields[];

/* The end: the answer, and what the other fields of JSON are printed from. */
struct trace_summary {
	struct ledger *ledger;
	const struct ledger_counts *total;
	const struct ledger_trust *trust;
	const struct model *model;
	__u64 lost, time_ns, duration_ns;
	const char *outcome;
	char sentence[ANSWER_ROOM];
};

extern const struct field answer_fields[];

/* Sum up a session that is complete. */
void trace_summary(struct trace_summary *s, const struct view *v, const struct model *m,
		   __u64 time_ns);

/* The functions of the view, of which that of HTML consists, too. */
void trace_json_start(struct view *v, const struct facts *f);
void trace_json_transition(struct view *v, const struct transition *t);
void trace_json_finding(struct view *v, const struct finding *f);
void trace_json_offline(struct view *v, const struct offline_failure *f);
void trace_json_lost(struct view *v, __u64 count, __u64 time_ns);
void trace_json_summary(struct view *v, const struct model *m, __u64 time_ns);

/* Print objects: findings by tier and strength, and the coverage of each tier. */
void trace_json_findings(struct json *j, const struct findings *all);
void trace_json_coverage(struct json *j, const struct coverage *c);

#endif /* SLUBNODE_TRACE_JSON_H */
