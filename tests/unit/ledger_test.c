// SPDX-License-Identifier: GPL-2.0-only
/*
 * The transitions of the ledger. In each test the fake kernel (fake_kernel.h) changes,
 * and the ledger must report the transitions.
 */
#include "fake_kernel.h"
#include <errno.h>
#include "model/ledger_state.h" /* ledger_alloc */

/* The transitions of the diagram in transition.h. */

static void creation_allocates(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	create("dentry");
	assert_int_equal(reported(T_CACHE_CREATED, -1), 1);
	assert_int_equal(reported(T_ALLOCATED, CAUSE_CREATE), 2);
	assert_int_equal(now()->live_now, 2);
	assert_trusted();
}

static void destruction_frees(void **state __attribute__((unused)))
{
	struct kcache *c;

	boot(RETAINS, 2);
	c = create("dentry");
	destroy(c);
	assert_int_equal(reported(T_FREED, CAUSE_DESTROY), 2);
	assert_int_equal(reported(T_CACHE_DESTROYED, -1), 1);
	assert_int_equal(now()->live_now, 0);
	assert_int_equal(now()->freed, 2);
	assert_trusted();
}

static void present_structures_are_not_reported(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	cache_make("inode");
	node_found(1, false);
	walk_all(WALK_INITIAL, false); /* incomplete, so the front end repeats it */
	walk_all(WALK_INITIAL, true);
	assert_int_equal(reported_structures(), 0);
	assert_int_equal(now()->allocated, 0);
	assert_int_equal(now()->live_now, 1);
	assert_int_equal(now()->retained_now, 1);
	assert_int_equal(now()->retained, 0);
	assert_int_equal(trust()->incomplete, 1);
	assert_trusted();
}

static void a_state_that_comes_after_the_walk_counts(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	cache_make("inode");
	walk_all(WALK_INITIAL, true);
	node_found(1, false);
	assert_int_equal(now()->retained_now, 1);
	assert_int_equal(reported_structures(), 0);
	assert_trusted();
}

static void offline_retains_and_online_reuses(void **state __attribute__((unused)))
{
	__u64 address;

	boot(RETAINS, 2);
	address = create("dentry")->node[1];
	forget();
	offline(1);
	assert_int_equal(reported_structures(), 1);
	assert_int_equal(reported(T_RETAINED, CAUSE_OFFLINE), 1);
	assert_int_equal(now()->retained_now, 1);
	forget();
	online(1);
	assert_int_equal(reported_structures(), 1);
	assert_int_equal(reported(T_REUSED, CAUSE_ONLINE), 1);
	assert_true(last(T_REUSED)->t.address == address);
	assert_int_equal(now()->live_now, 2);
	assert_trusted();
}

static void the_node_is_reported_before_its_structures(void **state __attribute__((unused)))
{
	boot(FREES, 2);
	create("dentry");
	forget();
	callback(NODE_OFFLINE, 1);
	assert_int_equal(k.nr_journal, 2);
	assert_int_equal(k.journal[0].t.kind, T_NODE);
	assert_int_equal(k.journal[0].t.node, NODE_OFFLINE);
	assert_int_equal(k.journal[1].t.kind, T_FREED);
}

static void offline_frees_up_to_5_11(void **state __attribute__((unused)))
{
	boot(FREES, 2);
	create("dentry");
	forget();
	offline(1);
	assert_int_equal(reported_structures(), 1);
	assert_int_equal(reported(T_FREED, CAUSE_OFFLINE), 1);
	forget();
	online(1);
	assert_int_equal(reported_structures(), 1);
	assert_int_equal(reported(T_ALLOCATED, CAUSE_ONLINE), 1);
	assert_int_equal(now()->leaked, 0);
	assert_trusted();
}

static void a_cancelled_online_frees_up_to_5_11(void **state __attribute__((unused)))
{
	boot(FREES, 2);
	create("dentry");
	offline(1);
	forget();
	cancel_online(1);
	assert_int_equal(reported(T_ALLOCATED, CAUSE_ONLINE), 1);
	assert_int_equal(reported(T_FREED, CAUSE_CANCEL_ONLINE), 1);
	assert_int_equal(now()->live_now, 1);
	assert_trusted();
}

