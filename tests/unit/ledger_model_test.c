// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ledger against a model: the fake kernel changes at random, and other CPUs
 * observe it at the worst moments. The ledger must reach the kernel's state:
 * each node pointer, nothing unexplained, and exactly the structures that leaked.
 *
 * SEED in the environment repeats a run.
 */
#include "fake_kernel.h"
#include <time.h>
#include "model/ledger_state.h" /* the counters of retained structures */

#define STEPS     30000
#define CROWD     40 /* caches, about */
#define MAX_LEAKS 4096

static __u64 leaked[MAX_LEAKS];
static int nr_leaked;
static bool leaking, deferring;
static unsigned int seed;
static __u64 open_walk; /* another CPU's, over all caches */
static int open_at;

static int chance(int n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % (unsigned int)n;
}

static struct kcache *any_cache(void)
{
	for (int tries = 0; tries < 50; tries++) {
		struct kcache *c = &k.caches[chance(k.nr_caches + 1)];

		if (c->there)
			return c;
	}
	return NULL;
}

/* Structures that were dropped, and that are freed after a grace period. */
static __u64 deferred[MAX_LEAKS];
static int nr_deferred;

static void defer(struct kcache *c, int nid)
{
	assert_true(nr_deferred < MAX_LEAKS);
	deferred[nr_deferred++] = c->node[nid];
	c->node[nid] = 0;
}

static void end_grace_period(void)
{
	while (nr_deferred)
		structure_free(deferred[--nr_deferred]);
}

static void leak(struct kcache *c, int nid, __u64 instead)
{
	assert_true(nr_leaked < MAX_LEAKS);
	leaked[nr_leaked++] = c->node[nid];
	c->node[nid] = instead;
}

/* An observation by a CPU that has kept the cache's address for too long. */
static void stale_look(struct kcache *c, __u64 time_ns)
{
	__u64 other = k.caches[0].node[0];
	__u64 garbage[] = { 0, c->seen[0], other, 0xdeadbeef00, A(k.nr_structures) };

	look_raw((struct structure_record){ .head.time_ns = time_ns,
					    .head.tid = 99,
					    .cache = c->address,
					    .walk = open_walk ? open_walk : 1,
					    .nid = chance(k.nodes),
					    .address = garbage[chance(5)],
					    .previous = garbage[chance(5)],
					    .prev_state = chance(4) });
}

static void stale_existence(struct kcache *c, __u64 died_ns)
{
	if (open_walk && open_walk <= died_ns)
		cache_says(c->address, CACHE_EXISTS, "ghost", open_walk);
}

static void destroy_watched(struct kcache *c)
{
	__u64 died_ns;

	cache_says(c->address, CACHE_DYING, c->name, 0);
	looks(c, 0);
	cache_says(c->address, CACHE_RELEASING, c->name, 0);
	died_ns = k.now;
	for (int nid = 0; nid < k.nodes; nid++) {
		if (c->node[nid])
			structure_free(c->node[nid]);
		c->node[nid] = 0;
		if (!chance(4))
			stale_look(c, 0);
	}
	if (!chance(4)) /* the address of a structure is allocated again at once */
		create("thief");
	stale_existence(c, died_ns);
	looks(c, 0);
	cache_says(c->address, CACHE_RELEASED, c->name, 0);
	c->there = false;
	stale_look(c, 0);
	stale_existence(c, died_ns);
}

static void create_watched(void)
{
	char name[16];
	struct kcache *c;
	__u64 before = tick();

	snprintf(name, sizeof(name), "c%d", chance(20));
	c = create(name);
	for (int i = chance(3); i > 0; i--)
		stale_look(c, before);
}

/* Continue the other CPU's walk by a few caches. */
static void walk_on(int nr)
{
	if (!open_walk) {
		k.digest_only = chance(2);
		open_walk = walk_begins(WALK_VERIFY, -1);
		open_at = 0;
	}
	for (; nr && open_at < k.nr_caches; open_at++, nr--) {
		struct kcache *c = &k.caches[open_at];

		if (!c->there)
			continue;
		digest_visit(c);
		if (k.digest_only)
			continue;
		cache_says(c->address, CACHE_EXISTS, c->name, open_walk);
		looks(c, open_walk);
	}
	if (open_at == k.nr_caches) {
		walk_ends(open_walk, WALK_VERIFY, -1, true);
		k.digest_only = false;
		open_walk = 0;
	}
}

