/* SPDX-License-Identifier: GPL-2.0-only */
/* The threads in functions of SLUB's own work (bpf/freed.bpf.h), as user space sees them. */
#ifndef SLUBNODE_WORKERS_H
#define SLUBNODE_WORKERS_H

struct slubnode;

/*
 * Forget the threads whose function ended unseen, because the kernel skipped a program: threads
 * that have ended, and those that have been in it for a minute by our count and are elsewhere
 * by their kernel stack. They count as lost ends.
 */
void workers_revalidate(struct slubnode *skeleton);

#endif /* SLUBNODE_WORKERS_H */