static void a_cancelled_online_retains_since_5_12(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	offline(1);
	create("dentry"); /* no structure for node 1 */
	assert_int_equal(now()->live_now, 1);
	forget();
	cancel_online(1);
	assert_int_equal(reported(T_ALLOCATED, CAUSE_ONLINE), 1);
	assert_int_equal(reported(T_RETAINED, CAUSE_CANCEL_ONLINE), 1);
	assert_int_equal(now()->retained_now, 1);
	verify();
	online(1);
	assert_int_equal(reported(T_REUSED, CAUSE_ONLINE), 1);
	assert_trusted();
}

static void what_was_retained_stays_so_when_online_is_cancelled(void **state
								__attribute__((unused)))
{
	boot(RETAINS, 2);
	create("dentry");
	offline(1);
	forget();
	cancel_online(1);
	assert_int_equal(reported_structures(), 0);
	assert_int_equal(now()->retained_now, 1);
}

static void a_cancelled_offline_changes_nothing(void **state __attribute__((unused)))
{
	boot(FREES, 2);
	create("dentry");
	forget();
	cancel_offline(1);
	assert_int_equal(reported_structures(), 0);
	assert_int_equal(reported(T_NODE, -1), 2);
	assert_int_equal(now()->live_now, 2);
	assert_trusted();
}

static void created_while_its_node_was_away(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	offline(1);
	create("fat_cache");
	online(1);
	assert_string_equal(last(T_ALLOCATED)->name, "fat_cache");
	assert_int_equal(last(T_ALLOCATED)->t.nid, 1);
	assert_int_equal(last(T_ALLOCATED)->t.cause, CAUSE_ONLINE);
	assert_trusted();
}

static void late_structures_since_6_18(void **state __attribute__((unused)))
{
	boot(LATE, 2);
	offline(1);
	forget();
	create("dentry");
	assert_int_equal(reported(T_LATE, CAUSE_CREATE), 1);
	assert_int_equal(reported(T_ALLOCATED, CAUSE_CREATE), 1);
	assert_int_equal(now()->late, 1);
	assert_int_equal(now()->allocated, 1);
	assert_int_equal(now()->retained, 0);
	assert_int_equal(now()->retained_now, 1);
	assert_int_equal(now()->barns_retained_now, 1);
	assert_int_equal(now()->retained_requested, 72 + 64);
	assert_int_equal(now()->retained_charged, 128 + 96);
	verify();
	online(1);
	assert_int_equal(reported(T_REUSED, CAUSE_ONLINE), 1);
	assert_trusted();
}

static void going_offline_still_has_memory(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	callback(NODE_GOING_OFFLINE, 1);
	create("dentry");
	assert_int_equal(reported(T_LATE, -1), 0);
	callback(NODE_OFFLINE, 1);
	assert_int_equal(reported(T_RETAINED, CAUSE_OFFLINE), 1);
}

static void destroyed_while_its_node_is_offline(void **state __attribute__((unused)))
{
	struct kcache *c;

	boot(RETAINS, 2);
	c = create("dentry");
	offline(1);
	forget();
	destroy(c);
	assert_int_equal(reported(T_FREED, CAUSE_DESTROY), 2);
	assert_int_equal(now()->retained_now, 0);
	online(1);
	assert_int_equal(reported(T_REUSED, -1), 0);
	assert_trusted();
}

static void creation_that_fails_is_no_cache(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	look_raw((struct structure_record){ .cache = 0xabc0, .nid = 0 });
	cache_says(0xabc0, CACHE_RELEASED, "never", 0);
	assert_int_equal(k.nr_journal, 0);
	assert_int_equal(trust()->stale, 0);
}

/* Nodes. */

static int node_1(void *arg, const struct ledger_node *n)
{
	if (n->nid == 1)
		*(struct ledger_node *)arg = *n;
	return 0;
}

