/* SPDX-License-Identifier: GPL-2.0-only */
/* Text for terminals: escaped strings, and columns that a table of fields describes. */
#ifndef SLUBNODE_TEXT_H
#define SLUBNODE_TEXT_H

#include <stddef.h>
#include <stdio.h>
#include "base/field.h"

/*
 * Write the string `from' to `to', with each byte that is not printable ASCII
 * as \xNN, and cut it where `room' ends. Returns `to', which is terminated.
 */
const char *escape_text(char *to, size_t room, const char *from);

/* Print the headings of the fields that have one. */
void text_columns_head(FILE *out, const struct field *fields);

/* Print the values of the fields that have a heading, each below it. */
void text_columns(FILE *out, const struct field *fields, const void *object);

/*
 * Print by how much each of these values grew since `before'; values that are
 * the same leave their column blank. The line begins with `indent' blanks, and
 * there is no line if nothing changed.
 */
void text_columns_change(FILE *out, const struct field *fields, const void *object,
			 const void *before, int indent);

#endif /* SLUBNODE_TEXT_H */
