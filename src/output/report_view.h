/* SPDX-License-Identifier: GPL-2.0-only */
/* A report, written for a reader; one writer a format. */
#ifndef SLUBNODE_REPORT_VIEW_H
#define SLUBNODE_REPORT_VIEW_H

#include <stdio.h>
#include "model/report.h"

/* `before': the report before this one, for the differences, or NULL. */
void report_text(FILE *out, const struct report *r, const struct report *before, bool by_cache);
void report_json(FILE *out, const struct report *r, bool by_cache);

#endif /* SLUBNODE_REPORT_VIEW_H */
