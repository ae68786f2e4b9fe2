/* SPDX-License-Identifier: GPL-2.0-only */
/* What `check' writes: one writer a format, over the same verdict. */
#ifndef SLUBNODE_CHECK_H
#define SLUBNODE_CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include "model/verdict.h"

/* A run and what was found. Strings are never NULL. */
struct check_report {
	struct verdict verdict;
	char kernel[128];
	char probes[32]; /* "fentry" ...; "" it came to none */
	unsigned int caches, structures;
	__u64 start_ns, end_ns; /* CLOCK_MONOTONIC */
	__u64 wall_ns;          /* CLOCK_REALTIME at the start */
	bool color;             /* text */
};

void check_write_text(FILE *out, const struct check_report *r);
void check_write_tap(FILE *out, const struct check_report *r);
void check_write_json(FILE *out, const struct check_report *r);
void check_write_junit(FILE *out, const struct check_report *r);

/* "leaked: node 1, dentry, 0xff..., 64 bytes, at 1.234567 s, by sh[12] (offline)"; returns text. */
const char *check_example(char *text, size_t room, const struct check_report *r,
			  const struct example *x);

/* "Linux 6.1 retains node structures: ..."; returns text. */
const char *check_behaviour(char *text, size_t room, const struct check_report *r);

#define CHECK_LINE 768

#endif /* SLUBNODE_CHECK_H */
