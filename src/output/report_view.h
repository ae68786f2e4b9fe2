/* SPDX-License-Identifier: GPL-2.0-only */
/* The writers of `report': one for each format. */
#ifndef SLUBNODE_REPORT_VIEW_H
#define SLUBNODE_REPORT_VIEW_H

#include <stdbool.h>
#include <stdio.h>
#include "model/report.h"

/* How text is written. */
struct report_style {
	unsigned int columns, rows; /* at most; 0: no limit */
	bool exact;                 /* bytes without a unit */
	bool color;
};

/* Print a report, and its differences from the one `before' it unless that is NULL. */
void report_text(FILE *out, const struct report *r, const struct report *before,
		 const struct report_style *style);
void report_json(FILE *out, const struct report *r);

#endif /* SLUBNODE_REPORT_VIEW_H */
