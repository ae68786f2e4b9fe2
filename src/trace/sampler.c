// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/msg.h"
#include "trace/sampler.h"
#include "trace/uevents.h"

void sampler_open(struct sampler *s, struct tracer *tracer, struct ledger *ledger,
		  const struct node_set *memory)
{
	s->tracer = tracer;
	s->ledger = ledger;
	s->memory = *memory;
	s->next_ns = 0;
	s->uevents = uevents_open();
	if (s->uevents < 0) {
		msg_verbose("no uevents: %s", strerror(-s->uevents));
		s->uevents = -1;
	}
}

void sampler_close(struct sampler *s)
{
	if (s->uevents >= 0)
		close(s->uevents);
	s->uevents = -1;
}

bool sampler_due(struct sampler *s)
{
	bool asked = s->uevents >= 0 && uevents_of_memory(s->uevents);

	return asked || clock_now() >= s->next_ns;
}

static int feed(struct sampler *s, int nid, enum node_transition transition, enum phase phase)
{
	struct node_record e = {
		.head = { .type = RECORD_NODE, .time_ns = clock_now() },
		.transition = transition,
		.phase = phase,
		.nid = nid,
		.any_nid = nid,
	};

	return ledger_feed(s->ledger, &e.head);
}

/*
 * The walk between the two phases of a transition that sysfs shows: what it
 * finds changed has that cause.
 */
static int take_transition(struct sampler *s, int nid, bool online, unsigned int *caches)
{
	enum node_transition t = online ? NODE_ONLINE : NODE_OFFLINE;
	int err = feed(s, nid, t, PHASE_BEGIN);

	if (!err)
		err = tracer_walk(s->tracer, WALK_SAMPLE, caches);
	if (!err)
		err = feed(s, nid, t, PHASE_END);
	if (!err)
		s->memory.has[nid] = online;
	return err;
}

int sampler_take(struct sampler *s, unsigned int *caches)
{
	struct node_set memory;
	int err = node_set_read(&memory, tracer_memory_that_counts(s->tracer));

	for (int nid = 0; !err && nid < MAX_NODES; nid++)
		if (memory.has[nid] != s->memory.has[nid])
			err = take_transition(s, nid, memory.has[nid], caches);
	if (!err)
		err = tracer_walk(s->tracer, WALK_SAMPLE, caches);
	s->next_ns = clock_now() + SAMPLE_PATIENCE_MS * 1000000ULL;
	return err;
}
