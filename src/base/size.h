/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers of bytes: "4096", "64k", "64KiB", "8M", "1GiB"; the suffixes are powers of 1024. */
#ifndef SLUBNODE_SIZE_H
#define SLUBNODE_SIZE_H

#include <linux/types.h>

/*
 * Parse a number of bytes below 2^63; a number without a suffix is multiplied by `bare'. Returns 0
 * or -EINVAL.
 */
int size_parse(const char *text, __u64 bare, __u64 *bytes);

#endif /* SLUBNODE_SIZE_H */
