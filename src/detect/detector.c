// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "model/accesses.h"
#include "model/knode_layout.h"
#include "base/clock.h"
#include "detect/detector.h"
#include "base/msg.h"
#include "kernel/srclines.h"

#define TURN_S      0.1
#define SWEEP_S     1
#define PATIENCE_MS 50 /* while something waits to be told */
#define IDLE_MS     1000
#define SKIPS_NS    200000000 /* how often the kernel is asked what it has skipped */

struct detector {
	struct detector_parts parts;
	struct kallsyms *ksyms;
	struct srclines *srclines;
	struct knode_layout layout;
	struct accesses *accesses;
	struct watch *watch;
	__u32 words; /* of each structure, to be watched; bit n: word n */
	__u64 turn_ns, sweep_ns;
	char why[TIERS][160]; /* what is missing, or what it cannot promise */
	bool there[TIERS];

	__s32 threatened;                     /* the node whose memory goes, or comes; -1: none */
	__u64 dying;                          /* the cache that is being destroyed, or 0 */
	__u64 armed_at_ns, armed_ns, armings; /* of the hot readers, by the programs */
	__u64 next_sweep_ns, looks;
	__u64 skips, skips_read_ns, skipped_by_ns; /* programs that take out of the freed set */
	__u64 aimed_seen; /* the freed set's counters when the aims were last set */
	__u32 aimed_now;
	__u64 turn_over_ns;
	struct watch_target *targets;
	size_t target_room;
};

static bool in_globs(const struct detection_options *o, const char *name)
{
	if (!o->watch_cache_count)
		return true;
	for (unsigned int i = 0; i < o->watch_cache_count; i++)
		if (!fnmatch(o->watch_caches[i], name, 0))
			return true;
	return false;
}

/* Is it noticed when an address leaves kmem_cache_node with its page, and when it comes back? */
static bool pages_followed(const struct tracer *t)
{
	return tracer_pages_known(t) && tracer_plan(t)->probes[ROLE_NEW_SLAB].candidate;
}

/*
 * Whether the kernel has skipped programs up to a time: asked once for all events
 * before, and at intervals, so that what is freed later does not suffer.
 */
static void note_skips(struct detector *d, __u64 by_ns)
{
	__u64 skips;

	if (by_ns < d->skips_read_ns)
		return;
	d->skips_read_ns = clock_now();
	skips = tracer_skipped_removals(d->parts.tracer);
	if (skips != d->skips)
		d->skipped_by_ns = clock_now();
	d->skips = skips;
}

/* What was freed before a program was skipped may have been handed out by the skipped one. */
static bool exact(void *context, const struct freed *f, __u64 by_ns)
{
	struct detector *d = context;

	note_skips(d, by_ns);
	return pages_followed(d->parts.tracer) && !tracer_freed(d->parts.tracer).untracked &&
	       f->freed_ns > d->skipped_by_ns;
}

static bool still_freed(void *context, const struct freed *f)
{
	const struct detector *d = context;
	unsigned int count;
	const volatile struct freed_slot *slots = tracer_freed_slots(d->parts.tracer, &count);

	for (unsigned int i = 0; i < count; i++)
		if (slots[i].freed.freed_ns == f->freed_ns && slots[i].freed.address == f->address)
			return true;
	return false;
}

static bool allocating(void *context, __u64 allocations)
{
	const struct detector *d = context;

	(void)allocations; /* a later one that is in flight as well makes it wait longer */
	return tracer_freed(d->parts.tracer).allocating;
}

static void on_finding(void *context, struct finding *f)
{
	struct detector *d = context;

	if (!d->there[f->tier] || !filter_wants(d->parts.filter, f->cache_name, f->nid))
		return;
	if (f->tier == TIER_WATCHPOINT)
		f->source = srclines_find(d->srclines, f->ip - 1, f->module);
	if (findings_add(d->parts.findings, f))
		msg_verbose("out of memory: a finding is counted, but not told apart");
	d->parts.ops.finding(d->parts.ops.context, f);
}

