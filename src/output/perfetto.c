// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include "base/json.h"
#include "base/text.h"
#include "base/writer.h"
#include "output/perfetto.h"
#include "version.h"

/* The fields of the messages that are used, by their numbers. */
enum trace { TRACE_PACKET = 1 };

enum packet {
	PACKET_CLOCK_SNAPSHOT = 6,
	PACKET_TIMESTAMP = 8,
	PACKET_SEQUENCE = 10, /* trusted_packet_sequence_id */
	PACKET_TRACK_EVENT = 11,
	PACKET_SYSTEM_INFO = 45,
	PACKET_CLOCK_ID = 58,
	PACKET_TRACK_DESCRIPTOR = 60,
};

enum clock_snapshot { SNAPSHOT_CLOCK = 1 };
enum clock { CLOCK_ID = 1, CLOCK_TIMESTAMP = 2 };
enum builtin_clock { BUILTIN_REALTIME = 1, BUILTIN_MONOTONIC = 3, BUILTIN_BOOTTIME = 6 };

enum system_info { SYSTEM_UTSNAME = 1, SYSTEM_TRACER = 4 /* tracing_service_version */ };
enum utsname_field { UTSNAME_SYSNAME = 1, UTSNAME_RELEASE = 3, UTSNAME_MACHINE = 4 };

enum track_descriptor {
	TRACK_UUID = 1,
	TRACK_NAME = 2,
	TRACK_PARENT = 5,
	TRACK_COUNTER = 8,
	TRACK_CHILD_ORDER = 11,
	TRACK_RANK = 12,
};

enum counter_descriptor { COUNTER_UNIT = 3 };
enum child_order { CHILDREN_BY_RANK = 3 };

enum track_event {
	EVENT_ANNOTATION = 4,
	EVENT_TYPE = 9,
	EVENT_TRACK = 11,
	EVENT_CATEGORY = 22,
	EVENT_NAME = 23,
	EVENT_VALUE = 30,
	EVENT_FLOW = 47,
	EVENT_CALLSTACK = 55,
};

enum callstack { CALLSTACK_FRAME = 1 };
enum callstack_frame { FRAME_FUNCTION = 1 };

enum annotation {
	ANNOTATION_BOOL = 2,
	ANNOTATION_UINT = 3,
	ANNOTATION_INT = 4,
	ANNOTATION_TEXT = 6,
	ANNOTATION_POINTER = 7,
	ANNOTATION_JSON = 9,
	ANNOTATION_NAME = 10,
	ANNOTATION_ENTRY = 11,
};

/* The number of our sequence of packets. A tracing service numbers its own from 1. */
#define SEQUENCE 0x534c5542

#define TEXT_ROOM 2048

/* --- packets --- */

/* Begin a packet. Returns the buffer. */
static struct protobuf *packet_begin(struct perfetto *p)
{
	p->packet = (struct protobuf){ .bytes = p->bytes, .room = sizeof(p->bytes) };
	p->begun = protobuf_open(&p->packet, TRACE_PACKET);
	protobuf_number(&p->packet, PACKET_SEQUENCE, SEQUENCE);
	return &p->packet;
}

/* End it. The stream is flushed before its buffer is full, so that the writer gets whole packets. */
static void packet_end(struct perfetto *p, FILE *out)
{
	protobuf_close(&p->packet, p->begun);
	if (p->packet.full)
		return;
	if (p->buffered + p->packet.len > WRITER_PIECE) {
		fflush(out);
		p->buffered = 0;
	}
	p->buffered += p->packet.len;
	fwrite(p->bytes, 1, p->packet.len, out);
}

/* Append a string, which is UTF-8: the same as in JSON. */
static void put_text(struct protobuf *b, unsigned int field, const char *text)
{
	char escaped[TEXT_ROOM];

	protobuf_text(b, field, is_utf8(text) ? text : escape_text(escaped, sizeof(escaped), text));
}

static void put_clock(struct protobuf *b, enum builtin_clock id, __u64 ns)
{
	size_t clock = protobuf_open(b, SNAPSHOT_CLOCK);

	protobuf_number(b, CLOCK_ID, id);
	protobuf_number(b, CLOCK_TIMESTAMP, ns);
	protobuf_close(b, clock);
}

void perfetto_write_clocks(struct perfetto *p, FILE *out, const struct perfetto_clocks *clocks)
{
	struct protobuf *b = packet_begin(p);
	size_t snapshot = protobuf_open(b, PACKET_CLOCK_SNAPSHOT);

	put_clock(b, BUILTIN_MONOTONIC, clocks->monotonic_ns);
	put_clock(b, BUILTIN_BOOTTIME, clocks->boottime_ns);
	put_clock(b, BUILTIN_REALTIME, clocks->realtime_ns);
	protobuf_close(b, snapshot);
	packet_end(p, out);
}

