// SPDX-License-Identifier: GPL-2.0-only
/* Lists of nodes and CPUs, uevents, filters, and text for a terminal. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "base/cpu_set.h"
#include "base/id_list.h"
#include "base/text.h"
#include "base/filter.h"
#include "output/trace_view.h"
#include "trace/uevents.h"

static void node_lists(void **state __attribute__((unused)))
{
	static const char *const good[] = { "0", "0-3", "0,2", "0-3,8", "1,3-5,1023" };
	static const char *const bad[] = { "x", "1-", "3-1", "1,,2", "1024", "-1", "1 2" };
	struct node_set set;
	char text[64];

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(node_set_parse(&set, good[i]), 0);
		assert_string_equal(node_set_format(&set, text, sizeof(text)), good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_not_equal(node_set_parse(&set, bad[i]), 0);
	assert_int_equal(node_set_parse(&set, "\n"), 0); /* sysfs: none */
	assert_string_equal(node_set_format(&set, text, sizeof(text)), "");
	assert_int_equal(node_set_end(&set), 0);
	node_set_parse(&set, "0-3,8\n");
	assert_int_equal(node_set_end(&set), 9);
	assert_int_equal(strlen(node_set_format(&set, text, 4)), 3); /* cut, not overrun */
}

static void cpu_lists(void **state __attribute__((unused)))
{
	static struct cpu_set set;

	/* CPU 1 of 4 is offline. */
	assert_int_equal(id_list_parse("0,2-3\n", set.has, MAX_CPUS), 0);
	assert_int_equal(cpu_set_count(&set), 3);
	assert_int_equal(cpu_set_end(&set), 4);
	assert_false(set.has[1]);
	assert_int_equal(id_list_parse("8191", set.has, MAX_CPUS), 0);
	assert_int_equal(cpu_set_count(&set), 1);
	assert_int_equal(id_list_parse("8192", set.has, MAX_CPUS), -EINVAL);
	assert_int_equal(id_list_parse("\n", set.has, MAX_CPUS), 0);
	assert_int_equal(cpu_set_end(&set), 0);
	assert_int_equal(cpu_set_read(&set, "no_such_list"), -ENOENT);
	assert_int_equal(cpu_set_read(&set, "online"), 0);
	assert_true(cpu_set_count(&set) > 0);
}

static void uevents_of_a_cpu(void **state __attribute__((unused)))
{
	static const char *const others[] = {
		"",
		"offline@/devices/system/memory/memory40",
		"offline@/devices/system/cpu/cpu1/cache",
		"offline@/devices/system/cpu/cpu",
		"offline@/devices/system/cpu/cpu8192",
		"add@/devices/system/cpu/cpuidle",
		"libudev",
	};
	static struct cpu_set offline;

	assert_true(uevent_of_cpu("offline@/devices/system/cpu/cpu1", &offline));
	assert_true(uevent_of_cpu("online@/devices/system/cpu/cpu2", &offline));
	assert_true(uevent_of_cpu("remove@/devices/system/cpu/cpu31", &offline));
	assert_true(offline.has[1]);
	assert_false(offline.has[2]);
	assert_true(offline.has[31]);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_false(uevent_of_cpu(others[i], &offline));
	assert_int_equal(cpu_set_count(&offline), 2);
}

static void filters(void **state __attribute__((unused)))
{
	struct filter f = {};

	assert_true(filter_wants(&f, "dentry", 1));
	assert_int_equal(filter_add_nodes(&f, "1"), 0);
	assert_int_equal(filter_add_nodes(&f, "3"), 0);
	assert_true(filter_wants(&f, "dentry", 3));
	assert_false(filter_wants(&f, "dentry", 2));
	assert_true(filter_wants(&f, "dentry", -1));
	assert_int_equal(filter_add_cache(&f, "kmalloc-*"), 0);
	assert_int_equal(filter_add_cache(&f, "dentry"), 0);
	assert_true(filter_wants(&f, "dentry", 1));
	assert_true(filter_wants(&f, "kmalloc-64", 1));
	assert_false(filter_wants(&f, "inode_cache", 1));
	assert_false(filter_wants(&f, "kmalloc-64", 0));
	assert_true(filter_wants(&f, NULL, 1));
	filter_free(&f);
}

static void text(void **state __attribute__((unused)))
{
	char to[16];

	assert_string_equal(escape_text(to, sizeof(to), "dentry"), "dentry");
	assert_string_equal(escape_text(to, sizeof(to), "a\033[2J\377"), "a\\x1b[2J\\xff");
	assert_true(strlen(escape_text(to, sizeof(to), "\1\1\1\1\1\1\1\1\1")) < sizeof(to));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(node_lists),
		cmocka_unit_test(cpu_lists),
		cmocka_unit_test(uevents_of_a_cpu),
		cmocka_unit_test(filters),
		cmocka_unit_test(text),
	};

	return cmocka_run_group_tests_name("lists, uevents, filters, text", tests, NULL, NULL);
}
