// SPDX-License-Identifier: GPL-2.0-only
/* Offlines that failed: which are reported, when, and with which slabs. */
#include "fake_model.h"

#define MAX_FAILURES 64

static struct offline_failure all[MAX_FAILURES];
static char largest[MAX_FAILURES][CACHE_NAME_LEN];
static __s64 bytes[MAX_FAILURES];
static int nr;

static void keep(void *context, const struct offline_failure *f)
{
	(void)context;
	assert_true(nr < MAX_FAILURES);
	all[nr] = *f;
	bytes[nr] = f->slabs ? f->slabs->bytes : -2;
	snprintf(largest[nr], sizeof(largest[nr]), "%s",
		 f->slabs && f->slabs->count ? f->slabs->list[0].name : "");
	nr++;
}

static int setup(void **state)
{
	model_setup(state);
	observer.offline_failed = keep;
	session.layout.count = 1;
	snprintf(session.layout.field[0].name, sizeof(session.layout.field[0].name), "nr_slabs");
	nr = 0;
	return 0;
}

static void start(void)
{
	begin(RETAINS, 3);
	first_look();
	turn();
}

static void refuse(int nid, __u64 block, int error)
{
	struct offline_record e = {
		.start_pfn = block << 15, .block = block, .nid = nid, .ret = -error
	};

	feed(&e.head, RECORD_OFFLINE, sizeof(e));
}

static void bound(int nid, enum phase phase, bool complete)
{
	struct walk_record e = { .walk = 7, .reason = WALK_SLABS, .phase = phase, .nid = nid };

	e.complete = complete;
	feed(&e.head, RECORD_WALK, sizeof(e));
}

static void slabs(int nid, const char *cache, __u64 count)
{
	struct slabs_record e = {
		.walk = 7, .cache = 0x1000, .slabs = count, .nid = nid, .slab_bytes = 8192
	};

	snprintf(e.name, sizeof(e.name), "%s", cache);
	feed(&e.head, RECORD_SLABS, sizeof(e));
}

/* A failure, and the walk that follows. */
static void fail_at(__u64 ms, __u64 block)
{
	k.now = ms * 1000000;
	refuse(1, block, EBUSY);
	bound(1, PHASE_BEGIN, false);
	slabs(1, "dentry", 37);
	slabs(1, "kmalloc-512", 4);
	bound(1, PHASE_END, true);
	turn();
}

static void a_failure_has_the_slabs_of_its_node(void **state __attribute__((unused)))
{
	start();
	fail_at(1000, 40);
	assert_int_equal(nr, 1);
	assert_int_equal(all[0].nid, 1);
	assert_int_equal(all[0].error, -EBUSY);
	assert_int_equal(all[0].count, 1);
	assert_int_equal(all[0].first_block, 40);
	assert_int_equal(all[0].last_block, 40);
	assert_string_equal(largest[0], "dentry");
	assert_int_equal(bytes[0], 41 * 8192);
	/* The ledger takes no part: such a walk shows no structure. */
	assert_true(model_walk_complete(m));
	assert_true(model_next_ns(m) == ~0ULL);
}

static void a_walk_that_is_repeated(void **state __attribute__((unused)))
{
	start();
	refuse(1, 40, EBUSY);
	bound(1, PHASE_BEGIN, false);
	slabs(1, "dentry", 37);
	bound(1, PHASE_END, false);
	bound(1, PHASE_BEGIN, false);
	slabs(1, "kmalloc-512", 4);
	bound(1, PHASE_END, true);
	turn();
	assert_int_equal(bytes[0], 4 * 8192);
}

static void slabs_that_are_not_known(void **state __attribute__((unused)))
{
	start();
	refuse(1, 40, EBUSY);
	bound(1, PHASE_BEGIN, false);
	slabs(1, "dentry", 37);
	bound(1, PHASE_END, false);
	turn();
	assert_int_equal(nr, 1);
	assert_null(all[0].slabs);
	refuse(-1, NO_BLOCK, EBUSY); /* of no known node */
	turn();
	assert_int_equal(nr, 2);
	assert_int_equal(all[1].nid, -1);
	assert_null(all[1].slabs);
	refuse(-1, 40, EBUSY); /* on several nodes */
	refuse(-1, NO_BLOCK, EBUSY);
	finish();
	assert_int_equal(nr, 3);
	assert_true(all[2].first_block == NO_BLOCK && all[2].last_block == NO_BLOCK);
}

static void a_loop_is_no_flood(void **state __attribute__((unused)))
{
	__u64 tries = 0;

	start();
	for (__u64 ms = 1000; ms < 601000; ms += 100)
		fail_at(ms, 40 + ms / 100 % 2);
	finish();
	for (int i = 0; i < nr; i++)
		tries += all[i].count;
	assert_int_equal(tries, 6000);
	assert_in_range(nr, 8, 20); /* in ten minutes */
	assert_int_equal(all[0].count, 1);
	assert_int_equal(all[1].first_block, 40);
	assert_int_equal(all[1].last_block, 41);
}

/* A person who tries again sees the result at once. */
static void tries_by_hand(void **state __attribute__((unused)))
{
	start();
	for (__u64 s = 1; s < 60; s += 5)
		fail_at(s * 1000, 40);
	assert_int_equal(nr, 12);
}

static void the_rest_is_reported_by_the_clock(void **state __attribute__((unused)))
{
	start();
	fail_at(1000, 40);
	fail_at(1100, 40);
	assert_int_equal(nr, 1);
	assert_true(model_next_ns(m) >= 2000000000ULL && model_next_ns(m) < 2100000000ULL);
	k.now = 2100000000;
	turn();
	assert_int_equal(nr, 2);
	assert_true(model_next_ns(m) == ~0ULL);
}

static void another_error_or_node_is_reported_at_once(void **state __attribute__((unused)))
{
	start();
	fail_at(1000, 40);
	fail_at(1100, 41);
	assert_int_equal(nr, 1);
	refuse(1, 40, EINTR);
	turn();
	assert_int_equal(nr, 3);
	assert_int_equal(all[1].error, -EBUSY);
	assert_int_equal(all[1].first_block, 41);
	assert_int_equal(all[2].error, -EINTR);
	refuse(2, 50, EINTR);
	turn();
	assert_int_equal(nr, 4);
	assert_int_equal(all[3].nid, 2);
}

static void of_nodes_and_caches_that_pass_the_filter(void **state __attribute__((unused)))
{
	assert_int_equal(filter_add_nodes(&filter, "1"), 0);
	assert_int_equal(filter_add_cache(&filter, "kmalloc-*"), 0);
	start();
	refuse(2, 50, EBUSY);
	fail_at(1000, 40);
	assert_int_equal(nr, 1);
	assert_int_equal(all[0].nid, 1);
	assert_string_equal(largest[0], "kmalloc-512");
	assert_int_equal(bytes[0], 4 * 8192);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, model_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_failure_has_the_slabs_of_its_node),
		TEST(a_walk_that_is_repeated),
		TEST(slabs_that_are_not_known),
		TEST(a_loop_is_no_flood),
		TEST(tries_by_hand),
		TEST(the_rest_is_reported_by_the_clock),
		TEST(another_error_or_node_is_reported_at_once),
		TEST(of_nodes_and_caches_that_pass_the_filter),
	};

	return cmocka_run_group_tests_name("offlines", tests, NULL, NULL);
}
