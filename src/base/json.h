/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON Lines: objects that tables of fields describe, one on each line. */
#ifndef SLUBNODE_JSON_H
#define SLUBNODE_JSON_H

#include <jansson.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stdio.h>
#include "base/field.h"

/*
 * Print one object on a line and drop the reference. An object that is NULL, or
 * that cannot be printed, makes json_failed() return true.
 */
void json_line(FILE *out, json_t *object);

/* Return true if a line is missing because memory ran out. */
bool json_failed(void);

/* Make an object of the fields of a table. Returns a new reference or NULL. */
json_t *json_object_of(const struct field *fields, const void *object);

/* Print json_object_of() on a line. */
void json_line_of(FILE *out, const struct field *fields, const void *object);

/* Append json_object_of() to an array. Returns 0, so that callbacks can return its result. */
int json_append_of(json_t *array, const struct field *fields, const void *object);

/* Make a string; bytes that are not valid UTF-8 are escaped. Returns a new reference or NULL. */
json_t *json_text(const char *bytes);

/* Make an array of strings. Returns a new reference or NULL. */
json_t *json_texts(const char *const *texts, size_t count);

/* Make "0x...". Returns a new reference or NULL. */
json_t *json_hex(__u64 value);

/* Make a number. Returns a new reference or NULL. */
json_t *json_number(__u64 value);

#endif /* SLUBNODE_JSON_H */
