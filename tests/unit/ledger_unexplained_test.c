// SPDX-License-Identifier: GPL-2.0-only
/*
 * Observations that the ledger cannot explain: stale observations, dropped pointers
 * and their proofs, walks that agree or disagree, losses, and malformed records.
 */
#include "fake_kernel.h"
#include <errno.h>

/* Staleness. */

static void an_observation_of_the_cache_before_is_stale(void **state __attribute__((unused)))
{
	struct kcache *c;
	__u64 walk, old, then;

	boot(RETAINS, 2);
	c = create("first");
	old = c->node[1];
	walk = walk_begins(WALK_BEFORE, 1);
	then = tick();
	destroy(c);
	c = create("second");
	forget();
	look_raw((struct structure_record){ .head.time_ns = then,
					    .cache = c->address,
					    .nid = 1,
					    .walk = walk,
					    .address = old + 4096 });
	walk_ends(walk, WALK_BEFORE, 1, true);
	assert_int_equal(k.nr_journal, 0);
	assert_int_equal(trust()->stale, 1);
	assert_int_equal(now()->live_now, 2);
	assert_trusted();
}

static void observations_of_a_cache_in_release_are_stale(void **state __attribute__((unused)))
{
	struct kcache *c;
	__u64 walk;

	boot(RETAINS, 2);
	c = create("dentry");
	walk = walk_begins(WALK_VERIFY, -1);
	cache_says(c->address, CACHE_RELEASING, "dentry", 0);
	forget();
	look_raw((struct structure_record){ .cache = c->address,
					    .nid = 1,
					    .walk = walk,
					    .previous = c->node[1],
					    .prev_state = OBJECT_ALLOCATED });
	cache_says(c->address, CACHE_RELEASED, "dentry", 0);
	cache_says(c->address, CACHE_EXISTS, "dentry", walk);
	look_raw((struct structure_record){
		.cache = c->address, .nid = 1, .walk = walk, .address = 0xdead0 });
	walk_ends(walk, WALK_VERIFY, -1, true);
	assert_int_equal(trust()->stale, 3);
	assert_int_equal(trust()->pending, 2); /* the release was seen, and no free */
	structure_free(c->node[0]);
	structure_free(c->node[1]);
	c->there = false;
	verify();
	assert_int_equal(reported(T_FREED, CAUSE_DESTROY), 2);
	assert_int_equal(reported_structures(), 2);
	assert_trusted();
}

static void a_dead_cache_that_is_seen_later_was_missed(void **state __attribute__((unused)))
{
	struct kcache *c;

	boot(RETAINS, 2);
	c = create("dentry");
	destroy(c);
	c = cache_make("dentry"); /* and nothing is emitted */
	forget();
	verify();
	assert_int_equal(trust()->disagreements, 1);
	assert_int_equal(reported_structures(), 0);
	assert_int_equal(now()->live_now, 2);
	verify();
	assert_int_equal(trust()->disagreements, 1);
}

static void another_cpu_looks_during_a_creation(void **state __attribute__((unused)))
{
	struct kcache *c;
	__u64 walk;

	boot(RETAINS, 2);
	c = cache_make("dentry");
	walk = walk_begins(WALK_BEFORE, 1);
	look(c, 1, walk); /* before CACHE_CREATED is in the ring buffer: stale */
	cache_says(c->address, CACHE_CREATED, "dentry", 0);
	look(c, 0, 0);
	look(c, 1, walk);
	look(c, 1, 0);
	walk_ends(walk, WALK_BEFORE, 1, true);
	assert_int_equal(reported(T_ALLOCATED, CAUSE_CREATE), 2);
	assert_int_equal(reported_structures(), 2);
	assert_int_equal(trust()->stale, 1);
	assert_trusted();
}

