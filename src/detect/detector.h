/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Accesses to freed node structures: arms what is not on all the time, aims the
 * debug registers, has the freed bytes compared, and makes findings of what the
 * programs see. bpf/readers.bpf.c, watchpoint.bpf.c, canary.bpf.c are its other half.
 */
#ifndef SLUBNODE_DETECTOR_H
#define SLUBNODE_DETECTOR_H

#include "model/coverage.h"
#include "base/filter.h"
#include "kernel/kallsyms.h"
#include "model/ledger.h"
#include "trace/tracer.h"

struct detector;

struct detector_ops {
	void *context;
	void (*finding)(void *context, const struct finding *f);
};

struct detector_parts {
	struct tracer *tracer;
	struct ledger *ledger;
	struct findings *findings;
	const struct filter *filter;
	const struct detection_options *options;
	struct detector_ops ops;
};

/* NULL: out of memory. Whatever tier is not there is told by detector_detection(). */
struct detector *detector_open(const struct detector_parts *parts);
void detector_close(struct detector *d);

/* An event of the programs, after the ledger had it. 0 or -ENOMEM. */
int detector_feed(struct detector *d, const struct record *e, size_t len);

/* Do what is due; often, and at the latest after so many milliseconds. 0 or a negative errno. */
int detector_turn(struct detector *d);
int detector_patience(const struct detector *d);

/* A last look at everything. 0 or a negative errno. */
int detector_finish(struct detector *d);

/* Pointers are valid until the detector is closed. */
struct detection detector_detection(const struct detector *d);

/* Why a tier is not there, or what it cannot promise; NULL: it can. Before any detector. */
const char *detector_tier_missing(const struct tracer *t, enum finding_tier tier);

#endif /* SLUBNODE_DETECTOR_H */
