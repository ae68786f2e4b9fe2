// SPDX-License-Identifier: GPL-2.0-only
/* The limits of a run: the freed set, the coverage of the tiers, the caveats. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "model/caveats.h"
#include "model/coverage.h"
#include "model/freed_set.h"
#include "model/ledger.h"

/* --- the freed set --- */

static struct freed_set *set;

static void change(__u64 address, __u64 freed_ns, bool present)
{
	const struct freed_record r = {
		.freed = { .address = address, .freed_ns = freed_ns },
		.present = present,
	};

	assert_int_equal(freed_set_feed(set, &r), 0);
}

static bool has(__u64 address, __u64 freed_ns)
{
	return freed_set_has(set, &(struct freed){ .address = address, .freed_ns = freed_ns });
}

static void incarnations(void **state)
{
	(void)state;
	set = freed_set_new();
	assert_non_null(set);
	assert_false(has(0x1000, 5));
	change(0x1000, 5, true);
	change(0x2000, 6, true);
	assert_true(has(0x1000, 5));
	assert_false(has(0x1000, 6)); /* another incarnation of the address */
	change(0x1000, 5, false);
	assert_false(has(0x1000, 5));
	assert_true(has(0x2000, 6));
	change(0x3000, 1, false); /* it was never there */
	/* The address is freed again, in another slot, before the old slot is reported. */
	change(0x2000, 9, true);
	change(0x2000, 6, false);
	assert_true(has(0x2000, 9));
	assert_false(has(0x2000, 6));
	freed_set_free(set);
	freed_set_free(NULL);
}

/* --- the coverage --- */

static bool exact(const struct coverage *c, __u64 freed_ns)
{
	return coverage_exact(c, &(struct freed){ .freed_ns = freed_ns }, 0);
}

static bool exact_after(const struct coverage *c, __u64 freed_ns, __u64 ordered_ns)
{
	return coverage_exact(c, &(struct freed){ .freed_ns = freed_ns }, ordered_ns);
}

static void skipped_programs(void **state)
{
	struct coverage_record r = { .read_ns = 100 };
	struct coverage c = {};

	(void)state;
	coverage_feed(&c, &r);
	assert_true(exact(&c, 1));
	/* A program was skipped at some time before 200. */
	r.read_ns = 200;
	r.skipped_removals = 3;
	coverage_feed(&c, &r);
	assert_int_equal(c.skipped_by_ns, 200);
	assert_false(exact(&c, 150));
	assert_false(exact(&c, 200));
	assert_true(exact(&c, 201));
	/* None was since. */
	r.read_ns = 300;
	coverage_feed(&c, &r);
	assert_int_equal(c.skipped_by_ns, 200);
	assert_true(exact(&c, 201));
	/* A program that was skipped before the first report counts, too. */
	c = (struct coverage){};
	coverage_feed(&c, &r);
	assert_false(exact(&c, 300));
}

/*
 * After a skipped program for new slabs, the accesses of which the order is known are exact again;
 * after one for allocations, none is.
 */
static void skipped_slabs(void **state)
{
	struct coverage_record r = { .read_ns = 100, .skipped_removals = 3, .skipped_slabs = 3 };
	struct coverage c = {};

	(void)state;
	coverage_feed(&c, &r);
	assert_int_equal(c.slab_skipped_by_ns, 100);
	assert_int_equal(c.skipped_by_ns, 0);
	assert_false(exact(&c, 50));
	assert_false(exact_after(&c, 50, 60));
	assert_false(exact_after(&c, 50, 100));
	assert_true(exact_after(&c, 50, 101));
	assert_true(exact(&c, 101));
	r.read_ns = 200;
	r.skipped_removals = 4;
	coverage_feed(&c, &r);
	assert_int_equal(c.slab_skipped_by_ns, 100);
	assert_false(exact_after(&c, 50, 300));
	assert_true(exact(&c, 201));
	/* One of each kind, the other way round than before. */
	r = (struct coverage_record){ .read_ns = 300, .skipped_removals = 5, .skipped_slabs = 4 };
	coverage_feed(&c, &r);
	assert_int_equal(c.slab_skipped_by_ns, 300);
	assert_int_equal(c.skipped_by_ns, 200);
}

static void what_is_not_followed(void **state)
{
	const struct coverage_record r = {
		.untracked = 1, .lost_accesses = 2, .freed_dropped = 3, .skipped_readers = 7
	};
	struct coverage c = {};

	(void)state;
	coverage_feed(&c, &r);
	assert_false(exact(&c, 1));
	assert_int_equal(coverage_unseen(&c), 5);
}

static void tiers(void **state)
{
	struct tier_record r = { .tier = TIER_CANARY, .state = TIER_MISSING, .why = "no pages" };
	struct coverage c = {};

	(void)state;
	coverage_feed_tier(&c, &r);
	assert_string_equal(coverage_missing(&c, TIER_CANARY), "no pages");
	assert_null(coverage_limit(&c, TIER_CANARY));
	r.state = TIER_LIMITED;
	coverage_feed_tier(&c, &r);
	assert_null(coverage_missing(&c, TIER_CANARY));
	assert_string_equal(coverage_limit(&c, TIER_CANARY), "no pages");
	assert_null(coverage_missing(&c, TIER_CALL));
	assert_null(coverage_limit(&c, TIER_CALL));
}

