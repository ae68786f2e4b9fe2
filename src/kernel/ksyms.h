/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's symbols, asked of the kernel by BPF programs. Where the kernel cannot be asked,
 * kallsyms.h reads /proc/kallsyms, which takes hundreds of times as long.
 */
#ifndef SLUBNODE_KSYMS_H
#define SLUBNODE_KSYMS_H

#include <linux/types.h>
#include "kernel/kallsyms.h"

/*
 * Look `count' symbols up by their exact names, since Linux 5.16. Returns 0; -EPERM if the kernel
 * hides addresses, as in /proc/kallsyms; or another negative errno if it cannot be asked.
 */
int ksyms_find(struct kallsyms_symbol *symbols, unsigned int count);

/* A program that resolves addresses. Hidden symbols and a missing CAP_SYSLOG do not matter. */
struct ksyms;

/* Load the program, since Linux 5.13. Returns NULL if the kernel cannot be asked. */
struct ksyms *ksyms_open(void);
void ksyms_close(struct ksyms *resolver);

/* Resolve an address. Returns the function that covers it, or one with an empty name. */
struct kallsyms_place ksyms_resolve(struct ksyms *resolver, __u64 address);

#endif /* SLUBNODE_KSYMS_H */
