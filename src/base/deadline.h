/* SPDX-License-Identifier: GPL-2.0-only */
/* Deadlines: the times, on the clock of clock_now(), at which work is due. */
#ifndef SLUBNODE_DEADLINE_H
#define SLUBNODE_DEADLINE_H

#include <limits.h>
#include <linux/types.h>

#define DEADLINE_NONE (~0ULL) /* nothing is waited for */
#define DEADLINE_NOW  0ULL

static inline __u64 deadline_first(__u64 a, __u64 b)
{
	return a < b ? a : b;
}

/*
 * Return the time until a deadline as the timeout of epoll_wait(): milliseconds, rounded up so
 * that the work is due after it, or -1.
 */
static inline int deadline_timeout(__u64 deadline_ns, __u64 now_ns)
{
	__u64 ms;

	if (deadline_ns == DEADLINE_NONE)
		return -1;
	if (deadline_ns <= now_ns)
		return 0;
	ms = (deadline_ns - now_ns - 1) / 1000000 + 1;
	return ms < INT_MAX ? (int)ms : INT_MAX;
}

#endif /* SLUBNODE_DEADLINE_H */
