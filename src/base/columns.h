/* SPDX-License-Identifier: GPL-2.0-only */
/* Text in columns that a table of fields describes. */
#ifndef SLUBNODE_COLUMNS_H
#define SLUBNODE_COLUMNS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdio.h>
#include "base/field.h"

/*
 * The columns of a table: the fields that have a heading. A column is shown if a row has a value
 * there other than 0, or other than "not known".
 */
struct columns {
	const struct field *fields;
	__u32 shown; /* bits, by the index of the field */
	bool exact;  /* bytes are printed as they are, without a unit */
};

/* Show the columns that the object has a value for, beside those that are shown already. */
void columns_see(struct columns *c, const void *object);

/* Hide the last columns, until all of them fit into `room' characters. */
void columns_fit(struct columns *c, unsigned int room);

/* Return the width of all columns that are shown. */
unsigned int columns_width(const struct columns *c);

/* Print the headings, and the values of an object below them. */
void columns_head(FILE *out, const struct columns *c);
void columns_row(FILE *out, const struct columns *c, const void *object);

/*
 * Print by how much each value grew since `before'; values that are the same leave their column
 * blank. The line begins with `indent' blanks. Without a change there is no line. Returns whether
 * there is one; it is not ended.
 */
bool columns_change(FILE *out, const struct columns *c, const void *object, const void *before,
		    int indent);

#endif /* SLUBNODE_COLUMNS_H */