static void nodes_are_counted(void **state __attribute__((unused)))
{
	struct ledger_node n = {};

	boot(RETAINS, 2);
	create("dentry");
	offline(1);
	cancel_online(1);
	online(1);
	cancel_offline(1);
	offline(1);
	ledger_each_node(k.l, node_1, &n);
	assert_false(n.has_memory);
	assert_int_equal(n.offlines, 2);
	assert_int_equal(n.onlines, 1);
	assert_int_equal(n.cancelled_onlines, 1);
	assert_int_equal(n.cancelled_offlines, 1);
	assert_int_equal(n.counts.retained, 2);
	assert_int_equal(n.counts.reused, 1);
	assert_int_equal(n.counts.retained_now, 1);
}

static void an_error_of_the_callback_is_reported(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	offline(1);
	forget();
	k.ret = 0x8000 | (1 + ENOMEM);
	callback(NODE_GOING_ONLINE, 1);
	assert_int_equal(reported(T_NODE, -1), 2);
	assert_int_equal(k.journal[0].t.error, 0);
	assert_int_equal(last(T_NODE)->t.error, -ENOMEM);
	forget();
	k.ret = 1; /* NOTIFY_OK */
	callback(NODE_CANCEL_ONLINE, 1);
	assert_int_equal(reported(T_NODE, -1), 1);
}

static void offline_before_the_node_was_known(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	k.nodes = 3;
	k.slab_node[2] = true;
	create("dentry");
	assert_int_equal(reported(T_LATE, -1), 0);
	offline(2);
	assert_int_equal(reported(T_RETAINED, CAUSE_OFFLINE), 1);
	online(2);
	assert_int_equal(reported(T_REUSED, CAUSE_ONLINE), 1);
	assert_trusted();
}

static void online_of_an_unknown_node_finds_it_retained(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	k.nodes = 3;
	k.slab_node[2] = true;
	create("dentry");
	verify();
	online(2);
	assert_int_equal(reported(T_REUSED, CAUSE_ONLINE), 1);
	assert_trusted();
}

static void an_end_alone_does_both(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	create("dentry");
	verify();
	forget();
	node_ends(NODE_OFFLINE, 1);
	assert_int_equal(reported(T_NODE, -1), 1);
	assert_int_equal(reported(T_RETAINED, CAUSE_OFFLINE), 1);
	node_ends(NODE_ONLINE, 1);
	assert_int_equal(reported(T_REUSED, CAUSE_ONLINE), 1);
	assert_int_equal(reported(T_NODE, -1), 2);
}

static void a_beginning_settles_what_never_ended(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	create("dentry");
	verify();
	node_begins(NODE_OFFLINE, 1);
	node_begins(NODE_GOING_ONLINE, 1);
	assert_int_equal(reported(T_RETAINED, CAUSE_OFFLINE), 1);
	node_begins(NODE_ONLINE, 1);
	node_ends(NODE_ONLINE, 1);
	assert_int_equal(reported(T_REUSED, CAUSE_ONLINE), 1);
}

static void a_look_after_a_lost_beginning(void **state __attribute__((unused)))
{
	boot(FREES, 2);
	create("dentry");
	forget();
	free_all(1);
	walk_node(WALK_AFTER, 1);
	node_ends(NODE_OFFLINE, 1);
	assert_int_equal(reported(T_FREED, CAUSE_OFFLINE), 1);
	give_all(1);
	walk_node(WALK_AFTER, 1);
	node_ends(NODE_GOING_ONLINE, 1);
	assert_int_equal(reported(T_ALLOCATED, CAUSE_ONLINE), 1);
	assert_int_equal(reported(T_LATE, -1), 0);
}

