/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Source lines of kernel addresses, by elfutils: for the kernel and for modules
 * whose debug information is on this machine (in the .ko itself, or where
 * distributions install it, below /usr/lib/debug). Nothing is downloaded. The
 * symbol files are looked for when the first line is asked for.
 */
#ifndef SLUBNODE_SRCLINES_H
#define SLUBNODE_SRCLINES_H

#include <linux/types.h>

struct srclines;

/* NULL: out of memory. */
struct srclines *srclines_new(void);
void srclines_free(struct srclines *s);

/*
 * "mm/slub.c:2061", the path as the compiler noted it; "" not known. `module' is the
 * one that /proc/kallsyms names for the address, "" the kernel itself. Valid until
 * the next call.
 */
const char *srclines_find(struct srclines *s, __u64 address, const char *module);

#endif /* SLUBNODE_SRCLINES_H */
