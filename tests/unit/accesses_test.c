// SPDX-License-Identifier: GPL-2.0-only
// links: src/model/accesses.c src/kernel/btf.c -lbpf
/* Accesses into findings: what is proven, what is the allocator's own, what waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "model/accesses.h"

#define STRUCTURE 0xffff888000001000ULL
#define FREE_WORD 0x1234567890abcdefULL
#define MS        1000000ULL

static struct {
	struct accesses *a;
	struct findings *all;
	bool freed, allocating, symbols;
	__u64 skipped_ns;     /* the set was not kept then */
	const char *function; /* of the instruction */
	char module[16];      /* where the last look-up says it is */
	struct finding last;
	char last_function[64], last_module[64];
	struct record last_freer;
	int count;
} t;

/* The kernel's symbols, as the test wants them. */
struct kallsyms {
	int unused;
};
static struct kallsyms symbols;

bool kallsyms_known(struct kallsyms *k)
{
	(void)k;
	return t.symbols;
}

struct kallsyms_place kallsyms_resolve(struct kallsyms *k, __u64 address)
{
	(void)k;
	strcpy(t.module, "poke");
	return (struct kallsyms_place){ t.function, t.module, address & 0xfff };
}

const char *kallsyms_format(struct kallsyms *k, __u64 address, char *text, size_t room)
{
	(void)k;
	strcpy(t.module, "another"); /* a look-up as well */
	snprintf(text, room, "f%llx+0x1", (unsigned long long)address);
	return text;
}

__u32 kallsyms_strip(struct kallsyms *k, __u64 *stack, __u32 len)
{
	(void)k;
	(void)stack;
	return len;
}

static void on_finding(void *context, struct finding *f)
{
	(void)context;
	findings_add(t.all, f);
	t.last = *f;
	snprintf(t.last_function, sizeof(t.last_function), "%s", f->function);
	snprintf(t.last_module, sizeof(t.last_module), "%s", f->module ?: "");
	t.last_freer = *f->freer;
	t.count++;
}

static bool still_freed(void *context, const struct freed *f)
{
	(void)context;
	(void)f;
	return t.freed;
}

static bool exact(void *context, const struct freed *f, __u64 by_ns)
{
	(void)context;
	(void)by_ns;
	return f->freed_ns > t.skipped_ns;
}

static bool allocating(void *context, __u64 allocations)
{
	(void)context;
	(void)allocations;
	return t.allocating;
}

static int setup(void **state)
{
	struct accesses_ops ops = { NULL, exact, on_finding, still_freed, allocating };
	struct knode_layout layout = {
		.count = 3,
		.size = 64,
		.field = { { "list_lock", 0, 4 }, { "partial", 16, 16 }, { "nr_slabs", 32, 8 } },
	};

	(void)state;
	memset(&t, 0, sizeof(t));
	t.all = findings_new();
	t.a = accesses_new(&ops, &symbols, &layout);
	t.freed = t.symbols = true;
	t.function = "poke_read";
	return !t.a || !t.all;
}

