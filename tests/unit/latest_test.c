// SPDX-License-Identifier: GPL-2.0-only
/* The state in the middle of a run: a model that begins with it ends as the one that saw it all. */
#include "fake_model.h"
#include "model/latest.h"

static struct latest *latest;
static __u32 emptied[3];     /* by node, before the state */
static struct model *second; /* begins with the state; NULL: not yet */

static int into_second(void *context, const struct record *r)
{
	(void)context;
	assert_ptr_equal(record_check(r, record_len(r)), r);
	if (r->type == RECORD_BLOCKS)
		emptied[((const struct blocks_record *)r)->nid] =
			((const struct blocks_record *)r)->emptied;
	else
		assert_int_equal(model_feed(second, r), 0);
	return 0;
}

static int into_both(const struct record *e, size_t len)
{
	const struct record *r = record_check(e, len);

	assert_non_null(r);
	assert_int_equal(latest_feed(latest, r), 0);
	if (second)
		model_feed(second, r);
	return model_feed(m, r);
}

static int setup(void **state)
{
	latest = latest_new();
	assert_non_null(latest);
	return model_setup(state);
}

static int teardown(void **state)
{
	latest_free(latest);
	model_free(second);
	second = NULL;
	return model_teardown(state);
}

static void begin_both(enum generation g)
{
	begin(g, 3);
	fake_feed = into_both;
	latest_feed(latest, &session.head);
	for (int nid = 0; nid < 3; nid++)
		k.slab_node[nid] = true;
	cache_make("kmem_cache_node");
	cache_make("dentry");
	cache_make("inode");
	first_look();
}

static void begin_second(void)
{
	assert_true(latest_is_settled(latest));
	second = model_new(&filter, &observer);
	assert_int_equal(latest_emit(latest, into_second, NULL), 0);
}

static int same_node(void *context, const struct ledger_node *n)
{
	bool *memory = context;

	memory[n->nid] = n->has_memory;
	return 0;
}

/* Compare what exists at the end, and that the second model believes what it saw. */
static void assert_same(void)
{
	const struct ledger_counts *a = ledger_totals(model_ledger(m)),
				   *b = ledger_totals(model_ledger(second));
	const struct ledger_trust *t = ledger_trust(model_ledger(second));
	bool first_memory[MAX_NODES] = {}, second_memory[MAX_NODES] = {};

	assert_int_equal(a->live_now, b->live_now);
	assert_int_equal(a->retained_now, b->retained_now);
	ledger_each_node(model_ledger(m), same_node, first_memory);
	ledger_each_node(model_ledger(second), same_node, second_memory);
	assert_memory_equal(first_memory, second_memory, sizeof(first_memory));
	assert_int_equal(t->disagreements, 0);
	assert_int_equal(t->moved, 0);
	assert_int_equal(t->pending, 0);
	assert_int_equal(t->miscounted, 0);
	assert_true(t->verified);
}

static void some_changes(void)
{
	struct kcache *c = create("module");

	offline(1);
	destroy(c);
	offline(2);
	online(1);
	create("other");
	verify();
}

static void from_the_middle(enum generation g)
{
	begin_both(g);
	some_changes();
	begin_second();
	online(2);
	offline(1);
	create("last");
	finish();
	assert_same();
}

static void retained(void **state __attribute__((unused)))
{
	from_the_middle(RETAINS);
	/* The records of blocks come later. */
	assert_int_equal(emptied[1], 1);
	assert_int_equal(emptied[2], 1);
	assert_true(ledger_totals(model_ledger(second))->retained_now);
	assert_true(ledger_totals(model_ledger(second))->reused);
}

static void freed(void **state __attribute__((unused)))
{
	from_the_middle(FREES);
	assert_true(ledger_totals(model_ledger(second))->freed);
}

static void the_end_at_once(void **state __attribute__((unused)))
{
	begin_both(RETAINS);
	some_changes();
	begin_second();
	finish();
	assert_same();
}

/* While a node changes, or after a cache came, the records are not the whole state. */
static void not_settled(void **state __attribute__((unused)))
{
	begin_both(RETAINS);
	assert_true(latest_is_settled(latest));
	create("module");
	assert_false(latest_is_settled(latest));
	verify();
	assert_true(latest_is_settled(latest));
	node_begins(NODE_GOING_OFFLINE, 1);
	verify();
	assert_false(latest_is_settled(latest));
	node_ends(NODE_GOING_OFFLINE, 1);
	verify();
	assert_false(latest_is_settled(latest));
	node_begins(NODE_CANCEL_OFFLINE, 1);
	node_ends(NODE_CANCEL_OFFLINE, 1);
	verify();
	assert_true(latest_is_settled(latest));
}

static void a_snapshot(void **state __attribute__((unused)))
{
	struct snapshot s = {};

	begin_both(RETAINS);
	offline(1);
	destroy(create("gone"));
	verify();
	/* A walk over the slabs of a node shows no cache. */
	walk_ends(walk_begins(WALK_SLABS, 1), WALK_SLABS, 1, true);
	assert_int_equal(latest_snapshot(latest, &s), 0);
	assert_int_equal(s.cache_count, 3);
	assert_int_equal(s.structure_count, 9);
	assert_true(s.memory.has[0] && !s.memory.has[1] && s.possible.has[1] && !s.possible.has[3]);
	free(s.caches);
	free(s.structures);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(retained, setup, teardown),
		cmocka_unit_test_setup_teardown(freed, setup, teardown),
		cmocka_unit_test_setup_teardown(the_end_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(not_settled, setup, teardown),
		cmocka_unit_test_setup_teardown(a_snapshot, setup, teardown),
	};

	return cmocka_run_group_tests_name("the latest records", tests, NULL, NULL);
}
