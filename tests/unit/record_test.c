// SPDX-License-Identifier: GPL-2.0-only
/* Bytes become records: the length, the type, and each value that is an index or a string. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "model/record.h"
#include "model/tier.h"

/* The smallest valid record of each type. */
static union any {
	struct record head;
	struct node_record node;
	struct cache_record cache;
	struct structure_record structure;
	struct walk_record walk;
	struct access_record access;
	struct canary_record canary;
	struct freer_record freer;
	struct object_record object;
	struct slabs_record slabs;
	struct offline_record offline;
	struct session_record session;
	struct lost_record lost;
	struct tier_record tier;
	struct symbol_record symbol;
	struct freed_record freed;
	struct coverage_record coverage;
	struct barns_record barns;
	struct end_record end;
} valid[RECORD_TYPES];

static int setup(void **state)
{
	(void)state;
	memset(valid, 0, sizeof(valid));
	for (__u32 type = 1; type < RECORD_TYPES; type++)
		valid[type].head.type = type;
	valid[RECORD_NODE].node.transition = NODE_OFFLINE;
	valid[RECORD_CACHE].cache.cache = 0x1000;
	valid[RECORD_CACHE].cache.change = CACHE_CREATED;
	valid[RECORD_STRUCTURE].structure.cache = 0x1000;
	valid[RECORD_WALK].walk.walk = 1;
	valid[RECORD_WALK].walk.reason = WALK_BEFORE;
	valid[RECORD_ACCESS].access.how = ACCESS_CALL;
	valid[RECORD_CANARY].canary.words = KNODE_WORDS;
	valid[RECORD_OBJECT].object.walk = 1;
	valid[RECORD_OBJECT].object.address = 0x1000;
	valid[RECORD_SLABS].slabs.walk = 1;
	valid[RECORD_SLABS].slabs.cache = 0x1000;
	valid[RECORD_OFFLINE].offline.ret = -1;
	return 0;
}

/* Return whether the first len bytes are a record. They lie alone, so that the sanitizer sees more
 * reads. */
static bool ok(const union any *r, size_t len)
{
	void *alone = malloc(len);
	bool accepted;

	assert_non_null(alone);
	memcpy(alone, r, len);
	accepted = record_check(alone, len) == alone;
	free(alone);
	return accepted;
}

#define assert_ok(type)     assert_true(ok(&valid[type], record_len(&valid[type].head)))
#define assert_not_ok(type) assert_false(ok(&valid[type], record_len(&valid[type].head)))

/* Check that a record with this value is none, and that all is well again without it. */
#define assert_refused(type, member, bad)                                                          \
	do {                                                                                       \
		__typeof__(valid[type].member) good = valid[type].member;                          \
		valid[type].member = (bad);                                                        \
		assert_not_ok(type);                                                               \
		valid[type].member = good;                                                         \
		assert_ok(type);                                                                   \
	} while (0)

/* Check that a text without an end is refused, and that the longest one is not. */
#define assert_terminated(type, member)                                                            \
	do {                                                                                       \
		memset(valid[type].member, 'x', sizeof(valid[type].member));                       \
		assert_not_ok(type);                                                               \
		valid[type].member[sizeof(valid[type].member) - 1] = 0;                            \
		assert_ok(type);                                                                   \
		memset(valid[type].member, 0, sizeof(valid[type].member));                         \
	} while (0)

static void lengths_and_types(void **state)
{
	(void)state;
	for (__u32 type = 1; type < RECORD_TYPES; type++) {
		size_t len = record_len(&valid[type].head);

		assert_ok(type);
		assert_false(ok(&valid[type], len - 1));
		assert_terminated(type, head.comm);
	}
	assert_false(ok(&valid[RECORD_CLOCK], sizeof(struct record) - 1));
	valid[0].head.type = 0;
	assert_false(ok(&valid[0], sizeof(valid[0])));
	valid[0].head.type = RECORD_TYPES;
	assert_false(ok(&valid[0], sizeof(valid[0])));
}

