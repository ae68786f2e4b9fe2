/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Source lines of kernel addresses, by elfutils, for the kernel and for modules whose debug
 * information is on this machine: in the .ko itself, or below /usr/lib/debug. Nothing is
 * downloaded. The symbol files are opened at the first look-up.
 */
#ifndef SLUBNODE_SRCLINES_H
#define SLUBNODE_SRCLINES_H

#include <linux/types.h>

struct srclines;

/* Return NULL if there is no memory. */
struct srclines *srclines_new(void);
void srclines_free(struct srclines *s);

/*
 * Find the source line of an address. `module' is the module that /proc/kallsyms names for it,
 * "" for the kernel itself. Returns "mm/slub.c:2061", with the path as the compiler noted it,
 * or "" if it is not known; valid until the next call.
 */
const char *srclines_find(struct srclines *s, __u64 address, const char *module);

#endif /* SLUBNODE_SRCLINES_H */
