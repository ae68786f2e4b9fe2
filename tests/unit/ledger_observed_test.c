// SPDX-License-Identifier: GPL-2.0-only
/*
 * States by observation: the ledger claims that a structure was freed, leaked, reused,
 * is dangling or missing only if the kernel was seen in that state.
 */
#include "fake_kernel.h"
#include "model/ledger_state.h" /* the counters of retained structures */

static struct kcache *dentry;

static void start(enum generation g)
{
	boot(g, 2);
	dentry = create("dentry");
	verify();
	forget();
}

static void drop(int nid)
{
	dentry->node[nid] = 0;
}

static __u64 dropped;

/* Let the offline of node 1 drop the pointer and not free the structure. */
static void offline_that_drops(void)
{
	dropped = dentry->node[1];
	k.between = drop;
	callback(NODE_OFFLINE, 1);
	k.between = NULL;
}

/* Dropped structures. */

static void an_unknown_state_at_an_offline_is_no_free(void **state __attribute__((unused)))
{
	start(FREES);
	k.proof = k.state = OBJECT_UNKNOWN;
	offline(1);
	wait_for_leaks();
	assert_int_equal(reported_structures(), 0);
	assert_int_equal(trust()->pending, 1);
	k.state = -1;
	verify(); /* the slab does not change any more */
	assert_int_equal(reported(T_FREED, CAUSE_OFFLINE), 1);
	assert_int_equal(trust()->pending, 0);
}

static void a_leak_whose_state_was_not_known_at_first(void **state __attribute__((unused)))
{
	start(RETAINS);
	k.proof = OBJECT_UNKNOWN; /* an unhardened free list */
	offline_that_drops();
	wait_for_leaks();
	assert_int_equal(reported(T_FREED, -1), 0);
	assert_int_equal(reported(T_LEAKED, CAUSE_OFFLINE), 1);
	assert_int_equal(last(T_LEAKED)->t.task->tid, 7); /* the task that dropped it */
	assert_true(last(T_LEAKED)->t.address == dropped);
	assert_trusted();
}

/* A grace period, or delayed work of 500 ms. */
static void a_deferred_free_is_no_leak(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline_that_drops();
	for (int i = 0; i < 5; i++) {
		verify();
		k.now += 100000000;
	}
	structure_free(dropped);
	verify();
	k.now += LEDGER_LEAK_NS;
	verify();
	assert_int_equal(reported(T_LEAKED, -1), 0);
	assert_int_equal(reported(T_FREED, CAUSE_OFFLINE), 1);
	assert_null(last(T_FREED)->t.task); /* it is not known who freed it */
	assert_true(last(T_FREED)->t.away);
	assert_trusted();
}

static int sought(void *arg, const struct ledger_sought *s)
{
	*(__u64 *)arg = s->address;
	return 0;
}

static void a_free_that_comes_after_the_leak(void **state __attribute__((unused)))
{
	__u64 address = 0;

	start(RETAINS);
	offline_that_drops();
	wait_for_leaks();
	assert_int_equal(now()->leaked, 1);
	ledger_each_sought(k.l, sought, &address);
	assert_true(address == dropped);
	structure_free(dropped);
	verify();
	assert_int_equal(reported(T_FREED, CAUSE_OFFLINE), 1);
	assert_true(last(T_FREED)->t.was_leaked);
	assert_int_equal(now()->leaked, 0);
	assert_int_equal(now()->leaked_charged, 0);
	assert_int_equal(now()->freed, 1);
	address = 0;
	ledger_each_sought(k.l, sought, &address);
	assert_int_equal(address, 0);
	assert_trusted();
}

/* The structure goes from a work item: the pointer first, the memory with it. */
static void freed_after_the_callback(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline(1);
	assert_int_equal(reported(T_RETAINED, CAUSE_OFFLINE), 1);
	structure_free(dentry->node[1]);
	dentry->node[1] = 0;
	verify();
	assert_int_equal(reported(T_FREED, CAUSE_OUTSIDE), 1);
	assert_null(last(T_FREED)->t.task); /* not the task that walked */
	assert_true(last(T_FREED)->t.away);
	assert_true(last(T_FREED)->t.was_retained);
}