/* --- what there is --- */

static void missing(struct detector *d, enum finding_tier tier, const char *why)
{
	d->there[tier] = false;
	snprintf(d->why[tier], sizeof(d->why[tier]), "%s", why);
}

static const char *why_no_freed_set(const struct tracer *t)
{
	if (tracer_sampled(t))
		return "nothing is attached: what is freed and handed out is not seen";
	return NULL;
}

const char *detector_tier_missing(const struct tracer *t, enum finding_tier tier)
{
	const struct plan *plan = tracer_plan(t);
	const char *why = why_no_freed_set(t);

	if (why)
		return why;
	for (unsigned int role = ROLE_READ_OBJECTS; role < ROLES && tier <= TIER_WINDOW; role++)
		if (plan->probes[role].candidate)
			return NULL;
	return tier <= TIER_WINDOW ? "no reader can be attached" : NULL;
}

static void limit(struct detector *d, enum finding_tier tier, const char *what)
{
	if (d->there[tier] && !*d->why[tier])
		snprintf(d->why[tier], sizeof(d->why[tier]), "%s", what);
}

static void open_watch(struct detector *d)
{
	const struct plan *plan = tracer_plan(d->parts.tracer);
	char why[sizeof(d->why[0])] = "";

	if (watch_open(&d->watch, d->parts.tracer, why, sizeof(why))) {
		missing(d, TIER_WATCHPOINT, why);
		return;
	}
	limit(d, TIER_WATCHPOINT, why);
	if (!plan->symbols_read || plan->hidden)
		limit(d, TIER_WATCHPOINT, "kernel symbols are hidden: nothing can be confirmed");
	if (!pages_followed(d->parts.tracer))
		limit(d, TIER_WATCHPOINT,
		      "a page that leaves kmem_cache_node, or comes back, is not noticed: nothing "
		      "can be confirmed");
}

static void find_tiers(struct detector *d)
{
	for (unsigned int tier = 0; tier < TIERS; tier++) {
		const char *why = d->parts.options->off[tier]
					  ? "not asked for"
					  : detector_tier_missing(d->parts.tracer, tier);

		d->there[tier] = !why;
		if (why)
			missing(d, tier, why);
	}
	if (d->there[TIER_WATCHPOINT])
		open_watch(d);
	if (d->there[TIER_CANARY] && !pages_followed(d->parts.tracer))
		missing(d, TIER_CANARY,
			"a page that leaves kmem_cache_node, or comes back, is not noticed");
}

/* Which words of a structure the user wants watched. */
static __u32 wanted_words(const struct detector *d)
{
	const struct detection_options *o = d->parts.options;
	__u32 words = 0;

	for (unsigned int i = 0; i < o->watch_field_count; i++)
		words |= knode_field_words(&d->layout, o->watch_fields[i]);
	return words ?: (1U << d->layout.size / 8) - 1;
}

struct detector *detector_open(const struct detector_parts *parts)
{
	struct detector *d = calloc(1, sizeof(*d));
	struct accesses_ops ops = { d, exact, on_finding, still_freed, allocating };

	if (!d)
		return NULL;
	d->parts = *parts;
	d->threatened = -1;
	d->turn_ns = (parts->options->turn_s ?: TURN_S) * 1e9;
	d->sweep_ns = (parts->options->sweep_s ?: SWEEP_S) * 1e9;
	tracer_layout(parts->tracer, &d->layout);
	if (!d->layout.size)
		msg_verbose("struct kmem_cache_node is not in BTF: its fields have no names");
	d->ksyms = kallsyms_new("/proc");
	d->srclines = srclines_new();
	d->accesses = d->ksyms && d->srclines ? accesses_new(&ops, d->ksyms, &d->layout) : NULL;
	if (!d->accesses) {
		detector_close(d);
		return NULL;
	}
	d->words = wanted_words(d);
	find_tiers(d);
	return d;
}

