// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "base/protobuf.h"

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED = 1, WIRE_LEN = 2 };

/*
 * The length of a message is known when it is closed. It has a fixed number of bytes, which are
 * valid although fewer might do.
 */
#define LEN_BYTES 4

static void put(struct protobuf *p, const void *bytes, size_t len)
{
	if (p->full || len > p->room - p->len) {
		p->full = true;
		return;
	}
	memcpy(p->bytes + p->len, bytes, len);
	p->len += len;
}

/* Append a number in groups of seven bits, the lowest first. */
static void put_varint(struct protobuf *p, __u64 value)
{
	unsigned char bytes[10];
	size_t len = 0;

	for (; value > 0x7f; value >>= 7)
		bytes[len++] = (unsigned char)(value | 0x80);
	bytes[len++] = (unsigned char)value;
	put(p, bytes, len);
}

static void put_tag(struct protobuf *p, unsigned int field, enum wire_type type)
{
	put_varint(p, field << 3 | type);
}

void protobuf_number(struct protobuf *p, unsigned int field, __u64 value)
{
	put_tag(p, field, WIRE_VARINT);
	put_varint(p, value);
}

void protobuf_fixed(struct protobuf *p, unsigned int field, __u64 value)
{
	unsigned char bytes[8];

	for (unsigned int i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(value >> (8 * i));
	put_tag(p, field, WIRE_FIXED);
	put(p, bytes, sizeof(bytes));
}

void protobuf_text(struct protobuf *p, unsigned int field, const char *text)
{
	size_t len = strlen(text);

	put_tag(p, field, WIRE_LEN);
	put_varint(p, len);
	put(p, text, len);
}

size_t protobuf_open(struct protobuf *p, unsigned int field)
{
	static const unsigned char unknown[LEN_BYTES];

	put_tag(p, field, WIRE_LEN);
	put(p, unknown, sizeof(unknown));
	return p->len;
}

void protobuf_close(struct protobuf *p, size_t opened)
{
	size_t len = p->len - opened;

	if (p->full)
		return;
	for (size_t i = 0; i < LEN_BYTES; i++)
		p->bytes[opened - LEN_BYTES + i] =
			(unsigned char)((len >> (7 * i) & 0x7f) | (i < LEN_BYTES - 1 ? 0x80 : 0));
}

/* Read a number. Returns its length, or 0 if its end is not there. */
static size_t get_varint(const unsigned char *bytes, size_t len, __u64 *value)
{
	*value = 0;
	for (size_t i = 0; i < len && i < 10; i++) {
		*value |= (__u64)(bytes[i] & 0x7f) << (7 * i);
		if (!(bytes[i] & 0x80))
			return i + 1;
	}
	return 0;
}

size_t protobuf_field_len(const char *bytes, size_t len)
{
	const unsigned char *at = (const unsigned char *)bytes;
	__u64 value;
	size_t tag = get_varint(at, len, &value);
	size_t size = tag ? get_varint(at + tag, len - tag, &value) : 0;

	return size && value <= len - tag - size ? tag + size + value : 0;
}
