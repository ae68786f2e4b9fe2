// SPDX-License-Identifier: GPL-2.0-only
// links: src/kernel/ksyms.c src/base/msg.c -lbpf
/* Addresses into names, while modules come and go and KASLR moves the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "kernel/ksyms.h"

static char proc[] = "/tmp/slubnode-ksyms.XXXXXX";
static struct ksyms *k;

static void put(const char *name, const char *text)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", proc, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static int begin(void **state)
{
	(void)state;
	return mkdtemp(proc) ? 0 : -1;
}

static int end(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/kallsyms", proc);
	unlink(path);
	snprintf(path, sizeof(path), "%s/modules", proc);
	unlink(path);
	return rmdir(proc);
}

static int setup(void **state)
{
	(void)state;
	k = ksyms_new(proc);
	return k ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	ksyms_free(k);
	return 0;
}

static const char *name_of(__u64 address)
{
	static char text[128];

	return ksyms_format(k, address, text, sizeof(text));
}

static void named(void **state)
{
	(void)state;
	put("kallsyms", "ffffffff81000100 T one\n"
			"ffffffff81000000 t zero\n"
			"ffffffff81000180 D data\n"
			"ffffffffa0000000 t hello\t[mod]\n");
	put("modules", "mod 16384 0 - Live 0xffffffffa0000000\n");
	assert_string_equal(name_of(0xffffffff81000020), "zero+0x20");
	assert_string_equal(name_of(0xffffffff81000190), "one+0x90");
	assert_string_equal(name_of(0xffffffffa0000010), "hello+0x10 [mod]");
	assert_string_equal(name_of(0xffffffff80000000), "0xffffffff80000000");
	assert_string_equal(name_of(0xffffffffb0000000), "0xffffffffb0000000");
	assert_true(ksyms_known(k));
}

/* KASLR may put the kernel where modules lie without it. */
static void core_names_while_modules_change(void **state)
{
	(void)state;
	put("kallsyms", "ffffffffa1000000 T copy_from_kernel_nofault\n"
			"ffffffffa1000100 T next\n"
			"ffffffffc0000000 t hello\t[mod]\n");
	put("modules", "mod 16384 0 - Live 0xffffffffc0000000\n");
	assert_string_equal(name_of(0xffffffffc0000010), "hello+0x10 [mod]");
	put("modules", "other 16384 0 - Live 0xffffffffc0000000\n");
	usleep(150000); /* it is not asked more often */
	assert_string_equal(name_of(0xffffffffc0000010), "0xffffffffc0000010");
	assert_string_equal(name_of(0xffffffffa1000010), "copy_from_kernel_nofault+0x10");
}

static void hidden(void **state)
{
	(void)state;
	put("kallsyms", "0000000000000000 T one\n0000000000000000 t two\n");
	put("modules", "");
	assert_string_equal(name_of(0xffffffff81000010), "0xffffffff81000010");
	assert_false(ksyms_known(k));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(named),
		TEST(core_names_while_modules_change),
		TEST(hidden),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
