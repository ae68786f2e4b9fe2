/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a BTF from a file is that of the running kernel. */
#ifndef SLUBNODE_KERNEL_BTF_FIT_H
#define SLUBNODE_KERNEL_BTF_FIT_H

#include <bpf/btf.h>
#include <stddef.h>
#include "kernel/btf_subset.h"

/* Want the types that are compared. Returns 0 or -ENOMEM. */
int btf_fit_want(struct btf_subset *wanted);

/*
 * Compare a BTF with the running kernel's own, or without one with the sizes that SLUB
 * reports in sysfs. `sys' is where sysfs is mounted; `nodes' is the number of possible
 * nodes. Returns 0, or -ESTALE with the difference in `why'.
 */
int btf_fit_check(const struct btf *btf, const char *sys, unsigned int nodes, char *why,
		  size_t room);

#endif /* SLUBNODE_KERNEL_BTF_FIT_H */