static void timestamps_out_of_order_do_no_harm(void **state __attribute__((unused)))
{
	struct kcache *c;
	__u64 walk;

	boot(FREES, 2);
	c = create("dentry");
	walk = walk_begins(WALK_VERIFY, -1);
	k.now += 1000;
	cache_says(c->address, CACHE_EXISTS, "dentry", walk);
	looks(c, walk);
	k.now -= 500;
	callback(NODE_OFFLINE, 1);
	walk_ends(walk, WALK_VERIFY, -1, true);
	k.now -= 200;
	online(1);
	assert_int_equal(reported(T_FREED, CAUSE_OFFLINE), 1);
	assert_int_equal(reported(T_ALLOCATED, CAUSE_ONLINE), 1);
	assert_int_equal(now()->live_now, 2);
	assert_trusted();
}

/* The record is reserved before the callback is entered, the pointer read during it. */

static void a_look_ahead_of_an_offline_is_void(void **state __attribute__((unused)))
{
	struct kcache *c;
	__u64 walk;

	boot(FREES, 2);
	c = create("dentry");
	forget();
	walk = walk_begins(WALK_VERIFY, -1);
	cache_says(c->address, CACHE_EXISTS, "dentry", walk);
	look_raw((struct structure_record){ .cache = c->address,
					    .nid = 1,
					    .walk = walk,
					    .previous = c->node[1],
					    .prev_state = OBJECT_FREE });
	callback(NODE_OFFLINE, 1);
	walk_ends(walk, WALK_VERIFY, -1, true);
	assert_int_equal(reported_structures(), 1);
	assert_int_equal(reported(T_FREED, CAUSE_OFFLINE), 1);
	assert_int_equal(trust()->stale, 1);
	assert_trusted();
}

static void a_look_ahead_of_an_online_is_void(void **state __attribute__((unused)))
{
	struct kcache *c;
	__u64 walk;

	boot(FREES, 2);
	c = create("dentry");
	offline(1);
	forget();
	walk = walk_begins(WALK_VERIFY, -1);
	cache_says(c->address, CACHE_EXISTS, "dentry", walk);
	look_raw((struct structure_record){
		.cache = c->address, .nid = 1, .walk = walk, .address = 0xaaaa000 });
	assert_int_equal(trust()->disagreements, 0);
	online(1);
	walk_ends(walk, WALK_VERIFY, -1, true);
	assert_int_equal(reported_structures(), 1);
	assert_int_equal(reported(T_ALLOCATED, CAUSE_ONLINE), 1);
	assert_int_equal(trust()->stale, 1);
	assert_trusted();
}

static void a_difference_of_a_destroyed_cache_is_void(void **state __attribute__((unused)))
{
	struct kcache *c;
	__u64 walk;

	boot(RETAINS, 2);
	c = create("dentry");
	forget();
	walk = walk_begins(WALK_VERIFY, -1);
	cache_says(c->address, CACHE_EXISTS, "dentry", walk);
	look_raw((struct structure_record){ .cache = c->address,
					    .nid = 1,
					    .walk = walk,
					    .previous = c->node[1],
					    .prev_state = OBJECT_ALLOCATED });
	destroy(c);
	walk_ends(walk, WALK_VERIFY, -1, true);
	assert_int_equal(reported_structures(), 2);
	assert_int_equal(reported(T_FREED, CAUSE_DESTROY), 2);
	assert_trusted();
}

static void a_pointer_that_comes_back_was_not_dropped(void **state __attribute__((unused)))
{
	struct kcache *c;
	__u64 kept;

	boot(RETAINS, 2);
	c = create("dentry");
	forget();
	kept = c->node[1];
	c->node[1] = 0;
	walk_node(WALK_BEFORE, 1);
	assert_int_equal(trust()->pending, 1);
	c->node[1] = kept;
	verify();
	assert_int_equal(trust()->pending, 0);
	assert_int_equal(trust()->stale, 1);
	assert_int_equal(reported_structures(), 0);
	assert_trusted();
}

/* Dropped pointers. */

static void dropped_outside(__u32 proof)
{
	struct kcache *c;

	boot(RETAINS, 2);
	c = create("dentry");
	verify();
	forget();
	c->node[1] = 0;
	k.proof = proof;
	walk_node(WALK_BEFORE, 1);
}