static void a_movable_only_node_has_no_structures(void **state __attribute__((unused)))
{
	struct ledger_node n = {};

	boot(FREES, 1);
	create("dentry");
	forget();
	node_full(NODE_ONLINE, PHASE_BEGIN, -1, 1, 0);
	node_full(NODE_ONLINE, PHASE_END, -1, 1, 1);
	assert_int_equal(k.nr_journal, 1);
	assert_true(last(T_NODE)->t.movable_only);
	assert_int_equal(last(T_NODE)->t.nid, 1);
	ledger_each_node(k.l, node_1, &n);
	assert_true(n.movable_only);
	assert_false(n.has_memory);
	node_full(NODE_OFFLINE, PHASE_BEGIN, -1, 1, 0);
	node_full(NODE_OFFLINE, PHASE_END, -1, 1, 1);
	ledger_each_node(k.l, node_1, &n);
	assert_false(n.movable_only);
	assert_int_equal(reported_structures(), 0);
	node_full(NODE_ONLINE, PHASE_END, 1, 1, 1);
	node_full(NODE_OFFLINE, PHASE_END, 1, -1, 1); /* its movable memory stays */
	ledger_each_node(k.l, node_1, &n);
	assert_true(n.movable_only);
	assert_false(n.has_memory);
}

static void a_node_found_in_the_middle_of_a_transition(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	create("dentry");
	forget();
	node_begins(NODE_OFFLINE, 1);
	node_found(1, false); /* the kernel clears the bit before it calls SLUB */
	node_ends(NODE_OFFLINE, 1);
	assert_int_equal(reported(T_RETAINED, CAUSE_OFFLINE), 1);
	assert_int_equal(trust()->stale, 1);
}

/* A state of the node that differs without a record: programs do not run any more. */
static void a_change_that_no_program_saw(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	create("dentry");
	node_found(0, true);
	node_found(1, true);
	assert_int_equal(trust()->unseen_changes, 0);
	node_found(1, false);
	assert_int_equal(trust()->unseen_changes, 1);
	assert_int_equal(now()->retained_now, 1);
	node_found(1, false); /* it is known by now */
	assert_int_equal(trust()->unseen_changes, 1);
	online(1);
	node_found(1, true);
	offline(1);
	node_found(1, false);
	assert_int_equal(trust()->unseen_changes, 1);
	assert_int_equal(trust()->disagreements, 0);
	loses(1);
	node_found(1, true); /* the lost record may have been of it */
	assert_int_equal(trust()->unseen_changes, 1);
}

/* The node went and came between two looks: only its memory blocks show it. */
static void a_change_that_only_uevents_show(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	create("dentry");
	offline(1);
	online(1);
	blocks_were_emptied(1, 1);
	assert_int_equal(trust()->unseen_changes, 0);
	blocks_were_emptied(1, 2);
	assert_int_equal(trust()->unseen_changes, 2);
	blocks_were_emptied(1, 2); /* it is known by now */
	offline(1);
	blocks_were_emptied(1, 3);
	assert_int_equal(trust()->unseen_changes, 2);
	online(1);
	/* The state has shown the removal, and the blocks show it again. */
	node_found(1, false);
	blocks_were_emptied(1, 4);
	assert_int_equal(trust()->unseen_changes, 3);
	loses(1);
	blocks_were_emptied(1, 9); /* the lost records may have been of it */
	assert_int_equal(trust()->unseen_changes, 3);
}

/* In the middle of a change the state proves nothing. */
static void a_look_in_the_middle_of_a_change(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	create("dentry");
	node_begins(NODE_GOING_OFFLINE, 1);
	node_ends(NODE_GOING_OFFLINE, 1);
	node_found(1, false); /* the kernel clears the bit before MEM_OFFLINE */
	assert_int_equal(trust()->unseen_changes, 0);
	node_begins(NODE_OFFLINE, 1);
	node_ends(NODE_OFFLINE, 1);
	node_found(1, false);
	node_begins(NODE_GOING_ONLINE, 1);
	node_ends(NODE_GOING_ONLINE, 1);
	node_found(1, true); /* and sets it before MEM_ONLINE */
	node_begins(NODE_ONLINE, 1);
	node_ends(NODE_ONLINE, 1);
	node_found(1, true);
	assert_int_equal(trust()->unseen_changes, 0);
	node_begins(NODE_GOING_OFFLINE, 1);
	node_ends(NODE_GOING_OFFLINE, 1);
	node_begins(NODE_CANCEL_OFFLINE, 1);
	node_ends(NODE_CANCEL_OFFLINE, 1);
	node_found(1, false);
	assert_int_equal(trust()->unseen_changes, 1);
}