static void watched_time(void **state)
{
	struct coverage_record r = {};
	struct coverage c = {};

	(void)state;
	coverage_feed(&c, &r);
	assert_true(coverage_watched(&c) < 0);
	r.freed_word_ns = 200;
	r.watched_word_ns = 50;
	coverage_feed(&c, &r);
	assert_true(coverage_watched(&c) == 0.25);
}

/*
 * Two CPUs; one of them did not watch its share of one word for a second of ten. The counters are
 * means over the CPUs.
 */
static void a_cpu_that_did_not_watch(void **state)
{
	struct coverage_record r = { .freed_word_ns = 10000, .watched_word_ns = 9500 };
	struct coverage c = {};

	(void)state;
	r.cpus_unwatched = 1;
	r.unwatched_ns = 1000;
	coverage_feed(&c, &r);
	assert_true(coverage_watched(&c) == 0.95);
	assert_int_equal(c.counters.cpus_unwatched, 1);
	assert_int_equal(c.counters.unwatched_ns, 1000);
}

/* --- the caveats --- */

static struct ledger_trust trust;
static struct coverage coverage;
static struct caveat_facts facts;
static struct caveats caveats;

static int setup(void **state)
{
	(void)state;
	trust = (struct ledger_trust){ .verified = 1 };
	coverage = (struct coverage){};
	facts = (struct caveat_facts){
		.trust = &trust, .coverage = &coverage, .walk_complete = true, .freed = true
	};
	return 0;
}

/* Return the caveat of this kind, which is the only one. */
static const struct caveat *only(enum caveat_kind kind)
{
	caveats_find(&caveats, &facts);
	assert_int_equal(caveats.count, 1);
	assert_int_equal(caveats.list[0].kind, kind);
	assert_true(*caveats.list[0].reason);
	assert_true(*caveats.list[0].hint);
	return &caveats.list[0];
}

static void none(void **state)
{
	(void)state;
	trust.stale = trust.resynced = trust.incomplete = 5; /* harmless, or repaired */
	caveats_find(&caveats, &facts);
	assert_int_equal(caveats.count, 0);
	assert_false(caveats_of_trace(&caveats));
}

static void each_alone(void **state)
{
	(void)state;
	facts.error = -EPIPE;
	assert_non_null(strstr(only(CAVEAT_BROKEN_OFF)->reason, strerror(EPIPE)));
	setup(state);
	trust.lost = 7;
	trust.skipped = 3;
	assert_string_equal(only(CAVEAT_LOST)->reason,
			    "7 events were lost (4 found no room, the kernel skipped 3)");
	setup(state);
	facts.nothing_selected = true;
	assert_int_equal(only(CAVEAT_NOTHING)->tiers, 0);
	facts.unmatched = "foo*"; /* once is enough */
	only(CAVEAT_NOTHING);
	facts.nothing_selected = false;
	assert_string_equal(only(CAVEAT_UNMATCHED)->reason, "no cache matched 'foo*'");
	assert_true(caveats_of_all(&caveats));
	assert_false(caveats_of_trace(&caveats));
	setup(state);
	trust.unseen_changes = 2;
	assert_string_equal(
		only(CAVEAT_STOPPED)->reason,
		"the memory of a node changed 2 times and no program saw it: attached programs do not run");
	facts.stopped = STOPPED_FTRACE;
	assert_non_null(strstr(only(CAVEAT_STOPPED)->reason, "kernel.ftrace_enabled was 0"));
	trust.unseen_changes = 0;
	assert_non_null(strstr(only(CAVEAT_STOPPED)->reason, "kernel.ftrace_enabled was 0"));
	setup(state);
	coverage.counters.lost_accesses = 1;
	assert_int_equal(only(CAVEAT_UNSEEN)->tiers, ALL_TIERS);
	setup(state);
	trust.malformed = 1;
	only(CAVEAT_MALFORMED);
	setup(state);
	trust.disagreements = 1;
	only(CAVEAT_DISAGREEMENT);
	setup(state);
	trust.pending = 1;
	only(CAVEAT_PENDING);
	setup(state);
	facts.walk_complete = false;
	only(CAVEAT_INCOMPLETE);
	assert_true(caveats_of_trace(&caveats));
}

/* Some caveats apply to a verdict and not to a trace. */
static void of_a_verdict_alone(void **state)
{
	(void)state;
	facts.unattached = "by --attach none";
	trust.verified = 0; /* without probes no walk can confirm anything */
	assert_non_null(strstr(only(CAVEAT_DIFFERENCES_ONLY)->reason, "by --attach none"));
	assert_false(caveats_of_trace(&caveats));
	facts.unattached = NULL;
	only(CAVEAT_UNVERIFIED);
	assert_false(caveats_of_trace(&caveats));
	trust.pending = 1;
	caveats_find(&caveats, &facts);
	assert_int_equal(caveats.count, 2);
	assert_true(caveats_of_trace(&caveats));
}

