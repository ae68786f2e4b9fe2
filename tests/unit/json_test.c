// SPDX-License-Identifier: GPL-2.0-only
/* The JSON writer: each kind of field, and random values that another parser reads back. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/json.h"

#define PARSER "python3 tests/unit/json_parser.py"

static struct json j;
static FILE *out;
static char *text;
static size_t text_len;

static int setup(void **state)
{
	(void)state;
	out = open_memstream(&text, &text_len);
	if (out)
		json_begin(&j, out);
	return out ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	fclose(out);
	free(text);
	return 0;
}

/* End the line, test it, and begin another. */
static void assert_line(const char *want)
{
	json_end(&j);
	fflush(out);
	assert_int_equal(text[text_len - 1], '\n');
	text[text_len - 1] = 0;
	assert_string_equal(text, want);
	rewind(out);
	json_begin(&j, out);
}

/* --- the values --- */

static void test_numbers(void **state)
{
	(void)state;
	json_open(&j, '[');
	json_number(&j, 0);
	json_number(&j, 90);
	json_number(&j, UINT64_MAX);
	json_signed(&j, 0);
	json_signed(&j, -1);
	json_signed(&j, INT64_MAX);
	json_signed(&j, INT64_MIN);
	json_close(&j, ']');
	assert_line("[0,90,18446744073709551615,0,-1,9223372036854775807,-9223372036854775808]");
}

static void test_reals(void **state)
{
	(void)state;
	json_open(&j, '[');
	json_real(&j, 0);
	json_real(&j, 1);
	json_real(&j, -0.5);
	json_real(&j, 1.0 / 3);
	json_real(&j, 1e300);
	json_real(&j, 0x1p-1074);
	json_close(&j, ']');
	assert_line(
		"[0.0,1.0,-0.5,0.33333333333333331,1.0000000000000001e+300,4.9406564584124654e-324]");
}

static void test_reals_that_json_lacks(void **state)
{
	(void)state;
	json_open(&j, '[');
	json_real(&j, NAN);
	json_real(&j, INFINITY);
	json_real(&j, -INFINITY);
	json_close(&j, ']');
	assert_line("[null,null,null]");
}

static void test_other_values(void **state)
{
	static const char *const texts[] = { "a", "b" };

	(void)state;
	json_open(&j, '[');
	json_bool(&j, true);
	json_bool(&j, false);
	json_null(&j);
	json_texts(&j, texts, 2);
	json_texts(&j, NULL, 0);
	json_close(&j, ']');
	assert_line("[true,false,null,[\"a\",\"b\"],[]]");
}

static void test_nesting(void **state)
{
	(void)state;
	json_open(&j, '{');
	json_name(&j, "a");
	json_open(&j, '[');
	json_open(&j, '{');
	json_close(&j, '}');
	json_open(&j, '[');
	json_close(&j, ']');
	json_number(&j, 1);
	json_close(&j, ']');
	json_name(&j, "b");
	json_open(&j, '{');
	json_close(&j, '}');
	json_name(&j, "c");
	json_null(&j);
	json_close(&j, '}');
	assert_line("{\"a\":[{},[],1],\"b\":{},\"c\":null}");
}

/* --- strings --- */

static void assert_text(const char *bytes, const char *want)
{
	json_text(&j, bytes);
	assert_line(want);
}

