// SPDX-License-Identifier: GPL-2.0-only
/* The changes of nodes: one for each offline and online, with all of its structures. */
#include "fake_model.h"

#define MAX_CHANGES 64

static struct node_change all[MAX_CHANGES];
static char tasks[MAX_CHANGES][TASK_COMM_LEN];
static int nr;

static void keep(void *context, const struct node_change *c)
{
	(void)context;
	assert_true(nr < MAX_CHANGES);
	all[nr] = *c;
	snprintf(tasks[nr], sizeof(tasks[nr]), "%s", c->task ? c->task->comm : "");
	nr++;
}

static int setup(void **state)
{
	model_setup(state);
	observer.change = keep;
	nr = 0;
	return 0;
}

static void start(enum generation g)
{
	begin(g, 2);
	first_look();
	create("dentry");
	create("inode");
	turn();
	assert_int_equal(nr, 0);
}

static const struct node_change *change(int i, enum node_transition node)
{
	assert_true(i < nr);
	assert_int_equal(all[i].node, node);
	assert_int_equal(all[i].nid, 1);
	return &all[i];
}

static void a_cycle_of_a_retaining_kernel(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline(1);
	online(1);
	turn();
	assert_int_equal(nr, 3);
	assert_int_equal(change(0, NODE_GOING_OFFLINE)->counts[T_RETAINED], 0);
	assert_int_equal(change(1, NODE_OFFLINE)->counts[T_RETAINED], 2);
	assert_false(all[1].begin_unseen);
	assert_int_equal(change(2, NODE_ONLINE)->counts[T_REUSED], 2);
	assert_int_equal(all[2].counts[T_ALLOCATED], 0);
	assert_false(all[2].begin_unseen);
}

static void a_cycle_of_a_freeing_kernel(void **state __attribute__((unused)))
{
	start(FREES);
	create("kmem_cache_node"); /* its size is that of a structure: 256 */
	offline(1);
	online(1);
	turn();
	assert_int_equal(nr, 3);
	assert_int_equal(change(1, NODE_OFFLINE)->counts[T_FREED], 3);
	assert_int_equal(all[1].charged[T_FREED], 3 * 256);
	/* Allocations while it is going online belong to the online. */
	assert_int_equal(change(2, NODE_ONLINE)->counts[T_ALLOCATED], 3);
	assert_int_equal(all[2].charged[T_ALLOCATED], 3 * 256);
}

static void cancelled(void **state __attribute__((unused)))
{
	start(FREES);
	cancel_offline(1);
	offline(1);
	cancel_online(1);
	turn();
	assert_int_equal(nr, 5);
	change(0, NODE_GOING_OFFLINE);
	change(1, NODE_CANCEL_OFFLINE);
	change(2, NODE_GOING_OFFLINE);
	change(3, NODE_OFFLINE);
	assert_int_equal(change(4, NODE_CANCEL_ONLINE)->counts[T_ALLOCATED], 2);
	assert_int_equal(all[4].counts[T_FREED], 2);
}

static void a_callback_that_fails(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline(1);
	k.ret = 0x8000 | (1 + ENOMEM);
	callback(NODE_GOING_ONLINE, 1);
	assert_int_equal(change(2, NODE_GOING_ONLINE)->error, -ENOMEM);
	k.ret = 0;
	callback(NODE_CANCEL_ONLINE, 1);
	assert_int_equal(change(3, NODE_CANCEL_ONLINE)->error, 0);
	assert_int_equal(nr, 4);
}

static void a_beginning_that_was_not_seen(void **state __attribute__((unused)))
{
	start(RETAINS);
	callback(NODE_OFFLINE, 1);
	assert_true(change(0, NODE_OFFLINE)->begin_unseen);
	callback(NODE_ONLINE, 1);
	assert_true(change(1, NODE_ONLINE)->begin_unseen);
	model_teardown(NULL);
	/* Two walks that differ show no beginning at all. */
	nr = 0;
	session.differences_only = 1;
	start(RETAINS);
	callback(NODE_OFFLINE, 1);
	assert_false(change(0, NODE_OFFLINE)->begin_unseen);
}

static void an_end_that_was_not_seen(void **state __attribute__((unused)))
{
	start(RETAINS);
	node_begins(NODE_GOING_OFFLINE, 1);
	finish();
	assert_int_equal(nr, 1);
	change(0, NODE_GOING_OFFLINE);
}

static void apart_from_a_transition(void **state __attribute__((unused)))
{
	struct kcache *c;

	start(RETAINS);
	c = create("fat");
	/* The cache forgets its structure, which stays allocated. */
	c->node[1] = 0;
	k.allocations_hidden = true;
	verify();
	wait_for_leaks();
	turn();
	assert_int_equal(nr, 1);
	assert_int_equal(change(0, NODE_STATE)->counts[T_LEAKED], 1);
	/* Caches come and go. */
	destroy(c);
	turn();
	assert_int_equal(nr, 1);
}

static void movable_memory(void **state __attribute__((unused)))
{
	begin(RETAINS, 2);
	first_look();
	online_movable(1);
	assert_int_equal(nr, 1);
	assert_true(change(0, NODE_ONLINE)->movable_only);
}

static void a_filter(void **state __attribute__((unused)))
{
	assert_int_equal(filter_add_nodes(&filter, "0"), 0);
	start(RETAINS);
	offline(1);
	blocks_are(1, 1, 3, 40, 40);
	k.now += 6000000000;
	turn();
	assert_int_equal(nr, 0);
}

static void blocks(void **state __attribute__((unused)))
{
	start(RETAINS);
	blocks_are(1, 1, 3, 40, 40);
	turn();
	assert_int_equal(nr, 0); /* others may follow */
	assert_in_range(model_next_ns(m), k.now + 4000000000, k.now + 5000000000);
	k.now += 6000000000;
	turn();
	assert_int_equal(nr, 1);
	assert_true(model_next_ns(m) == ~0ULL);
	assert_int_equal(change(0, NODE_STATE)->blocks->online, 3);
	assert_int_equal(all[0].blocks->first_gone, 40);
	/* Once is enough. */
	blocks_are(1, 2, 2, 40, 41);
	k.now += 6000000000;
	turn();
	assert_int_equal(nr, 1);
	/* The last one went offline, or all are back. */
	blocks_are(1, 0, 4, 0, 0);
	k.now += 6000000000;
	turn();
	assert_int_equal(nr, 1);
	/* SLUB does nothing for a node that has no memory that counts. */
	offline(1);
	nr = 0;
	blocks_are(1, 1, 3, 40, 40);
	k.now += 6000000000;
	turn();
	assert_int_equal(nr, 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, model_teardown)
	const struct CMUnitTest tests[] = {
		T(a_cycle_of_a_retaining_kernel),
		T(a_cycle_of_a_freeing_kernel),
		T(cancelled),
		T(a_callback_that_fails),
		T(a_beginning_that_was_not_seen),
		T(an_end_that_was_not_seen),
		T(apart_from_a_transition),
		T(movable_memory),
		T(a_filter),
		T(blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
