/* SPDX-License-Identifier: GPL-2.0-only */
/* Text for terminals: escaped strings, numbers of bytes, and lines that fit. */
#ifndef SLUBNODE_TEXT_H
#define SLUBNODE_TEXT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Write the string `from' to `to', with each byte that is not printable ASCII
 * as \xNN, and cut it where `room' ends. Returns `to', which is terminated.
 */
const char *escape_text(char *to, size_t room, const char *from);

/* Return whether a string is UTF-8. */
bool is_utf8(const char *bytes);

/* Append to a text in a buffer of `room' bytes, and cut it where the room ends. */
__attribute__((format(printf, 3, 4))) void text_append(char *text, size_t room, const char *format,
						       ...);

#define BYTES_ROOM 24

/* Write a number of bytes as "64 bytes", "25.5 KiB" or "1.5 MiB". Returns `to'. */
const char *text_bytes(char to[BYTES_ROOM], __u64 bytes);

/* Return whether a list such as "1-3,8" names several, and not one as "1" does. */
bool text_names_several(const char *list);

/* Return the ending of a noun that is counted: "" for one, otherwise "s". */
const char *text_plural(__u64 count);

/*
 * Print a text in lines of at most `width' columns (0: no limit), broken at blanks. The first line
 * goes on at column `at', the others begin with `indent' blanks. A new line ends the last one.
 */
void text_wrap(FILE *out, const char *text, unsigned int at, unsigned int indent,
	       unsigned int width);

#endif /* SLUBNODE_TEXT_H */
