// SPDX-License-Identifier: GPL-2.0-only
/*
 * The differences between walks, as records: the fake kernel changes without
 * emitting anything, each poll is a walk, and the ledger must know what changed.
 *
 * SEED in the environment repeats the random test.
 */
#include "fake_kernel.h"
#include <errno.h>
#include <time.h>
#include "model/difference.h"

static struct difference *d;

static int into_ledger(void *context __attribute__((unused)), const struct record *r)
{
	return ledger_feed(k.l, r);
}

static int into_difference(const struct record *e, size_t len)
{
	return difference_feed(d, record_check(e, len));
}

static int teardown(void **state)
{
	fake_feed = NULL;
	difference_free(d);
	d = NULL;
	return halt(state);
}

static struct node_set memory_now(void)
{
	struct node_set memory = {};

	for (int nid = 0; nid < k.nodes; nid++)
		memory.has[nid] = k.has_memory[nid];
	return memory;
}

static void boot_polled(enum generation g, int nodes)
{
	const struct difference_ops ops = { .emit = into_ledger };
	struct node_set memory = {};

	for (int nid = 0; nid < nodes; nid++)
		memory.has[nid] = true;
	d = difference_new(&ops, &memory);
	assert_non_null(d);
	fake_feed = into_difference;
	boot(g, nodes);
}

static void poll_walk(bool complete)
{
	struct node_set memory = memory_now();

	difference_set_memory(d, &memory);
	walk_all(WALK_VERIFY, complete);
	assert_int_equal(k.err, 0);
}

static void poll(void)
{
	poll_walk(true);
}

/* Destroy a cache without emitting anything. */
static void vanish(struct kcache *c)
{
	for (int nid = 0; nid < k.nodes; nid++)
		if (c->node[nid])
			structure_free(c->node[nid]);
	c->there = false;
}

static void go_online(int nid)
{
	callback_works(NODE_GOING_ONLINE, nid);
	callback_works(NODE_ONLINE, nid);
}

static void nothing_changed(void **state __attribute__((unused)))
{
	boot_polled(RETAINS, 2);
	cache_make("dentry");
	poll();
	forget();
	poll();
	poll();
	assert_int_equal(k.nr_journal, 0);
	assert_int_equal(trust()->verified, 3);
	assert_int_equal(trust()->counted, 0); /* the pointers may have changed meanwhile */
	assert_trusted();
}

static void a_node_goes_and_its_structures_stay(void **state __attribute__((unused)))
{
	boot_polled(RETAINS, 2);
	cache_make("dentry");
	poll();
	forget();
	callback_works(NODE_OFFLINE, 1);
	poll();
	assert_int_equal(k.nr_journal, 2);
	assert_int_equal(last(T_NODE)->t.node, NODE_OFFLINE);
	assert_int_equal(last(T_NODE)->t.nid, 1);
	assert_int_equal(reported(T_RETAINED, CAUSE_OFFLINE), 1);
	assert_null(last(T_RETAINED)->t.task); /* the task is not known */
	forget();
	go_online(1);
	poll();
	assert_int_equal(k.nr_journal, 2);
	assert_int_equal(last(T_NODE)->t.node, NODE_ONLINE);
	assert_int_equal(reported(T_SAME_ADDRESS, CAUSE_ONLINE), 1); /* a free was not excluded */
	assert_trusted();
}

static void a_node_takes_its_structures_along(void **state __attribute__((unused)))
{
	boot_polled(FREES, 2);
	cache_make("dentry");
	poll();
	forget();
	callback_works(NODE_OFFLINE, 1);
	poll();
	assert_int_equal(reported(T_FREED, CAUSE_OFFLINE), 1);
	assert_int_equal(reported_structures(), 1);
	go_online(1);
	poll();
	assert_int_equal(reported(T_ALLOCATED, CAUSE_ONLINE), 1);
	assert_int_equal(reported_structures(), 2);
	assert_trusted();
}

