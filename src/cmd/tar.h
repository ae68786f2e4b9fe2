/* SPDX-License-Identifier: GPL-2.0-only */
/* A tar archive (ustar) of files that only the user can read. */
#ifndef SLUBNODE_TAR_H
#define SLUBNODE_TAR_H

#include <linux/types.h>
#include <stddef.h>
#include <stdio.h>

/* Add a file, whose name has at most 99 characters. */
void tar_add(FILE *out, const char *name, const void *bytes, size_t len, __u64 wall_ns);

/* End the archive. */
void tar_end(FILE *out);

#endif /* SLUBNODE_TAR_H */