/* A loss of readers concerns their tiers, as far as they are at work. */
static void lost_readers(void **state)
{
	(void)state;
	coverage.counters.windows = 90;
	coverage.counters.lost_windows = 6;
	coverage.counters.skipped_readers = 4;
	assert_int_equal(only(CAVEAT_READERS)->tiers, TIER_BIT(TIER_CALL) | TIER_BIT(TIER_WINDOW));
	assert_string_equal(
		caveats.list[0].reason,
		"10 calls of readers were not followed (6 found no room, the kernel skipped 4)");
	assert_true(caveats_of_trace(&caveats));
	assert_false(caveats_of_all(&caveats));
	assert_non_null(caveats_of_tier(&caveats, TIER_WINDOW));
	assert_null(caveats_of_tier(&caveats, TIER_CANARY));
	assert_true(coverage_share(&coverage, TIER_CALL) == 0.9);
	facts.freed = false; /* so no reader accessed a freed structure */
	assert_true(only(CAVEAT_READERS)->verdict_only);
	coverage.tiers[TIER_CALL].state = TIER_MISSING;
	assert_int_equal(only(CAVEAT_READERS)->tiers, TIER_BIT(TIER_WINDOW));
	coverage.tiers[TIER_WINDOW].state = TIER_MISSING;
	caveats_find(&caveats, &facts);
	assert_int_equal(caveats.count, 0);
}

static void limits(void **state)
{
	(void)state;
	coverage.tiers[TIER_CANARY] = (struct tier_coverage){ TIER_LIMITED, "half blind" };
	assert_int_equal(only(CAVEAT_LIMITED)->tiers, TIER_BIT(TIER_CANARY));
	assert_string_equal(caveats.list[0].reason, "half blind");
	assert_false(caveats_of_trace(&caveats)); /* the views name it */
}

static void recordings(void **state)
{
	(void)state;
	facts.partial = true;
	assert_true(only(CAVEAT_PARTIAL)->verdict_only);
	facts.partial = false;
	facts.error = CAVEATS_CUT;
	assert_string_equal(only(CAVEAT_BROKEN_OFF)->reason, "the recording is not whole");
	assert_true(caveats_of_trace(&caveats));
}

static void all_that_can_come_together(void **state)
{
	(void)state;
	facts = (struct caveat_facts){ .trust = &trust,
				       .coverage = &coverage,
				       .error = -EIO,
				       .partial = true,
				       .unattached = "none can be",
				       .stopped = STOPPED_KPROBES,
				       .nothing_selected = true };
	trust = (struct ledger_trust){
		.lost = 1,
		.malformed = 1,
		.disagreements = 1,
		.pending = 1,
		.moved = 1,
		.miscounted = 1,
		.unobserved = 1,
		.unseen_changes = 1,
	};
	coverage.counters.lost_accesses = coverage.counters.lost_windows = 1;
	for (unsigned int tier = 0; tier < TIERS; tier++)
		coverage.tiers[tier].state = TIER_LIMITED;
	caveats_find(&caveats, &facts);
	/* The walks are incomplete or unverified; no cache matches, or one pattern; each tier is
	 * limited. */
	assert_int_equal(caveats.count, CAVEAT_KINDS - 2 + TIERS - 1);
}

static void shares(void **state)
{
	(void)state;
	assert_true(coverage_share(&coverage, TIER_WINDOW) < 0);
	assert_true(coverage_share(&coverage, TIER_CANARY) < 0);
	coverage.counters.freed_seen = 3;
	assert_true(coverage_share(&coverage, TIER_CANARY) == 0);
	coverage.counters.covered = 3;
	coverage.counters.freed_dropped = 1;
	assert_true(coverage_share(&coverage, TIER_CANARY) == 0.75);
	assert_true(coverage_percent(0.99999) == 99.99);
	assert_true(coverage_percent(1) == 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(incarnations),
		cmocka_unit_test(skipped_programs),
		cmocka_unit_test(skipped_slabs),
		cmocka_unit_test(what_is_not_followed),
		cmocka_unit_test(tiers),
		cmocka_unit_test(watched_time),
		cmocka_unit_test(a_cpu_that_did_not_watch),
		cmocka_unit_test_setup(none, setup),
		cmocka_unit_test_setup(each_alone, setup),
		cmocka_unit_test_setup(of_a_verdict_alone, setup),
		cmocka_unit_test_setup(lost_readers, setup),
		cmocka_unit_test_setup(limits, setup),
		cmocka_unit_test_setup(shares, setup),
		cmocka_unit_test_setup(recordings, setup),
		cmocka_unit_test_setup(all_that_can_come_together, setup),
	};

	return cmocka_run_group_tests_name("coverage and caveats", tests, NULL, NULL);
}