static int teardown(void **state)
{
	(void)state;
	accesses_free(t.a);
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
		.registers = { .ip = 0xffffffff81000010 },
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

static void feed(const void *e)
{
	assert_int_equal(accesses_feed(t.a, e), 0);
}

static void order_confirms(void **state)
{
	struct access_record e = hit();

	(void)state;
	feed(&e);
	assert_int_equal(t.last.strength, STRENGTH_CONFIRMED);
	assert_int_equal(t.last.proof, PROOF_ORDER);
	assert_string_equal(t.last_function, "poke_read");
	assert_string_equal(t.last.field, "partial");
	/* The CPU's last sign of life is from before the free: nothing is proven. */
	e.ordered_ns = e.freed.freed_ns;
	feed(&e);
	assert_int_equal(t.last.strength, STRENGTH_SUSPECT);
	assert_int_equal(findings_count(t.all, TIER_WATCHPOINT, STRENGTH_CONFIRMED), 1);
	assert_int_equal(findings_count(t.all, TIER_WATCHPOINT, STRENGTH_SUSPECT), 1);
	assert_int_equal(t.last.count, 2); /* of the same stack */
}

/* Though the stack of who freed is put into words in between. */
static void its_module_is_the_instruction_s(void **state)
{
	struct freer_record f = freer(40 * MS, 70 * MS);
	struct access_record e = hit();

	(void)state;
	f.stack_len = 1;
	feed(&f);
	feed(&e);
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
	feed(&e);
	assert_int_equal(t.last.proof, PROOF_VALUE);
	assert_int_equal(t.last.strength, STRENGTH_CONFIRMED);
	/* Another word of the structure: a register that holds it comes from elsewhere. */
	e.word = STRUCTURE + 16;
	e.value = 5;
	feed(&e);
	assert_int_equal(t.last.strength, STRENGTH_SUSPECT);
	/* The instruction pointer is no value that was loaded. */
	e.word = STRUCTURE + 32;
	e.value = e.free_word = e.registers.ip;
	e.registers.cx = 0;
	feed(&e);
	assert_int_equal(t.last.strength, STRENGTH_SUSPECT);
}

static void without_symbols_nothing_is_confirmed(void **state)
{
	struct access_record e = hit();

	(void)state;
	t.symbols = false;
	t.function = "";
	feed(&e);
	assert_int_equal(t.last.strength, STRENGTH_SUSPECT);
}

static void of_a_set_that_is_not_exact_nothing_is_confirmed(void **state)
{
	struct canary_record canary = {
		.head = { .type = RECORD_CANARY },
		.freed = { .address = STRUCTURE, .freed_ns = 50 * MS },
		.words = 8,
		.new_words = { [3] = 1 },
	};
	struct access_record e = hit();

	(void)state;
	t.skipped_ns = 60 * MS;
	feed(&e);
	assert_int_equal(t.last.strength, STRENGTH_SUSPECT);
	feed(&canary);
	assert_int_equal(t.last.tier, TIER_CANARY);
	assert_int_equal(t.last.strength, STRENGTH_SUSPECT);
	canary.freed.freed_ns = t.skipped_ns + 1; /* freed since */
	feed(&canary);
	assert_int_equal(t.last.strength, STRENGTH_CONFIRMED);
}

static void own_work_is_no_finding(void **state)
{
	struct access_record e = hit();

	(void)state;
	e.unsettled = 1;
	feed(&e);
	e.unsettled = 0;
	t.function = "copy_from_kernel_nofault";
	feed(&e);
	t.function = "deactivate_slab"; /* of the free-list word alone */
	e.word = STRUCTURE + 32;
	feed(&e);
	assert_int_equal(t.count, 0);
	assert_int_equal(accesses_stats(t.a).own, 3);
	e.word = STRUCTURE + 16;
	feed(&e);
	assert_int_equal(t.count, 1);
}

static void hits_wait_for_allocations(void **state)
{
	struct access_record e = hit();

	(void)state;
	e.allocating = 1;
	t.allocating = true;
	feed(&e);
	accesses_settle(t.a, 0, false);
	assert_int_equal(t.count, 0);
	assert_true(accesses_waiting(t.a));
	/* It was handed out: whose access it was, nobody can tell. */
	t.allocating = t.freed = false;
	accesses_settle(t.a, 0, false);
	assert_int_equal(t.count, 0);
	assert_int_equal(accesses_stats(t.a).ambiguous, 1);
	/* It was not: free all along. */
	t.allocating = t.freed = true;
	feed(&e);
	t.allocating = false;
	accesses_settle(t.a, 0, false);
	assert_int_equal(t.last.strength, STRENGTH_CONFIRMED);
}

static void a_slot_that_changed_hands(void **state)
{
	struct access_record e = hit();

	(void)state;
	e.word = STRUCTURE + 64; /* not of the structure that the slot holds now */
	feed(&e);
	assert_int_equal(t.count, 0);
	assert_int_equal(accesses_stats(t.a).ambiguous, 1);
	e = hit();
	e.freed.freed_ns = 0; /* while it was read */
	feed(&e);
	assert_int_equal(t.count, 0);
	assert_int_equal(accesses_stats(t.a).ambiguous, 2);
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
	accesses_settle(t.a, 71 * MS, false);
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
	accesses_settle(t.a, 2000 * MS, false);
	assert_int_equal(t.count, 0);
	feed(&e);
	feed(&f);
	accesses_settle(t.a, 71 * MS, false);
	assert_int_equal(t.count, 1);
}

static void windows_do_not_wait_for_ever(void **state)
{
	struct access_record e = window(40 * MS, 60 * MS);

	(void)state;
	feed(&e);
	accesses_settle(t.a, 61 * MS, false);
	assert_int_equal(t.count, 0);
	accesses_settle(t.a, 2000 * MS, false);
	assert_int_equal(t.count, 1);
	assert_int_equal(t.last_freer.time_ns, 0);
}

static void calls_are_confirmed_by_state(void **state)
{
	struct access_record e = hit();

	(void)state;
	e.how = ACCESS_CALL;
	e.reader = READER_OBJECTS;
	feed(&e);
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
	feed(&e);
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
	feed(&e);
	feed(&e);
	e.stack[1] = 5;
	feed(&e);
	e.how = ACCESS_CALL;
	e.reader = READER_OBJECTS;
	feed(&e);
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
		TEST(order_confirms),
		TEST(its_module_is_the_instruction_s),
		TEST(value_confirms),
		TEST(without_symbols_nothing_is_confirmed),
		TEST(of_a_set_that_is_not_exact_nothing_is_confirmed),
		TEST(own_work_is_no_finding),
		TEST(hits_wait_for_allocations),
		TEST(a_slot_that_changed_hands),
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
