/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that the program contains, compressed by zstd. */
#ifndef SLUBNODE_EMBEDDED_H
#define SLUBNODE_EMBEDDED_H

#include <stddef.h>

/*
 * Decompress a file that the program contains. Returns its content, which the caller frees, or NULL
 * if memory is short.
 */
void *embedded_content(const unsigned char *file, size_t len, size_t *content_len);

#endif /* SLUBNODE_EMBEDDED_H */
