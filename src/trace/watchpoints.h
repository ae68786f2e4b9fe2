/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPU's debug registers, as perf's breakpoint events, aimed at words of node structures: first
 * at those that may be freed soon, then at freed ones. Words that do not fit are watched in turns,
 * and the share of the time that they were watched is accounted. The events follow the CPUs that
 * go offline and come back.
 */
#ifndef SLUBNODE_WATCHPOINTS_H
#define SLUBNODE_WATCHPOINTS_H

#include <linux/types.h>
#include <stdbool.h>
#include "trace/tracer.h"

#define WATCHPOINTS_REGISTERS 4 /* of an x86 CPU */

/* A structure to watch. */
struct watchpoints_target {
	__u64 address;
	bool freed; /* false: it may be freed soon */
};

struct watchpoints_stats {
	unsigned int registers;      /* opened on each CPU */
	unsigned int cpus;           /* on which one is open */
	unsigned int cpus_unwatched; /* that were online and did not watch for a time */
	__u64 turns;
	/* Freed words to watch, multiplied by time; the mean over the CPUs that are online. */
	__u64 freed_word_ns;
	__u64 watched_word_ns; /* the part of it during which the debug registers watched */
	__u64 unwatched_ns;    /* of the CPUs that did not watch, added up */
};

struct watchpoints;

/*
 * Open the debug registers that are available. Returns 0, and `why' explains a number below
 * WATCHPOINTS_REGISTERS; or a negative errno with `why', and *watchpoints is NULL.
 */
int watchpoints_open(struct watchpoints **watchpoints, struct tracer *tracer, char *why,
		     size_t room);
void watchpoints_close(struct watchpoints *w);

/* What to watch. */
struct watchpoints_aims {
	const struct watchpoints_target *targets; /* the freed ones come first */
	size_t count;
	__u32 words;     /* of each target; bit n: word n */
	__u64 newest_ns; /* of the newest free; 0: nothing is freed */
	__u64 proof_ns;  /* a heartbeat must be later than this to prove an order; 0: none has to */
	__u64 turn_ns;   /* the length of a turn; 0: by the age of the newest free */
};

/*
 * Watch these words from now on. A new turn begins if the last one is over, or if a target of it
 * is no longer among the targets. The words take turns while a freed one is not watched. The
 * heartbeats follow. Returns 0 or a negative errno.
 */
int watchpoints_aim(struct watchpoints *w, const struct watchpoints_aims *aims);

/* Return when watchpoints_aim() has to be called again; DEADLINE_NONE: when the targets change. */
__u64 watchpoints_next_ns(const struct watchpoints *w);

/* Return the length of the present turn; 0: there are no turns. */
__u64 watchpoints_turn_ns(const struct watchpoints *w);

/*
 * Return a file descriptor that becomes readable when a CPU goes offline or comes back; -1: there
 * is none.
 */
int watchpoints_fd(const struct watchpoints *w);

/*
 * Check whether CPUs went offline or came back since the last call. The next watchpoints_aim()
 * opens the debug registers of those that came back. Returns true if so.
 */
bool watchpoints_cpus_changed(struct watchpoints *w);

struct watchpoints_stats watchpoints_stats(const struct watchpoints *w);

#endif /* SLUBNODE_WATCHPOINTS_H */