static void take_back(int nid)
{
	structure_free(dentry->node[nid]);
	dentry->node[nid] = dropped;
}

/* The kernel keeps the structure elsewhere while its node is away. */
static void a_leak_that_comes_back(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline_that_drops();
	wait_for_leaks();
	assert_int_equal(now()->leaked, 1);
	k.between = take_back;
	callback(NODE_GOING_ONLINE, 1);
	k.between = NULL;
	callback(NODE_ONLINE, 1);
	verify();
	assert_int_equal(now()->leaked, 0);
	assert_int_equal(reported(T_SAME_ADDRESS, CAUSE_ONLINE), 1);
	assert_true(last(T_SAME_ADDRESS)->t.was_leaked);
	assert_true(last(T_SAME_ADDRESS)->t.away);
	assert_trusted();
}

static void exchanged_pointers_are_no_free(void **state __attribute__((unused)))
{
	struct kcache *inode;
	__u64 address;

	start(RETAINS);
	inode = create("inode");
	verify();
	forget();
	address = dentry->node[1];
	dentry->node[1] = inode->node[1];
	inode->node[1] = address;
	verify();
	verify();
	assert_int_equal(reported_structures(), 0);
	assert_int_equal(trust()->moved, 2);
	assert_int_equal(trust()->pending, 0);
	assert_int_equal(trust()->miscounted, 0);
	assert_int_equal(now()->live_now, 4);
}

static void exchange(int nid)
{
	__u64 address = k.caches[0].node[nid];

	k.caches[0].node[nid] = k.caches[1].node[nid];
	k.caches[1].node[nid] = address;
}

static void pointers_exchanged_by_a_callback(void **state __attribute__((unused)))
{
	start(RETAINS);
	create("inode");
	verify();
	k.between = exchange;
	callback(NODE_GOING_OFFLINE, 1);
	callback(NODE_OFFLINE, 1);
	callback(NODE_GOING_ONLINE, 1);
	k.between = NULL;
	verify();
	assert_int_equal(reported(T_FREED, -1) + reported(T_LEAKED, -1), 0);
	assert_true(trust()->moved > 0);
	assert_int_equal(trust()->pending, 0);
}

/* Dangling. */

static void free_and_keep(int nid)
{
	structure_free(dentry->node[nid]);
}

static void offline_that_leaves_the_pointer(void)
{
	start(RETAINS);
	k.between = free_and_keep;
	callback(NODE_OFFLINE, 1);
	k.between = NULL;
}

static void a_pointer_that_dangles(void **state __attribute__((unused)))
{
	offline_that_leaves_the_pointer();
	verify();
	assert_int_equal(reported(T_DANGLING, -1), 1);
	assert_true(last(T_DANGLING)->t.address == dentry->node[1]);
	assert_true(last(T_DANGLING)->t.away);
	assert_null(last(T_DANGLING)->t.task);
	assert_int_equal(now()->dangling, 1);
	assert_int_equal(now()->retained_now, 0);
	assert_int_equal(k.l->retained_structures, 0);
	verify();
	online(1);
	verify();
	assert_int_equal(reported(T_DANGLING, -1), 1); /* once */
	assert_int_equal(reported(T_REUSED, -1) + reported(T_SAME_ADDRESS, -1), 0);
	assert_int_equal(trust()->miscounted, 0);
	assert_trusted();
}

static void walk_beside_others(void)
{
	__u64 walk = walk_begins(WALK_VERIFY, -1);

	cache_says(dentry->address, CACHE_EXISTS, dentry->name, walk);
	k.looking = true;
	looks(dentry, walk);
	k.looking = false;
	walk_ends(walk, WALK_VERIFY, -1, true);
}

static void one_look_beside_a_free_proves_nothing(void **state __attribute__((unused)))
{
	offline_that_leaves_the_pointer();
	walk_beside_others();
	assert_int_equal(reported(T_DANGLING, -1), 0);
	walk_beside_others();
	assert_int_equal(reported(T_DANGLING, -1), 1);
}