void detector_close(struct detector *d)
{
	if (!d)
		return;
	watch_close(d->watch);
	accesses_free(d->accesses);
	kallsyms_free(d->ksyms);
	srclines_free(d->srclines);
	free(d->targets);
	free(d);
}

/* --- the debug registers --- */

static struct watch_target *room_for_target(struct detector *d, size_t count)
{
	if (count == d->target_room) {
		size_t room = count ? 2 * count : 256;
		struct watch_target *more = realloc(d->targets, room * sizeof(*more));

		if (!more)
			return NULL;
		d->targets = more;
		d->target_room = room;
	}
	return &d->targets[count];
}

struct collection {
	struct detector *d;
	size_t count, freed; /* all, and those of the freed set: they come first */
};

static int collect(struct collection *c, __u64 address, bool freed)
{
	struct watch_target *t = room_for_target(c->d, c->count);

	if (!t)
		return -ENOMEM;
	*t = (struct watch_target){ address, freed };
	c->count++;
	return 0;
}

/* A structure that may be freed in a moment. */
static int collect_threatened(void *arg, const struct transition *t)
{
	struct collection *c = arg;
	struct detector *d = c->d;

	if (t->nid != d->threatened && t->cache != d->dying)
		return 0;
	for (size_t i = 0; i < c->freed; i++)
		if (d->targets[i].address == t->address)
			return 0; /* it is freed, and the ledger is yet to hear of it */
	if (!in_globs(d->parts.options, t->cache_name) ||
	    !filter_wants(d->parts.filter, t->cache_name, t->nid))
		return 0;
	return collect(c, t->address, false);
}

static int collect_freed(struct collection *c)
{
	struct detector *d = c->d;
	unsigned int count;
	const volatile struct freed_slot *slots = tracer_freed_slots(d->parts.tracer, &count);
	int err = 0;

	for (unsigned int i = 0; i < count && !err; i++) {
		char name[CACHE_NAME_LEN];

		if (!slots[i].freed.freed_ns)
			continue;
		for (unsigned int n = 0; n < sizeof(name); n++)
			name[n] = slots[i].freed.name[n];
		name[sizeof(name) - 1] = 0;
		if (in_globs(d->parts.options, name) &&
		    filter_wants(d->parts.filter, name, slots[i].freed.nid))
			err = collect(c, slots[i].freed.address, true);
	}
	return err;
}

static int aim(struct detector *d)
{
	struct tracer_freed freed = tracer_freed(d->parts.tracer);
	struct collection c = { d, 0, 0 };
	int err = 0;

	if (!d->watch)
		return 0;
	if (freed.now)
		err = collect_freed(&c);
	c.freed = c.count;
	if (!err && (d->threatened >= 0 || d->dying))
		err = ledger_each_structure(d->parts.ledger, collect_threatened, &c);
	d->aimed_seen = freed.seen;
	d->aimed_now = freed.now;
	d->turn_over_ns = clock_now() + d->turn_ns;
	watch_heartbeat(d->watch, c.count);
	if (!err && watch_aim(d->watch, d->targets, c.count, d->words, clock_now(), d->turn_ns))
		msg_verbose("a debug register could not be aimed");
	return err;
}

static bool aim_is_due(const struct detector *d, const struct tracer_freed *freed)
{
	if (!d->watch)
		return false;
	return freed->seen != d->aimed_seen || freed->now != d->aimed_now ||
	       ((freed->now || d->threatened >= 0) && clock_now() >= d->turn_over_ns);
}

/* --- what the kernel does --- */

static int on_node(struct detector *d, const struct node_record *e)
{
	bool begins = e->phase == PHASE_BEGIN &&
		      (e->transition == NODE_GOING_OFFLINE || e->transition == NODE_GOING_ONLINE);
	bool ends = e->phase == PHASE_END &&
		    (e->transition == NODE_OFFLINE || e->transition == NODE_CANCEL_OFFLINE ||
		     e->transition == NODE_ONLINE || e->transition == NODE_CANCEL_ONLINE);
	int err = 0;

	if (e->nid < 0 || e->transition == NODE_STATE)
		return 0;
	if (begins) {
		d->threatened = e->nid;
		d->armings++;
		d->armed_at_ns = e->head.time_ns;
		err = aim(d);
	} else if (ends && d->threatened == e->nid) {
		d->threatened = -1;
		d->armed_ns += e->head.time_ns - d->armed_at_ns;
		err = aim(d);
	}
	return err;
}

