// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks by digest: one that agrees confirms what records would have shown, and any change that no
 * record reports makes it disagree, so that a walk with records follows.
 */
#include "fake_kernel.h"
#include "model/ledger_state.h" /* what a walk has confirmed */

static struct kcache *dentry;

static void start(enum generation g)
{
	boot(g, 4);
	dentry = create("dentry");
	create("inode");
	offline(3);
	verify();
	verify();
	assert_trusted();
	assert_true(ledger_agrees(k.l));
	forget();
}

static void an_agreement_confirms(void **state __attribute__((unused)))
{
	__u64 verified, counted;

	start(RETAINS);
	verified = trust()->verified;
	counted = trust()->counted;
	walk_digest();
	assert_true(ledger_agrees(k.l));
	assert_int_equal(trust()->verified, verified + 1);
	assert_true(trust()->by_digest > 0);
	assert_int_equal(trust()->counted, counted + 1);
	assert_int_equal(trust()->unobserved, 0);
	online(3); /* each of them was seen as allocated while it was retained */
	assert_int_equal(reported(T_REUSED, -1), 2);
	assert_int_equal(k.nr_journal, 2 + reported(T_NODE, -1));
	assert_trusted();
}

/* Changes of the kernel that no program has seen. */

static void drops(void)
{
	structure_free(dentry->node[1]);
	dentry->node[1] = 0;
}

static void appears(void)
{
	k.has_memory[3] = true;
	k.caches[0].node[0] = structure_new();
}

static void replaces(void)
{
	dentry->node[1] = structure_new();
}

static void exchanges(void)
{
	__u64 address = dentry->node[1];

	dentry->node[1] = dentry->node[2];
	dentry->node[2] = address;
}

static void exchanges_between_caches(void)
{
	__u64 address = dentry->node[1];

	dentry->node[1] = dentry[1].node[1];
	dentry[1].node[1] = address;
}

static void frees_and_keeps(void)
{
	structure_free(dentry->node[1]);
}

static void creates(void)
{
	cache_make("unseen");
}

static void destroys(void)
{
	for (int nid = 0; nid < k.nodes; nid++)
		if (dentry->node[nid])
			structure_free(dentry->node[nid]);
	dentry->there = false;
}

static void renames(void)
{
	snprintf(dentry->name, sizeof(dentry->name), "dentry2");
}

static void gets_a_barn(void)
{
	k.generation = LATE;
}

static void hides_the_states(void)
{
	k.state = OBJECT_UNKNOWN;
}

static const struct {
	const char *what;
	void (*change)(void);
} unseen[] = {
	{ "a pointer is dropped", drops },
	{ "a structure appears", appears },
	{ "a pointer names another structure", replaces },
	{ "two pointers of a cache are exchanged", exchanges },
	{ "two pointers of a node are exchanged", exchanges_between_caches },
	{ "a structure is freed, and the pointer stays", frees_and_keeps },
	{ "a cache is created", creates },
	{ "a cache is destroyed", destroys },
	{ "a cache is renamed", renames },
	{ "a barn appears", gets_a_barn },
	{ "the states of structures are hidden", hides_the_states },
};

/* A digest that disagrees claims nothing, and the next walk has records. */
static void unseen_changes(void **state __attribute__((unused)))
{
	for (size_t i = 0; i < sizeof(unseen) / sizeof(*unseen); i++) {
		struct ledger_trust before;

		start(RETAINS);
		before = *trust();
		unseen[i].change();
		walk_digest();
		if (ledger_agrees(k.l))
			fail_msg("not seen: %s", unseen[i].what);
		assert_int_equal(k.nr_journal, 0);
		assert_memory_equal(&before, trust(), sizeof(before));
		walk_all(WALK_VERIFY, true);
		assert_int_equal(trust()->by_digest, before.by_digest);
		assert_int_equal(trust()->verified, before.verified + 1);
		halt(NULL);
	}
	start(RETAINS);
}

/* The same change, by walks with records alone and by the session's, has the same result. */
static void same_conclusions(void **state __attribute__((unused)))
{
	for (size_t i = 0; i < sizeof(unseen) / sizeof(*unseen); i++) {
		struct ledger_trust by_records;
		size_t journal;

		start(RETAINS);
		unseen[i].change();
		for (int walk = 0; walk < 3; walk++)
			walk_all(WALK_VERIFY, true);
		by_records = *trust();
		journal = k.nr_journal;
		halt(NULL);
		start(RETAINS);
		unseen[i].change();
		for (int walk = 0; walk < 3; walk++)
			verify();
		by_records.by_digest = trust()->by_digest;
		assert_memory_equal(&by_records, trust(), sizeof(by_records));
		assert_int_equal(k.nr_journal, journal);
		halt(NULL);
	}
	start(RETAINS);
}

