// SPDX-License-Identifier: GPL-2.0-only
/* The answer of a trace: each outcome, and the sentence that states it. */
#include "fake_model.h"
#include "output/answer_text.h"

static struct answer a;
static struct findings *found;
static char text[ANSWER_ROOM];

static int setup(void **state)
{
	model_setup(state);
	found = findings_new(NULL);
	session.accesses_sought = 1;
	return !found;
}

static int teardown(void **state)
{
	findings_free(found);
	return model_teardown(state);
}

static void start_nodes(enum generation g, int nodes)
{
	begin(g, nodes);
	first_look();
	create("kmem_cache_node");
	create("dentry");
	create("inode");
}

static void start(enum generation g)
{
	start_nodes(g, 2);
}

static void coverage_is(__u64 freed_word_ns, __u64 watched_word_ns)
{
	struct coverage_record r = { .freed_seen = 3,
				     .freed_word_ns = freed_word_ns,
				     .watched_word_ns = watched_word_ns };

	feed(&r.head, RECORD_COVERAGE, sizeof(r));
}

static void an_access(enum finding_tier tier, enum finding_strength strength, const char *function)
{
	static __u64 stack;
	struct record task = { .tgid = 12, .comm = "cat" };
	struct finding f = {
		.tier = tier,
		.strength = strength,
		.task = &task,
		.cache_name = "dentry",
		.nid = 1,
		.function = function,
		.stack = &stack,
		.stack_len = 1,
	};

	stack++;
	assert_int_equal(findings_add(found, &f), 0);
}

/* Draw the conclusion, with the findings above. Returns the outcome. */
static enum outcome_kind conclude(void)
{
	struct caveats caveats;
	const struct answer_facts facts = {
		.ledger = model_ledger(m),
		.evidence = model_evidence(m),
		.changes = model_changes(m),
		.findings = found,
		.coverage = model_coverage(m),
		.caveats = &caveats,
		.session = &session,
		.filter = &filter,
	};

	model_caveats(m, &caveats);
	answer_make(&a, &facts);
	answer_text(text, &a);
	return a.kind;
}

#define assert_answer(outcome, sentence)                                                           \
	do {                                                                                       \
		assert_int_equal(conclude(), outcome);                                             \
		assert_string_equal(text, sentence);                                               \
	} while (0)

static void reused(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline(1);
	online(1);
	finish();
	assert_answer(OUTCOME_REUSED,
		      "Nothing unsafe was seen. This kernel kept all 3 structures of node 1; "
		      "the node is back and uses them all.");
	assert_string_equal(outcome_name(a.kind), "reused");
}

static void held(void **state __attribute__((unused)))
{
	start(RETAINS);
	for (int i = 0; i < 7; i++)
		create("more");
	offline(1);
	finish();
	assert_answer(OUTCOME_HELD,
		      "Nothing unsafe was seen. This kernel kept all 10 structures of node 1; "
		      "the node has no memory, and they hold 2.5 KiB.");
}

static void several_removals(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline(1);
	online(1);
	offline(1);
	online(1);
	finish();
	assert_answer(OUTCOME_REUSED,
		      "Nothing unsafe was seen. This kernel kept all 6 structures of node 1 in 2 "
		      "removals; the node is back and uses them all.");
}

static void several_nodes(void **state __attribute__((unused)))
{
	begin(RETAINS, 4);
	first_look();
	create("kmem_cache_node");
	offline(1);
	offline(2);
	finish();
	assert_answer(OUTCOME_HELD,
		      "Nothing unsafe was seen. This kernel kept all 2 structures of nodes 1-2; "
		      "the nodes have no memory, and they hold 512 bytes.");
	online(1);
	finish();
	assert_answer(OUTCOME_HELD,
		      "Nothing unsafe was seen. This kernel kept all 2 structures of nodes 1-2; "
		      "node 2 has no memory, and 1 structure holds 256 bytes.");
	online(2);
	finish();
	assert_answer(OUTCOME_REUSED,
		      "Nothing unsafe was seen. This kernel kept all 2 structures of nodes 1-2; "
		      "the nodes are back and use them all.");
}

static void same_address(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline(1);
	k.allocations_hidden = true;
	online(1);
	finish();
	assert_answer(OUTCOME_REUSED,
		      "Nothing unsafe was seen. This kernel kept all 3 structures of node 1; "
		      "the node is back: 3 have their old address.");
}