static void test_texts(void **state)
{
	(void)state;
	assert_text("", "\"\"");
	assert_text("kmalloc-64 !#[]~", "\"kmalloc-64 !#[]~\"");
	assert_text("\"", "\"\\\"\"");
	assert_text("a\\b", "\"a\\\\b\"");
	assert_text("\b\f\n\r\t\x01\x1f\x7f", "\"\\b\\f\\n\\r\\t\\u0001\\u001F\x7f\"");
	assert_text("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
		    "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
}

static void test_texts_that_are_not_utf8(void **state)
{
	(void)state;
	assert_text("a\xff\"\n", "\"a\\\\xff\\\"\\\\x0a\"");
	assert_text("\xc3\xa9\xc3", "\"\\\\xc3\\\\xa9\\\\xc3\"");            /* cut */
	assert_text("\xc0\xaf", "\"\\\\xc0\\\\xaf\"");                       /* too long */
	assert_text("\xe0\x9f\xbf", "\"\\\\xe0\\\\x9f\\\\xbf\"");            /* too long */
	assert_text("\xed\xa0\x80", "\"\\\\xed\\\\xa0\\\\x80\"");            /* a surrogate */
	assert_text("\xf4\x90\x80\x80", "\"\\\\xf4\\\\x90\\\\x80\\\\x80\""); /* too large */
	assert_text("</script>\xff<", "\"\\u003C/script>\\\\xff\\u003C\""); /* HTML */
	assert_text("\xf5\x80\x80\x80", "\"\\\\xf5\\\\x80\\\\x80\\\\x80\""); /* too large */
}

/* The writer's buffer ends at each place of the line once. */
static void test_long_lines(void **state)
{
	char bytes[3 * JSON_ROOM], want[3 * JSON_ROOM + 32];

	(void)state;
	for (size_t len = JSON_ROOM - 32; len < 2 * JSON_ROOM + 32; len++) {
		memset(bytes, 'x', len);
		bytes[len] = 0;
		json_open(&j, '{');
		json_name(&j, "a");
		json_text(&j, bytes);
		json_name(&j, "b");
		json_number(&j, 1234567890);
		json_close(&j, '}');
		snprintf(want, sizeof(want), "{\"a\":\"%s\",\"b\":1234567890}", bytes);
		assert_line(want);
	}
}

/* --- fields --- */

struct inner {
	__u32 a;
};

struct object {
	__u32 u32;
	__u64 u64;
	int s32;
	long long s64;
	bool yes;
	const char *text;
	char chars[8];
	__u64 address;
	struct inner inner;
	const struct inner *pointer;
};

static const struct field inner_fields[] = { FIELD(struct inner, "a", NUMBER, a), {} };

static const char *get_text(const void *object)
{
	return ((const struct object *)object)->text;
}

static void put_json(struct json *json, const void *object)
{
	json_open(json, '[');
	json_number(json, ((const struct object *)object)->u32);
	json_close(json, ']');
}

static bool is_present(const void *object)
{
	return ((const struct object *)object)->yes;
}

#define OBJECT(name, kind, member, ...) FIELD(struct object, name, kind, member, ##__VA_ARGS__)

static const struct field fields[] = {
	FIELD_TYPE("t"),
	OBJECT("u32", NUMBER, u32),
	OBJECT("u64", NUMBER, u64),
	OBJECT("s32", SIGNED, s32),
	OBJECT("s64", SIGNED, s64),
	OBJECT("yes", BOOL, yes),
	OBJECT("text", TEXT, text),
	OBJECT("chars", CHARS, chars),
	OBJECT("hex", HEX, address),
	OBJECT("address", ADDRESS, address),
	OBJECT("inner", OBJECT, inner, .fields = inner_fields),
	OBJECT("part", PART, pointer, .fields = inner_fields, .pointer = true),
	FIELD_GET_TEXT("name", get_text),
	FIELD_PUT_JSON("json", put_json),
	OBJECT("at_times", NUMBER, u32, .present = is_present),
	{},
};

static void test_fields(void **state)
{
	const struct inner inner = { 7 };
	const struct object o = { 4294967295, 18446744073709551615ULL, -2,    -3,    true, "a\n",
				  "b",        0xffff888000000040ULL,   { 6 }, &inner };

	(void)state;
	json_object(&j, fields, &o);
	assert_line("{\"type\":\"t\",\"u32\":4294967295,\"u64\":18446744073709551615,\"s32\":-2,"
		    "\"s64\":-3,\"yes\":true,\"text\":\"a\\n\",\"chars\":\"b\","
		    "\"hex\":\"0xffff888000000040\",\"address\":\"0xffff888000000040\","
		    "\"inner\":{\"a\":6},\"a\":7,\"name\":\"a\\n\",\"json\":[4294967295],"
		    "\"at_times\":4294967295}");
}

static void test_fields_without_value(void **state)
{
	const struct object o = {};

	(void)state;
	json_object(&j, fields, &o);
	assert_line("{\"type\":\"t\",\"u32\":0,\"u64\":0,\"s32\":0,\"s64\":0,\"yes\":false,"
		    "\"text\":\"\",\"chars\":\"\",\"hex\":\"0x0\",\"address\":null,"
		    "\"inner\":{\"a\":0},\"name\":\"\",\"json\":[0]}");
}

static void test_empty_fields(void **state)
{
	static const struct field all[] = {
		OBJECT("number", NUMBER, u32, .empty = EMPTY_NULL),
		OBJECT("signed", SIGNED, s32, .empty = EMPTY_NULL),
		OBJECT("text", TEXT, text, .empty = EMPTY_NULL),
		OBJECT("chars", CHARS, chars, .empty = EMPTY_NULL),
		OBJECT("no_number", NUMBER, u32, .empty = EMPTY_OMITTED),
		OBJECT("no_signed", SIGNED, s32, .empty = EMPTY_OMITTED),
		OBJECT("no_text", TEXT, text, .empty = EMPTY_OMITTED),
		OBJECT("no_address", ADDRESS, address, .empty = EMPTY_OMITTED),
		{},
	};
	const struct object none = { .s32 = -1 }, some = { .u32 = 1, .text = "a", .chars = "b" };

	(void)state;
	json_object(&j, all, &none);
	assert_line("{\"number\":null,\"signed\":null,\"text\":null,\"chars\":null}");
	json_object(&j, all, &some);
	assert_line("{\"number\":1,\"signed\":0,\"text\":\"a\",\"chars\":\"b\",\"no_number\":1,"
		    "\"no_signed\":0,\"no_text\":\"a\"}");
}

static void test_line_of(void **state)
{
	(void)state;
	json_line_of(out, inner_fields, &(struct inner){ 1 });
	json_line_of(out, inner_fields, &(struct inner){ 2 });
	fflush(out);
	assert_string_equal(text, "{\"a\":1}\n{\"a\":2}\n");
}

/* --- random values --- */

static __u64 seed = 88172645463325252ULL;

/* Return the next number of xorshift64. */
static __u64 next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

static unsigned int below(unsigned int end)
{
	return (unsigned int)(next() >> 33) % end;
}

/* Append a code as UTF-8 would encode it, whether it may do so or not. */
static size_t put_code(char *to, unsigned int code, unsigned int len)
{
	static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (unsigned int i = len - 1; i; i--, code >>= 6)
		to[i] = (char)(0x80 | (code & 0x3f));
	to[0] = (char)(first[len] | code);
	return len;
}

/* Make a string of one of several mixtures. */
static void random_text(char *bytes)
{
	unsigned int mixture = below(4), count = below(24);
	size_t len = 0;

	for (unsigned int i = 0; i < count; i++) {
		if (mixture == 0 || !below(40))
			bytes[len++] = (char)(1 + below(255));
		else if (mixture == 1)
			bytes[len++] = (char)(1 + below(127));
		else if (mixture == 2)
			bytes[len++] = "ab\"\\/\n\t "[below(8)];
		else if (below(2))
			len += put_code(bytes + len, 0x80 + below(0x780), 2);
		else
			len += put_code(bytes + len, 0x800 + below(0xf800), 3 + below(2));
	}
	bytes[len] = 0;
}

static double random_real(void)
{
	__u64 bits = next();
	double real;

	if (below(2))
		return below(1000001) / 1e6;
	memcpy(&real, &bits, sizeof(real));
	return real;
}

/* Put what the parser has to find: hexadecimal digits for strings. */
static void put_want(const char *kind, const char *want)
{
	json_open(&j, '{');
	json_name(&j, kind);
	json_text(&j, want);
	json_name(&j, "value");
}

static void put_random_text(void)
{
	char bytes[128], want[256] = "";

	random_text(bytes);
	for (size_t i = 0; bytes[i]; i++)
		snprintf(want + 2 * i, 3, "%02x", (unsigned char)bytes[i]);
	put_want("bytes", want);
	json_text(&j, bytes);
}

static void put_random_number(void)
{
	__u64 value = next() >> below(64);
	char want[32];

	snprintf(want, sizeof(want), "%llu", value);
	put_want("number", want);
	json_number(&j, value);
}

static void put_random_signed(void)
{
	long long value = (long long)next() >> below(64);
	char want[32];

	snprintf(want, sizeof(want), "%lld", value);
	put_want("number", want);
	json_signed(&j, value);
}

static void put_random_real(void)
{
	double value = random_real();
	char want[64];

	snprintf(want, sizeof(want), "%a", value);
	put_want("real", want);
	json_real(&j, value);
}

/* Put arrays and objects; `shape' becomes their brackets, with a 0 for each other value. */
static void put_tree(FILE *shape, unsigned int depth)
{
	unsigned int count = below(4), kind = depth ? below(3) : 2;

	if (kind == 2) {
		fputc('0', shape);
		json_number(&j, below(10));
		return;
	}
	fputc("[{"[kind], shape);
	json_open(&j, "[{"[kind]);
	for (unsigned int i = 0; i < count; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%u", i);
		if (kind)
			json_name(&j, name);
		put_tree(shape, depth - 1);
	}
	json_close(&j, "]}"[kind]);
	fputc("]}"[kind], shape);
}

static void put_random_tree(void)
{
	char want[2048] = "";
	FILE *shape = fmemopen(want, sizeof(want), "w");
	struct json line = j;
	__u64 before = seed;

	/* The same tree twice, because its shape comes first. */
	json_begin(&j, out);
	put_tree(shape, 5);
	fclose(shape);
	rewind(out);
	j = line;
	put_want("shape", want);
	seed = before;
	put_tree(out, 5);
	rewind(out);
}

static void test_another_parser(void **state)
{
	static void (*const put[])(void) = { put_random_text,   put_random_text, put_random_number,
					     put_random_signed, put_random_real, put_random_tree };
	FILE *parser = popen(PARSER, "w");

	(void)state;
	assert_non_null(parser);
	for (unsigned int i = 0; i < 30000; i++) {
		json_begin(&j, parser);
		put[i % 6]();
		json_close(&j, '}');
		json_end(&j);
	}
	assert_int_equal(pclose(parser), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reals_that_json_lacks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nesting, setup, teardown),
		cmocka_unit_test_setup_teardown(test_texts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_texts_that_are_not_utf8, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fields_without_value, setup, teardown),
		cmocka_unit_test_setup_teardown(test_empty_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(test_line_of, setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_parser, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
