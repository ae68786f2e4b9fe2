// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recordings of real kernels (tests/recordings) through the ledger, the findings, the verdict and
 * all writers, compared with golden files. With UPDATE in the environment the files are written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>
#include "replayed.h"

#define DIRECTORY "tests/recordings/"
#define ROOM      (8 << 20)

static char *golden;

/* Read a file. */
static void read_whole(const char *name, char *to)
{
	FILE *f = fopen(name, "r");
	size_t len;

	if (!f)
		fail_msg("%s does not exist; see " DIRECTORY "README.md", name);
	len = fread(to, 1, ROOM - 1, f);
	fclose(f);
	to[len] = 0;
}

static void write_whole(const char *name, const char *bytes, size_t len)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* Compare texts, and print the first line that differs. */
static void assert_same_text(const char *name, const char *got, const char *wanted)
{
	size_t line = 0, at = 0;

	for (; got[at] && got[at] == wanted[at]; at++)
		if (got[at] == '\n')
			line = at + 1;
	if (got[at] == wanted[at])
		return;
	fail_msg("%s: got    %.*s\nwanted %.*s", name, (int)strcspn(got + line, "\n"), got + line,
		 (int)strcspn(wanted + line, "\n"), wanted + line);
}

static void compare_output(const char *kernel, const char *suffix, const char *got, size_t len)
{
	char name[128];

	snprintf(name, sizeof(name), DIRECTORY "%s.%s", kernel, suffix);
	if (getenv("UPDATE")) {
		write_whole(name, got, len);
		return;
	}
	read_whole(name, golden);
	assert_same_text(name, got, golden);
}

/* Replay the recording of a kernel. */
static void compare(const char *kernel, bool frees)
{
	struct replayed x;
	char name[128];

	snprintf(name, sizeof(name), "build/recordings/%s.slub", kernel);
	replay_all(&x, name);
	assert_int_equal(x.refused, 0);
	assert_true(x.whole && x.outcome.found);
	assert_true(x.perfetto_len > 10000);
	assert_non_null(strstr(x.text, frees ? "structures freed" : "structures retained"));
	compare_output(kernel, "txt", x.text, x.len);
	compare_output(kernel, "jsonl", x.json, x.json_len);
	replayed_free(&x);
}

static void linux_5_10(void **state __attribute__((unused)))
{
	compare("5.10", true);
}

static void linux_6_1(void **state __attribute__((unused)))
{
	compare("6.1", false);
}

static void linux_6_12(void **state __attribute__((unused)))
{
	compare("6.12", false);
}

static void linux_7(void **state __attribute__((unused)))
{
	compare("7.x", false);
}

static int setup(void **state __attribute__((unused)))
{
	setenv("TZ", "UTC", 1);
	golden = malloc(ROOM);
	return golden ? 0 : -1;
}

static int teardown(void **state __attribute__((unused)))
{
	free(golden);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linux_5_10),
		cmocka_unit_test(linux_6_1),
		cmocka_unit_test(linux_6_12),
		cmocka_unit_test(linux_7),
	};

	return cmocka_run_group_tests_name("recordings of kernels", tests, setup, teardown);
}
