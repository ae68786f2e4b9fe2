// SPDX-License-Identifier: GPL-2.0-only
/* The symbols of addresses, and stacks in words without the frames of the tracing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "model/symbols.h"

#define PROGRAM    0xffffffffa0000010ULL
#define NAMELESS   0xffffffffc0000000ULL
#define TRAMPOLINE 0xffffffff81000110ULL
#define READER     0xffffffff81000010ULL
#define MODULE     0xffffffffa0100020ULL

static struct symbols *s;
static struct words w;

static void put(__u64 address, __u64 offset, const char *function, const char *module, __u32 flags)
{
	struct symbol_record r = {
		.head.type = RECORD_SYMBOL,
		.address = address,
		.offset = offset,
		.flags = SYMBOL_KNOWN | flags,
	};

	snprintf(r.function, sizeof(r.function), "%s", function);
	snprintf(r.module, sizeof(r.module), "%s", module);
	assert_int_equal(symbols_feed(s, &r), 0);
}

static int setup(void **state)
{
	(void)state;
	memset(&w, 0xff, sizeof(w));
	s = symbols_new();
	if (!s)
		return -1;
	put(PROGRAM, 0x10, "program", "bpf", SYMBOL_TRACING);
	put(TRAMPOLINE, 0x10, "ftrace_ops_list_func", "", SYMBOL_TRACING);
	put(READER, 0x10, "reader", "", 0);
	put(MODULE, 0x20, "hello", "mod", 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	symbols_free(s);
	return 0;
}

static void found(void **state)
{
	(void)state;
	assert_string_equal(symbols_find(s, READER)->function, "reader");
	assert_int_equal(symbols_find(s, READER)->flags, SYMBOL_KNOWN);
	assert_string_equal(symbols_find(s, READER + 1)->function, "");
	assert_int_equal(symbols_find(s, READER + 1)->flags, 0);
	put(READER, 0, "other", "mod", SYMBOL_DEBUGGER); /* another module has the address */
	assert_string_equal(symbols_find(s, READER)->function, "other");
	assert_int_equal(symbols_find(s, READER)->flags, SYMBOL_KNOWN | SYMBOL_DEBUGGER);
}

static void in_words(void **state)
{
	const __u64 stack[] = { READER, MODULE, NAMELESS };

	(void)state;
	symbols_put_words(s, &w, stack, 3);
	assert_int_equal(w.len, 3);
	assert_string_equal(w.frames[0], "reader+0x10");
	assert_string_equal(w.frames[1], "hello+0x20 [mod]");
	assert_string_equal(w.frames[2], "0xffffffffc0000000");
	assert_memory_equal(w.stack, stack, sizeof(stack));
}

/* A program has no name without bpf_jit_kallsyms, and lies before the first frame with one. */
static void without_the_tracing(void **state)
{
	const __u64 stack[] = { PROGRAM, NAMELESS, TRAMPOLINE, READER, TRAMPOLINE };

	(void)state;
	symbols_put_words(s, &w, stack, 5);
	assert_int_equal(w.len, 2);
	assert_int_equal(w.stack[0], READER);
	assert_string_equal(w.frames[0], "reader+0x10");
	assert_string_equal(w.frames[1], "ftrace_ops_list_func+0x10"); /* not the innermost */
}

/* offline_pages() is traced at its entry, and freed what it called: it is there once. */
static void a_function_that_is_traced(void **state)
{
	const __u64 stack[] = { MODULE, READER, PROGRAM, READER, MODULE };
	const __u64 others[] = { READER, PROGRAM, MODULE };

	(void)state;
	symbols_put_words(s, &w, stack, 5);
	assert_int_equal(w.len, 3);
	assert_string_equal(w.frames[1], "reader+0x10");
	assert_string_equal(w.frames[2], "hello+0x20 [mod]");
	symbols_put_words(s, &w, others, 3);
	assert_int_equal(w.len, 3);
}

static void a_stack_of_the_tracing_alone_is_kept(void **state)
{
	const __u64 stack[] = { PROGRAM, TRAMPOLINE };

	(void)state;
	symbols_put_words(s, &w, stack, 2);
	assert_int_equal(w.len, 2);
	assert_int_equal(w.stack[1], TRAMPOLINE);
	symbols_put_words(s, &w, stack, 0);
	assert_int_equal(w.len, 0);
}

static void the_longest(void **state)
{
	__u64 stack[ACCESS_FRAMES + 1];
	char name[sizeof(((struct symbol_record *)0)->function)];
	char module[sizeof(((struct symbol_record *)0)->module)];

	(void)state;
	memset(name, 'f', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	memset(module, 'm', sizeof(module) - 1);
	module[sizeof(module) - 1] = 0;
	for (unsigned int i = 0; i <= ACCESS_FRAMES; i++)
		stack[i] = READER;
	put(READER, 0xfffff, name, module, 0);
	symbols_put_words(s, &w, stack, ACCESS_FRAMES + 1);
	assert_int_equal(w.len, ACCESS_FRAMES);
	assert_string_equal(strchr(w.frames[0], ' ') + 2 + strlen(module), "]"); /* all of it */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(found),
		TEST(in_words),
		TEST(without_the_tracing),
		TEST(a_function_that_is_traced),
		TEST(a_stack_of_the_tracing_alone_is_kept),
		TEST(the_longest),
	};

	return cmocka_run_group_tests_name("symbols", tests, NULL, NULL);
}
