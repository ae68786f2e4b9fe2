/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The targets of fentry, of fexit and of iterators, which a program is loaded with: the ids of
 * functions in the kernel's BTF. libbpf would read the whole BTF again to find them.
 */
#ifndef SLUBNODE_TARGETS_H
#define SLUBNODE_TARGETS_H

#include "kernel/btf.h"

/*
 * Find the targets of objects that are opened from now on in `btf', which is loaded before the
 * objects are; NULL: let libbpf search again. Returns 0 or a negative errno.
 */
int targets_find_in(const struct kernel_btf *btf);

#endif /* SLUBNODE_TARGETS_H */