static void a_pointer_set_to_null_is_a_leak(void **state __attribute__((unused)))
{
	dropped_outside(OBJECT_ALLOCATED);
	assert_int_equal(reported_structures(), 0);
	assert_int_equal(trust()->pending, 1);
	verify();
	verify();
	assert_int_equal(reported(T_LEAKED, -1), 0); /* it may be freed after a grace period */
	k.now += LEDGER_LEAK_NS;
	verify();
	assert_int_equal(reported(T_LEAKED, CAUSE_OUTSIDE), 1);
	assert_int_equal(now()->leaked_requested, 72);
	assert_int_equal(now()->leaked_charged, 128);
	assert_trusted();
}

static void a_walk_from_before_the_drop_shows_no_leak(void **state __attribute__((unused)))
{
	struct kcache *c;
	__u64 walk;

	boot(RETAINS, 2);
	c = create("dentry");
	walk = walk_begins(WALK_VERIFY, -1);
	cache_says(c->address, CACHE_EXISTS, "dentry", walk);
	c->node[1] = 0;
	walk_node(WALK_BEFORE, 1);
	walk_ends(walk, WALK_VERIFY, -1, true);
	k.now += LEDGER_LEAK_NS;
	verify();
	assert_int_equal(reported(T_LEAKED, -1), 0); /* one walk proves nothing */
	verify();
	assert_int_equal(reported(T_LEAKED, -1), 1);
}

static void only_complete_walks_show_a_leak(void **state __attribute__((unused)))
{
	dropped_outside(OBJECT_ALLOCATED);
	k.now += LEDGER_LEAK_NS;
	walk_all(WALK_VERIFY, false);
	walk_all(WALK_VERIFY, false);
	verify();
	ledger_finish(k.l);
	assert_int_equal(reported(T_LEAKED, -1), 0);
	assert_int_equal(trust()->pending, 1); /* one walk proves nothing */
	verify();
	assert_int_equal(reported(T_LEAKED, CAUSE_OUTSIDE), 1);
	assert_true(last(T_LEAKED)->t.time_ns < k.now - 100); /* of the drop */
}

static void a_pointer_that_was_freed_outside(void **state __attribute__((unused)))
{
	dropped_outside(OBJECT_FREE);
	assert_int_equal(reported(T_FREED, CAUSE_OUTSIDE), 1);
	assert_trusted();
}

static void an_unknown_state_outside_stays_unknown(void **state __attribute__((unused)))
{
	dropped_outside(OBJECT_UNKNOWN);
	k.state = OBJECT_UNKNOWN;
	wait_for_leaks();
	ledger_finish(k.l);
	assert_int_equal(reported(T_FREED, -1) + reported(T_LEAKED, -1), 0);
	assert_int_equal(trust()->pending, 1);
}

static void an_unknown_state_at_an_offline_is_a_free(void **state __attribute__((unused)))
{
	boot(FREES, 2);
	create("dentry");
	forget();
	k.proof = OBJECT_UNKNOWN;
	offline(1);
	k.map_full = true;
	online(1);
	offline(1);
	assert_int_equal(reported(T_FREED, CAUSE_OFFLINE), 2);
	assert_trusted();
}

static void replace(int nid)
{
	k.caches[0].node[nid] = structure_new();
}

static void drop(int nid)
{
	k.caches[0].node[nid] = 0;
}

static void going_online_that_replaces_leaks(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	create("dentry");
	offline(1);
	forget();
	k.between = replace;
	callback(NODE_GOING_ONLINE, 1);
	k.between = NULL;
	callback(NODE_ONLINE, 1);
	assert_int_equal(reported(T_ALLOCATED, CAUSE_ONLINE), 1);
	assert_int_equal(reported(T_REUSED, -1), 0);
	wait_for_leaks();
	assert_int_equal(reported(T_LEAKED, CAUSE_ONLINE), 1);
	assert_int_equal(now()->live_now, 2);
	assert_trusted();
}

static void an_offline_that_only_drops_leaks(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	create("dentry");
	forget();
	callback(NODE_GOING_OFFLINE, 1);
	k.between = drop;
	callback(NODE_OFFLINE, 1);
	k.between = NULL;
	wait_for_leaks();
	assert_int_equal(reported_structures(), 1);
	assert_int_equal(reported(T_LEAKED, CAUSE_OFFLINE), 1);
}