static void a_loss_needs_records(void **state __attribute__((unused)))
{
	start(RETAINS);
	loses(1);
	assert_false(ledger_agrees(k.l));
	walk_digest();
	assert_false(ledger_agrees(k.l));
	assert_int_equal(trust()->resynced, 0);
	walk_all(WALK_VERIFY, true);
	assert_true(ledger_agrees(k.l));
}

/* The loss of any record during the walk. */
static void a_loss_meanwhile(void **state __attribute__((unused)))
{
	__u64 incomplete, walk;

	start(RETAINS);
	incomplete = trust()->incomplete;
	k.digest_only = true;
	walk = walk_begins(WALK_VERIFY, -1);
	for (int i = 0; i < k.nr_caches; i++)
		digest_visit(&k.caches[i]);
	loses(1);
	walk_ends(walk, WALK_VERIFY, -1, true);
	k.digest_only = false;
	assert_false(ledger_agrees(k.l));
	assert_int_equal(trust()->incomplete, incomplete + 1);
}

static void an_incomplete_walk(void **state __attribute__((unused)))
{
	__u64 incomplete;

	start(RETAINS);
	incomplete = trust()->incomplete;
	k.digest_only = true;
	walk_all(WALK_VERIFY, false);
	k.digest_only = false;
	assert_false(ledger_agrees(k.l));
	assert_int_equal(trust()->incomplete, incomplete + 1);
}

/* The end of a walk whose beginning was lost. */
static void a_walk_without_beginning(void **state __attribute__((unused)))
{
	start(RETAINS);
	k.digest_only = true;
	k.walked = k.structures = 0;
	k.digest = 0;
	for (int i = 0; i < k.nr_caches; i++)
		digest_visit(&k.caches[i]);
	walk_ends(tick(), WALK_VERIFY, -1, true);
	k.digest_only = false;
	assert_false(ledger_agrees(k.l));
}

/* A cache that is created or destroyed beside the walk makes it disagree, and nothing more. */
static void caches_come_and_go(void **state __attribute__((unused)))
{
	struct kcache *c;
	__u64 walk;

	start(RETAINS);
	k.digest_only = true;
	walk = walk_begins(WALK_VERIFY, -1);
	digest_visit(dentry);
	create("late");
	digest_visit(dentry + 1);
	walk_ends(walk, WALK_VERIFY, -1, true);
	assert_false(ledger_agrees(k.l));
	c = k.caches + 2;
	walk = walk_begins(WALK_VERIFY, -1);
	for (int i = 0; i < k.nr_caches; i++)
		digest_visit(&k.caches[i]);
	destroy(c);
	walk_ends(walk, WALK_VERIFY, -1, true);
	assert_false(ledger_agrees(k.l));
	k.digest_only = false;
	verify();
	assert_true(ledger_agrees(k.l));
	assert_trusted();
}

/* Another cache of the same name at the address of one that was destroyed. */
static void a_new_cache_at_the_same_address(void **state __attribute__((unused)))
{
	__u64 walk;

	start(RETAINS);
	k.digest_only = true;
	walk = walk_begins(WALK_VERIFY, -1);
	for (int i = 0; i < k.nr_caches; i++)
		digest_visit(&k.caches[i]);
	destroy(dentry);
	create("dentry"); /* its structures have the addresses of the first one, in another order */
	walk_ends(walk, WALK_VERIFY, -1, true);
	k.digest_only = false;
	verify();
	assert_trusted();
	assert_int_equal(trust()->miscounted, 0);
}

/* The same with its structures in their places: the walk has seen none of the new ones. */
static void the_same_pointers_of_a_new_cache(void **state __attribute__((unused)))
{
	__u64 walk, address;
	int first;

	start(RETAINS);
	online(3); /* a new cache has a structure for it, too */
	verify();
	first = k.nr_freed;
	k.digest_only = true;
	walk = walk_begins(WALK_VERIFY, -1);
	for (int i = 0; i < k.nr_caches; i++)
		digest_visit(&k.caches[i]);
	address = dentry->node[1];
	destroy(dentry);
	for (int i = first, j = k.nr_freed - 1; i < j; i++, j--) {
		int other = k.freed[i];

		k.freed[i] = k.freed[j];
		k.freed[j] = other;
	}
	create("dentry");
	assert_true(dentry->node[1] == address);
	walk_ends(walk, WALK_VERIFY, -1, true);
	k.digest_only = false;
	assert_true(cache_find(k.l, dentry->address)->ptrs[1]->allocated_walk != walk);
	assert_true(cache_find(k.l, dentry[1].address)->ptrs[1]->allocated_walk == walk);
	verify();
	assert_trusted();
	assert_int_equal(trust()->miscounted, 0);
}