/* Addresses and incarnations. */

static void a_release_that_was_lost(void **state __attribute__((unused)))
{
	struct kcache *c;

	boot(RETAINS, 2);
	c = create("dentry");
	c->there = false;
	forget();
	create("inode"); /* at the same address */
	assert_int_equal(reported(T_CACHE_DESTROYED, -1), 1);
	assert_int_equal(reported(T_FREED, -1) + reported(T_LEAKED, -1), 0);
	assert_int_equal(trust()->disagreements, 1);
	assert_int_equal(now()->live_now, 2);
	k.caches[0].there = false;
	loses(3);
	create("file");
	assert_int_equal(trust()->disagreements, 1);
	assert_int_equal(reported(T_CACHE_DESTROYED, -1), 2);
}

/* A cache is gone with its release, though the begin of the release was lost. */
static void a_begin_of_a_release_that_was_lost(void **state __attribute__((unused)))
{
	struct kcache *c, *other;

	boot(RETAINS, 2);
	other = create("dentry");
	c = create("inode");
	forget();
	cache_says(c->address, CACHE_DYING, c->name, 0);
	loses(1);
	cache_says(c->address, CACHE_RELEASED, c->name, 0);
	c->there = false;
	/* A CPU that has kept the address reads what the memory has become. */
	look_raw((struct structure_record){
		.cache = c->address, .walk = 1, .nid = 0, .address = other->node[0] });
	assert_int_equal(reported(T_FREED, -1) + reported(T_LEAKED, -1), 0);
	verify();
	verify();
	assert_int_equal(reported(T_DANGLING, -1), 0);
}

static int rows(void *arg, const struct ledger_cache *c)
{
	struct ledger_cache *row = arg;

	while (row->name)
		row++;
	*row = *c;
	return 0;
}

static void destroyed_caches_of_one_name_are_one_row(void **state __attribute__((unused)))
{
	struct ledger_cache row[8] = {};

	boot(RETAINS, 2);
	for (int i = 0; i < 100; i++)
		destroy(create("churn"));
	create("churn");
	create("alive");
	ledger_each_cache(k.l, rows, row);
	assert_string_equal(row[0].name, "alive");
	assert_string_equal(row[1].name, "churn");
	assert_false(row[1].destroyed);
	assert_int_equal(row[1].counts.allocated, 2);
	assert_string_equal(row[2].name, "churn");
	assert_true(row[2].destroyed);
	assert_int_equal(row[2].counts.allocated, 200);
	assert_int_equal(row[2].counts.freed, 200);
	assert_null(row[3].name);
}

static void tombstones_go_with_a_whole_walk(void **state __attribute__((unused)))
{
	struct kcache *c[100];

	boot(RETAINS, 2);
	for (int i = 0; i < 100; i++)
		c[i] = create("churn");
	for (int i = 0; i < 100; i++)
		destroy(c[i]);
	assert_int_equal(HASH_COUNT(k.l->caches), 100);
	verify();
	assert_int_equal(HASH_COUNT(k.l->caches), 0);
	assert_trusted();
}

static void names_change(void **state __attribute__((unused)))
{
	struct kcache *c;
	struct ledger_cache row[4] = {};

	boot(RETAINS, 2);
	c = create("dentry");
	cache_says(c->address, CACHE_ALIASED, "ext4_extent", 0);
	assert_string_equal(last(T_CACHE_ALIASED)->alias, "ext4_extent");
	assert_string_equal(last(T_CACHE_ALIASED)->name, "dentry");
	cache_says(c->address, CACHE_UNALIASED, "ext4_extent", 0);
	assert_int_equal(reported(T_CACHE_UNALIASED, -1), 1);
	/* The last user; any other reference is an iterator's. */
	cache_says(c->address, CACHE_UNALIASED, "dentry", 0);
	assert_int_equal(reported(T_CACHE_UNALIASED, -1), 1);
	cache_says(c->address, CACHE_RENAMED, "dentry2", 0);
	assert_string_equal(last(T_CACHE_RENAMED)->name, "dentry2");
	assert_string_equal(last(T_CACHE_RENAMED)->alias, "dentry");
	strcpy(c->name, "dentry3");
	verify();
	assert_string_equal(last(T_CACHE_RENAMED)->alias, "dentry2");
	ledger_each_cache(k.l, rows, row);
	assert_string_equal(row[0].name, "dentry3");
	assert_int_equal(row[0].aliases, 1);
	assert_trusted();
}

