/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where nothing can be attached: walks over all caches at intervals, and when a
 * uevent tells of memory; the nodes' states by sysfs. Made into events for the
 * ledger, which tells what two samples differ in.
 */
#ifndef SLUBNODE_SAMPLER_H
#define SLUBNODE_SAMPLER_H

#include "model/ledger.h"
#include "base/node_set.h"
#include "trace/tracer.h"

#define SAMPLE_PATIENCE_MS 1000 /* between samples, unless a uevent asks for one */

struct sampler {
	struct tracer *tracer;
	struct ledger *ledger;
	int uevents;            /* to be polled, or -1: the clock alone asks for samples */
	struct node_set memory; /* nodes with memory that counts, as of the last sample */
	__u64 next_ns;
};

void sampler_open(struct sampler *s, struct tracer *tracer, struct ledger *ledger,
		  const struct node_set *memory);
void sampler_close(struct sampler *s);

bool sampler_due(struct sampler *s);

/* One sample. *caches: how many there are. 0 or a negative errno (tracer_walk()). */
int sampler_take(struct sampler *s, unsigned int *caches);

#endif /* SLUBNODE_SAMPLER_H */
