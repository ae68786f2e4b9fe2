// SPDX-License-Identifier: GPL-2.0-only
/* The caches to which something else happened than to the others. */
#include "fake_kernel.h"
#include "model/usual.h"

static struct usual u;
static char different[256];

static int add_different(void *arg, const struct ledger_cache *c)
{
	(void)arg;
	if (usual_differs(&u, c))
		snprintf(different + strlen(different), sizeof(different) - strlen(different),
			 "%s ", c->name);
	return 0;
}

static void find(void)
{
	usual_find(&u, k.l);
	*different = 0;
	ledger_each_cache(k.l, add_different, NULL);
}

static void all_alike(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	create("dentry");
	create("inode");
	offline(1);
	online(1);
	find();
	assert_string_equal(different, "");
	assert_int_equal(u.caches, 2);
	assert_int_equal(u.others, 0);
	assert_int_equal(u.counts.reused, 1);
}

static void one_that_differs(void **state __attribute__((unused)))
{
	struct kcache *c;

	boot(RETAINS, 2);
	create("dentry");
	create("inode");
	c = create("lucky");
	offline(1);
	destroy(c);
	create("new");
	find();
	assert_int_equal(u.caches, 2);
	assert_int_equal(u.others, 2);
	assert_string_equal(different, "lucky new ");
}

static void none_at_all(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	find();
	assert_string_equal(different, "");
	assert_int_equal(u.caches, 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_teardown(test, halt)
	const struct CMUnitTest tests[] = { T(all_alike), T(one_that_differs), T(none_at_all) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
