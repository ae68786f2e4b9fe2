// SPDX-License-Identifier: GPL-2.0-only
/*
 * From accesses to findings: which accesses are proven, which are the allocator's own
 * work, and which must wait. The parts of the model are the real ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "model/accesses.h"

#define STRUCTURE   0xffff888000001000ULL
#define INSTRUCTION 0xffffffff81000010ULL /* after the access */
#define FREE_WORD   0x1234567890abcdefULL
#define MS          1000000ULL

static struct {
	struct session_record session;
	struct freed_set *freed;
	struct symbols *symbols;
	struct coverage coverage;
	struct accesses *a;
	struct findings *all;
	struct finding last;
	char last_function[64], last_module[64];
	struct record last_freer;
	int count;
} t;

static void on_finding(void *context, const struct finding *f)
{
	(void)context;
	t.last = *f;
	snprintf(t.last_function, sizeof(t.last_function), "%s", f->function);
	snprintf(t.last_module, sizeof(t.last_module), "%s", f->module ?: "");
	t.last_freer = *f->freer;
	t.count++;
}

/* The instruction of the access lies in this function. */
static void symbol(const char *function, __u32 flags)
{
	struct symbol_record r = {
		.head.type = RECORD_SYMBOL,
		.address = INSTRUCTION - 1,
		.flags = flags,
		.module = "poke",
	};

	snprintf(r.function, sizeof(r.function), "%s", function);
	assert_int_equal(symbols_feed(t.symbols, &r), 0);
}

static void set_freed(bool present)
{
	struct freed_record r = {
		.freed = { .address = STRUCTURE, .freed_ns = 50 * MS },
		.present = present,
	};

	assert_int_equal(freed_set_feed(t.freed, &r), 0);
}

static int setup(void **state)
{
	static const struct knode_layout layout = {
		.count = 3,
		.size = 64,
		.field = { { "list_lock", 0, 4 }, { "partial", 16, 16 }, { "nr_slabs", 32, 8 } },
	};

	(void)state;
	memset(&t, 0, sizeof(t));
	t.session.pages_followed = 1;
	t.session.layout = layout;
	t.all = findings_new(
		&(struct findings_ops){ .finding = on_finding, .coverage = &t.coverage });
	t.freed = freed_set_new();
	t.symbols = symbols_new();
	t.a = accesses_new(&(struct accesses_parts){
		.session = &t.session,
		.freed = t.freed,
		.symbols = t.symbols,
		.coverage = &t.coverage,
		.findings = t.all,
	});
	if (!t.a || !t.all || !t.freed || !t.symbols)
		return -1;
	symbol("poke_read", SYMBOL_KNOWN);
	set_freed(true);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	accesses_free(t.a);
	symbols_free(t.symbols);
	freed_set_free(t.freed);
	findings_free(t.all);
	return 0;
}

static struct access_record hit(void)
{
	struct access_record e = {
		.head = { .type = RECORD_ACCESS, .time_ns = 100 * MS, .tgid = 9, .tid = 9 },
		.freed = { .address = STRUCTURE,
			   .freed_ns = 50 * MS,
			   .nid = 1,
			   .tid = 7,
			   .tgid = 7,
			   .name = "dentry" },
		.how = ACCESS_WATCHPOINT,
		.ordered_ns = 60 * MS,
		.word = STRUCTURE + 16,
		.free_offset = 32,
		.registers = { .ip = INSTRUCTION },
		.stack_len = 2,
		.stack = { 1, 2 },
	};

	return e;
}

static struct freer_record freer(__u64 begin_ns, __u64 end_ns)
{
	return (struct freer_record){
		.head = { .type = RECORD_FREER,
			  .time_ns = end_ns,
			  .tgid = 7,
			  .tid = 7,
			  .comm = "sh" },
		.begin_ns = begin_ns,
		.freed = 1,
		.stack_len = 1,
		.stack = { 3 },
	};
}

