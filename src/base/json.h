/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * JSON Lines. A writer prints names and values in the order of the calls, and needs no memory for
 * the whole: a name before each value in an object, values alone in an array, and a table of fields
 * for what stands in the members of a struct.
 */
#ifndef SLUBNODE_JSON_H
#define SLUBNODE_JSON_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdio.h>
#include "base/field.h"

#define JSON_ROOM 1024

struct json {
	FILE *out;
	bool comma; /* before the next name or value */
	size_t len;
	char text[JSON_ROOM]; /* what is not in the stream yet */
};

/* Print an object on a line; the table of fields describes it. */
void json_line_of(FILE *out, const struct field *fields, const void *object);

/* Begin and end a line of any value. The stream has the line after json_end(). */
void json_begin(struct json *j, FILE *out);
void json_end(struct json *j);

/* Open an object or array, or close the innermost: '{', '}', '[', ']'. */
void json_open(struct json *j, char bracket);
void json_close(struct json *j, char bracket);

/* Print the name of the next value, which has no character that must be escaped. */
void json_name(struct json *j, const char *name);

/* Print a string. If its bytes are not UTF-8, each that is not printable ASCII becomes "\xNN". */
void json_text(struct json *j, const char *bytes);

/* Print another value. A number that is not finite is null. */
void json_number(struct json *j, __u64 value);
void json_signed(struct json *j, long long value);
void json_real(struct json *j, double value);
void json_bool(struct json *j, bool value);
void json_null(struct json *j);

/* Print the fields of a table: in an open object, or as an object. */
void json_fields(struct json *j, const struct field *fields, const void *object);
void json_object(struct json *j, const struct field *fields, const void *object);

/* Print an array of strings. */
void json_texts(struct json *j, const char *const *texts, size_t count);

#endif /* SLUBNODE_JSON_H */
