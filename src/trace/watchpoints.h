/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPU's debug registers, as perf's breakpoint events, aimed at words of node structures: first
 * at those that may be freed soon, then at freed ones. Words that do not fit are watched in turns,
 * and the share of the time that they were watched is accounted.
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
	bool freed; /* false: it may be freed soon */
};

struct watch_stats {
	unsigned int registers; /* opened on each CPU */
	unsigned int cpus;
	__u64 turns;
	__u64 freed_word_ns;   /* freed words to watch, multiplied by time */
	__u64 watched_word_ns; /* the part of it that was watched */
};

struct watch;

/*
 * Open the debug registers that are available. Returns 0, and `why' explains a number below
 * WATCH_REGISTERS; or a negative errno with `why', and *watch is NULL.
 */
int watch_open(struct watch **watch, struct tracer *tracer, char *why, size_t room);
void watch_close(struct watch *w);

/*
 * Watch `words' (bit n: word n) of each target from now on. A new turn begins if the last
 * one is over, or if a target of it is gone. Returns 0 or a negative errno.
 */
int watch_aim(struct watch *w, const struct watch_target *targets, size_t count, __u32 words,
	      __u64 now_ns, __u64 turn_ns);

/* Start or stop the heartbeats, which record that each CPU is at work. */
void watch_heartbeat(struct watch *w, bool on);

struct watch_stats watch_stats(const struct watch *w);

#endif /* SLUBNODE_WATCH_H */
