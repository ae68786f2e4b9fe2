// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <zstd.h>
#include "base/embedded.h"

void *embedded_content(const unsigned char *file, size_t len, size_t *content_len)
{
	unsigned char *content;

	*content_len = ZSTD_getFrameContentSize(file, len);
	content = malloc(*content_len);
	if (content && ZSTD_decompress(content, *content_len, file, len) == *content_len)
		return content;
	free(content);
	return NULL;
}
