// SPDX-License-Identifier: GPL-2.0-only
/* The encoder of protocol buffers; the bytes are those of the documentation of the format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/protobuf.h"

static unsigned char bytes[64];
static struct protobuf p;

static int setup(void **state __attribute__((unused)))
{
	p = (struct protobuf){ .bytes = bytes, .room = sizeof(bytes) };
	return 0;
}

#define assert_bytes(wanted)                                                                       \
	do {                                                                                       \
		assert_int_equal(p.len, sizeof(wanted) - 1);                                       \
		assert_memory_equal(bytes, wanted, sizeof(wanted) - 1);                            \
	} while (0)

static void numbers(void **state __attribute__((unused)))
{
	protobuf_number(&p, 1, 150);
	assert_bytes("\x08\x96\x01");
	p.len = 0;
	protobuf_number(&p, 16, 0); /* a field whose number takes two bytes */
	assert_bytes("\x80\x01\x00");
	p.len = 0;
	protobuf_number(&p, 1, (__u64)-2);
	assert_bytes("\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01");
	p.len = 0;
	protobuf_fixed(&p, 1, 0x0807060504030201);
	assert_bytes("\x09\x01\x02\x03\x04\x05\x06\x07\x08");
}

static void texts(void **state __attribute__((unused)))
{
	protobuf_text(&p, 2, "testing");
	assert_bytes("\x12\x07testing");
}

static void messages(void **state __attribute__((unused)))
{
	size_t outer = protobuf_open(&p, 3), inner;

	protobuf_number(&p, 1, 150);
	inner = protobuf_open(&p, 2);
	protobuf_close(&p, inner);
	protobuf_close(&p, outer);
	assert_bytes("\x1a\x88\x80\x80\x00\x08\x96\x01\x12\x80\x80\x80\x00");
}

static void what_does_not_fit(void **state __attribute__((unused)))
{
	size_t message;

	p.room = 8;
	message = protobuf_open(&p, 1);
	protobuf_text(&p, 1, "too long");
	protobuf_close(&p, message);
	assert_true(p.full);
	assert_true(p.len <= p.room);
}

static void field_lengths(void **state __attribute__((unused)))
{
	size_t len;

	protobuf_text(&p, 200, "text");
	len = p.len;
	protobuf_text(&p, 1, "another");
	assert_int_equal(protobuf_field_len((char *)bytes, p.len), len);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(protobuf_field_len((char *)bytes, i), 0);
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(protobuf_field_len((char *)bytes, sizeof(bytes)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(numbers, setup),
		cmocka_unit_test_setup(texts, setup),
		cmocka_unit_test_setup(messages, setup),
		cmocka_unit_test_setup(what_does_not_fit, setup),
		cmocka_unit_test_setup(field_lengths, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
