// SPDX-License-Identifier: GPL-2.0-only
#include <linux/types.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "base/gunzip.h"

/* Return the size of the content, which is at the end of a file of gzip (RFC 1952: ISIZE). */
static size_t inflated_bytes(const unsigned char *file, size_t len)
{
	__u32 bytes;

	memcpy(&bytes, file + len - sizeof(bytes), sizeof(bytes));
	return bytes;
}

static bool inflate_all(const unsigned char *file, size_t len, unsigned char *to, size_t bytes)
{
	z_stream stream = {
		.next_in = (unsigned char *)file,
		.avail_in = len,
		.next_out = to,
		.avail_out = bytes,
	};
	int status;

	if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) /* 16: the format of gzip */
		return false;
	status = inflate(&stream, Z_FINISH);
	inflateEnd(&stream);
	return status == Z_STREAM_END && stream.total_out == bytes;
}

void *gunzip(const unsigned char *file, size_t len, size_t *content_len)
{
	unsigned char *content;

	*content_len = inflated_bytes(file, len);
	content = malloc(*content_len);
	if (content && inflate_all(file, len, content, *content_len))
		return content;
	free(content);
	return NULL;
}
