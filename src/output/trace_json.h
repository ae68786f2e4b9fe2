/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of the JSON view of `trace'. */
#ifndef SLUBNODE_TRACE_JSON_H
#define SLUBNODE_TRACE_JSON_H

#include "base/field.h"
#include "output/trace_view.h"

/* Fields of struct record: the process (comm, pid, tid), and the task (the same, and its CPU). */
extern const struct field process_fields[];
extern const struct field task_fields[];

void trace_json_finding(struct view *v, const struct finding *f);

/* Print objects: findings by tier and strength, and the coverage of each tier. */
void trace_json_findings(struct json *j, const struct findings *all);
void trace_json_coverage(struct json *j, const struct coverage *c);

#endif /* SLUBNODE_TRACE_JSON_H */
