/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The poller: where nothing can be attached, it walks all caches at intervals,
 * and when a uevent reports a change of a memory block. It emits the walks, and
 * the differences between two of them, as records (model/difference.h).
 */
#ifndef SLUBNODE_POLLER_H
#define SLUBNODE_POLLER_H

#include "base/node_set.h"
#include "model/difference.h"
#include "trace/tracer.h"

#define POLL_INTERVAL_MS 1000 /* unless a uevent asks for a poll */

struct poller;

/*
 * Open the poller before the initial walk. `memory' has the nodes with memory
 * that counts for structures. Returns 0 or -ENOMEM.
 */
int poller_open(struct poller **poller, struct tracer *tracer, const struct difference_ops *ops,
		const struct node_set *memory);
void poller_close(struct poller *p);

/* Return a file descriptor that becomes readable when a poll may be due; -1: there is none. */
int poller_fd(const struct poller *p);

/* Return when the interval is over. */
__u64 poller_next_ns(const struct poller *p);

/* Check whether a uevent asks for a poll or the interval is over. Returns true if so. */
bool poller_due(struct poller *p);

/*
 * Walk the caches and emit the differences. *caches is set to their number.
 * Returns 0 or a negative errno, as tracer_walk() does.
 */
int poller_poll(struct poller *p, unsigned int *caches);

/* Pass each record that the tracer reads through the poller. Returns 0 or a negative errno. */
int poller_record(struct poller *p, const struct record *r);

#endif /* SLUBNODE_POLLER_H */
