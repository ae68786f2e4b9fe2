/* SPDX-License-Identifier: GPL-2.0-only */
/* The sentence with which a report starts. */
#ifndef SLUBNODE_REPORT_ANSWER_TEXT_H
#define SLUBNODE_REPORT_ANSWER_TEXT_H

#include <stddef.h>
#include "model/report_answer.h"

#define REPORT_ANSWER_ROOM 512

/*
 * Write the answer, a heading without a full stop at its end; `exact': bytes without a unit.
 * Returns text.
 */
const char *report_answer_text(char text[REPORT_ANSWER_ROOM], const struct report_answer *a,
			       bool exact);

#endif /* SLUBNODE_REPORT_ANSWER_TEXT_H */
