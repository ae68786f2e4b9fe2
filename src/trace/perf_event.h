/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A perf event on one CPU, with a program that runs at its overflows. When its CPU goes offline,
 * the kernel takes the event off the CPU for good; the descriptor stays open and accepts every
 * request. The event does not run when the CPU comes back: it has to be opened again.
 */
#ifndef SLUBNODE_PERF_EVENT_H
#define SLUBNODE_PERF_EVENT_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include "trace/tracer.h"

struct perf_event {
	int fd; /* -1: it is not open */
	struct bpf_link *link;
	__u64 ran_ns; /* time for which it has run, as of the last perf_event_ran() */
};

#define PERF_EVENT_CLOSED ((struct perf_event){ .fd = -1 })

/* The read_format of an event that perf_event_ran() is called for. */
#define PERF_EVENT_READ_FORMAT (PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING)

/* Open an event on a CPU; it is enabled unless attr->disabled. Returns 0 or a negative errno. */
int perf_event_open(struct perf_event *e, struct tracer *t, enum perf_program which,
		    struct perf_event_attr *attr, unsigned int cpu);
void perf_event_close(struct perf_event *e);

/*
 * Return the time for which the event has run since the last call, in nanoseconds. The kernel
 * counts only the time during which the event was enabled and on its CPU.
 */
__u64 perf_event_ran(struct perf_event *e);

#endif /* SLUBNODE_PERF_EVENT_H */