static struct access_record window(__u64 entered_ns, __u64 left_ns)
{
	struct access_record e = hit();

	e.how = ACCESS_WINDOW;
	e.reader = READER_OBJECTS;
	e.entered_ns = entered_ns;
	e.head.time_ns = e.freed.freed_ns = left_ns;
	e.freed.tid = e.freed.tgid = 0;
	return e;
}

static void feed(const void *r)
{
	assert_int_equal(accesses_feed(t.a, r), 0);
}

/* Feed counters and a clock of the present time. */
static void turn(__u64 now_ns, __u64 allocating)
{
	struct coverage_record r = t.coverage.counters;

	r.head = (struct record){ .type = RECORD_COVERAGE, .time_ns = now_ns };
	r.read_ns = now_ns;
	r.allocating = allocating;
	coverage_feed(&t.coverage, &r);
	accesses_settle(t.a, now_ns, false);
}

/* Feed a record, and the turn after it. */
static void see(const void *r)
{
	feed(r);
	turn(((const struct record *)r)->time_ns, 0);
}

static void nothing_is_judged_before_the_counters_are_read(void **state)
{
	struct access_record e = hit();

	(void)state;
	feed(&e);
	turn(e.head.time_ns - 1, 0);
	assert_int_equal(t.count, 0);
	assert_true(accesses_waiting(t.a));
	turn(e.head.time_ns, 0);
	assert_int_equal(t.count, 1);
	assert_false(accesses_waiting(t.a));
}

static void order_confirms(void **state)
{
	struct access_record e = hit();

	(void)state;
	see(&e);
	assert_int_equal(t.last.strength, STRENGTH_CONFIRMED);
	assert_int_equal(t.last.proof, PROOF_ORDER);
	assert_string_equal(t.last_function, "poke_read");
	assert_string_equal(t.last.field, "partial");
	/* The last interrupt of the CPU was before the free: nothing is proven. */
	e.ordered_ns = e.freed.freed_ns;
	see(&e);
	assert_int_equal(t.last.strength, STRENGTH_SUSPECT);
	assert_int_equal(findings_count(t.all, TIER_WATCHPOINT, STRENGTH_CONFIRMED), 1);
	assert_int_equal(findings_count(t.all, TIER_WATCHPOINT, STRENGTH_SUSPECT), 1);
	assert_int_equal(t.last.count, 2); /* of the same stack */
}

static void the_module_is_that_of_the_instruction(void **state)
{
	struct freer_record f = freer(40 * MS, 70 * MS);
	struct access_record e = hit();

	(void)state;
	f.stack_len = 1;
	feed(&f);
	see(&e);
	assert_string_equal(t.last_module, "poke");
}

static void value_confirms(void **state)
{
	struct access_record e = hit();

	(void)state;
	e.ordered_ns = 0;
	e.word = STRUCTURE + 32;
	e.value = e.free_word = FREE_WORD;
	e.registers.cx = FREE_WORD;
	see(&e);
	assert_int_equal(t.last.proof, PROOF_VALUE);
	assert_int_equal(t.last.strength, STRENGTH_CONFIRMED);
	/* Another word of the structure: a register that holds it comes from elsewhere. */
	e.word = STRUCTURE + 16;
	e.value = 5;
	see(&e);
	assert_int_equal(t.last.strength, STRENGTH_SUSPECT);
	/* The instruction pointer is not a loaded value. */
	e.word = STRUCTURE + 32;
	e.value = e.free_word = e.registers.ip;
	e.registers.cx = 0;
	see(&e);
	assert_int_equal(t.last.strength, STRENGTH_SUSPECT);
}

/* A write to the structure after its free, which the canary has found. */
static struct canary_record stray_write(void)
{
	return (struct canary_record){
		.head = { .type = RECORD_CANARY, .time_ns = 100 * MS },
		.freed = { .address = STRUCTURE, .freed_ns = 50 * MS },
		.words = 8,
		.new_words = { [3] = 1 },
	};
}