void perfetto_write_system(struct perfetto *p, FILE *out, const char *release)
{
	struct protobuf *b = packet_begin(p);
	size_t info = protobuf_open(b, PACKET_SYSTEM_INFO), name;

	name = protobuf_open(b, SYSTEM_UTSNAME);
	protobuf_text(b, UTSNAME_SYSNAME, "Linux");
	put_text(b, UTSNAME_RELEASE, release);
	protobuf_close(b, name);
	protobuf_text(b, SYSTEM_TRACER, "slubnode-trace " SLUBNODE_VERSION);
	protobuf_close(b, info);
	packet_end(p, out);
}

void perfetto_write_track(struct perfetto *p, FILE *out, const struct perfetto_track *t)
{
	struct protobuf *b = packet_begin(p);
	size_t track = protobuf_open(b, PACKET_TRACK_DESCRIPTOR), counter;

	protobuf_number(b, TRACK_UUID, t->uuid);
	if (t->parent)
		protobuf_number(b, TRACK_PARENT, t->parent);
	put_text(b, TRACK_NAME, t->name);
	protobuf_number(b, TRACK_CHILD_ORDER, CHILDREN_BY_RANK);
	protobuf_number(b, TRACK_RANK, t->rank);
	if (t->unit) {
		counter = protobuf_open(b, TRACK_COUNTER);
		protobuf_number(b, COUNTER_UNIT, t->unit);
		protobuf_close(b, counter);
	}
	protobuf_close(b, track);
	packet_end(p, out);
}

/* --- the arguments of events --- */

/* Append a value that a function prints as JSON. */
static void put_json(struct protobuf *b, const struct field *f, const void *object)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct json j;

	if (!out)
		return;
	json_begin(&j, out);
	f->put_json(&j, object);
	json_end(&j);
	fclose(out);
	protobuf_text(b, ANNOTATION_JSON, text);
	free(text);
}

static void put_fields(struct protobuf *b, unsigned int as, const struct field *fields,
		       const void *object);

static void put_value(struct protobuf *b, const struct field *f, const void *object)
{
	switch (f->kind) {
	case FIELD_NUMBER:
		protobuf_number(b, ANNOTATION_UINT, (__u64)field_number(f, object));
		break;
	case FIELD_SIGNED:
		protobuf_number(b, ANNOTATION_INT, (__u64)field_number(f, object));
		break;
	case FIELD_BOOL:
		protobuf_number(b, ANNOTATION_BOOL, *(const bool *)field_at(f, object));
		break;
	case FIELD_HEX:
	case FIELD_ADDRESS:
		protobuf_number(b, ANNOTATION_POINTER, (__u64)field_number(f, object));
		break;
	case FIELD_OBJECT:
		put_fields(b, ANNOTATION_ENTRY, f->fields, field_nested(f, object));
		break;
	case FIELD_JSON: put_json(b, f, object); break;
	default: put_text(b, ANNOTATION_TEXT, field_text(f, object));
	}
}

/*
 * Append the fields of an object as the annotations of an event or the entries of another. A value
 * for which the packet has no room, such as a long list, is left out.
 */
static void put_fields(struct protobuf *b, unsigned int as, const struct field *fields,
		       const void *object)
{
	for (const struct field *f = fields; f->name && !b->full; f++) {
		size_t before = b->len, annotation;

		if (field_is_omitted(f, object))
			continue;
		if (f->kind == FIELD_PART) {
			put_fields(b, as, f->fields, field_nested(f, object));
			continue;
		}
		annotation = protobuf_open(b, as);
		protobuf_text(b, ANNOTATION_NAME, f->name);
		put_value(b, f, object);
		protobuf_close(b, annotation);
		if (b->full)
			b->len = before;
		b->full = false;
	}
}

/* --- events --- */

/* Append a stack, whose outermost frame is the first. */
static void put_stack(struct protobuf *b, const char *const *frames, __u32 count)
{
	size_t stack = protobuf_open(b, EVENT_CALLSTACK);

	while (count--) {
		size_t frame = protobuf_open(b, CALLSTACK_FRAME);

		put_text(b, FRAME_FUNCTION, frames[count]);
		protobuf_close(b, frame);
	}
	protobuf_close(b, stack);
}

void perfetto_write_event(struct perfetto *p, FILE *out, const struct perfetto_event *e)
{
	struct protobuf *b = packet_begin(p);
	size_t event;

	protobuf_number(b, PACKET_TIMESTAMP, e->time_ns);
	protobuf_number(b, PACKET_CLOCK_ID, BUILTIN_MONOTONIC);
	event = protobuf_open(b, PACKET_TRACK_EVENT);
	protobuf_number(b, EVENT_TYPE, e->type);
	protobuf_number(b, EVENT_TRACK, e->track);
	if (e->category)
		protobuf_text(b, EVENT_CATEGORY, e->category);
	if (e->name)
		put_text(b, EVENT_NAME, e->name);
	if (e->type == EVENT_COUNTER)
		protobuf_number(b, EVENT_VALUE, e->value);
	if (e->flow)
		protobuf_fixed(b, EVENT_FLOW, e->flow);
	if (e->frames && e->frame_count)
		put_stack(b, e->frames, e->frame_count);
	if (e->fields)
		put_fields(b, EVENT_ANNOTATION, e->fields, e->object);
	protobuf_close(b, event);
	packet_end(p, out);
}