/* The work item comes after a walk, and the last walk is not quiet. */
static void one_look_that_finds_it_free_is_not_the_last_word(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline(1);
	assert_int_equal(trust()->unobserved, 0);
	structure_free(dentry->node[1]);
	walk_beside_others();
	assert_int_equal(reported(T_DANGLING, -1), 0);
	assert_int_equal(trust()->unobserved, 1);
	walk_beside_others();
	assert_int_equal(reported(T_DANGLING, -1), 1);
	assert_int_equal(trust()->unobserved, 0);
}

/* The walk before was of the time before the work item. */
static void the_last_walk_does_not_know_the_state(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline(1);
	k.state = OBJECT_UNKNOWN;
	verify();
	assert_int_equal(trust()->unobserved, 2);
	k.state = -1;
	verify();
	assert_int_equal(trust()->unobserved, 0);
}

/* Caches come and go all the time: the last walk shows none that was created after it. */
static void a_cache_that_no_walk_has_shown_yet(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline(1);
	create("brief");
	assert_int_equal(trust()->unobserved, 0);
	callback(NODE_GOING_ONLINE, 1);
	callback(NODE_ONLINE, 1);
	assert_int_equal(trust()->unobserved, 2); /* those of node 1 */
}

static void a_dangling_address_that_another_pointer_gets(void **state __attribute__((unused)))
{
	struct kcache *thief;

	offline_that_leaves_the_pointer();
	verify();
	thief = create("thief");
	assert_true(thief->node[0] == dentry->node[1]);
	verify();
	assert_int_equal(reported(T_DANGLING, -1), 1);
	assert_int_equal(reported(T_FREED, -1), 0);
	assert_int_equal(reported(T_ALLOCATED, CAUSE_CREATE), 1);
	assert_int_equal(trust()->moved, 0);
	assert_int_equal(trust()->miscounted, 0);
	assert_trusted();
}

static void an_address_that_another_pointer_gets_first(void **state __attribute__((unused)))
{
	offline_that_leaves_the_pointer();
	create("thief");
	verify();
	verify();
	assert_int_equal(reported(T_FREED, -1), 1);
	assert_int_equal(reported(T_DANGLING, -1), 1);
	assert_string_equal(last(T_DANGLING)->name, "dentry");
	assert_int_equal(trust()->moved, 0);
	assert_int_equal(trust()->miscounted, 0);
	assert_trusted();
}

static void a_dangling_structure_that_is_allocated_again(void **state __attribute__((unused)))
{
	offline_that_leaves_the_pointer();
	verify();
	online(1);
	assert_true(structure_new() == dentry->node[1]);
	verify();
	assert_int_equal(reported(T_ALLOCATED, -1), 1);
	assert_int_equal(now()->live_now, 2);
	assert_int_equal(trust()->miscounted, 0);
	assert_trusted();
}

static void a_dangling_pointer_that_is_replaced(void **state __attribute__((unused)))
{
	offline_that_leaves_the_pointer();
	verify();
	structure_new(); /* another object takes the address */
	k.more_in_use = -1;
	dentry->node[1] = 0;
	online(1);
	verify();
	assert_int_equal(reported(T_ALLOCATED, CAUSE_ONLINE), 1);
	assert_int_equal(reported(T_FREED, -1) + reported(T_LEAKED, -1), 0);
	assert_trusted();
}

static void nothing_is_claimed_of_what_is_not_known(void **state __attribute__((unused)))
{
	for (int not_known = OBJECT_NONE; not_known <= OBJECT_UNKNOWN;
	     not_known += OBJECT_UNKNOWN) {
		offline_that_leaves_the_pointer();
		k.state = not_known;
		verify();
		verify();
		assert_int_equal(reported(T_DANGLING, -1), 0);
		/* That of node 1; and after a look that fails, the look before proves nothing. */
		assert_int_equal(trust()->unobserved, not_known == OBJECT_NONE ? 1 : 2);
		k.state = -1;
		if (not_known == OBJECT_NONE)
			halt(NULL);
	}
}

/* A callback that creates nothing frees a structure, and gives the address to another pointer. */
static void two_pointers_with_one_structure(void **state __attribute__((unused)))
{
	struct kcache *inode;

	start(RETAINS);
	inode = create("inode");
	verify();
	structure_free(dentry->node[1]);
	structure_free(inode->node[1]);
	inode->node[1] = dentry->node[1];
	k.in_use[(inode->node[1] - A(0)) / 64] = true;
	verify();
	verify();
	assert_true(trust()->disagreements > 0);
	assert_int_equal(reported(T_MISSING, -1), 0);
}