static void of_the_ledger(void **state)
{
	(void)state;
	assert_refused(RECORD_NODE, node.transition, 0);
	assert_refused(RECORD_NODE, node.transition, NODE_TRANSITIONS);
	assert_refused(RECORD_NODE, node.phase, PHASE_END + 1);
	assert_refused(RECORD_NODE, node.nid, RECORD_NODES);
	assert_refused(RECORD_NODE, node.nid, -2);
	assert_refused(RECORD_NODE, node.any_nid, RECORD_NODES);
	valid[RECORD_NODE].node.any_nid = -1;
	assert_refused(RECORD_NODE, node.nid, -1);
	assert_refused(RECORD_CACHE, cache.cache, 0);
	assert_refused(RECORD_CACHE, cache.change, 0);
	assert_refused(RECORD_CACHE, cache.change, CACHE_RELEASED + 1);
	assert_terminated(RECORD_CACHE, cache.name);
	assert_refused(RECORD_STRUCTURE, structure.cache, 0);
	assert_refused(RECORD_STRUCTURE, structure.nid, -1);
	assert_refused(RECORD_STRUCTURE, structure.nid, RECORD_NODES);
	assert_refused(RECORD_STRUCTURE, structure.prev_state, OBJECT_UNKNOWN + 1);
	assert_refused(RECORD_STRUCTURE, structure.state, OBJECT_UNKNOWN + 1);
	assert_refused(RECORD_OBJECT, object.walk, 0);
	assert_refused(RECORD_OBJECT, object.address, 0);
	assert_refused(RECORD_OBJECT, object.state, OBJECT_UNKNOWN + 1);
	assert_refused(RECORD_OFFLINE, offline.ret, 0);
	assert_refused(RECORD_OFFLINE, offline.ret, -4096);
	assert_refused(RECORD_OFFLINE, offline.nid, -2);
	assert_refused(RECORD_OFFLINE, offline.nid, RECORD_NODES);
	assert_refused(RECORD_SLABS, slabs.walk, 0);
	assert_refused(RECORD_SLABS, slabs.cache, 0);
	assert_refused(RECORD_SLABS, slabs.nid, -1);
	assert_refused(RECORD_SLABS, slabs.nid, RECORD_NODES);
	assert_terminated(RECORD_SLABS, slabs.name);
	assert_refused(RECORD_WALK, walk.walk, 0);
	assert_refused(RECORD_WALK, walk.reason, 0);
	assert_refused(RECORD_WALK, walk.reason, WALK_REASONS);
	assert_refused(RECORD_WALK, walk.phase, PHASE_END + 1);
	assert_refused(RECORD_WALK, walk.nid, -1);
	valid[RECORD_WALK].walk.reason = WALK_SLABS;
	assert_refused(RECORD_WALK, walk.nid, -1);
	assert_refused(RECORD_WALK, walk.digest_only, 1); /* WALK_VERIFY alone has a digest */
	valid[RECORD_WALK].walk.reason = WALK_VERIFY;     /* all nodes */
	valid[RECORD_WALK].walk.nid = -1;
	assert_ok(RECORD_WALK);
}

static void of_accesses(void **state)
{
	(void)state;
	assert_refused(RECORD_ACCESS, access.how, 0);
	assert_refused(RECORD_ACCESS, access.how, ACCESS_WATCHPOINT + 1);
	assert_refused(RECORD_ACCESS, access.stack_len, ACCESS_FRAMES + 1);
	assert_refused(RECORD_ACCESS, access.freed.nid, -1);
	assert_refused(RECORD_ACCESS, access.freed.nid, RECORD_NODES);
	assert_terminated(RECORD_ACCESS, access.freed.comm);
	assert_terminated(RECORD_ACCESS, access.freed.name);
	assert_refused(RECORD_CANARY, canary.words, 0);
	assert_refused(RECORD_CANARY, canary.words, KNODE_WORDS + 1);
	assert_refused(RECORD_CANARY, canary.freed.nid, RECORD_NODES);
	assert_terminated(RECORD_CANARY, canary.freed.comm);
	assert_terminated(RECORD_CANARY, canary.freed.name);
	assert_refused(RECORD_FREER, freer.stack_len, ACCESS_FRAMES + 1);
}