static void create_between(int nid __attribute__((unused)))
{
	k.between = NULL;
	create("thief");
}

static void an_address_that_another_cache_gets_at_once(void **state __attribute__((unused)))
{
	boot(FREES, 2);
	create("dentry");
	callback(NODE_GOING_OFFLINE, 1);
	forget();
	k.between = create_between; /* its records come before that of dentry's pointer */
	callback(NODE_OFFLINE, 1);
	assert_int_equal(reported(T_FREED, CAUSE_OFFLINE), 1);
	assert_int_equal(reported(T_ALLOCATED, CAUSE_CREATE), 1);
	assert_int_equal(now()->live_now, 2);
	assert_trusted();
}

static void a_release_whose_address_is_allocated_at_once(void **state __attribute__((unused)))
{
	struct kcache *c;

	boot(RETAINS, 2);
	c = create("dentry");
	forget();
	cache_says(c->address, CACHE_RELEASING, "dentry", 0);
	structure_free(c->node[1]);
	c->node[1] = 0;
	create("thief");
	assert_int_equal(reported(T_FREED, CAUSE_DESTROY), 1);
	structure_free(c->node[0]);
	c->node[0] = 0;
	looks(c, 0);
	cache_says(c->address, CACHE_RELEASED, "dentry", 0);
	assert_int_equal(reported(T_FREED, -1), 2);
	assert_int_equal(reported(T_FREED, CAUSE_DESTROY), 2);
	assert_trusted();
}

static void an_offline_in_the_middle_of_a_release(void **state __attribute__((unused)))
{
	struct kcache *c;

	boot(RETAINS, 2);
	c = create("dentry");
	forget();
	cache_says(c->address, CACHE_RELEASING, "dentry", 0);
	node_ends(NODE_OFFLINE, 1);
	cache_says(c->address, CACHE_RELEASED, "dentry", 0);
	assert_int_equal(reported(T_RETAINED, -1), 0);
	assert_int_equal(trust()->pending, 2);
}

static void an_address_that_shows_up_later_was_freed(void **state __attribute__((unused)))
{
	struct kcache *thief;
	__u64 free_at;

	boot(FREES, 2);
	create("dentry");
	callback(NODE_GOING_OFFLINE, 1);
	forget();
	walk_node(WALK_BEFORE, 1);
	node_begins(NODE_OFFLINE, 1);
	callback_works(NODE_OFFLINE, 1);
	thief = cache_make("thief"); /* gets the address; its record comes later */
	walk_node(WALK_AFTER, 1);
	free_at = k.now;
	node_ends(NODE_OFFLINE, 1);
	assert_int_equal(trust()->pending, 1);
	cache_says(thief->address, CACHE_CREATED, "thief", 0);
	looks(thief, 0);
	assert_int_equal(reported(T_FREED, CAUSE_OFFLINE), 1);
	assert_true(last(T_FREED)->t.time_ns > free_at); /* of the observation that shows it */
	assert_null(last(T_FREED)->t.task); /* whoever dropped it need not have freed it */
	assert_string_equal(last(T_FREED)->name, "dentry");
	verify();
	verify();
	assert_int_equal(reported(T_LEAKED, -1), 0);
	assert_trusted();
}

static void a_verify_walk_in_the_middle_of_an_offline(void **state __attribute__((unused)))
{
	struct kcache *c;
	__u64 address;

	boot(FREES, 2);
	c = create("dentry");
	callback(NODE_GOING_OFFLINE, 1);
	forget();
	node_begins(NODE_OFFLINE, 1);
	k.proof = OBJECT_ALLOCATED; /* the pointer goes first, the structure after it */
	address = c->node[1];
	c->node[1] = 0;
	verify();
	node_ends(NODE_OFFLINE, 1);
	assert_int_equal(reported_structures(), 0);
	assert_int_equal(trust()->pending, 1);
	structure_free(address);
	verify();
	assert_null(last(T_FREED)->t.task); /* not the task that walked */
	assert_int_equal(reported(T_FREED, CAUSE_OFFLINE), 1);
	assert_trusted();
}