/* The fate of retained structures. */

static void replace(int nid)
{
	k.caches[0].node[nid] = structure_new();
}

static int of_retained(enum transition_kind kind)
{
	int nr = 0;

	for (size_t i = 0; i < k.nr_journal; i++)
		nr += k.journal[i].t.kind == kind && k.journal[i].t.was_retained;
	return nr;
}

static void reuse_says_that_it_was_retained(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	create("dentry");
	offline(1);
	assert_int_equal(of_retained(T_ALLOCATED) + of_retained(T_RETAINED), 0);
	online(1);
	assert_int_equal(of_retained(T_REUSED), 1);
	destroy(&k.caches[0]);
	assert_int_equal(of_retained(T_FREED), 0);
}

static void freed_while_retained(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	create("dentry");
	offline(1);
	destroy(&k.caches[0]);
	assert_int_equal(reported(T_FREED, CAUSE_DESTROY), 2);
	assert_int_equal(of_retained(T_FREED), 1);
}

static void a_replacement_is_reported_once(void **state __attribute__((unused)))
{
	boot(RETAINS, 2);
	create("dentry");
	offline(1);
	k.between = replace;
	k.proof = OBJECT_ALLOCATED;
	callback(NODE_GOING_ONLINE, 1);
	k.between = NULL;
	callback(NODE_ONLINE, 1);
	assert_int_equal(of_retained(T_ALLOCATED), 1);
	wait_for_leaks();
	assert_int_equal(reported(T_LEAKED, -1), 1);
	assert_int_equal(of_retained(T_LEAKED), 0);
}

/* Drop the pointer of a retained structure without a free of the structure. */
static void drop_retained(void)
{
	boot(RETAINS, 2);
	create("dentry");
	offline(1);
	k.proof = OBJECT_ALLOCATED;
	k.caches[0].node[1] = 0;
	walk_node(WALK_BEFORE, 1);
	assert_int_equal(trust()->pending, 1);
	forget();
}

static void a_later_replacement_is_reported_once(void **state __attribute__((unused)))
{
	drop_retained();
	online(1);
	assert_int_equal(of_retained(T_ALLOCATED), 1);
	wait_for_leaks();
	assert_int_equal(reported(T_LEAKED, -1), 1);
	assert_int_equal(of_retained(T_LEAKED), 0);
}

static void a_leak_before_the_replacement_is_reported_once(void **state __attribute__((unused)))
{
	drop_retained();
	wait_for_leaks();
	assert_int_equal(of_retained(T_LEAKED), 1);
	online(1);
	assert_int_equal(reported(T_ALLOCATED, -1), 1);
	assert_int_equal(of_retained(T_ALLOCATED), 0);
}

static void the_peak(void **state __attribute__((unused)))
{
	struct kcache *c;

	boot(LATE, 3);
	c = create("dentry");
	create("inode");
	offline(1);
	assert_int_equal(ledger_peak(k.l).structures, 2);
	offline(2);
	destroy(c);
	online(1);
	online(2);
	assert_int_equal(now()->retained_now, 0);
	assert_int_equal(ledger_peak(k.l).structures, 4);
	assert_int_equal(ledger_peak(k.l).charged, 4 * (128 + 96));
	assert_int_equal(k.l->retained_structures, 0);
	assert_int_equal(k.l->retained_barns, 0);
}

/* Filters, sizes, limits. */

static int count_them(void *arg, const struct transition *t __attribute__((unused)))
{
	++*(int *)arg;
	return 0;
}