static void late(void **state __attribute__((unused)))
{
	start(LATE);
	offline(1);
	create("fat");
	finish();
	assert_answer(OUTCOME_HELD,
		      "Nothing unsafe was seen. This kernel kept all 3 structures of node 1; "
		      "the node has no memory, and 4 structures hold 1.0 KiB. "
		      "1 structure was allocated while its node had no memory.");
}

static void freed(void **state __attribute__((unused)))
{
	start(FREES);
	offline(1);
	coverage_is(1000, 1000);
	finish();
	assert_answer(OUTCOME_FREED,
		      "Nothing unsafe was seen. This kernel freed all 3 structures of node 1; "
		      "the node has no memory.");
	online(1);
	finish();
	assert_answer(OUTCOME_FREED,
		      "Nothing unsafe was seen. This kernel freed all 3 structures of node 1; "
		      "the node is back with new ones.");
}

static void partly_covered(void **state __attribute__((unused)))
{
	struct tier_record missing = { .tier = TIER_WATCHPOINT,
				       .state = TIER_MISSING,
				       .why = "no debug registers" };

	start(FREES);
	offline(1);
	coverage_is(1000, 4);
	finish();
	assert_answer(OUTCOME_PARTLY_COVERED,
		      "Nothing unsafe was seen; 0.4 % of the freed words were watched. "
		      "This kernel freed all 3 structures of node 1; the node has no memory.");
	assert_string_equal(outcome_name(a.kind), "partly-covered");
	coverage_is(100000, 99999);
	conclude();
	assert_non_null(strstr(text, "; 99.9 % of the freed words were watched."));
	coverage_is(100000, 1);
	conclude();
	assert_non_null(strstr(text, "; less than 0.1 % of the freed words were watched."));
	coverage_is(0, 0);
	conclude();
	assert_non_null(strstr(text, "; none of the freed words was watched."));
	coverage_is(1000, 1000);
	assert_int_equal(conclude(), OUTCOME_FREED);
	feed(&missing.head, RECORD_TIER, sizeof(missing));
	assert_int_equal(conclude(), OUTCOME_PARTLY_COVERED);
	session.accesses_sought = 0;
	assert_int_equal(conclude(), OUTCOME_PARTLY_COVERED);
	assert_non_null(strstr(text, "; accesses to the freed structures were not looked for."));
}

static void freed_with_a_cache(void **state __attribute__((unused)))
{
	start(RETAINS);
	destroy(create("fat"));
	coverage_is(1000, 4);
	finish();
	assert_answer(OUTCOME_PARTLY_COVERED,
		      "Nothing unsafe was seen; 0.4 % of the freed words were watched. "
		      "2 structures were freed with their caches.");
}

static void unsafe(void **state __attribute__((unused)))
{
	start(FREES);
	offline(1);
	finish();
	an_access(TIER_WINDOW, STRENGTH_EXPOSURE, "show_slab_objects");
	assert_answer(OUTCOME_UNSAFE,
		      "1 reader in flight across a free: show_slab_objects() by cat. "
		      "This kernel freed all 3 structures of node 1; the node has no memory.");
	an_access(TIER_WATCHPOINT, STRENGTH_CONFIRMED, "poke_read");
	conclude();
	assert_non_null(strstr(text, "1 stale access confirmed: poke_read() by cat; "
				     "1 reader was in flight across a free. This"));
	an_access(TIER_CALL, STRENGTH_CONFIRMED, "get_slabinfo");
	an_access(TIER_CALL, STRENGTH_SUSPECT, "other");
	conclude();
	assert_non_null(strstr(text, "2 stale accesses confirmed: poke_read() by cat, and at 1 "
				     "other place; 1 reader was in flight across a free. This"));
}

static void a_stale_write(void **state __attribute__((unused)))
{
	start(FREES);
	an_access(TIER_CANARY, STRENGTH_CONFIRMED, "");
	assert_answer(OUTCOME_UNSAFE, "1 stale write confirmed: to a freed structure of dentry.");
}

static void suspect(void **state __attribute__((unused)))
{
	start(RETAINS);
	an_access(TIER_WATCHPOINT, STRENGTH_SUSPECT, "poke_read");
	an_access(TIER_WATCHPOINT, STRENGTH_SUSPECT, "poke_read");
	assert_answer(OUTCOME_SUSPECT, "2 suspected stale accesses, not proven: poke_read() by "
				       "cat, and at 1 other place.");
}

