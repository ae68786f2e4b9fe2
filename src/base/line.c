// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "base/line.h"

#define DIGITS_ROOM 24
#define DECIMALS    6

/* Append bytes after blanks, or before them. */
static inline void put(struct line *l, size_t before, const char *bytes, size_t len, size_t after)
{
	size_t room = LINE_ROOM - l->len;

	before = before < room ? before : room;
	room -= before;
	len = len < room ? len : room;
	room -= len;
	after = after < room ? after : room;
	memset(l->text + l->len, ' ', before);
	memcpy(l->text + l->len + before, bytes, len);
	memset(l->text + l->len + before + len, ' ', after);
	l->len += before + len + after;
}

static inline size_t blanks(size_t len, size_t width)
{
	return len < width ? width - len : 0;
}

void line_text(struct line *l, const char *text)
{
	put(l, 0, text, strlen(text), 0);
}

void line_left(struct line *l, const char *text, size_t width)
{
	size_t len = strlen(text);

	put(l, 0, text, len, blanks(len, width));
}

static void put_right(struct line *l, const char *bytes, size_t len, size_t width)
{
	put(l, blanks(len, width), bytes, len, 0);
}

void line_right(struct line *l, const char *text, size_t width)
{
	put_right(l, text, strlen(text), width);
}

/* Write the digits of a number before `end', at least `least' of them. Returns their beginning. */
static inline char *digits_before(char *end, __u64 value, int least)
{
	do {
		*--end = (char)('0' + value % 10);
		value /= 10;
	} while (--least > 0 || value);
	return end;
}

void line_number(struct line *l, __u64 value, size_t width)
{
	char digits[DIGITS_ROOM], *end = digits + DIGITS_ROOM;
	char *first = digits_before(end, value, 1);

	put_right(l, first, (size_t)(end - first), width);
}

void line_address(struct line *l, __u64 value, size_t width)
{
	char digits[DIGITS_ROOM], *end = digits + DIGITS_ROOM, *first = end;
	size_t len;

	for (; value; value >>= 4)
		*--first = "0123456789abcdef"[value & 15];
	if (first != end) {
		*--first = 'x';
		*--first = '0';
	}
	len = (size_t)(end - first);
	put(l, 0, first, len, blanks(len, width));
}

void line_seconds(struct line *l, __s64 ns, size_t width)
{
	char digits[DIGITS_ROOM], *end = digits + DIGITS_ROOM, *first;
	__u64 us = ((ns < 0 ? -(__u64)ns : (__u64)ns) + 500) / 1000;

	first = digits_before(end, us % 1000000, DECIMALS);
	*--first = '.';
	first = digits_before(first, us / 1000000, 1);
	if (ns < 0)
		*--first = '-';
	put_right(l, first, (size_t)(end - first), width);
}

void line_print(const struct line *l, FILE *out)
{
	fwrite(l->text, 1, l->len, out);
	fputc('\n', out);
}
