// SPDX-License-Identifier: GPL-2.0-only
/* The columns of a table in text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base/columns.h"

struct thing {
	__u64 count, nothing, bytes;
	__s64 late;
};

#define COLUMN(name, kind, ...) FIELD(struct thing, #name, kind, name, ##__VA_ARGS__)

static const struct field fields[] = {
	COLUMN(count, NUMBER, .head = "COUNT", .width = 6),
	COLUMN(nothing, NUMBER, .head = "NOTHING", .width = 8),
	COLUMN(bytes, NUMBER, .head = "SIZE", .width = 12, .bytes = true),
	COLUMN(late, SIGNED, .head = "LATE", .width = 5),
	{},
};

static char *written;
static size_t written_len;

static void assert_written(FILE *out, const char *wanted)
{
	fclose(out);
	assert_string_equal(written, wanted);
	free(written);
}

static FILE *out(void)
{
	return open_memstream(&written, &written_len);
}

static void table(void **state __attribute__((unused)))
{
	const struct thing a = { 3, 0, 2048, -1 }, b = { 4, 0, 1000, 2 };
	struct columns c = { .fields = fields };
	FILE *f = out();

	columns_see(&c, &a);
	columns_head(f, &c);
	assert_written(f, " COUNT        SIZE");
	columns_see(&c, &b);
	columns_head(f = out(), &c);
	assert_written(f, " COUNT        SIZE LATE");
	columns_row(f = out(), &c, &a);
	assert_written(f, "     3     2.0 KiB    -");
	c.exact = true;
	columns_row(f = out(), &c, &a);
	assert_written(f, "     3        2048    -");
	c.exact = false;
	assert_true(columns_change(f = out(), &c, &b, &a, 4));
	assert_written(f, "        +1    -1.0 KiB");
	assert_false(columns_change(f = out(), &c, &b, &b, 4));
	assert_written(f, "");
	assert_int_equal(columns_width(&c), 23);
	columns_fit(&c, 23);
	assert_int_equal(columns_width(&c), 23);
	columns_fit(&c, 22);
	assert_int_equal(columns_width(&c), 18);
	columns_fit(&c, 0);
	assert_int_equal(columns_width(&c), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
