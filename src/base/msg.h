/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages on standard error; standard output belongs to the views. Messages are in lower case and
 * without a full stop. An error is "cannot FOO: REASON", and a hint may follow it.
 */
#ifndef SLUBNODE_MSG_H
#define SLUBNODE_MSG_H

#include <stdio.h>

enum msg_level {
	MSG_QUIET,   /* errors only */
	MSG_NORMAL,  /* warnings and progress, too */
	MSG_VERBOSE, /* details, too */
};

void msg_set_level(enum msg_level level);
enum msg_level msg_level(void);

/* Print messages to a stream; NULL: to standard error. */
void msg_set_stream(FILE *messages);

void msg_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Print a hint at the level of errors; it belongs to the message before. */
void msg_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));
void msg_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void msg_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void msg_verbose(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Print libbpf's warnings if the level is MSG_VERBOSE. */
void msg_hook_libbpf(void);

#endif /* SLUBNODE_MSG_H */