static void the_proof_that_comes_late(void **state __attribute__((unused)))
{
	struct kcache *c;
	__u64 walk, address;

	boot(RETAINS, 2);
	c = create("dentry");
	address = c->node[1];
	forget();
	walk = walk_begins(WALK_BEFORE, 1);
	look_raw((struct structure_record){ .cache = c->address, .nid = 1, .walk = walk });
	assert_int_equal(trust()->pending, 1);
	look_raw((struct structure_record){ .cache = c->address,
					    .nid = 1,
					    .walk = walk,
					    .previous = address,
					    .prev_state = OBJECT_FREE });
	assert_int_equal(reported(T_FREED, CAUSE_OUTSIDE), 1);
	assert_trusted();
}

static int leaks_of(void *arg, const struct ledger_cache *c)
{
	*(__u64 *)arg += c->counts.leaked;
	return 0;
}

static void a_release_that_frees_nothing_leaks(void **state __attribute__((unused)))
{
	__u64 leaks = 0;
	struct kcache *c;

	boot(RETAINS, 2);
	c = create("dentry");
	forget();
	cache_says(c->address, CACHE_RELEASING, "dentry", 0);
	cache_says(c->address, CACHE_RELEASED, "dentry", 0);
	c->there = false;
	wait_for_leaks();
	assert_int_equal(reported(T_LEAKED, CAUSE_DESTROY), 2);
	ledger_each_cache(k.l, leaks_of, &leaks);
	assert_int_equal(leaks, 2); /* in the row of the destroyed cache */
	assert_int_equal(reported(T_FREED, -1), 0);
}

/* Verification and loss. */

static void a_walk_that_agrees(void **state __attribute__((unused)))
{
	boot(LATE, 4);
	create("dentry");
	callback(NODE_OFFLINE, 3);
	create("inode");
	forget();
	verify();
	assert_int_equal(trust()->verified, 1);
	assert_int_equal(k.nr_journal, 0);
	assert_trusted();
}

static void a_walk_that_disagrees(void **state __attribute__((unused)))
{
	struct kcache *c;

	boot(RETAINS, 2);
	offline(1);
	c = create("dentry");
	forget();
	c->node[1] = structure_new(); /* a pointer appears */
	cache_make("unheard");        /* and a cache */
	verify();
	assert_int_equal(trust()->disagreements, 2);
	assert_int_equal(k.nr_journal, 0);
	assert_int_equal(now()->live_now, 2);
	assert_int_equal(now()->retained_now, 1);
	verify();
	assert_int_equal(trust()->disagreements, 2);
}

static void a_cache_that_is_missing(void **state __attribute__((unused)))
{
	struct kcache *c;

	boot(RETAINS, 2);
	c = create("dentry");
	verify();
	c->there = false;
	walk_all(WALK_VERIFY, false);
	assert_int_equal(trust()->disagreements, 0);
	assert_int_equal(trust()->incomplete, 1);
	verify();
	assert_int_equal(trust()->disagreements, 1);
	verify();
	assert_int_equal(now()->live_now, 0); /* removed without a claim */
	assert_int_equal(reported(T_FREED, -1) + reported(T_LEAKED, -1), 0);
}

static void a_cache_on_its_way_to_the_list(void **state __attribute__((unused)))
{
	struct kcache *c;

	boot(RETAINS, 2);
	c = create("dentry");
	c->there = false;
	verify();
	c->there = true;
	verify();
	assert_trusted();
}

static void a_dying_cache_is_not_missed(void **state __attribute__((unused)))
{
	struct kcache *c;

	boot(RETAINS, 2);
	c = create("dentry");
	verify();
	cache_says(c->address, CACHE_DYING, "dentry", 0);
	verify(); /* still on the list: the shutdown is under way */
	c->there = false;
	verify();
	assert_trusted();
	c->there = true; /* 5.10: the shutdown failed, and it stays */
	verify();
	verify();
	c->there = false;
	verify();
	assert_int_equal(trust()->disagreements, 1);
}

