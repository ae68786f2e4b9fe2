// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <sys/ioctl.h>
#include "base/clock.h"
#include "base/deadline.h"
#include "trace/heartbeats.h"
#include "trace/pace.h"
#include "trace/perf_event.h"

struct heartbeat {
	struct perf_event event;
	bool on;
};

struct heartbeats {
	struct tracer *tracer;
	unsigned int cpus;
	unsigned int looks; /* for a heartbeat later than proof_ns */
	__u64 proof_ns;
	__u64 next_ns;
	struct heartbeat of[]; /* by CPU */
};

struct heartbeats *heartbeats_new(struct tracer *t, unsigned int cpus)
{
	struct heartbeats *h = calloc(1, sizeof(*h) + cpus * sizeof(*h->of));

	if (!h)
		return NULL;
	h->tracer = t;
	h->cpus = cpus;
	h->next_ns = DEADLINE_NONE;
	for (unsigned int cpu = 0; cpu < cpus; cpu++)
		h->of[cpu].event = PERF_EVENT_CLOSED;
	return h;
}

void heartbeats_free(struct heartbeats *h)
{
	for (unsigned int cpu = 0; h && cpu < h->cpus; cpu++)
		heartbeats_close(h, cpu);
	free(h);
}

int heartbeats_open(struct heartbeats *h, unsigned int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = PACE_HEARTBEAT_NS,
		.disabled = 1,
	};

	if (h->of[cpu].event.fd >= 0)
		return 0;
	h->of[cpu].on = false;
	return perf_event_open(&h->of[cpu].event, h->tracer, PERF_HEARTBEAT, &attr, cpu);
}

void heartbeats_close(struct heartbeats *h, unsigned int cpu)
{
	perf_event_close(&h->of[cpu].event);
	h->of[cpu].on = false;
}

static void heartbeat_set(struct heartbeat *b, bool on)
{
	if (b->on != on)
		ioctl(b->event.fd, on ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, 0);
	b->on = on;
}

void heartbeats_update(struct heartbeats *h, bool expected, __u64 proof_ns)
{
	const volatile __u64 *times = tracer_heartbeats(h->tracer);
	bool waits = false;

	for (unsigned int cpu = 0; cpu < h->cpus; cpu++) {
		bool missing = proof_ns && times[cpu] <= proof_ns;

		if (h->of[cpu].event.fd < 0)
			continue;
		heartbeat_set(&h->of[cpu], expected || missing);
		waits |= missing;
	}
	if (proof_ns != h->proof_ns)
		h->looks = 0;
	h->proof_ns = proof_ns;
	h->next_ns = waits && !expected ? clock_now() + pace_heartbeat_ns(h->looks++)
					: DEADLINE_NONE;
}

__u64 heartbeats_next_ns(const struct heartbeats *h)
{
	return h->next_ns;
}