/* Missing. */

static void a_structure_that_is_missing(void **state __attribute__((unused)))
{
	start(RETAINS);
	k.slab_node[1] = false; /* the node has memory, and SLUB does not know yet */
	create("unlucky");
	verify();
	verify();
	assert_int_equal(reported(T_MISSING, -1), 1);
	assert_string_equal(last(T_MISSING)->name, "unlucky");
	assert_int_equal(last(T_MISSING)->t.nid, 1);
	assert_int_equal(last(T_MISSING)->t.charged, 0);
	assert_int_equal(now()->missing, 1);
	assert_trusted();
}

/* Where no walk is quiet, two have to agree. */
static void missing_beside_other_work(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	k.slab_node[1] = false;
	dentry = create("unlucky");
	walk_beside_others();
	assert_int_equal(reported(T_MISSING, -1), 0);
	assert_int_equal(trust()->unobserved, 1);
	walk_beside_others();
	assert_int_equal(reported(T_MISSING, -1), 1);
	assert_int_equal(trust()->unobserved, 0);
}

static void nothing_is_missing_where_nothing_has_to_be(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline(1);
	create("fat"); /* node 1 has no memory */
	verify();
	node_full(NODE_ONLINE, PHASE_BEGIN, -1, 1, 0); /* nor has it movable memory that counts */
	node_full(NODE_ONLINE, PHASE_END, -1, 1, 1);
	verify();
	node_begins(NODE_GOING_ONLINE, 1);
	verify();
	k.slab_node[0] = false;
	cache_make("new"); /* a walk in which structures are allocated */
	walk_beside_others();
	assert_int_equal(reported(T_MISSING, -1), 0);
}

/* Reused, or the same address. */

static void reused_if_each_allocation_is_accounted_for(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline(1);
	create("fat");
	destroy(create("brief"));
	online(1);
	assert_int_equal(reported(T_REUSED, CAUSE_ONLINE), 1);
	assert_int_equal(reported(T_SAME_ADDRESS, -1), 0);
	assert_trusted();
}

static void free_and_allocate(int nid)
{
	structure_free(dentry->node[nid]);
	dentry->node[nid] = structure_new();
}

static void freed_and_allocated_at_the_same_address(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline(1);
	k.between = free_and_allocate;
	callback(NODE_GOING_ONLINE, 1);
	k.between = NULL;
	callback(NODE_ONLINE, 1);
	assert_int_equal(reported(T_REUSED, -1), 0);
	assert_int_equal(reported(T_SAME_ADDRESS, CAUSE_ONLINE), 1);
	assert_true(last(T_SAME_ADDRESS)->t.was_retained);
	assert_false(last(T_SAME_ADDRESS)->t.unobserved);
	assert_int_equal(now()->same_address, 1);
	assert_trusted();
}

/* The removal frees it and allocates it again; walks look at the node while it is away. */
static void freed_and_allocated_at_the_removal(void **state __attribute__((unused)))
{
	start(RETAINS);
	callback(NODE_GOING_OFFLINE, 1);
	k.between = free_and_allocate;
	callback(NODE_OFFLINE, 1);
	k.between = NULL;
	verify();
	verify();
	online(1);
	assert_int_equal(reported(T_REUSED, -1), 0);
	assert_int_equal(reported(T_SAME_ADDRESS, CAUSE_ONLINE), 1);
	offline(1);
	online(1);
	assert_int_equal(reported(T_REUSED, CAUSE_ONLINE), 1);
	assert_trusted();
}

static void allocations_that_are_not_known(void **state __attribute__((unused)))
{
	start(RETAINS);
	k.allocations_hidden = true;
	offline(1);
	online(1);
	assert_int_equal(reported(T_REUSED, -1), 0);
	assert_int_equal(reported(T_SAME_ADDRESS, -1), 1);
}

/* A work item frees it, and the return allocates at the same address. */
static void last_seen_free(void **state __attribute__((unused)))
{
	start(RETAINS);
	k.allocations_hidden = true;
	offline(1);
	structure_free(dentry->node[1]);
	walk_beside_others(); /* one look, which proves nothing */
	assert_true(structure_new() == dentry->node[1]);
	online(1);
	assert_true(last(T_SAME_ADDRESS)->t.unobserved);
}

