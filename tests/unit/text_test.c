// SPDX-License-Identifier: GPL-2.0-only
/* Text for terminals: bytes with a unit, and lines that fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/terminal.h"
#include "base/text.h"

static void bytes(void **state __attribute__((unused)))
{
	char text[BYTES_ROOM];

	assert_string_equal(text_bytes(text, 0), "0 bytes");
	assert_string_equal(text_bytes(text, 1), "1 byte");
	assert_string_equal(text_bytes(text, 64), "64 bytes");
	assert_string_equal(text_bytes(text, 1023), "1023 bytes");
	assert_string_equal(text_bytes(text, 1024), "1.0 KiB");
	assert_string_equal(text_bytes(text, 11968), "11.7 KiB");
	assert_string_equal(text_bytes(text, 3 << 19), "1.5 MiB");
	assert_string_equal(text_bytes(text, 1ULL << 40), "1.0 TiB");
	assert_string_equal(text_bytes(text, ~0ULL), "16777216.0 TiB");
}

static void assert_wrapped(const char *text, unsigned int at, unsigned int indent,
			   unsigned int width, const char *wanted)
{
	char *got = NULL;
	size_t len;
	FILE *out = open_memstream(&got, &len);

	text_wrap(out, text, at, indent, width);
	fclose(out);
	assert_string_equal(got, wanted);
	free(got);
}

static void wrapped(void **state __attribute__((unused)))
{
	assert_wrapped("", 0, 0, 10, "\n");
	assert_wrapped("one", 0, 0, 10, "one\n");
	assert_wrapped("four five.", 0, 0, 10, "four five.\n");
	assert_wrapped("four five six", 0, 0, 10, "four five\nsix\n");
	assert_wrapped("four five six", 4, 2, 10, "four\n  five six\n");
	assert_wrapped("a-word-that-does-not-fit here", 0, 2, 10,
		       "a-word-that-does-not-fit\n  here\n");
	assert_wrapped("four five six", 4, 2, 0, "four five six\n");
	assert_wrapped("two  blanks ", 0, 0, 80, "two blanks\n");
}

static void size(void **state __attribute__((unused)))
{
	unsetenv("COLUMNS");
	unsetenv("LINES");
	assert_int_equal(terminal_size(-1).columns, 0);
	assert_int_equal(terminal_size(-1).rows, 0);
	setenv("COLUMNS", "132", 1);
	setenv("LINES", "50", 1);
	assert_int_equal(terminal_size(-1).columns, 132);
	assert_int_equal(terminal_size(-1).rows, 50);
	setenv("COLUMNS", "0", 1);
	assert_int_equal(terminal_size(-1).columns, 0);
	setenv("COLUMNS", "-7", 1);
	assert_int_equal(terminal_size(-1).columns, 0);
	setenv("COLUMNS", "3", 1);
	assert_int_equal(terminal_size(-1).columns, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes),
		cmocka_unit_test(wrapped),
		cmocka_unit_test(size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