static void a_node_goes_and_comes_between_two_walks(void **state __attribute__((unused)))
{
	struct kcache *c;

	boot_polled(FREES, 2);
	c = cache_make("dentry");
	poll();
	forget();
	callback_works(NODE_OFFLINE, 1);
	structure_new(); /* so that the address differs */
	go_online(1);
	poll();
	assert_true(c->node[1]);
	assert_int_equal(reported(T_NODE, -1), 0);
	assert_int_equal(reported(T_ALLOCATED, CAUSE_OUTSIDE), 1);
	assert_int_equal(reported(T_FREED, -1) + trust()->pending, 1);
	assert_int_equal(trust()->disagreements, 0);
}

static void caches_come_and_go(void **state __attribute__((unused)))
{
	struct kcache *c;

	boot_polled(RETAINS, 2);
	cache_make("dentry");
	poll();
	forget();
	c = cache_make("fat");
	poll();
	assert_int_equal(reported(T_CACHE_CREATED, -1), 1);
	assert_string_equal(last(T_CACHE_CREATED)->name, "fat");
	assert_int_equal(reported(T_ALLOCATED, CAUSE_CREATE), 2);
	assert_int_equal(k.nr_journal, 3);
	forget();
	vanish(c);
	poll();
	assert_int_equal(trust()->pending, 2);
	poll(); /* this walk is asked for their state */
	assert_int_equal(reported(T_FREED, CAUSE_DESTROY), 2);
	assert_int_equal(reported(T_CACHE_DESTROYED, -1), 1);
	assert_int_equal(k.nr_journal, 3);
	assert_trusted();
}

static void another_cache_has_the_address(void **state __attribute__((unused)))
{
	boot_polled(RETAINS, 2);
	vanish(cache_make("dentry"));
	cache_make("inode");
	poll();
	forget();
	vanish(&k.caches[0]);
	cache_make("file");
	poll();
	assert_string_equal(last(T_CACHE_DESTROYED)->name, "inode");
	assert_string_equal(last(T_CACHE_CREATED)->name, "file");
	assert_int_equal(reported(T_FREED, CAUSE_DESTROY), 2);
	assert_int_equal(reported(T_ALLOCATED, CAUSE_CREATE), 2);
	assert_trusted();
}

static void an_incomplete_walk_claims_nothing(void **state __attribute__((unused)))
{
	struct kcache *c;
	__u64 walk;

	boot_polled(RETAINS, 2);
	c = cache_make("dentry");
	poll();
	forget();
	c->there = false;
	poll_walk(false);
	walk = walk_begins(WALK_VERIFY, -1);
	difference_lost(d);
	walk_ends(walk, WALK_VERIFY, -1, true);
	assert_int_equal(k.nr_journal, 0);
	assert_int_equal(trust()->incomplete, 2);
	c->there = true;
	callback_works(NODE_OFFLINE, 1);
	poll();
	assert_int_equal(reported(T_RETAINED, CAUSE_OFFLINE), 1);
	assert_int_equal(k.nr_journal, 2);
	assert_trusted();
}

static void two_later_walks_show_a_leak(void **state __attribute__((unused)))
{
	struct kcache *c;

	boot_polled(RETAINS, 2);
	c = cache_make("dentry");
	poll();
	forget();
	c->node[1] = 0; /* without a free of the structure */
	poll();
	assert_int_equal(trust()->pending, 1);
	poll();
	assert_int_equal(reported(T_LEAKED, -1), 0);
	k.now += LEDGER_LEAK_NS;
	poll();
	assert_int_equal(reported(T_LEAKED, CAUSE_OUTSIDE), 1);
	assert_trusted();
}

static void a_pointer_that_dangles(void **state __attribute__((unused)))
{
	struct kcache *c;

	boot_polled(RETAINS, 2);
	c = cache_make("dentry");
	poll();
	forget();
	callback_works(NODE_OFFLINE, 1);
	structure_free(c->node[1]);
	poll();
	assert_int_equal(reported(T_DANGLING, -1), 0); /* one look proves nothing */
	poll();
	assert_int_equal(reported(T_DANGLING, -1), 1);
	assert_int_equal(now()->retained_now, 0);
	assert_trusted();
}