/* The end of a walk is lost, and the loss is not reported yet: the walk before is no agreement. */
static void a_walk_without_end(void **state __attribute__((unused)))
{
	start(RETAINS);
	k.digest_only = true;
	walk_begins(WALK_VERIFY, -1);
	k.digest_only = false;
	assert_false(ledger_agrees(k.l));
	verify();
	assert_true(ledger_agrees(k.l));
}

/* No two caches and nodes have the same number by the distance of the caches. */
static void nodes_and_distances(void **state __attribute__((unused)))
{
	const __u64 cache = 0xffff888003a41000, structure = 0xffff888003c00040;

	for (int nid = 1; nid < 1024; nid++)
		for (int distance = -1024; distance <= 1024; distance++)
			assert_true(digest_node_ptr(cache, nid, structure, 0) !=
				    digest_node_ptr(cache + distance, 0, structure, 0));
}

static void a_structure_that_leaks_is_found(void **state __attribute__((unused)))
{
	start(RETAINS);
	dentry->node[1] = 0;
	walk_node(WALK_BEFORE, 1);
	wait_for_leaks();
	assert_int_equal(reported(T_LEAKED, -1), 1);
	assert_true(ledger_agrees(k.l));
	verify();
	assert_int_equal(trust()->miscounted, 0);
}

/*
 * 10,000 caches on 128 nodes: the records of a walk would take 170 MB, and the digest takes two
 * records.
 */
static void more_than_any_ring_buffer(void **state __attribute__((unused)))
{
	const __u64 caches = 10000, nodes = 128;
	struct walk_record e = { .head = { .type = RECORD_WALK, .time_ns = 10 },
				 .reason = WALK_INITIAL,
				 .walk = 10,
				 .nid = -1,
				 .complete = 1 };

	boot(RETAINS, 1);
	assert_int_equal(ledger_feed(k.l, &e.head), 0);
	for (__u64 i = 1; i <= caches; i++) {
		struct cache_record c = { .head = { .type = RECORD_CACHE, .time_ns = 11 },
					  .cache = i << 8,
					  .walk = 10,
					  .change = CACHE_EXISTS };
		__u64 name[DIGEST_WORDS] = {};

		snprintf(c.name, sizeof(c.name), "cache-%llu", i);
		memcpy(name, c.name, sizeof(name));
		e.digest += digest_cache(c.cache, name);
		assert_int_equal(ledger_feed(k.l, &c.head), 0);
		for (__u64 nid = 0; nid < nodes; nid++) {
			struct structure_record s = {
				.head = { .type = RECORD_STRUCTURE, .time_ns = 12 },
				.cache = c.cache,
				.walk = 10,
				.nid = nid,
				.address = 0xffff888000000000ULL + (i * nodes + nid) * 64,
				.state = OBJECT_ALLOCATED
			};

			e.digest += digest_node_ptr(c.cache, nid, s.address, 0);
			assert_int_equal(ledger_feed(k.l, &s.head), 0);
		}
	}
	e.phase = PHASE_END;
	e.caches = caches;
	e.structures = caches * nodes;
	e.head.time_ns = 13;
	assert_int_equal(ledger_feed(k.l, &e.head), 0);
	assert_true(ledger_agrees(k.l));
	e.reason = WALK_VERIFY;
	e.digest_only = 1;
	e.head.time_ns = e.walk = 20;
	for (e.phase = PHASE_BEGIN; e.phase <= PHASE_END; e.phase++)
		assert_int_equal(ledger_feed(k.l, &e.head), 0);
	assert_true(ledger_agrees(k.l));
	assert_int_equal(trust()->by_digest, 1);
	e.phase = PHASE_END;
	e.digest ^= 1ULL << 40;
	for (e.phase = PHASE_BEGIN; e.phase <= PHASE_END; e.phase++)
		assert_int_equal(ledger_feed(k.l, &e.head), 0);
	assert_false(ledger_agrees(k.l));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(an_agreement_confirms, halt),
		cmocka_unit_test_teardown(unseen_changes, halt),
		cmocka_unit_test_teardown(same_conclusions, halt),
		cmocka_unit_test_teardown(a_loss_needs_records, halt),
		cmocka_unit_test_teardown(a_loss_meanwhile, halt),
		cmocka_unit_test_teardown(an_incomplete_walk, halt),
		cmocka_unit_test_teardown(a_walk_without_beginning, halt),
		cmocka_unit_test_teardown(caches_come_and_go, halt),
		cmocka_unit_test_teardown(a_new_cache_at_the_same_address, halt),
		cmocka_unit_test_teardown(the_same_pointers_of_a_new_cache, halt),
		cmocka_unit_test_teardown(a_walk_without_end, halt),
		cmocka_unit_test_teardown(nodes_and_distances, halt),
		cmocka_unit_test_teardown(a_structure_that_leaks_is_found, halt),
		cmocka_unit_test_teardown(more_than_any_ring_buffer, halt),
	};

	return cmocka_run_group_tests_name("walks by digest", tests, NULL, NULL);
}
