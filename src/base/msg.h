/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tool says about itself, on standard error; standard output belongs
 * to the views. An error says what failed, why, and what to do.
 */
#ifndef SLUBNODE_MSG_H
#define SLUBNODE_MSG_H

enum msg_level {
	MSG_QUIET,   /* errors only */
	MSG_NORMAL,  /* and warnings and progress */
	MSG_VERBOSE, /* and how it is done */
};

void msg_set_level(enum msg_level level);
enum msg_level msg_level(void);

void msg_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What to do about the error before; printed with it. */
void msg_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));
void msg_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void msg_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void msg_verbose(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* libbpf's own words: warnings when verbose. */
void msg_hook_libbpf(void);

#endif /* SLUBNODE_MSG_H */