static int fails(void *context __attribute__((unused)),
		 const struct record *r __attribute__((unused)))
{
	return -EIO;
}

static void an_error_is_passed_on(void **state __attribute__((unused)))
{
	const struct difference_ops ops = { .emit = fails };
	const struct walk_record begin = { .head.type = RECORD_WALK, .walk = 1 };
	struct walk_record end = begin;

	boot(RETAINS, 2);
	d = difference_new(&ops, &(struct node_set){});
	end.phase = PHASE_END;
	end.complete = 1;
	assert_int_equal(difference_feed(d, &begin.head), 0);
	assert_int_equal(difference_feed(d, &end.head), -EIO);
}

/* Change the kernel at random between two walks; then the ledger must have its state. */

static unsigned int seed;

static int chance(int n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % (unsigned int)n;
}

static int compare(void *arg, const struct transition *t)
{
	const struct kcache *c = &k.caches[(t->cache - 0xffff999000000000ULL) / 256];

	assert_true(c->there);
	assert_string_equal(c->name, t->cache_name);
	assert_true(c->node[t->nid] == t->address);
	assert_int_equal(t->kind, k.has_memory[t->nid] ? T_ALLOCATED : T_RETAINED);
	++*(int *)arg;
	return 0;
}

static void compare_all(void)
{
	const struct ledger_counts *n = now();
	int seen = 0, there = 0;

	ledger_each_structure(k.l, compare, &seen);
	for (int i = 0; i < k.nr_caches; i++)
		for (int nid = 0; nid < k.nodes && k.caches[i].there; nid++)
			there += k.caches[i].node[nid] != 0;
	assert_int_equal(seen, there);
	assert_int_equal(trust()->disagreements, 0);
	assert_int_equal(n->leaked, 0);
	assert_int_equal(n->allocated + n->late,
			 n->freed + n->live_now + n->retained_now + trust()->pending);
}

static void change_anything(int serial)
{
	struct kcache *c = &k.caches[chance(k.nr_caches + 1)];
	int nid = 1 + chance(k.nodes - 1);
	char name[16];

	switch (chance(3)) {
	case 0:
		snprintf(name, sizeof(name), "c%d", serial);
		cache_make(name);
		break;
	case 1:
		if (c->there)
			vanish(c);
		break;
	case 2:
		if (k.has_memory[nid])
			callback_works(NODE_OFFLINE, nid);
		else
			go_online(nid);
		break;
	}
}

static void at_random(enum generation g)
{
	const char *from = getenv("SEED");

	seed = from ? strtoul(from, NULL, 0) : (unsigned int)time(NULL);
	print_message("# SEED=%u\n", seed);
	boot_polled(g, 4);
	for (int i = 0; i < 3000; i++) {
		for (int changes = chance(4); changes > 0; changes--)
			change_anything(4 * i + changes);
		poll();
		compare_all();
	}
}

static void frees_at_random(void **state __attribute__((unused)))
{
	at_random(FREES);
}

static void retains_at_random(void **state __attribute__((unused)))
{
	at_random(RETAINS);
}

static void late_at_random(void **state __attribute__((unused)))
{
	at_random(LATE);
}

#define STORY(f) cmocka_unit_test_teardown(f, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(nothing_changed),
		STORY(a_node_goes_and_its_structures_stay),
		STORY(a_node_takes_its_structures_along),
		STORY(a_node_goes_and_comes_between_two_walks),
		STORY(caches_come_and_go),
		STORY(another_cache_has_the_address),
		STORY(an_incomplete_walk_claims_nothing),
		STORY(two_later_walks_show_a_leak),
		STORY(a_pointer_that_dangles),
		STORY(an_error_is_passed_on),
		STORY(frees_at_random),
		STORY(retains_at_random),
		STORY(late_at_random),
	};

	return cmocka_run_group_tests_name("differences", tests, NULL, NULL);
}