static int on_cache(struct detector *d, const struct cache_record *e)
{
	if (e->change == CACHE_DYING) {
		d->dying = e->cache;
		return d->parts.options->watch_cache_count ? aim(d) : 0;
	}
	if (e->change == CACHE_RELEASED && d->dying == e->cache)
		d->dying = 0;
	return 0;
}

int detector_feed(struct detector *d, const struct record *e, size_t len)
{
	if (e->type == RECORD_NODE && len >= sizeof(struct node_record))
		return on_node(d, (const void *)e);
	if (e->type == RECORD_CACHE && len >= sizeof(struct cache_record))
		return on_cache(d, (const void *)e);
	if ((e->type == RECORD_ACCESS && len >= sizeof(struct access_record)) ||
	    (e->type == RECORD_CANARY && len >= sizeof(struct canary_record)) ||
	    (e->type == RECORD_FREER && len >= sizeof(struct freer_record)))
		return accesses_feed(d->accesses, e);
	return 0;
}

/* --- the clock --- */

static int sweep(struct detector *d, const struct tracer_freed *freed)
{
	if (!d->there[TIER_CANARY] || !freed->now)
		return 0;
	d->looks++;
	d->next_sweep_ns = clock_now() + d->sweep_ns;
	return tracer_sweep(d->parts.tracer) ?: tracer_read(d->parts.tracer); /* what it saw */
}

int detector_turn(struct detector *d)
{
	struct tracer_freed freed = tracer_freed(d->parts.tracer);
	int err = 0;

	accesses_settle(d->accesses, clock_now(), false);
	note_skips(d, clock_now() - SKIPS_NS);
	if (aim_is_due(d, &freed))
		err = aim(d);
	if (!err && clock_now() >= d->next_sweep_ns)
		err = sweep(d, &freed);
	return err;
}

int detector_patience(const struct detector *d)
{
	struct tracer_freed freed = tracer_freed(d->parts.tracer);
	__u64 ms = IDLE_MS;

	if (accesses_waiting(d->accesses))
		return PATIENCE_MS;
	if (!freed.now)
		return IDLE_MS;
	if (d->watch && d->turn_ns / 1000000 < ms)
		ms = d->turn_ns / 1000000;
	if (d->there[TIER_CANARY] && d->sweep_ns / 1000000 < ms)
		ms = d->sweep_ns / 1000000;
	return ms ?: 1;
}

int detector_finish(struct detector *d)
{
	struct tracer_freed freed = tracer_freed(d->parts.tracer);
	int err = sweep(d, &freed);

	accesses_settle(d->accesses, clock_now(), true);
	if (!err)
		err = aim(d); /* the last turn's time is accounted for */
	return err;
}

struct detection detector_detection(const struct detector *d)
{
	struct accesses_stats accesses = accesses_stats(d->accesses);
	struct detection s = {
		.findings = d->parts.findings,
		.freed = tracer_freed(d->parts.tracer),
		.skipped_readers = tracer_skipped_readers(d->parts.tracer),
		.skipped_removals = tracer_skipped_removals(d->parts.tracer),
		.own_hits = accesses.own,
		.ambiguous_hits = accesses.ambiguous,
		.looks = d->looks,
		.armed_ns = d->armed_ns,
		.armings = d->armings,
	};

	for (unsigned int tier = 0; tier < TIERS; tier++) {
		s.missing[tier] = d->there[tier] ? NULL : d->why[tier];
		s.limits[tier] = d->there[tier] && *d->why[tier] ? d->why[tier] : NULL;
	}
	if (d->watch)
		s.watch = watch_stats(d->watch);
	return s;
}
