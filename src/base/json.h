/* SPDX-License-Identifier: GPL-2.0-only */
/* What the JSON writers share. */
#ifndef SLUBNODE_JSON_H
#define SLUBNODE_JSON_H

#include <jansson.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stdio.h>

/* One object a line; the reference is taken. Out of memory (NULL): see json_failed(). */
void json_line(FILE *out, json_t *object);

/* A line is missing, for want of memory. */
bool json_failed(void);

/* Bytes of the kernel's; what is no UTF-8 is escaped. */
json_t *json_text(const char *bytes);

/* "0x...", or null for 0. */
json_t *json_address(__u64 value);

/* "0x...", 0 too. */
json_t *json_hex(__u64 value);

json_t *json_number(__u64 value);

#endif /* SLUBNODE_JSON_H */
