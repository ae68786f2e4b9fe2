// SPDX-License-Identifier: GPL-2.0-only
/* Which symbols enter the model, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "detect/symbolizer.h"
#include "kernel/ksyms.h"
#include "kernel/srclines.h"

#define READER   0xffffffff81000010ULL
#define LONG     0xffffffff81000110ULL
#define DEBUGGER 0xffffffff81000210ULL
#define NOWHERE  0xffffffff60000000ULL
#define MODULE   0xffffffffc0000010ULL

static char proc[] = "/tmp/slubnode-symbolizer.XXXXXX";
static struct symbolizer *s;
static struct symbol_record last;
static unsigned int emitted, looked_up;

/* Source lines come from debug information, which this test does without. */
struct srclines *srclines_new(void)
{
	return calloc(1, 1);
}

void srclines_free(struct srclines *lines)
{
	free(lines);
}

const char *srclines_find(struct srclines *lines, __u64 address, const char *module)
{
	(void)lines;
	(void)address;
	(void)module;
	looked_up++;
	return "mm/slub.c:1";
}

/* The kernel, which can be asked or not, and unloads a module at times. */
static bool can_be_asked, module_is_loaded;
static unsigned int asked;

struct ksyms *ksyms_open(void)
{
	return can_be_asked ? calloc(1, 1) : NULL;
}

void ksyms_close(struct ksyms *resolver)
{
	free(resolver);
}

struct kallsyms_place ksyms_resolve(struct ksyms *resolver, __u64 address)
{
	(void)resolver;
	asked++;
	if (address == READER)
		return (struct kallsyms_place){ "reader", "", 0x10 };
	if (address == MODULE && module_is_loaded)
		return (struct kallsyms_place){ "hello", "mod", 0x10 };
	return (struct kallsyms_place){ "", "", 0 };
}

static int on_symbol(void *context, const struct record *r)
{
	(void)context;
	assert_int_equal(r->type, RECORD_SYMBOL);
	last = *(const struct symbol_record *)r;
	emitted++;
	return 0;
}

static void put(const char *name, const char *text)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", proc, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
	char kallsyms[512], name[200];

	(void)state;
	strcpy(proc, "/tmp/slubnode-symbolizer.XXXXXX");
	can_be_asked = false;
	asked = emitted = 0;
	if (!mkdtemp(proc))
		return -1;
	memset(name, 'f', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	snprintf(kallsyms, sizeof(kallsyms),
		 "ffffffff81000000 T reader\n"
		 "ffffffff81000100 T %s\n"
		 "ffffffff81000200 T copy_from_kernel_nofault\n",
		 name);
	put("kallsyms", kallsyms);
	put("modules", "");
	s = symbolizer_new(&(struct symbolizer_ops){ .proc = proc, .emit = on_symbol });
	return s ? 0 : -1;
}

static int teardown(void **state)
{
	char path[64];

	(void)state;
	symbolizer_free(s);
	snprintf(path, sizeof(path), "%s/kallsyms", proc);
	unlink(path);
	snprintf(path, sizeof(path), "%s/modules", proc);
	unlink(path);
	return rmdir(proc);
}

static unsigned int see(const void *r)
{
	unsigned int before = emitted;

	assert_int_equal(symbolizer_see(s, r), 0);
	return emitted - before;
}

static void symbols(void **state)
{
	const struct freer_record freer = { .head.type = RECORD_FREER,
					    .stack_len = 1,
					    .stack = { LONG } };
	struct access_record access = { .head.type = RECORD_ACCESS,
					.how = ACCESS_CALL,
					.stack_len = 2,
					.stack = { READER, NOWHERE } };
	struct access_record hit = { .head.type = RECORD_ACCESS,
				     .how = ACCESS_WATCHPOINT,
				     .unsettled = 1,
				     .registers.ip = READER + 1 };

	(void)state;
	/* Nothing is resolved before an access that may become a finding. */
	assert_int_equal(see(&freer), 0);
	assert_int_equal(see(&hit), 0);
	assert_int_equal(see(&access), 3);
	assert_int_equal(last.address, NOWHERE);
	assert_int_equal(last.flags, SYMBOL_KNOWN);
	assert_string_equal(last.function, "");
	/* The same is not emitted again; a name that is cut is the same, too. */
	assert_int_equal(see(&access), 0);
	assert_int_equal(see(&freer), 0);
	assert_int_equal(looked_up, 0);
	/* The source line is looked up where the instruction is. */
	hit.unsettled = 0;
	assert_int_equal(see(&hit), 1);
	assert_string_equal(last.function, "reader");
	assert_int_equal(last.offset, 0x10);
	assert_string_equal(last.source, "mm/slub.c:1");
	assert_int_equal(see(&hit), 0);
	assert_int_equal(see(&access), 0);
	hit.registers.ip = DEBUGGER + 1;
	assert_int_equal(see(&hit), 1);
	assert_true(last.flags & SYMBOL_READS_ANYTHING);
	assert_string_equal(last.source, "");
	assert_int_equal(looked_up, 1);
}

/* The kernel is asked once for its own functions, and again for those of modules. */
static void asked_of_the_kernel(void **state)
{
	struct access_record access = { .head.type = RECORD_ACCESS,
					.how = ACCESS_CALL,
					.stack_len = 2,
					.stack = { READER, MODULE } };

	(void)state;
	put("kallsyms", "0000000000000000 T reader\n"); /* hidden, which does not matter */
	can_be_asked = module_is_loaded = true;
	assert_int_equal(see(&access), 2);
	assert_string_equal(last.function, "hello");
	assert_string_equal(last.module, "mod");
	assert_int_equal(last.offset, 0x10);
	assert_int_equal(last.flags, SYMBOL_KNOWN);
	assert_int_equal(asked, 2);
	assert_int_equal(see(&access), 0);
	assert_int_equal(asked, 2);
	module_is_loaded = false;
	usleep(150000); /* the interval between two questions */
	assert_int_equal(see(&access), 1);
	assert_string_equal(last.function, "");
	assert_int_equal(asked, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(symbols, setup, teardown),
		cmocka_unit_test_setup_teardown(asked_of_the_kernel, setup, teardown),
	};

	return cmocka_run_group_tests_name("symbolizer", tests, NULL, NULL);
}
