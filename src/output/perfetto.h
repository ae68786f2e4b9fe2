/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets of a Perfetto trace: protos/perfetto/trace/ in Perfetto's source describes the messages.
 * A trace is a sequence of packets, and each is written to the stream alone.
 */
#ifndef SLUBNODE_PERFETTO_H
#define SLUBNODE_PERFETTO_H

#include <stdio.h>
#include "base/field.h"
#include "base/protobuf.h"

/* A finding has a stack of 24 frames of 208 bytes, and its fields. */
#define PERFETTO_ROOM 32768

struct perfetto {
	struct protobuf packet;
	size_t begun;    /* the packet, for protobuf_close() */
	size_t buffered; /* bytes that are in the stream's buffer, at most */
	unsigned char bytes[PERFETTO_ROOM];
};

/* The clocks at one moment. */
struct perfetto_clocks {
	__u64 monotonic_ns, boottime_ns, realtime_ns;
};

/* Write the packet that relates the clocks to each other; the first of all. */
void perfetto_write_clocks(struct perfetto *p, FILE *out, const struct perfetto_clocks *clocks);

/* Write the packet that names the kernel. */
void perfetto_write_system(struct perfetto *p, FILE *out, const char *release);

enum perfetto_unit { UNIT_NONE, UNIT_COUNT = 2, UNIT_BYTES = 3 };

/* A track. Tracks with the same parent are shown in the order of their ranks, then of their names. */
struct perfetto_track {
	__u64 uuid, parent; /* 0: it has none */
	const char *name;
	enum perfetto_unit unit; /* of a counter; UNIT_NONE: it is none */
	unsigned int rank;
};

void perfetto_write_track(struct perfetto *p, FILE *out, const struct perfetto_track *track);

enum perfetto_event_type { EVENT_BEGIN = 1, EVENT_END, EVENT_INSTANT, EVENT_COUNTER };

struct perfetto_event {
	enum perfetto_event_type type;
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u64 track;
	const char *category, *name; /* NULL: none, of an end or a counter */
	__u64 value;                 /* of a counter */
	__u64 flow;                  /* events with the same number are connected; 0: none */
	const char *const *frames;   /* of its kernel stack, the innermost first */
	__u32 frame_count;
	const struct field *fields; /* its arguments; NULL: none */
	const void *object;         /* that the fields describe */
};

void perfetto_write_event(struct perfetto *p, FILE *out, const struct perfetto_event *e);

#endif /* SLUBNODE_PERFETTO_H */
