/* SPDX-License-Identifier: GPL-2.0-only */
/* Clocks, in nanoseconds. */
#ifndef SLUBNODE_CLOCK_H
#define SLUBNODE_CLOCK_H

#include <linux/types.h>
#include <time.h>

static inline __u64 clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Return the time in nanoseconds on the clock of bpf_ktime_get_ns(). */
static inline __u64 clock_now(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

#endif /* SLUBNODE_CLOCK_H */
