// SPDX-License-Identifier: GPL-2.0-only
/* The memory blocks of the nodes: a fake sysfs, and uevents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "trace/memory_blocks.h"

static char sys[] = "/tmp/memory_blocks.XXXXXX";
static struct memory_blocks blocks;

static void block(unsigned int id, int nid, const char *state)
{
	char command[512];

	snprintf(
		command, sizeof(command),
		"d=%s/devices/system/memory/memory%u; mkdir -p $d; echo %s >$d/state; : >$d/node%d",
		sys, id, state, nid);
	assert_int_equal(system(command), 0);
}

static int setup(void **state)
{
	(void)state;
	return mkdtemp(sys) ? 0 : -1;
}

static void block_size(const char *hex)
{
	char command[128];

	snprintf(command, sizeof(command), "echo %s >%s/devices/system/memory/block_size_bytes",
		 hex, sys);
	assert_int_equal(system(command), 0);
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", sys);
	return system(command);
}

static void event(const char *action, unsigned int id)
{
	char text[128];

	snprintf(text, sizeof(text), "%s@/devices/system/memory/memory%u", action, id);
	assert_true(memory_blocks_uevent(&blocks, text));
}

static void no_sysfs(void **state)
{
	(void)state;
	memory_blocks_read(&blocks, sys);
	assert_true(blocks.unknown);
	memory_blocks_free(&blocks);
}

static void the_last_block_of_a_node(void **state)
{
	(void)state;
	block(0, 0, "online");
	block(8, 1, "online");
	block(9, 1, "online");
	block(10, 1, "offline");
	block(16, 2, "online"); /* it lies on two nodes */
	block(16, 3, "online");
	memory_blocks_read(&blocks, sys);
	assert_false(blocks.unknown);
	assert_int_equal(blocks.count, 5);
	assert_int_equal(memory_blocks_node(&blocks, 9), 1);
	assert_int_equal(memory_blocks_node(&blocks, 16), -1);
	assert_int_equal(memory_blocks_node(&blocks, 99), -1);
	assert_true(memory_blocks_of(&blocks, 0x48000) == NO_BLOCK);
	block_size("8000000"); /* 128 MiB */
	assert_int_equal(memory_blocks_of(&blocks, 0x48000), 9);
	assert_int_equal(memory_blocks_of(&blocks, 0x47fff), 8);
	event("offline", 9);
	event("offline", 10); /* it already is */
	assert_int_equal(blocks.emptied[1], 0);
	event("offline", 8);
	assert_int_equal(blocks.emptied[1], 1);
	event("online", 10);
	event("offline", 10);
	assert_int_equal(blocks.emptied[1], 2);
	event("change", 10);
	event("offline", 16);
	assert_int_equal(blocks.emptied[0] + blocks.emptied[2] + blocks.emptied[3], 0);
	/* A block that is plugged in later. */
	block(40, 3, "offline");
	event("add", 40);
	event("online", 40);
	event("offline", 40);
	assert_int_equal(blocks.emptied[3], 1);
	assert_false(memory_blocks_uevent(&blocks, "offline@/devices/system/cpu/cpu1"));
	assert_false(memory_blocks_uevent(&blocks, "add@/devices/x"));
	assert_true(memory_blocks_uevent(&blocks, "online@/devices/system/memory/memoryx"));
	memory_blocks_free(&blocks);
}

static void assert_gone(int nid, __u32 gone, __u64 first, __u64 last)
{
	__u64 lowest, highest;

	assert_int_equal(blocks.gone[nid], gone);
	memory_blocks_gone(&blocks, nid, &lowest, &highest);
	assert_int_equal(lowest, first);
	assert_int_equal(highest, last);
}

static void a_part_of_a_node(void **state)
{
	(void)state;
	for (unsigned int id = 20; id < 24; id++)
		block(id, 4, "online");
	memory_blocks_read(&blocks, sys);
	assert_int_equal(blocks.gone[4], 0);
	event("offline", 22);
	assert_gone(4, 1, 22, 22);
	event("offline", 21);
	event("offline", 20);
	assert_gone(4, 3, 20, 22);
	assert_int_equal(blocks.online[4], 1);
	event("online", 20);
	assert_gone(4, 2, 21, 22);
	/* With the last one, the node itself is gone; its return is no part of a removal. */
	event("offline", 20);
	event("offline", 23);
	assert_int_equal(blocks.gone[4], 0);
	event("online", 20);
	assert_int_equal(blocks.gone[4], 0);
	event("offline", 20);
	assert_int_equal(blocks.gone[4], 0);
	event("online", 20);
	event("online", 21);
	event("offline", 20);
	assert_gone(4, 1, 20, 20);
	memory_blocks_forget(&blocks);
	assert_int_equal(blocks.gone[4], 0);
	memory_blocks_free(&blocks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_sysfs),
		cmocka_unit_test(the_last_block_of_a_node),
		cmocka_unit_test(a_part_of_a_node),
	};

	return cmocka_run_group_tests_name("memory blocks", tests, setup, teardown);
}
