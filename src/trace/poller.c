// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/msg.h"
#include "trace/poller.h"
#include "trace/uevents.h"

struct poller {
	struct tracer *tracer;
	struct difference *difference;
	int uevents;   /* -1: only the clock asks for polls */
	__u64 dropped; /* tracer_dropped() before the present walk */
	__u64 next_ns;
};

int poller_open(struct poller **poller, struct tracer *tracer, const struct difference_ops *ops,
		const struct node_set *memory)
{
	struct poller *p = calloc(1, sizeof(*p));

	*poller = NULL;
	if (!p)
		return -ENOMEM;
	p->difference = difference_new(ops, memory);
	if (!p->difference) {
		free(p);
		return -ENOMEM;
	}
	p->tracer = tracer;
	p->dropped = tracer_dropped(tracer);
	p->uevents = uevents_open();
	if (p->uevents < 0) {
		msg_verbose("cannot receive uevents: %s", strerror(-p->uevents));
		p->uevents = -1;
	}
	*poller = p;
	return 0;
}

void poller_close(struct poller *p)
{
	if (!p)
		return;
	difference_free(p->difference);
	if (p->uevents >= 0)
		close(p->uevents);
	free(p);
}

int poller_fd(const struct poller *p)
{
	return p->uevents;
}

__u64 poller_next_ns(const struct poller *p)
{
	return p->next_ns;
}

bool poller_due(struct poller *p)
{
	bool asked = p->uevents >= 0 && uevents_of_memory(p->uevents);

	return asked || clock_now() >= p->next_ns;
}

int poller_poll(struct poller *p, unsigned int *caches)
{
	struct node_set memory;
	int err = node_set_read(&memory, tracer_memory_that_counts(p->tracer));

	p->next_ns = clock_now() + POLL_INTERVAL_MS * 1000000ULL;
	if (err)
		return err;
	difference_set_memory(p->difference, &memory);
	p->dropped = tracer_dropped(p->tracer);
	return tracer_walk(p->tracer, WALK_VERIFY, caches);
}

int poller_record(struct poller *p, const struct record *r)
{
	if (tracer_dropped(p->tracer) != p->dropped)
		difference_lost(p->difference);
	return difference_feed(p->difference, r);
}