static void a_filter(void **state __attribute__((unused)))
{
	static const char *globs[] = { "dentry" };
	static const struct filter filter = {
		.by_node = true, .nodes.has[1] = true, .globs = globs, .glob_count = 1
	};
	const struct ledger_ops ops = { .transition = note, .filter = &filter };
	struct ledger_cache row[4] = {};
	int there = 0;

	boot_with(RETAINS, 3, &ops);
	create("dentry");
	create("inode");
	offline(2);
	offline(1);
	assert_int_equal(reported(T_CACHE_CREATED, -1), 1);
	assert_int_equal(reported(T_ALLOCATED, -1), 1);
	assert_int_equal(reported(T_NODE, -1), 2);
	assert_int_equal(reported(T_RETAINED, -1), 1);
	assert_int_equal(now()->allocated, 1);
	assert_int_equal(now()->retained_now, 1);
	assert_int_equal(now()->live_now, 0);
	ledger_each_cache(k.l, rows, row);
	assert_string_equal(row[0].name, "dentry");
	assert_int_equal(row[0].counts.allocated, 1);
	assert_null(row[1].name);
	ledger_each_structure(k.l, count_them, &there);
	assert_int_equal(there, 1);
	verify(); /* the filter hides nothing from the state machine */
	assert_trusted();
}

static void sizes_may_come_late(void **state __attribute__((unused)))
{
	const struct ledger_sizes bigger = { 100, 200, 0, 0 };

	boot(RETAINS, 2);
	create("dentry");
	offline(1);
	assert_int_equal(last(T_RETAINED)->t.charged, 128);
	ledger_set_sizes(k.l, &bigger);
	assert_int_equal(now()->retained_requested, 100);
	assert_int_equal(now()->retained_charged, 200);
}

static void a_barn_that_comes_later(void **state __attribute__((unused)))
{
	struct kcache *c;

	boot(RETAINS, 2);
	c = create("dentry");
	k.generation = LATE;
	walk_node(WALK_BEFORE, 1);
	node_ends(NODE_OFFLINE, 1);
	assert_true(last(T_RETAINED)->t.barn == c->node[1] + 32);
	assert_int_equal(now()->retained_charged, 128 + 96);
}

static void cpus_use_barns(bool used)
{
	struct barns_record r = { .nid = 1, .in_use = used };

	feed(&r.head, RECORD_BARNS, sizeof(r));
}

/* The CPUs of node 1 use its barns, whether the node has memory or not. */
static void barns_that_cpus_use(void **state __attribute__((unused)))
{
	boot(LATE, 2);
	create("dentry");
	cpus_use_barns(true);
	offline(1);
	assert_int_equal(last(T_RETAINED)->t.charged, 128);
	assert_int_equal(now()->barns_retained_now, 0);
	assert_int_equal(now()->retained_charged, 128);
	assert_int_equal(ledger_peak(k.l).charged, 128);
	cpus_use_barns(false); /* its last CPU is offline */
	assert_int_equal(now()->barns_retained_now, 1);
	assert_int_equal(now()->retained_charged, 128 + 96);
	assert_int_equal(ledger_peak(k.l).charged, 128 + 96);
	cpus_use_barns(false);
	assert_int_equal(k.l->retained_barns, 1);
	cpus_use_barns(true);
	assert_int_equal(now()->retained_charged, 128);
	online(1);
	assert_int_equal(k.l->retained_barns, 0);
	assert_trusted();
}

static void more_nodes_and_caches_than_expected(void **state __attribute__((unused)))
{
	int there = 0;

	boot(RETAINS, NODES);
	for (int i = 0; i < 3000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "c%d", i);
		create(name);
	}
	look_raw((struct structure_record){
		.cache = k.caches[5].address, .nid = 1023, .address = 0xabcd00 });
	assert_int_equal(now()->live_now, 3000 * NODES + 1);
	forget();
	offline(7);
	verify();
	assert_int_equal(reported(T_RETAINED, CAUSE_OFFLINE), 3000);
	ledger_each_structure(k.l, count_them, &there);
	assert_int_equal(there, 3000 * NODES + 1);
	assert_trusted();
}

static int allocations_left;