static void a_loss_and_the_walk_that_resyncs(void **state __attribute__((unused)))
{
	struct kcache *c, *gone;

	boot(FREES, 3);
	c = create("dentry");
	gone = create("gone");
	cache_says(c->address, CACHE_EXISTS, "dentry", walk_begins(WALK_VERIFY, -1));
	forget();
	loses(5);
	c->node[1] = 0;                          /* unseen: a pointer goes, */
	c->node[2] = structure_new();            /* another is replaced, */
	gone->there = false;                     /* a cache goes, */
	cache_make("inode")->address += 1 << 20; /* one comes */
	verify();
	assert_int_equal(trust()->lost, 5);
	assert_int_equal(trust()->resynced, 2 + 3 + 1);
	assert_int_equal(trust()->disagreements, 0);
	assert_int_equal(reported_structures(), 0);
	assert_int_equal(now()->live_now, 2 + 3);
	assert_int_equal(now()->leaked, 0);
	assert_int_equal(trust()->pending, 0);
	c->node[0] = 0; /* from here on differences count again */
	k.proof = OBJECT_FREE;
	verify();
	assert_int_equal(reported(T_FREED, CAUSE_OUTSIDE), 1);
}

static void a_walk_that_began_before_the_loss_resyncs_nothing(void **state __attribute__((unused)))
{
	struct kcache *c;
	__u64 walk;

	boot(RETAINS, 2);
	c = create("dentry");
	walk = walk_begins(WALK_VERIFY, -1);
	loses(1);
	walk_ends(walk, WALK_VERIFY, -1, true); /* its observations are lost */
	assert_int_equal(trust()->verified, 0);
	assert_int_equal(trust()->incomplete, 1);
	assert_int_equal(now()->live_now, 2);
	c->node[1] = 0;
	walk_node(WALK_BEFORE, 1);
	assert_int_equal(trust()->resynced, 1);
	assert_int_equal(trust()->pending, 0);
}

static void a_loss_after_a_drop_starts_the_count_anew(void **state __attribute__((unused)))
{
	dropped_outside(OBJECT_ALLOCATED);
	verify();
	loses(1);
	verify();
	assert_int_equal(reported(T_LEAKED, -1), 0);
	loses(1);
	ledger_finish(k.l); /* no claim on what may have been lost */
	assert_int_equal(reported(T_LEAKED, -1), 0);
	assert_int_equal(trust()->pending, 0);
}

static void transitions_go_on_after_a_loss(void **state __attribute__((unused)))
{
	boot(FREES, 2);
	create("dentry");
	loses(1);
	forget();
	offline(1);
	assert_int_equal(reported(T_FREED, CAUSE_OFFLINE), 1);
	online(1);
	assert_int_equal(reported(T_ALLOCATED, CAUSE_ONLINE), 1);
	assert_int_equal(trust()->resynced, 0);
}

static void the_end_of_a_release_is_lost(void **state __attribute__((unused)))
{
	struct kcache *c;

	boot(RETAINS, 2);
	c = create("dentry");
	forget();
	cache_says(c->address, CACHE_RELEASING, "dentry", 0);
	c->there = false;
	loses(3);
	verify();
	assert_int_equal(trust()->pending, 2);
	structure_free(c->node[0]);
	structure_free(c->node[1]);
	verify();
	assert_int_equal(reported(T_FREED, CAUSE_DESTROY), 2);
	assert_int_equal(reported(T_CACHE_DESTROYED, -1), 1);
	assert_int_equal(now()->live_now, 0);
}

static void walks_that_never_begin_or_end(void **state __attribute__((unused)))
{
	struct kcache *c;

	boot(RETAINS, 2);
	c = create("dentry");
	looks(c, 0xfeed0000); /* its beginning was lost */
	walk_ends(0xfeed0000, WALK_VERIFY, -1, true);
	assert_int_equal(trust()->verified, 0);
	assert_int_equal(trust()->incomplete, 1);
	for (int i = 0; i < 1000; i++)
		walk_begins(WALK_BEFORE, 0);
	walk_begins(WALK_VERIFY, -1);
	ledger_finish(k.l);
	assert_int_equal(trust()->incomplete, 2);
	assert_trusted();
}

