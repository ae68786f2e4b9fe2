// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include "cmd/tiers.h"

/* Adds to a text, as far as there is room. */
static void add(char *text, size_t room, const char *what)
{
	size_t at = strlen(text);

	snprintf(text + at, room - at, "%s", what);
}

/* The readers that are attached at such times: "f(), g()". */
static unsigned int add_readers(const struct tracer *t, enum probe_when when, char *text,
				size_t room)
{
	const struct plan *plan = tracer_plan(t);
	unsigned int count = 0;

	for (unsigned int role = ROLE_READ_OBJECTS; role < ROLES; role++) {
		const struct probe *p = &plan->probes[role];

		if (!p->candidate || p->info->when != when)
			continue;
		add(text, room, count++ ? "(), " : "");
		add(text, room, p->symbol);
	}
	add(text, room, count ? "()" : "");
	return count;
}

static void promise_call(const struct tracer *t, char *text, size_t room)
{
	add(text, room, "confirmed: a freed structure in the cache of ");
	add_readers(t, WHEN_ALWAYS, text, room);
	add(text, room, "; while memory goes, of ");
	if (!add_readers(t, WHEN_REMOVAL, text, room))
		add(text, room, "nothing");
	add(text, room, "; handed to ");
	if (!add_readers(t, WHEN_FREED, text, room))
		add(text, room, "nothing that can be attached");
}

static void promise_window(const struct tracer *t, char *text, size_t room)
{
	add(text, room, "exposure: in flight across a free, ");
	add_readers(t, WHEN_ALWAYS, text, room);
	add(text, room, "; while memory goes, ");
	if (!add_readers(t, WHEN_REMOVAL, text, room))
		add(text, room, "nothing");
}

static void promise_watchpoint(const struct detection *d, char *text, size_t room)
{
	snprintf(text, room,
		 "confirmed or, within about 10 ms of the free, suspect: any load or store of %u "
		 "words at a time, on %u CPUs; what is more, in turns",
		 d->watch.registers, d->watch.cpus);
}

const char *tier_promises(const struct tracer *t, const struct detection *d, enum finding_tier tier,
			  char *text, size_t room)
{
	*text = 0;
	if (d->missing[tier])
		return text;
	switch (tier) {
	case TIER_CALL: promise_call(t, text, room); break;
	case TIER_WINDOW: promise_window(t, text, room); break;
	case TIER_WATCHPOINT: promise_watchpoint(d, text, room); break;
	default:
		add(text, room,
		    "confirmed: any change of freed bytes that survives until the next look; who "
		    "made it is not seen");
	}
	return text;
}
