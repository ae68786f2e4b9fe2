/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The wire format of protocol buffers: an encoder for one message and the messages in it, in a
 * buffer that the caller owns. https://protobuf.dev/programming-guides/encoding/ describes it.
 */
#ifndef SLUBNODE_PROTOBUF_H
#define SLUBNODE_PROTOBUF_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/* It begins with len 0. A field that does not fit is left out, and `full' is set. */
struct protobuf {
	unsigned char *bytes;
	size_t len, room;
	bool full;
};

/* Append a field: a number or a bool; a number of eight bytes (fixed64); or a string. */
void protobuf_number(struct protobuf *p, unsigned int field, __u64 value);
void protobuf_fixed(struct protobuf *p, unsigned int field, __u64 value);
void protobuf_text(struct protobuf *p, unsigned int field, const char *text);

/* Open a message in a field. Returns what protobuf_close() needs. */
size_t protobuf_open(struct protobuf *p, unsigned int field);
void protobuf_close(struct protobuf *p, size_t opened);

/*
 * Return the length of the first field, if it is a string or a message; 0: its end is not in the
 * `len' bytes.
 */
size_t protobuf_field_len(const char *bytes, size_t len);

#endif /* SLUBNODE_PROTOBUF_H */