/* Malformed records. */

static void malformed_records(void **state __attribute__((unused)))
{
	struct record head = {};
	struct walk_record w = { .head.type = RECORD_WALK, .reason = WALK_VERIFY };

	boot(RETAINS, 2);
	assert_int_equal(feed_bytes(&head, 3), -EINVAL);
	assert_int_equal(feed_bytes(&head, sizeof(head)), -EINVAL);
	head.type = RECORD_TYPES;
	assert_int_equal(feed_bytes(&head, 4096), -EINVAL);
	head.type = RECORD_CACHE;
	assert_int_equal(feed_bytes(&head, sizeof(head)), -EINVAL);
	assert_int_equal(feed_bytes(&w.head, sizeof(w)), -EINVAL); /* walk 0 */
	node_full(NODE_OFFLINE, PHASE_END, 1024, -1, 0);
	node_full(NODE_OFFLINE, PHASE_END, -1, -1, 0);
	node_full(NODE_TRANSITIONS, PHASE_END, 1, 1, 0);
	node_full(NODE_OFFLINE, 2, 1, 1, 0);
	cache_says(0x1000, CACHE_RELEASED + 1, "x", 0);
	look_raw((struct structure_record){ .cache = 0x1000, .nid = -1 });
	look_raw((struct structure_record){ .cache = 0x1000, .nid = 1024 });
	look_raw((struct structure_record){ .cache = 0x1000, .prev_state = 9 });
	assert_int_equal(k.err, -EINVAL);
	assert_int_equal(trust()->malformed, 13);
	assert_int_equal(k.nr_journal, 0);
}

#define STORY(f) cmocka_unit_test_teardown(f, halt)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(an_observation_of_the_cache_before_is_stale),
		STORY(observations_of_a_cache_in_release_are_stale),
		STORY(a_dead_cache_that_is_seen_later_was_missed),
		STORY(another_cpu_looks_during_a_creation),
		STORY(timestamps_out_of_order_do_no_harm),
		STORY(a_look_ahead_of_an_offline_is_void),
		STORY(a_look_ahead_of_an_online_is_void),
		STORY(a_difference_of_a_destroyed_cache_is_void),
		STORY(a_pointer_that_comes_back_was_not_dropped),
		STORY(a_pointer_set_to_null_is_a_leak),
		STORY(a_walk_from_before_the_drop_shows_no_leak),
		STORY(only_complete_walks_show_a_leak),
		STORY(a_pointer_that_was_freed_outside),
		STORY(an_unknown_state_outside_stays_unknown),
		STORY(an_unknown_state_at_an_offline_is_a_free),
		STORY(going_online_that_replaces_leaks),
		STORY(an_offline_that_only_drops_leaks),
		STORY(an_address_that_another_cache_gets_at_once),
		STORY(a_release_whose_address_is_allocated_at_once),
		STORY(an_offline_in_the_middle_of_a_release),
		STORY(an_address_that_shows_up_later_was_freed),
		STORY(a_verify_walk_in_the_middle_of_an_offline),
		STORY(the_proof_that_comes_late),
		STORY(a_release_that_frees_nothing_leaks),
		STORY(a_walk_that_agrees),
		STORY(a_walk_that_disagrees),
		STORY(a_cache_that_is_missing),
		STORY(a_cache_on_its_way_to_the_list),
		STORY(a_dying_cache_is_not_missed),
		STORY(a_loss_and_the_walk_that_resyncs),
		STORY(a_walk_that_began_before_the_loss_resyncs_nothing),
		STORY(a_loss_after_a_drop_starts_the_count_anew),
		STORY(transitions_go_on_after_a_loss),
		STORY(the_end_of_a_release_is_lost),
		STORY(walks_that_never_begin_or_end),
		STORY(malformed_records),
	};

	return cmocka_run_group_tests_name("ledger, unexplained", tests, NULL, NULL);
}