static void without_symbols_nothing_is_confirmed(void **state)
{
	struct access_record e = hit();

	(void)state;
	symbol("", 0);
	see(&e);
	assert_int_equal(t.last.strength, STRENGTH_SUSPECT);
}

static void of_a_set_that_is_not_exact_nothing_is_confirmed(void **state)
{
	struct canary_record canary = stray_write();
	struct access_record e = hit();

	(void)state;
	t.coverage.skipped_by_ns = 60 * MS;
	see(&e);
	assert_int_equal(t.last.strength, STRENGTH_SUSPECT);
	see(&canary);
	assert_int_equal(t.last.tier, TIER_CANARY);
	assert_int_equal(t.last.strength, STRENGTH_SUSPECT);
	canary.freed.freed_ns = t.coverage.skipped_by_ns + 1; /* freed since */
	see(&canary);
	assert_int_equal(t.last.strength, STRENGTH_CONFIRMED);
}

/* The order proves that an access is later than a skipped program for new slabs; a value does not. */
static void an_access_after_a_skipped_new_slab_is_confirmed_by_order(void **state)
{
	struct canary_record canary = stray_write();
	struct access_record e = hit();

	(void)state;
	t.coverage.slab_skipped_by_ns = e.ordered_ns;
	see(&e);
	assert_int_equal(t.last.strength, STRENGTH_SUSPECT);
	e.ordered_ns++;
	see(&e);
	assert_int_equal(t.last.strength, STRENGTH_CONFIRMED);
	assert_int_equal(t.last.proof, PROOF_ORDER);
	e.ordered_ns = 0;
	e.word = STRUCTURE + 32;
	e.value = e.free_word = e.registers.cx = FREE_WORD;
	see(&e);
	assert_int_equal(t.last.strength, STRENGTH_SUSPECT);
	see(&canary);
	assert_int_equal(t.last.tier, TIER_CANARY);
	assert_int_equal(t.last.strength, STRENGTH_SUSPECT);
}

/* A session that is aborted has not read the counters again. */
static void without_later_counters_nothing_is_confirmed(void **state)
{
	struct canary_record canary = stray_write();
	struct access_record e = hit();

	(void)state;
	turn(e.head.time_ns - 1, 0);
	feed(&e);
	feed(&canary);
	accesses_settle(t.a, 101 * MS, true);
	assert_int_equal(t.count, 2);
	assert_int_equal(findings_count(t.all, TIER_WATCHPOINT, STRENGTH_SUSPECT), 1);
	assert_int_equal(findings_count(t.all, TIER_CANARY, STRENGTH_SUSPECT), 1);
}

static void an_allocation_in_flight_at_the_end_confirms_nothing(void **state)
{
	struct access_record e = hit();

	(void)state;
	e.allocating = 1;
	feed(&e);
	turn(101 * MS, 1);
	assert_int_equal(t.count, 0);
	accesses_settle(t.a, 102 * MS, true);
	assert_int_equal(t.count, 1);
	assert_int_equal(t.last.strength, STRENGTH_SUSPECT);
}

static void a_limited_number_waits(void **state)
{
	struct access_record e = hit();

	(void)state;
	for (unsigned int i = 0; i < 65536; i++)
		feed(&e);
	assert_int_equal(t.count, 0);
	feed(&e);
	assert_int_equal(t.count, 1);
	assert_int_equal(t.last.strength, STRENGTH_SUSPECT);
	turn(e.head.time_ns, 0);
	assert_int_equal(t.count, 65537);
	assert_int_equal(t.last.strength, STRENGTH_CONFIRMED);
	assert_false(accesses_waiting(t.a));
	feed(&e); /* the list is still in order */
	turn(e.head.time_ns, 0);
	assert_int_equal(t.count, 65538);
}

