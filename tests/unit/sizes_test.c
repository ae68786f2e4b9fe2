// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "trace/sizes.h"

static void node_ptrs_have_room(void **state)
{
	(void)state;
	assert_int_equal(sizes_node_ptrs(0, 1, 1), 1 << 14);
	assert_int_equal(sizes_node_ptrs(200, 64, 2), 2 * 200 * 64);
	/* Twice the structures of a large machine, which are more than 2^20. */
	assert_true(sizes_node_ptrs(3000, 512, 256) >= 2 * 3000 * 256);
	assert_true(sizes_node_ptrs(3000, 1024, 1024) >= 2 * 3000 * 1024);
	/* A small machine whose kernel allows for 1,024 nodes. */
	assert_int_equal(sizes_node_ptrs(3000, 1024, 2), 1 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(node_ptrs_have_room) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
