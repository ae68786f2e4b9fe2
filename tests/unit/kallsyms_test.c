// SPDX-License-Identifier: GPL-2.0-only
/* Names of addresses and addresses of names, while modules change and KASLR moves the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "kernel/kallsyms.h"
#include "kernel/names.h"

static char proc[] = "/tmp/slubnode-kallsyms.XXXXXX";
static struct kallsyms *k;

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
	k = kallsyms_new(proc);
	return k ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	kallsyms_free(k);
	return 0;
}

static const char *name_of(__u64 address)
{
	struct kallsyms_place p = kallsyms_resolve(k, address);
	static char text[128];

	snprintf(text, sizeof(text), "%s+0x%llx%s%s", p.function, p.offset, *p.module ? " " : "",
		 p.module);
	return *p.function ? text : "";
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
	assert_string_equal(name_of(0xffffffffa0000010), "hello+0x10 mod");
	assert_string_equal(name_of(0xffffffff80000000), "");
	assert_string_equal(name_of(0xffffffffb0000000), "");
	assert_true(kallsyms_known(k));
}

/* KASLR may put the kernel where modules lie without it. */
static void core_names_while_modules_change(void **state)
{
	(void)state;
	put("kallsyms", "ffffffffa1000000 T copy_from_kernel_nofault\n"
			"ffffffffa1000100 T next\n"
			"ffffffffc0000000 t hello\t[mod]\n");
	put("modules", "mod 16384 0 - Live 0xffffffffc0000000\n");
	assert_string_equal(name_of(0xffffffffc0000010), "hello+0x10 mod");
	put("modules", "other 16384 0 - Live 0xffffffffc0000000\n");
	usleep(150000); /* the interval between two reads of the modules */
	assert_string_equal(name_of(0xffffffffc0000010), "");
	assert_string_equal(name_of(0xffffffffa1000010), "copy_from_kernel_nofault+0x10");
}

static void hidden(void **state)
{
	(void)state;
	put("kallsyms", "0000000000000000 T one\n0000000000000000 t two\n");
	put("modules", "");
	assert_string_equal(name_of(0xffffffff81000010), "");
	assert_false(kallsyms_known(k));
}

static void found_by_name(void **state)
{
	struct kallsyms_symbol symbols[] = {
		{ .want = "exact", .function = true },
		{ .want = "renamed", .function = true },
		{ .want = "variable" },
		{ .want = "cold", .function = true },
		{ .want = "absent", .function = true },
	};
	bool hidden = true;

	(void)state;
	put("kallsyms", "ffffffff81000000 t exact.isra.0\n"
			"ffffffff81000010 T exact\n"
			"ffffffff81000020 t exact.constprop.0\n"
			"ffffffff81000030 t renamed.isra.0\n"
			"ffffffff81000040 d variable.llvm.123\n"
			"ffffffff81000050 D variable\n"
			"ffffffff81000060 t cold.isra.0.cold\n");
	assert_int_equal(kallsyms_find(proc, symbols, 5, &hidden), 0);
	assert_false(hidden);
	assert_int_equal(symbols[0].address, 0xffffffff81000010);
	assert_string_equal(symbols[1].name, "renamed.isra.0");
	assert_int_equal(symbols[2].address, 0xffffffff81000050);
	assert_false(symbols[3].found);
	assert_false(symbols[4].found);

	put("kallsyms", "0000000000000000 T exact\n");
	assert_int_equal(kallsyms_find(proc, symbols, 1, &hidden), 0);
	assert_true(hidden);
}

static void classified(void **state)
{
	(void)state;
	assert_int_equal(names_of_function("show_slab_objects", ""), 0);
	assert_int_equal(names_of_function("deactivate_slab", ""), NAME_FREE_LIST);
	/* A compiler's suffix does not make it another function; a longer name does. */
	assert_int_equal(names_of_function("deactivate_slab.isra.0", ""), NAME_FREE_LIST);
	assert_int_equal(names_of_function("deactivate_slabs", ""), 0);
	assert_int_equal(names_of_function("scan_block", ""), NAME_DEBUGGER | NAME_DEBUGGER_CALLER);
	assert_int_equal(names_of_function("read_kcore_iter", ""), NAME_DEBUGGER_CALLER);
	assert_int_equal(names_of_function("bpf_probe_read_kernel", ""),
			 NAME_DEBUGGER | NAME_TRACING);
	assert_int_equal(names_of_function("sweep", "bpf"), NAME_TRACING);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(named),      TEST(core_names_while_modules_change),
		TEST(hidden),     TEST(found_by_name),
		TEST(classified),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