static void hits_of_slub_itself_do_not_wait(void **state)
{
	struct access_record e = hit();

	(void)state;
	e.unsettled = e.allocating = 1;
	feed(&e);
	assert_false(accesses_waiting(t.a));
	assert_int_equal(t.coverage.own_hits, 1);
	e.freed.freed_ns = 0; /* the slot of the set changed while it was read */
	feed(&e);
	assert_false(accesses_waiting(t.a));
	assert_int_equal(t.coverage.ambiguous_hits, 1);
	/* A reader in flight across a free is judged by the record of the freer. */
	e = window(40 * MS, 60 * MS);
	e.unsettled = 1;
	feed(&e);
	assert_true(accesses_waiting(t.a));
}

static void own_work_is_no_finding(void **state)
{
	struct access_record e = hit();

	(void)state;
	e.unsettled = 1;
	see(&e);
	e.unsettled = 0;
	symbol("copy_from_kernel_nofault", SYMBOL_KNOWN | SYMBOL_READS_ANYTHING);
	see(&e);
	/* Work on the free list concerns the free-list word alone. */
	symbol("deactivate_slab", SYMBOL_KNOWN | SYMBOL_FREE_LIST);
	e.word = STRUCTURE + 32;
	see(&e);
	assert_int_equal(t.count, 0);
	assert_int_equal(t.coverage.own_hits, 3);
	e.word = STRUCTURE + 16;
	see(&e);
	assert_int_equal(t.count, 1);
	/* The kernel decides where that word is: not always in the middle. */
	e.free_offset = 16;
	see(&e);
	assert_int_equal(t.count, 1);
	assert_int_equal(t.coverage.own_hits, 4);
}

static void hits_wait_for_allocations(void **state)
{
	struct access_record e = hit();

	(void)state;
	e.allocating = 1;
	feed(&e);
	turn(101 * MS, 1);
	assert_int_equal(t.count, 0);
	assert_true(accesses_waiting(t.a));
	/* The address was allocated: whose structure was accessed is not known. */
	set_freed(false);
	turn(102 * MS, 0);
	assert_int_equal(t.count, 0);
	assert_int_equal(t.coverage.ambiguous_hits, 1);
	/* The address was not allocated: it was free all the time. */
	set_freed(true);
	feed(&e);
	turn(101 * MS, 1);
	assert_int_equal(t.count, 0);
	turn(102 * MS, 0);
	assert_int_equal(t.last.strength, STRENGTH_CONFIRMED);
}

static void a_slot_of_the_set_that_changed(void **state)
{
	struct access_record e = hit();

	(void)state;
	e.word = STRUCTURE + 64; /* not of the structure that the slot holds now */
	see(&e);
	assert_int_equal(t.count, 0);
	assert_int_equal(t.coverage.ambiguous_hits, 1);
	e = hit();
	e.freed.freed_ns = 0; /* while it was read */
	see(&e);
	assert_int_equal(t.count, 0);
	assert_int_equal(t.coverage.ambiguous_hits, 2);
}

static void windows_find_who_freed(void **state)
{
	struct access_record e = window(40 * MS, 60 * MS);
	struct freer_record other = freer(1 * MS, 10 * MS), f = freer(50 * MS, 70 * MS);

	(void)state;
	feed(&other);
	feed(&e);
	assert_int_equal(t.count, 0); /* the free is still under way */
	feed(&f);
	turn(71 * MS, 0);
	assert_int_equal(t.count, 1);
	assert_int_equal(t.last.tier, TIER_WINDOW);
	assert_int_equal(t.last.strength, STRENGTH_EXPOSURE);
	assert_string_equal(t.last_function, "show_slab_objects");
	assert_string_equal(t.last_freer.comm, "sh");
	assert_int_equal(t.last.freer_stack_len, 1);
}

