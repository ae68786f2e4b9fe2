// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "bpf/records.h"
#include "trace/sizes.h"

static struct sizes sizes_of(unsigned int caches, unsigned int possible, unsigned int present,
			     unsigned int cpus)
{
	const struct machine m = { caches, possible, present, cpus };
	struct sizes s;

	sizes_find(&s, &m);
	return s;
}

/* The bytes that the maps of fixed-size elements take, roughly: kernel/bpf/hashtab.c. */
static unsigned long bytes_of(const struct sizes *s, unsigned int nodes)
{
	const unsigned long hash = 48 + 16; /* of an element, and its bucket */

	return s->ring_bytes + s->caches * (16 + 4 + hash + 16 + sizeof(struct sought_object)) +
	       s->caches * nodes * 24UL + s->freed * (sizeof(struct freed_slot) + 4 + hash + 16) +
	       s->slabs * (hash + 16) + s->looks * (hash + 8 + 216UL);
}

static void small_machines(void **state)
{
	struct sizes s = sizes_of(189, 2, 1, 1);

	(void)state;
	assert_true(bytes_of(&s, 2) < 4000000);
	assert_true(s.caches >= 189 + 500);
	/* The structures of two nodes, and those of 500 caches. */
	assert_true(s.freed >= 2 * 189 + 500);
	assert_true(s.slabs >= 2 * 189);
}

static void large_machines(void **state)
{
	struct sizes s = sizes_of(3189, 16, 16, 64);

	(void)state;
	assert_true(bytes_of(&s, 16) < 12 << 20);
	assert_true(s.caches >= 5 * 3189 / 4 + 500);
	assert_true(s.freed >= 2 * 3189);
	assert_true(s.ring_bytes >= 8 * 3189 * sizeof(struct structure_record));
	/* The arrays end where the loops of the programs do. */
	s = sizes_of(60000, 1024, 1024, 512);
	assert_int_equal(s.caches, 65536);
	assert_int_equal(s.freed, 65536);
	assert_int_equal(s.ring_bytes, 64 << 20);
}

static void what_is_not_known(void **state)
{
	struct sizes s = sizes_of(0, 4, 0, 1);

	(void)state;
	assert_true(s.caches >= 4096);
	assert_true(s.freed >= 4096);
}

static void whole_chunks(void **state)
{
	(void)state;
	for (unsigned int caches = 1; caches < 300; caches++) {
		struct sizes s = sizes_of(caches, 2, 2, 2);

		assert_int_equal(s.caches % SIZES_CHUNK, 0);
		assert_int_equal(s.freed % SIZES_CHUNK, 0);
		assert_int_equal(s.ring_bytes & (s.ring_bytes - 1), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_machines),
		cmocka_unit_test(large_machines),      cmocka_unit_test(what_is_not_known),
		cmocka_unit_test(whole_chunks),
	};

	return cmocka_run_group_tests_name("sizes", tests, NULL, NULL);
}