static void drop_two(int nid)
{
	for (int i = 1; i < 3; i++)
		k.caches[i].node[nid] = 0;
}

static void leaked(void **state __attribute__((unused)))
{
	start(RETAINS);
	callback(NODE_GOING_OFFLINE, 1);
	k.between = drop_two;
	callback(NODE_OFFLINE, 1);
	k.between = NULL;
	wait_for_leaks();
	finish();
	assert_answer(OUTCOME_LEAKED,
		      "2 structures leaked, 512 bytes: no cache points to them, and they were not "
		      "freed. Of the 3 structures of node 1 this kernel kept 1 and leaked 2; "
		      "the node has no memory, and 1 structure holds 256 bytes.");
}

static void dangling(void **state __attribute__((unused)))
{
	start(RETAINS);
	callback(NODE_GOING_OFFLINE, 1);
	callback(NODE_OFFLINE, 1);
	structure_free(k.caches[1].node[1]);
	verify();
	verify();
	finish();
	assert_answer(OUTCOME_DANGLING,
		      "1 structure was freed while its cache still points to it. "
		      "Of the 3 structures of node 1 this kernel kept 2 and left dangling 1; "
		      "the node has no memory, and 2 structures hold 512 bytes.");
}

static void missing(void **state __attribute__((unused)))
{
	start(RETAINS);
	k.slab_node[1] = false;
	create("unlucky");
	verify();
	verify();
	finish();
	assert_answer(OUTCOME_MISSING,
		      "1 structure is missing: a cache has none for a node with memory.");
}

static void inconclusive(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline(1);
	online(1);
	loses(3);
	finish();
	conclude();
	assert_int_equal(a.kind, OUTCOME_INCONCLUSIVE);
	assert_string_equal(text, "Inconclusive: 3 events were lost (3 found no room, the kernel "
				  "skipped 0). This kernel kept all 3 structures of node 1; the "
				  "node is back and uses them all.");
}

static void an_unseen_beginning(void **state __attribute__((unused)))
{
	start(RETAINS);
	callback(NODE_OFFLINE, 1);
	finish();
	assert_answer(OUTCOME_HELD,
		      "Nothing unsafe was seen. This kernel kept all 3 structures of node 1; "
		      "the node has no memory, and they hold 768 bytes. "
		      "The removal had begun before the trace, or its beginning was lost.");
}

static void added(void **state __attribute__((unused)))
{
	begin(RETAINS, 2);
	k.has_memory[1] = k.slab_node[1] = false;
	first_look();
	create("kmem_cache_node");
	online(1);
	finish();
	assert_answer(OUTCOME_ADDED, "Nothing unsafe was seen. Node 1 got memory; "
				     "1 structure was allocated for it.");
	offline(1);
	finish();
	assert_int_equal(conclude(), OUTCOME_HELD);
}

static void added_with_retained(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline(1);
	model_free(m); /* a new session */
	m = model_new(&filter, &observer);
	k.l = model_ledger(m);
	feed(&session.head, RECORD_SESSION, sizeof(session));
	first_look();
	assert_int_equal(conclude(), OUTCOME_NOTHING);
	assert_string_equal(text, "No memory was removed or added. Node 1 has no memory, and 3 "
				  "structures are held for it, 768 bytes.");
	online(1);
	finish();
	assert_answer(OUTCOME_ADDED, "Nothing unsafe was seen. Node 1 got memory; "
				     "3 structures that were held for it are used again.");
}

static void nothing(void **state __attribute__((unused)))
{
	start(RETAINS);
	finish();
	assert_answer(OUTCOME_NOTHING,
		      "No memory was removed or added. Every node has memory: nothing is held.");
	assert_string_equal(outcome_name(a.kind), "nothing");
	assert_int_equal(filter_add_nodes(&filter, "1"), 0);
	assert_answer(OUTCOME_NOTHING, "No memory of the selected nodes was removed or added. "
				       "They have memory: nothing is held.");
}