static void dropped_is_not_freed(void **state)
{
	struct access_record e = window(40 * MS, 60 * MS);
	struct freer_record f = freer(50 * MS, 70 * MS);

	(void)state;
	e.unsettled = 1;
	feed(&e);
	turn(2000 * MS, 0);
	assert_int_equal(t.count, 0);
	feed(&e);
	feed(&f);
	turn(71 * MS, 0);
	assert_int_equal(t.count, 1);
}

static void windows_do_not_wait_for_ever(void **state)
{
	struct access_record e = window(40 * MS, 60 * MS);

	(void)state;
	feed(&e);
	turn(61 * MS, 0);
	assert_int_equal(t.count, 0);
	turn(2000 * MS, 0);
	assert_int_equal(t.count, 1);
	assert_int_equal(t.last_freer.time_ns, 0);
}

static void calls_are_confirmed_by_state(void **state)
{
	struct access_record e = hit();

	(void)state;
	e.how = ACCESS_CALL;
	e.reader = READER_OBJECTS;
	see(&e);
	assert_int_equal(t.last.tier, TIER_CALL);
	assert_int_equal(t.last.strength, STRENGTH_CONFIRMED);
	assert_int_equal(t.last.proof, PROOF_STATE);
}

static void stray_writes_name_the_field(void **state)
{
	struct canary_record e = {
		.head = { .type = RECORD_CANARY, .time_ns = 100 * MS },
		.freed = { .address = STRUCTURE, .freed_ns = 50 * MS, .tid = 7, .name = "dentry" },
		.words = 8,
		.new_words = { [3] = 1 },
	};

	(void)state;
	see(&e);
	assert_int_equal(t.last.tier, TIER_CANARY);
	assert_int_equal(t.last.word, STRUCTURE + 24);
	assert_string_equal(t.last.field, "partial");
	assert_null(t.last.task);
}

static int count_rows(void *arg, const struct finding_row *row)
{
	int *rows = arg;

	assert_true(row->count);
	++*rows;
	return 0;
}

static void stacks_tell_findings_apart(void **state)
{
	struct access_record e = hit();
	int rows = 0;

	(void)state;
	see(&e);
	see(&e);
	e.stack[1] = 5;
	see(&e);
	e.how = ACCESS_CALL;
	e.reader = READER_OBJECTS;
	see(&e);
	findings_each(t.all, count_rows, &rows);
	assert_int_equal(rows, 3);
	assert_int_equal(findings_total(t.all), 4);
}

static void names_are_found(void **state)
{
	(void)state;
	for (unsigned int tier = 0; tier < TIERS; tier++)
		assert_int_equal(
			finding_tier_find(finding_tier_name(tier), strlen(finding_tier_name(tier))),
			tier);
	assert_int_equal(finding_tier_find("can", 3), -1);
	for (unsigned int reader = 1; reader < READERS; reader++)
		assert_true(*reader_name(reader));
	assert_string_equal(reader_name(READERS), "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_judged_before_the_counters_are_read),
		TEST(order_confirms),
		TEST(the_module_is_that_of_the_instruction),
		TEST(value_confirms),
		TEST(without_symbols_nothing_is_confirmed),
		TEST(of_a_set_that_is_not_exact_nothing_is_confirmed),
		TEST(an_access_after_a_skipped_new_slab_is_confirmed_by_order),
		TEST(without_later_counters_nothing_is_confirmed),
		TEST(an_allocation_in_flight_at_the_end_confirms_nothing),
		TEST(a_limited_number_waits),
		TEST(hits_of_slub_itself_do_not_wait),
		TEST(own_work_is_no_finding),
		TEST(hits_wait_for_allocations),
		TEST(a_slot_of_the_set_that_changed),
		TEST(windows_find_who_freed),
		TEST(dropped_is_not_freed),
		TEST(windows_do_not_wait_for_ever),
		TEST(calls_are_confirmed_by_state),
		TEST(stray_writes_name_the_field),
		TEST(stacks_tell_findings_apart),
		TEST(names_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
