// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include "base/msg.h"
#include "base/progress.h"

static enum msg_level current = MSG_NORMAL;
static FILE *stream; /* NULL: standard error */

void msg_set_stream(FILE *messages)
{
	stream = messages;
}

void msg_set_level(enum msg_level level)
{
	current = level;
}

enum msg_level msg_level(void)
{
	return current;
}

static void print_message(const char *prefix, const char *format, va_list args)
{
	FILE *out = stream ?: stderr;

	progress_erase();
	if (!stream)
		fflush(stdout); /* so that a terminal shows both streams in order */
	fputs(prefix, out);
	vfprintf(out, format, args);
	fputc('\n', out);
	fflush(out);
}

#define MESSAGE(level, prefix)                                                                     \
	do {                                                                                       \
		va_list args;                                                                      \
                                                                                                   \
		if (current < (level))                                                             \
			return;                                                                    \
		va_start(args, format);                                                            \
		print_message(prefix, format, args);                                               \
		va_end(args);                                                                      \
	} while (0)

void msg_error(const char *format, ...)
{
	MESSAGE(MSG_QUIET, "slubnode-trace: ");
}

void msg_hint(const char *format, ...)
{
	MESSAGE(MSG_QUIET, "hint: ");
}

void msg_warn(const char *format, ...)
{
	MESSAGE(MSG_NORMAL, "slubnode-trace: warning: ");
}

void msg_info(const char *format, ...)
{
	MESSAGE(MSG_NORMAL, "");
}

void msg_verbose(const char *format, ...)
{
	MESSAGE(MSG_VERBOSE, "# ");
}

static int print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_DEBUG || current < MSG_VERBOSE)
		return 0;
	progress_erase();
	return vfprintf(stream ?: stderr, format, args);
}

void msg_hook_libbpf(void)
{
	libbpf_set_print(print_libbpf);
}
