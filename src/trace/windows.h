/* SPDX-License-Identifier: GPL-2.0-only */
/* The windows of running readers (bpf/readers.bpf.c), as user space sees them. */
#ifndef SLUBNODE_WINDOWS_H
#define SLUBNODE_WINDOWS_H

#include <linux/types.h>

struct slubnode;

/* Let a window cover that many nodes. Called before the load. */
void windows_size(struct slubnode *skeleton, unsigned int nodes);

/* Expect from now on that each return of a reader has had an entry. Called after attaching. */
void windows_expect_entries(struct slubnode *skeleton);

/*
 * Drop the windows that have been open for longer, and count them as lost: their readers
 * returned unseen, or have not returned yet.
 */
void windows_drop(struct slubnode *skeleton, __u64 longer_ns);

#endif /* SLUBNODE_WINDOWS_H */
