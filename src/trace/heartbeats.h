/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Heartbeats: timer interrupts that record their time on each CPU. One that is later than a free
 * proves that a later access on its CPU is later than the free, too (bpf/watchpoint.bpf.c). So a
 * CPU needs no more of them after the first one that is later than the newest free, and than
 * anything else that an access must follow to be proven.
 */
#ifndef SLUBNODE_HEARTBEATS_H
#define SLUBNODE_HEARTBEATS_H

#include <linux/types.h>
#include <stdbool.h>

struct heartbeats;
struct tracer;

/*
 * Create stopped heartbeats for CPU numbers below `cpus', none of which is open. Returns NULL
 * when out of memory.
 */
struct heartbeats *heartbeats_new(struct tracer *t, unsigned int cpus);
void heartbeats_free(struct heartbeats *h);

/* Open the heartbeat of a CPU, unless it is open, or close it. Returns 0 or a negative errno. */
int heartbeats_open(struct heartbeats *h, unsigned int cpu);
void heartbeats_close(struct heartbeats *h, unsigned int cpu);

/*
 * Let those CPUs have heartbeats that had none later than proof_ns (0: none is needed), or all of
 * them if a free is `expected'. Called again by heartbeats_next_ns().
 */
void heartbeats_update(struct heartbeats *h, bool expected, __u64 proof_ns);

/* Return when the next CPU may have had its heartbeat; DEADLINE_NONE: none is waited for. */
__u64 heartbeats_next_ns(const struct heartbeats *h);

#endif /* SLUBNODE_HEARTBEATS_H */