static void *scarce(size_t size)
{
	return allocations_left-- > 0 ? calloc(1, size) : NULL;
}

static void no_memory_is_an_error_and_no_harm(void **state __attribute__((unused)))
{
	void *(*plenty)(size_t) = ledger_alloc;
	struct kcache *c;

	for (int n = 0; n < 60; n++) {
		boot(RETAINS, 2);
		cache_make("there");
		allocations_left = n;
		ledger_alloc = scarce;
		walk_all(WALK_INITIAL, true);
		c = create("dentry");
		offline(1);
		k.between = replace;
		online(1);
		k.between = NULL;
		destroy(c);
		ledger_alloc = plenty;
		assert_true(trust()->lost || n > 20);
		verify();
		verify();
		assert_int_equal(now()->live_now, 2);
		assert_int_equal(now()->retained_now, 0);
		assert_int_equal(trust()->disagreements, 0);
		halt(NULL);
	}
	allocations_left = 0;
	ledger_alloc = scarce;
	assert_null(ledger_new(NULL, NULL));
	ledger_alloc = plenty;
}

static void names_of_things(void **state __attribute__((unused)))
{
	assert_string_equal(transition_kind_name(T_CACHE_CREATED), "cache-created");
	assert_string_equal(node_transition_name(NODE_CANCEL_OFFLINE), "cancel-offline");
	assert_string_equal(transition_cause_name(CAUSE_OUTSIDE), "outside");
	for (int i = T_ALLOCATED; i < T_KINDS; i++)
		assert_string_not_equal(transition_kind_name(i), "unknown");
	assert_string_equal(transition_kind_name(T_KINDS), "unknown");
	assert_string_equal(node_transition_name(0), "unknown");
}

#define STORY(f) cmocka_unit_test_teardown(f, halt)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(creation_allocates),
		STORY(destruction_frees),
		STORY(present_structures_are_not_reported),
		STORY(a_state_that_comes_after_the_walk_counts),
		STORY(offline_retains_and_online_reuses),
		STORY(the_node_is_reported_before_its_structures),
		STORY(offline_frees_up_to_5_11),
		STORY(a_cancelled_online_frees_up_to_5_11),
		STORY(a_cancelled_online_retains_since_5_12),
		STORY(what_was_retained_stays_so_when_online_is_cancelled),
		STORY(a_cancelled_offline_changes_nothing),
		STORY(created_while_its_node_was_away),
		STORY(late_structures_since_6_18),
		STORY(going_offline_still_has_memory),
		STORY(destroyed_while_its_node_is_offline),
		STORY(creation_that_fails_is_no_cache),
		STORY(nodes_are_counted),
		STORY(an_error_of_the_callback_is_reported),
		STORY(offline_before_the_node_was_known),
		STORY(online_of_an_unknown_node_finds_it_retained),
		STORY(an_end_alone_does_both),
		STORY(a_beginning_settles_what_never_ended),
		STORY(a_look_after_a_lost_beginning),
		STORY(a_movable_only_node_has_no_structures),
		STORY(a_node_found_in_the_middle_of_a_transition),
		STORY(a_change_that_no_program_saw),
		STORY(a_change_that_only_uevents_show),
		STORY(a_look_in_the_middle_of_a_change),
		STORY(a_release_that_was_lost),
		STORY(a_begin_of_a_release_that_was_lost),
		STORY(destroyed_caches_of_one_name_are_one_row),
		STORY(tombstones_go_with_a_whole_walk),
		STORY(names_change),
		STORY(reuse_says_that_it_was_retained),
		STORY(freed_while_retained),
		STORY(a_replacement_is_reported_once),
		STORY(a_later_replacement_is_reported_once),
		STORY(a_leak_before_the_replacement_is_reported_once),
		STORY(the_peak),
		STORY(a_filter),
		STORY(sizes_may_come_late),
		STORY(a_barn_that_comes_later),
		STORY(barns_that_cpus_use),
		STORY(more_nodes_and_caches_than_expected),
		STORY(no_memory_is_an_error_and_no_harm),
		STORY(names_of_things),
	};

	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
