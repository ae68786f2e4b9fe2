/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that the program contains, compressed by gzip. */
#ifndef SLUBNODE_GUNZIP_H
#define SLUBNODE_GUNZIP_H

#include <stddef.h>

/*
 * Inflate a file of gzip that is in memory. Returns its content, which the caller frees, or NULL if
 * memory is short.
 */
void *gunzip(const unsigned char *file, size_t len, size_t *content_len);

#endif /* SLUBNODE_GUNZIP_H */
