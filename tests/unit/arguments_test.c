// SPDX-License-Identifier: GPL-2.0-only
/* The arguments of options: lengths of time and numbers of bytes; and misspelled commands. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/duration.h"
#include "base/nearest.h"
#include "base/size.h"

static void durations(void **state)
{
	static const struct {
		const char *text;
		double seconds;
	} valid[] = {
		{ "90", 90 },   { "90s", 90 },     { "5m", 300 },
		{ "1h", 3600 }, { "250ms", 0.25 }, { "0.5", 0.5 },
		{ ".5s", 0.5 }, { "1.5h", 5400 },  { "1000000000", 1e9 },
	};
	static const char *const invalid[] = {
		"",    "0",   "0ms",  "-1",         "+1",      " 1",  "1 ",    "5x",
		"s",   "ms",  ".",    "1..2",       "1.2.3",   "1sm", "1S",    "nan",
		"inf", "1e3", "0x10", "1000000001", "300000h", "5 m", "1h30m",
	};
	double seconds;

	(void)state;
	for (size_t i = 0; i < sizeof(valid) / sizeof(*valid); i++) {
		assert_int_equal(duration_parse(valid[i].text, false, &seconds), 0);
		assert_float_equal(seconds, valid[i].seconds, 1e-9);
	}
	for (size_t i = 0; i < sizeof(invalid) / sizeof(*invalid); i++)
		assert_int_equal(duration_parse(invalid[i], false, &seconds), -EINVAL);
}

static void durations_with_a_unit(void **state)
{
	double seconds;

	(void)state;
	assert_int_equal(duration_parse("100", true, &seconds), -EINVAL);
	assert_int_equal(duration_parse("100ms", true, &seconds), 0);
	assert_float_equal(seconds, 0.1, 1e-9);
	assert_int_equal(duration_parse("2s", true, &seconds), 0);
	assert_float_equal(seconds, 2, 1e-9);
}

static void sizes(void **state)
{
	static const struct {
		const char *text;
		__u64 bytes;
	} valid[] = {
		{ "0", 0 },
		{ "4096", 4096 },
		{ "512B", 512 },
		{ "64k", 65536 },
		{ "64K", 65536 },
		{ "64KiB", 65536 },
		{ "64kiB", 65536 },
		{ "8M", 8 << 20 },
		{ "8MiB", 8 << 20 },
		{ "1G", 1 << 30 },
		{ "8589934591G", 8589934591ULL << 30 },
		{ "9223372036854775807", INT64_MAX },
	};
	static const char *const invalid[] = {
		"",
		"k",
		"-1",
		"+1",
		" 1",
		"1 ",
		"1T",
		"1KB",
		"1kb",
		"1Ki",
		"1KiBs",
		"1.5M",
		"0x10",
		"8589934592G",
		"9223372036854775808",
		"99999999999999999999",
	};
	__u64 bytes;

	(void)state;
	for (size_t i = 0; i < sizeof(valid) / sizeof(*valid); i++) {
		assert_int_equal(size_parse(valid[i].text, 1, &bytes), 0);
		assert_int_equal(bytes, valid[i].bytes);
	}
	for (size_t i = 0; i < sizeof(invalid) / sizeof(*invalid); i++)
		assert_int_equal(size_parse(invalid[i], 1, &bytes), -EINVAL);
}

static void sizes_without_a_suffix(void **state)
{
	__u64 bytes;

	(void)state;
	assert_int_equal(size_parse("4", 1024, &bytes), 0);
	assert_int_equal(bytes, 4096);
	assert_int_equal(size_parse("4B", 1024, &bytes), 0);
	assert_int_equal(bytes, 4);
	assert_int_equal(size_parse("4M", 1024, &bytes), 0);
	assert_int_equal(bytes, 4 << 20);
}

static void misspelled_words(void **state)
{
	static const char *const words[] = { "trace", "check", "report", "probes", "help", NULL };
	static const struct {
		const char *misspelled, *meant;
	} cases[] = {
		{ "trac", "trace" },
		{ "t", "trace" },
		{ "rtace", "trace" },
		{ "chexk", "check" },
		{ "reports", "report" },
		{ "probe", "probes" },
		{ "raport", "report" },
		{ "help", "help" },
		{ "frobnicate", NULL },
		{ "xyz", NULL },
		{ "", NULL },
		{ "a-word-that-is-longer-than-any-command-is", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *meant = nearest_word(cases[i].misspelled, words);

		if (cases[i].meant)
			assert_string_equal(meant, cases[i].meant);
		else
			assert_null(meant);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations),
		cmocka_unit_test(durations_with_a_unit),
		cmocka_unit_test(sizes),
		cmocka_unit_test(sizes_without_a_suffix),
		cmocka_unit_test(misspelled_words),
	};

	return cmocka_run_group_tests_name("arguments", tests, NULL, NULL);
}
