/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The inside of the tracer, for its own files:
 *
 *   tracer.c         loads, attaches and reads the programs
 *   tracer_walk.c    walks over all caches
 */
#ifndef SLUBNODE_TRACER_STATE_H
#define SLUBNODE_TRACER_STATE_H

#include "kernel/btf.h"
#include "slubnode.skel.h"
#include "trace/plan.h"
#include "trace/tracer.h"

struct tracer {
	struct tracer_options options;
	struct kernel_btf *btf;
	struct kernel_types types;
	struct plan plan;
	struct slubnode *skeleton;
	struct ring_buffer *ring;
	struct bpf_link *iterator;
	__u64 ended_walk;        /* the id of the last walk whose end was read */
	__u64 read_end_ns;       /* of tracer_read() */
	bool read_is_over;       /* because of the time */
	const void *positions;   /* two pages of the ring buffer: its consumer and producer */
	const void *freed_slots; /* the freed set, mapped; NULL: there is none */
	const void *heartbeats;  /* mapped likewise */
};

/* Run a raw_tp program once. Returns 0 or a negative errno. */
int tracer_run(const struct bpf_program *program);

/* Return how many runs of a program the kernel has skipped; 0 if that is not known. */
__u64 program_skips(int fd);

/* Return the position of the next record of the programs in the ring buffer. */
unsigned long tracer_written(const struct tracer *t);

/* Check whether all records before this position are read. */
bool tracer_has_read(const struct tracer *t, unsigned long position);

#endif /* SLUBNODE_TRACER_STATE_H */
