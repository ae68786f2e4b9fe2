/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPU's debug registers, as perf's breakpoint events, aimed at words of node
 * structures: at those about to be freed, then at those that are. What does not
 * fit is watched in turns, and how much of the whole that was is accounted for.
 */
#ifndef SLUBNODE_WATCH_H
#define SLUBNODE_WATCH_H

#include <linux/types.h>
#include <stdbool.h>
#include "trace/tracer.h"

#define WATCH_REGISTERS 4 /* of an x86 CPU */

/* A structure to watch. */
struct watch_target {
	__u64 address;
	bool freed; /* else it may be soon */
};

struct watch_stats {
	unsigned int registers; /* that could be had, on each CPU */
	unsigned int cpus;
	__u64 turns;
	__u64 freed_word_ns;   /* of the freed words to watch, time in all */
	__u64 watched_word_ns; /* of that, watched */
};

struct watch;

/*
 * Opens what can be had. 0, and with fewer than WATCH_REGISTERS `why' says so;
 * or a negative errno with `why', and *watch is NULL: there is none.
 */
int watch_open(struct watch **watch, struct tracer *tracer, char *why, size_t room);
void watch_close(struct watch *w);

/*
 * What is to be watched from now on: `words' (bit n: word n) of each target.
 * Begins a new turn if the last one is over, or what it watched is gone.
 */
int watch_aim(struct watch *w, const struct watch_target *targets, size_t count, __u32 words,
	      __u64 now_ns, __u64 turn_ns);

/* The heartbeat of each CPU runs while it is on. */
void watch_heartbeat(struct watch *w, bool on);

struct watch_stats watch_stats(const struct watch *w);

#endif /* SLUBNODE_WATCH_H */
