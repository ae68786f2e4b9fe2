/* SPDX-License-Identifier: GPL-2.0-only */
/* The writers of `check': one for each format, over the same verdict. */
#ifndef SLUBNODE_CHECK_H
#define SLUBNODE_CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include "model/verdict.h"

/* A run and its verdict. Strings are never NULL. */
struct check_report {
	struct verdict verdict;
	const char *conclusion; /* the verdict in a word or two: "pass" ... */
	char kernel[128];
	char host[65];
	char probes[32]; /* "fentry" ...; "": there were none */
	unsigned int caches, structures;
	__u64 start_ns, end_ns; /* CLOCK_MONOTONIC */
	__u64 wall_ns;          /* CLOCK_REALTIME at the start */
	unsigned int columns;   /* text: of a line; 0: no limit */
	bool color;             /* text */
	bool brief;             /* text: the verdict alone */
};

/* Print a report with the exit status of the process. */
void check_write_text(FILE *out, const struct check_report *r, int exit_status);
void check_write_tap(FILE *out, const struct check_report *r, int exit_status);
void check_write_ktap(FILE *out, const struct check_report *r, int exit_status);
void check_write_json(FILE *out, const struct check_report *r, int exit_status);
void check_write_junit(FILE *out, const struct check_report *r, int exit_status);

/*
 * Describe an example: "leaked: node 1, dentry, 0xff..., 64 bytes, at 1.234567 s,
 * by sh[12] (offline)". Returns text.
 */
const char *check_example(char *text, size_t room, const struct check_report *r,
			  const struct example *x);

/* Describe the free before an access: "freed by sh[12], at 1.2 s"; "" not known. Returns text. */
const char *check_freer(char *text, size_t room, const struct check_report *r,
			const struct example *x);

/* Describe what the kernel does: "Linux 6.1 retains node structures: ...". Returns text. */
const char *check_behaviour(char *text, size_t room, const struct check_report *r);

#define CHECK_LINE 768

#endif /* SLUBNODE_CHECK_H */
