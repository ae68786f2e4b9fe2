// SPDX-License-Identifier: GPL-2.0-only
/* When work is due: deadlines, and the intervals that lengthen. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/deadline.h"
#include "trace/pace.h"

#define MS 1000000ULL
#define S  1000000000ULL

static void timeouts(void **state)
{
	(void)state;
	assert_int_equal(deadline_timeout(DEADLINE_NONE, 5 * S), -1);
	assert_int_equal(deadline_timeout(DEADLINE_NOW, 5 * S), 0);
	assert_int_equal(deadline_timeout(5 * S, 5 * S), 0);
	assert_int_equal(deadline_timeout(4 * S, 5 * S), 0);
	/* Rounded up: a wait that is too short would be followed by another one. */
	assert_int_equal(deadline_timeout(5 * S + 1, 5 * S), 1);
	assert_int_equal(deadline_timeout(5 * S + MS, 5 * S), 1);
	assert_int_equal(deadline_timeout(5 * S + MS + 1, 5 * S), 2);
	assert_int_equal(deadline_timeout(DEADLINE_NONE - 1, 5 * S), INT_MAX);
	assert_true(deadline_first(DEADLINE_NONE, 7) == 7);
	assert_true(deadline_first(DEADLINE_NOW, 7) == DEADLINE_NOW);
}

static void turns_lengthen(void **state)
{
	(void)state;
	assert_true(pace_turn_ns(0, 8, 4) == PACE_TURN_NS);
	assert_true(pace_turn_ns(150 * MS, 8, 4) == PACE_TURN_NS);
	/* Two turns are a round, which takes as long as the free is old. */
	assert_true(pace_turn_ns(4 * S, 8, 4) == 2 * S);
	assert_true(pace_turn_ns(4 * S, 8, 1) == S / 2);
	assert_true(pace_turn_ns(4 * S, 9, 4) == 4 * S / 3);
	assert_true(pace_turn_ns(3600 * S, 8, 4) == PACE_TURN_MAX_NS);
	/* 127 structures of 8 words. */
	assert_true(pace_turn_ns(25 * S, 127 * 8, 4) == PACE_TURN_NS);
	assert_true(pace_turn_ns(254 * S, 127 * 8, 4) == S);
	/* No words, and no registers. */
	assert_true(pace_turn_ns(9 * S, 0, 4) == PACE_TURN_NS);
	assert_true(pace_turn_ns(9 * S, 8, 0) == PACE_TURN_NS);
}

/* Return the number of turns in the first 60 seconds after a free. */
static unsigned int turns_of_a_minute(__u64 words)
{
	unsigned int turns = 0;

	for (__u64 age_ns = 0; age_ns < 60 * S; turns++)
		age_ns += pace_turn_ns(age_ns, words, 4);
	return turns;
}

static void turns_are_few(void **state)
{
	(void)state;
	assert_in_range(turns_of_a_minute(8), 10, 20);
	assert_in_range(turns_of_a_minute(16), 20, 30);
	/* Many words have their turns all the same: three rounds of 63 turns. */
	assert_in_range(turns_of_a_minute(250), 2 * 63, 4 * 63);
}

static void walks(void **state)
{
	(void)state;
	assert_true(pace_walk_ns(0) == PACE_WALK_NS);
	assert_true(pace_walk_ns(2 * S) == PACE_WALK_NS); /* until a structure has leaked */
	assert_true(pace_walk_ns(100 * S) == 10 * S);
	assert_true(pace_walk_ns(86400 * S) == PACE_WALK_MAX_NS);
}

static void heartbeats(void **state)
{
	(void)state;
	assert_true(pace_heartbeat_ns(0) == 2 * PACE_HEARTBEAT_NS);
	assert_true(pace_heartbeat_ns(1) == 4 * PACE_HEARTBEAT_NS);
	assert_true(pace_heartbeat_ns(30) == 10 * S);
	assert_true(pace_heartbeat_ns(UINT_MAX) == 10 * S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timeouts),      cmocka_unit_test(turns_lengthen),
		cmocka_unit_test(turns_are_few), cmocka_unit_test(walks),
		cmocka_unit_test(heartbeats),
	};

	return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