/* Called inside a callback, after its work and before the walk of its node. */
static void meanwhile(int nid)
{
	struct kcache *c;

	if (!chance(3))
		walk_on(chance(CROWD));
	if (!chance(3))
		create_watched();
	c = any_cache();
	if (c && !chance(4))
		destroy_watched(c);
	c = any_cache();
	if (leaking && c && c->node[nid] && c->seen[nid] == c->node[nid] && !chance(8))
		leak(c, nid, chance(2) ? structure_new() : 0);
	c = any_cache();
	if (deferring && c && c->node[nid] && c->seen[nid] == c->node[nid] && !chance(8))
		defer(c, nid);
}

static void change_node(int nid)
{
	if (!k.has_memory[nid]) {
		if (chance(3))
			online(nid);
		else
			cancel_online(nid);
	} else if (chance(3)) {
		callback(NODE_GOING_OFFLINE, nid);
		callback(NODE_OFFLINE, nid); /* a walk may be under way: offline() begins one */
	} else {
		cancel_offline(nid);
	}
}

static void leak_outside(void)
{
	struct kcache *c = any_cache();
	int nid = chance(k.nodes);

	if (!c || !c->node[nid] || c->seen[nid] != c->node[nid])
		return;
	leak(c, nid, chance(2) ? structure_new() : 0);
	walk_node(WALK_BEFORE, nid);
}

static void step(void)
{
	struct kcache *c = any_cache();
	int alive = 0;

	for (int i = 0; i < k.nr_caches; i++)
		alive += k.caches[i].there;
	switch (chance(8)) {
	case 0:
	case 1:
	case 2:
		if (alive < CROWD)
			create_watched();
		else if (c)
			destroy_watched(c);
		break;
	case 3:
	case 4:
		if (c)
			destroy_watched(c);
		break;
	case 5: change_node(1 + chance(k.nodes - 1)); break;
	case 6:
		walk_on(chance(20));
		if (!chance(4))
			end_grace_period();
		break;
	case 7:
		if (leaking && !chance(10))
			leak_outside();
		break;
	}
}

static int compare(void *arg, const struct transition *t)
{
	struct kcache *c = &k.caches[(t->cache - 0xffff999000000000ULL) / 256];

	assert_true(c->there);
	assert_string_equal(c->name, t->cache_name);
	assert_true(c->node[t->nid] == t->address);
	assert_int_equal(t->kind, k.has_memory[t->nid] ? T_ALLOCATED : T_RETAINED);
	++*(int *)arg;
	return 0;
}

static void compare_all(void)
{
	int seen = 0, there = 0;

	ledger_each_structure(k.l, compare, &seen);
	for (int i = 0; i < k.nr_caches; i++)
		for (int nid = 0; nid < k.nodes && k.caches[i].there; nid++)
			there += k.caches[i].node[nid] != 0;
	assert_int_equal(seen, there);
	assert_int_equal(now()->live_now + now()->retained_now, there);
	assert_int_equal(k.l->retained_structures, now()->retained_now);
	assert_int_equal(k.l->retained_barns, now()->barns_retained_now);
	assert_int_equal(trust()->disagreements, 0);
	assert_int_equal(trust()->resynced, 0);
	assert_int_equal(trust()->malformed, 0);
}

static bool was_leaked(__u64 address)
{
	for (int i = 0; i < nr_leaked; i++)
		if (leaked[i] == address)
			return true;
	return false;
}

static void compare_leaks(void)
{
	for (size_t i = 0; i < k.nr_journal; i++)
		if (k.journal[i].t.kind == T_LEAKED)
			assert_true(was_leaked(k.journal[i].t.address));
	assert_int_equal(reported(T_LEAKED, -1), nr_leaked);
	assert_int_equal(now()->leaked, nr_leaked);
}

/* Allocations, ends and present structures must add up. */
static void compare_sums(void)
{
	const struct ledger_counts *n = now();

	assert_int_equal(n->allocated + n->late,
			 n->freed + n->leaked + n->live_now + n->retained_now);
}

/* The objects in use must be as many as the ledger knows. */
static void compare_counts(void)
{
	assert_int_equal(trust()->counted, 2); /* the last two */
	assert_int_equal(trust()->miscounted, 0);
	assert_int_equal(trust()->moved, 0);
	assert_int_equal(trust()->unobserved, 0);
	assert_int_equal(reported(T_DANGLING, -1), 0);
	k.more_in_use = 3;
	verify();
	assert_int_equal(trust()->miscounted, 1);
	assert_int_equal(trust()->in_use, trust()->held + 3);
	k.more_in_use = 0;
}