static void nothing_is_held(void **state __attribute__((unused)))
{
	begin(RETAINS, 2);
	k.has_memory[1] = k.slab_node[1] = false;
	first_look();
	create("dentry");
	finish();
	assert_answer(OUTCOME_NOTHING,
		      "No memory was removed or added. Node 1 has no memory, and nothing is held "
		      "for it.");
}

static void a_part_of_a_node(void **state __attribute__((unused)))
{
	start(RETAINS);
	blocks_are(1, 1, 3, 40, 40);
	finish();
	assert_answer(OUTCOME_NOTHING,
		      "No node lost its memory: block 40 of node 1 went offline, 3 remain; SLUB "
		      "acts when the last one goes.");
	blocks_are(1, 3, 1, 40, 42);
	conclude();
	assert_non_null(strstr(text, "blocks 40-42 of node 1 went offline, 1 remains; SLUB"));
	blocks_are(1, 2, 2, 40, 42);
	conclude();
	assert_non_null(strstr(text, "2 blocks (40 to 42) of node 1 went offline, 2 remain;"));
	/* The whole node is gone: nothing is partial. */
	blocks_are(1, 0, 0, 0, 0);
	offline(1);
	assert_int_equal(conclude(), OUTCOME_HELD);
}

static void movable(void **state __attribute__((unused)))
{
	begin(RETAINS, 2);
	k.has_memory[1] = k.slab_node[1] = false;
	first_look();
	create("dentry");
	online_movable(1);
	turn();
	assert_answer(OUTCOME_NOTHING, "The memory of node 1 is movable only, and this kernel has "
				       "no structures for it.");
	assert_int_equal(a.nothing, NOTHING_MOVABLE);
}

/* The memory of a removed node comes online as movable: its structures stay as they are. */
static void movable_after_a_removal(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline(1);
	online_movable(1);
	finish();
	assert_answer(OUTCOME_HELD,
		      "Nothing unsafe was seen. This kernel kept all 3 structures of node 1; "
		      "the node has only movable memory, and they hold 768 bytes.");
}

static void one_node_of_two_has_movable_memory(void **state __attribute__((unused)))
{
	start_nodes(RETAINS, 3);
	offline(1);
	online_movable(1);
	offline(2);
	finish();
	assert_answer(OUTCOME_HELD,
		      "Nothing unsafe was seen. This kernel kept all 6 structures of nodes 1-2; "
		      "the nodes have only movable memory or none, and they hold 1.5 KiB.");
}

static void a_removal_that_does_not_end(void **state __attribute__((unused)))
{
	start(RETAINS);
	callback(NODE_GOING_OFFLINE, 1);
	finish();
	assert_answer(OUTCOME_NOTHING, "The removal of node 1 had not ended when the trace did.");
}

static void a_cancelled_removal(void **state __attribute__((unused)))
{
	start(RETAINS);
	cancel_offline(1);
	finish();
	assert_answer(OUTCOME_NOTHING,
		      "The removal of node 1 was cancelled, and no structure changed.");
}

static void no_structure_was_watched(void **state __attribute__((unused)))
{
	begin(RETAINS, 2);
	k.slab_node[1] = false;
	first_look();
	cache_make("dentry");
	verify();
	a = (struct answer){ .kind = OUTCOME_NOTHING,
			     .nothing = NOTHING_SELECTED,
			     .behaviour.removed = "1" };
	assert_string_equal(answer_text(text, &a),
			    "The removed memory (node 1) had no structure that was watched.");
}

static void names_are_escaped(void **state __attribute__((unused)))
{
	start(RETAINS);
	an_access(TIER_CALL, STRENGTH_CONFIRMED, "evil\033[2J");
	conclude();
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "evil\\x1b[2J"));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(reused),
		T(held),
		T(several_removals),
		T(several_nodes),
		T(same_address),
		T(late),
		T(freed),
		T(partly_covered),
		T(freed_with_a_cache),
		T(unsafe),
		T(a_stale_write),
		T(suspect),
		T(leaked),
		T(dangling),
		T(missing),
		T(inconclusive),
		T(an_unseen_beginning),
		T(added),
		T(added_with_retained),
		T(nothing),
		T(nothing_is_held),
		T(a_part_of_a_node),
		T(movable),
		T(movable_after_a_removal),
		T(one_node_of_two_has_movable_memory),
		T(a_removal_that_does_not_end),
		T(a_cancelled_removal),
		T(no_structure_was_watched),
		T(names_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