static void retained_for_too_short_a_time_to_be_seen(void **state __attribute__((unused)))
{
	start(RETAINS);
	k.allocations_hidden = true;
	callback(NODE_OFFLINE, 1);
	online(1);
	assert_true(last(T_SAME_ADDRESS)->t.unobserved);
}

/* The tool may start between GOING_ONLINE and ONLINE. */
static void structures_that_were_just_allocated_are_not_reused(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	node_found(1, false);
	dentry = cache_make("dentry");
	walk_all(WALK_INITIAL, true);
	forget();
	callback(NODE_ONLINE, 1);
	verify();
	assert_int_equal(reported_structures(), 0);
	assert_int_equal(now()->live_now, 2);
	offline(1);
	online(1); /* from here on everything is seen */
	assert_int_equal(reported(T_REUSED, -1), 1);
	assert_trusted();
}

static void structures_that_were_retained_before_the_start(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	node_found(1, false);
	cache_make("dentry");
	walk_all(WALK_INITIAL, true);
	online(1);
	assert_int_equal(reported(T_REUSED, -1), 1);
	assert_trusted();
}

/* The count. */

static void a_leak_that_no_look_finds(void **state __attribute__((unused)))
{
	start(RETAINS);
	assert_int_equal(trust()->counted, 1);
	assert_int_equal(trust()->miscounted, 0);
	k.more_in_use = 2;
	verify();
	assert_int_equal(trust()->counted, 2);
	assert_int_equal(trust()->miscounted, 1);
	assert_int_equal(trust()->in_use, 4);
	assert_int_equal(trust()->held, 2);
	walk_beside_others(); /* not quiet: not counted */
	k.state = OBJECT_UNKNOWN;
	verify(); /* slabs that cannot be counted */
	assert_int_equal(trust()->counted, 2);
}

static void pending_and_leaked_structures_are_counted(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline_that_drops();
	wait_for_leaks();
	verify();
	assert_int_equal(reported(T_LEAKED, -1), 1);
	assert_int_equal(trust()->counted, 4);
	assert_int_equal(trust()->miscounted, 0);
}

#define STORY(f) cmocka_unit_test_teardown(f, halt)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(an_unknown_state_at_an_offline_is_no_free),
		STORY(a_leak_whose_state_was_not_known_at_first),
		STORY(a_deferred_free_is_no_leak),
		STORY(a_free_that_comes_after_the_leak),
		STORY(freed_after_the_callback),
		STORY(a_leak_that_comes_back),
		STORY(exchanged_pointers_are_no_free),
		STORY(pointers_exchanged_by_a_callback),
		STORY(a_pointer_that_dangles),
		STORY(one_look_beside_a_free_proves_nothing),
		STORY(one_look_that_finds_it_free_is_not_the_last_word),
		STORY(the_last_walk_does_not_know_the_state),
		STORY(a_cache_that_no_walk_has_shown_yet),
		STORY(a_dangling_address_that_another_pointer_gets),
		STORY(an_address_that_another_pointer_gets_first),
		STORY(a_dangling_structure_that_is_allocated_again),
		STORY(a_dangling_pointer_that_is_replaced),
		STORY(nothing_is_claimed_of_what_is_not_known),
		STORY(two_pointers_with_one_structure),
		STORY(a_structure_that_is_missing),
		STORY(missing_beside_other_work),
		STORY(nothing_is_missing_where_nothing_has_to_be),
		STORY(reused_if_each_allocation_is_accounted_for),
		STORY(freed_and_allocated_at_the_same_address),
		STORY(freed_and_allocated_at_the_removal),
		STORY(allocations_that_are_not_known),
		STORY(last_seen_free),
		STORY(retained_for_too_short_a_time_to_be_seen),
		STORY(structures_that_were_just_allocated_are_not_reused),
		STORY(structures_that_were_retained_before_the_start),
		STORY(a_leak_that_no_look_finds),
		STORY(pending_and_leaked_structures_are_counted),
	};

	return cmocka_run_group_tests_name("ledger, observed", tests, NULL, NULL);
}