static void run(enum generation g, bool leaks, bool defers)
{
	const char *from = getenv("SEED");

	seed = from ? strtoul(from, NULL, 0) : (unsigned int)time(NULL);
	print_message("# SEED=%u\n", seed);
	nr_leaked = nr_deferred = 0;
	leaking = leaks;
	deferring = defers;
	open_walk = 0;
	boot(g, 4);
	k.between = meanwhile;
	for (int i = 0; i < STEPS; i++) {
		step();
		if (i % 10 == 0)
			compare_all();
	}
	if (open_walk)
		walk_on(-1);
	end_grace_period();
	wait_for_leaks();
	compare_counts();
	ledger_finish(k.l);
	compare_all();
	compare_leaks();
	compare_sums();
	assert_true(trust()->stale > 1000);
	assert_true(trust()->verified > 100);
	assert_true(!leaks || nr_leaked > 50);
	assert_int_equal(trust()->pending, 0);
}

/* --- records are lost --- */

static bool one_of_300(void)
{
	return !chance(300);
}

static int count_structure(void *arg, const struct transition *t)
{
	const struct kcache *c = &k.caches[(t->cache - 0xffff999000000000ULL) / 256];

	assert_true(c->there && c->node[t->nid] == t->address);
	++*(int *)arg;
	return 0;
}

/* Once walks and looks at the nodes are complete, the ledger knows the kernel's state again. */
static void compare_after_losses(void)
{
	int seen = 0, there = 0;

	k.no_room = NULL;
	report_lost();
	if (open_walk)
		walk_on(-1);
	for (int nid = 0; nid < k.nodes; nid++)
		node_found(nid, k.has_memory[nid]);
	for (int walk = 0; walk < 3; walk++)
		verify();
	assert_true(ledger_agrees(k.l));
	ledger_each_structure(k.l, count_structure, &seen);
	for (int i = 0; i < k.nr_caches; i++)
		for (int nid = 0; nid < k.nodes && k.caches[i].there; nid++)
			there += k.caches[i].node[nid] != 0;
	assert_int_equal(seen, there);
	assert_int_equal(trust()->malformed, 0);
	k.no_room = one_of_300;
}

/* Nothing leaks and nothing dangles, and no loss makes the ledger claim it. */
static void run_with_losses(enum generation g)
{
	const char *from = getenv("SEED");

	seed = from ? strtoul(from, NULL, 0) : (unsigned int)time(NULL);
	print_message("# SEED=%u\n", seed);
	nr_leaked = nr_deferred = 0;
	leaking = deferring = false;
	open_walk = 0;
	boot(g, 4);
	k.between = meanwhile;
	k.no_room = one_of_300;
	for (int i = 0; i < STEPS / 3; i++) {
		step();
		if (i % 50 == 0)
			compare_after_losses();
	}
	compare_after_losses();
	k.no_room = NULL;
	wait_for_leaks();
	assert_int_equal(reported(T_LEAKED, -1), 0);
	assert_int_equal(reported(T_DANGLING, -1), 0);
	assert_true(trust()->lost > 100);
	assert_true(trust()->by_digest > 100);
}

static void frees_with_losses(void **state __attribute__((unused)))
{
	run_with_losses(FREES);
}

static void retains_with_losses(void **state __attribute__((unused)))
{
	run_with_losses(RETAINS);
}

static void late_with_losses(void **state __attribute__((unused)))
{
	run_with_losses(LATE);
}

static void frees(void **state __attribute__((unused)))
{
	run(FREES, false, false);
}

static void retains(void **state __attribute__((unused)))
{
	run(RETAINS, false, false);
}

static void late(void **state __attribute__((unused)))
{
	run(LATE, false, false);
}

static void frees_and_leaks(void **state __attribute__((unused)))
{
	run(FREES, true, false);
}

static void retains_and_leaks(void **state __attribute__((unused)))
{
	run(RETAINS, true, false);
}

static void late_and_leaks(void **state __attribute__((unused)))
{
	run(LATE, true, false);
}

static void frees_after_a_grace_period(void **state __attribute__((unused)))
{
	run(FREES, false, true);
}

static void retains_and_frees_after_a_grace_period(void **state __attribute__((unused)))
{
	run(RETAINS, false, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(frees, halt),
		cmocka_unit_test_teardown(retains, halt),
		cmocka_unit_test_teardown(late, halt),
		cmocka_unit_test_teardown(frees_and_leaks, halt),
		cmocka_unit_test_teardown(retains_and_leaks, halt),
		cmocka_unit_test_teardown(late_and_leaks, halt),
		cmocka_unit_test_teardown(frees_after_a_grace_period, halt),
		cmocka_unit_test_teardown(retains_and_frees_after_a_grace_period, halt),
		cmocka_unit_test_teardown(frees_with_losses, halt),
		cmocka_unit_test_teardown(retains_with_losses, halt),
		cmocka_unit_test_teardown(late_with_losses, halt),
	};

	return cmocka_run_group_tests_name("ledger model", tests, NULL, NULL);
}
