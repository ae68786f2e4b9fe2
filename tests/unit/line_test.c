// SPDX-License-Identifier: GPL-2.0-only
/* Lines of text are what printf() prints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/line.h"

static struct line l;

/* Compare the line with what printf() prints, and begin a new one. */
__attribute__((format(printf, 1, 2))) static void assert_line(const char *format, ...)
{
	char expected[2 * LINE_ROOM];
	va_list args;

	va_start(args, format);
	vsnprintf(expected, sizeof(expected), format, args);
	va_end(args);
	assert_int_equal(l.len, strlen(expected));
	assert_memory_equal(l.text, expected, l.len);
	l.len = 0;
}

static void texts(void **state __attribute__((unused)))
{
	line_text(&l, "");
	assert_line("%s", "");
	line_left(&l, "dentry", 9);
	line_right(&l, "7", 3);
	line_text(&l, "|");
	assert_line("%-9s%3s|", "dentry", "7");
	line_left(&l, "longer", 3);
	line_right(&l, "longer", 3);
	assert_line("%-3s%3s", "longer", "longer");
}

static void numbers(void **state __attribute__((unused)))
{
	static const __u64 values[] = { 0, 9, 10, 123456, 0xffff888003c00040, ~0ULL };

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		line_number(&l, values[i], 0);
		line_number(&l, values[i], 8);
		assert_line("%llu%8llu", values[i], values[i]);
		line_address(&l, values[i], 18);
		if (values[i])
			assert_line("%s%-16llx", "0x", values[i]);
		else
			assert_line("%18s", "");
	}
}

static void seconds(void **state __attribute__((unused)))
{
	static const __s64 values[] = {
		0,         499,       501,        999,         999499,         999501,
		999999499, 999999501, 1000000000, 61000001000, 86400000000000, 4503599627370496,
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		line_seconds(&l, values[i], 12);
		assert_line("%12.6f", (double)values[i] / 1e9);
		if (!values[i])
			continue;
		line_seconds(&l, -values[i], 12);
		assert_line("%12.6f", (double)-values[i] / 1e9);
	}
	line_seconds(&l, INT64_MIN, 0);
	assert_line("-9223372036.854776");
}

static void a_line_is_cut(void **state __attribute__((unused)))
{
	char text[LINE_ROOM];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	line_text(&l, text);
	line_right(&l, "7", 4);
	line_left(&l, "7", 4);
	assert_int_equal(l.len, LINE_ROOM);
	assert_int_equal(l.text[LINE_ROOM - 1], ' ');
	l.len = 0;
	line_text(&l, "abc");
	line_text(&l, text);
	line_number(&l, 1, 8);
	assert_int_equal(l.len, LINE_ROOM);
	assert_int_equal(l.text[LINE_ROOM - 1], 'x');
	l.len = 0;
}

static void a_line_is_printed(void **state __attribute__((unused)))
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	line_text(&l, "dentry");
	line_print(&l, out);
	l.len = 0;
	fclose(out);
	assert_string_equal(text, "dentry\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(numbers),
		cmocka_unit_test(seconds),
		cmocka_unit_test(a_line_is_cut),
		cmocka_unit_test(a_line_is_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
