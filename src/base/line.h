/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A line of text in columns, as printf() would print it. A trace prints one for each structure, and
 * printf() takes most of its time.
 */
#ifndef SLUBNODE_LINE_H
#define SLUBNODE_LINE_H

#include <linux/types.h>
#include <stddef.h>
#include <stdio.h>

#define LINE_ROOM 1024

/* It begins with len 0. Text beyond the room is cut. */
struct line {
	size_t len;
	char text[LINE_ROOM];
};

/* Append a string; with blanks up to a width on its right, or on its left. */
void line_text(struct line *l, const char *text);
void line_left(struct line *l, const char *text, size_t width);
void line_right(struct line *l, const char *text, size_t width);

/* Append a number as %*llu, and an address as 0x%llx with blanks on its right; 0 is all blanks. */
void line_number(struct line *l, __u64 value, size_t width);
void line_address(struct line *l, __u64 value, size_t width);

/* Append nanoseconds as seconds with six decimals, rounded, as %*.6f. */
void line_seconds(struct line *l, __s64 ns, size_t width);

/* Print the line with a newline. */
void line_print(const struct line *l, FILE *out);

#endif /* SLUBNODE_LINE_H */