static void of_user_space(void **state)
{
	(void)state;
	assert_refused(RECORD_SESSION, session.layout.count, KNODE_FIELDS + 1);
	assert_refused(RECORD_SESSION, session.barn_bytes, 1ULL << 63);
	valid[RECORD_SESSION].session.layout.count = KNODE_FIELDS;
	assert_terminated(RECORD_SESSION, session.layout.field[KNODE_FIELDS - 1].name);
	assert_terminated(RECORD_SESSION, session.kernel);
	assert_refused(RECORD_SESSION, session.kernel[0], '\033');
	assert_refused(RECORD_TIER, tier.why[0], '\n');
	assert_refused(RECORD_SYMBOL, symbol.source[0], 0x7f);
	assert_terminated(RECORD_SESSION, session.probes);
	assert_terminated(RECORD_SESSION, session.walk);
	assert_terminated(RECORD_SESSION, session.unattached);
	assert_refused(RECORD_END, end.error, 1);
	assert_refused(RECORD_END, end.error, -4096);
	assert_refused(RECORD_END, end.stopped, STOPPED_KINDS);
	assert_refused(RECORD_TIER, tier.tier, TIERS);
	assert_refused(RECORD_TIER, tier.state, TIER_STATES);
	assert_terminated(RECORD_TIER, tier.why);
	assert_terminated(RECORD_SYMBOL, symbol.function);
	assert_terminated(RECORD_SYMBOL, symbol.module);
	assert_terminated(RECORD_SYMBOL, symbol.source);
	assert_refused(RECORD_BARNS, barns.nid, RECORD_NODES);
	assert_refused(RECORD_FREED, freed.freed.nid, RECORD_NODES);
	assert_terminated(RECORD_FREED, freed.freed.comm);
	assert_terminated(RECORD_FREED, freed.freed.name);
}

/* A recording is compared byte for byte: no byte of a record is without a name. */
static void records_have_no_padding(void **state)
{
#define ENDS_WITH(type, member)                                                                    \
	assert_int_equal(sizeof(struct type),                                                      \
			 offsetof(struct type, member) + sizeof(((struct type *)0)->member))

	(void)state;
	ENDS_WITH(node_record, has_memory);
	ENDS_WITH(cache_record, name);
	ENDS_WITH(structure_record, pad);
	ENDS_WITH(object_record, pad);
	ENDS_WITH(slabs_record, name);
	ENDS_WITH(offline_record, ret);
	ENDS_WITH(walk_record, unusual);
	ENDS_WITH(freed, name);
	ENDS_WITH(access_record, stack);
	ENDS_WITH(canary_record, new_words);
	ENDS_WITH(freer_record, stack);
	ENDS_WITH(session_record, boot_ns);
	ENDS_WITH(lost_record, malformed);
	ENDS_WITH(tier_record, why);
	ENDS_WITH(symbol_record, source);
	ENDS_WITH(freed_record, pad);
	ENDS_WITH(coverage_record, unwatched_ns);
	ENDS_WITH(barns_record, in_use);
	ENDS_WITH(blocks_record, last_gone);
	ENDS_WITH(end_record, pad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lengths_and_types, setup),
		cmocka_unit_test_setup(of_the_ledger, setup),
		cmocka_unit_test_setup(of_accesses, setup),
		cmocka_unit_test_setup(of_user_space, setup),
		cmocka_unit_test(records_have_no_padding),
	};

	return cmocka_run_group_tests_name("records", tests, NULL, NULL);
}
