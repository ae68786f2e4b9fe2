// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/deadline.h"
#include "base/msg.h"
#include "detect/detector.h"
#include "detect/freed_diff.h"
#include "detect/symbolizer.h"
#include "model/knode_layout.h"
#include "trace/pace.h"
#include "trace/watchpoints.h"

/*
 * A reader that runs for longer has lost its return; at the end, a shorter time counts. The
 * windows are looked at rarely, because the kernel runs no kprobe program on a CPU where a
 * system call accesses a map, even while that call is preempted (bpf_disable_instrumentation()).
 */
#define READER_NS     60000000000
#define READER_END_NS 1000000000
#define REPORT_NS     200000000   /* between reports of the coverage for which no access waits */
#define FREED_NS      20000000    /* the same after a free */
#define SKIPS_NS      1000000000  /* between reports while the kernel skips programs */
#define DYING_NS      10000000000 /* a cache that is not destroyed by then will not be */

struct detector {
	struct detector_parts parts;
	struct symbolizer *symbolizer;
	struct freed_diff *freed_diff;
	struct watchpoints *watchpoints;
	__u32 words;   /* of each structure, to be watched; bit n: word n */
	__u64 turn_ns; /* 0: by the age of the newest free */
	__u64 sweep_ns;
	struct tier_record tiers[TIERS];

	__s32 threatened;  /* the node that is going offline or online; -1: none */
	__u64 dying;       /* the cache that is being destroyed, or 0 */
	__u64 dying_ns;    /* and since when */
	__u64 armed_at_ns; /* of the hot readers, by the programs */
	bool changed;      /* since the last report */
	/* Skipped runs of hot readers: during changes; at the last report; not counted so far. */
	__u64 hot_skipped, hot_seen, hot_base;
	__u64 skips;           /* runs of all programs that were skipped, at the last report */
	bool skipping;         /* there were more than at the report before */
	__u64 slab_skipped_ns; /* by then the last program for new slabs was skipped; 0: none was */
	__u64 next_sweep_ns;
	__u64 next_report_ns;
	__u64 next_drop_ns;
	bool outdated;    /* the targets have changed since the aims were last set */
	__u64 aimed_seen; /* the freed set's counters at that time */
	__u32 aimed_now;
	__u64 newest_ns; /* of the newest free in the set at that time; 0: none */
	struct watchpoints_target *targets;
	size_t target_room;
	__u64 *swept; /* of each slot of the freed set: the incarnation that was compared last */
	struct coverage_record covered; /* covered, looks, armed_ns and armings are counted here */
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

/* --- the tiers --- */

bool detector_pages_followed(const struct tracer *t)
{
	return tracer_pages_known(t) && tracer_plan(t)->probes[ROLE_NEW_SLAB].candidate;
}

static struct tier_record *set_tier(struct tier_record *r, enum finding_tier tier,
				    enum tier_state state, const char *why)
{
	*r = (struct tier_record){
		.head = { .type = RECORD_TIER, .time_ns = clock_now() },
		.tier = tier,
		.state = state,
	};
	snprintf(r->why, sizeof(r->why), "%s", why);
	return r;
}

static bool a_reader_is_attached(const struct tracer *t)
{
	for (unsigned int role = ROLE_READ_OBJECTS; role < ROLES; role++)
		if (tracer_plan(t)->probes[role].candidate)
			return true;
	return false;
}

struct tier_record detector_tier_without(const struct tracer *t,
					 const struct detection_options *options,
					 enum finding_tier tier)
{
	struct tier_record r;

	if (options->off[tier])
		return *set_tier(&r, tier, TIER_MISSING, "not asked for");
	if (tracer_unattached(t))
		return *set_tier(&r, tier, TIER_MISSING,
				 "nothing is attached, so frees and allocations are not seen");
	if (tier <= TIER_WINDOW && !a_reader_is_attached(t))
		return *set_tier(&r, tier, TIER_MISSING, "no reader can be attached");
	return *set_tier(&r, tier, TIER_READY, "");
}

static void detector_limit(struct detector *d, enum finding_tier tier, const char *what)
{
	if (d->tiers[tier].state == TIER_READY)
		set_tier(&d->tiers[tier], tier, TIER_LIMITED, what);
}

static void open_watchpoints(struct detector *d)
{
	const struct plan *plan = tracer_plan(d->parts.tracer);
	char why[sizeof(d->tiers[0].why)] = "";

	if (watchpoints_open(&d->watchpoints, d->parts.tracer, why, sizeof(why))) {
		set_tier(&d->tiers[TIER_WATCHPOINT], TIER_WATCHPOINT, TIER_MISSING, why);
		return;
	}
	if (*why)
		detector_limit(d, TIER_WATCHPOINT, why);
	if (!plan->symbols_read || plan->hidden)
		detector_limit(d, TIER_WATCHPOINT,
			       "kernel symbols are hidden: nothing can be confirmed");
	if (!detector_pages_followed(d->parts.tracer))
		detector_limit(
			d, TIER_WATCHPOINT,
			"pages that leave or join kmem_cache_node are not observed: nothing can be confirmed");
}

static void find_tiers(struct detector *d)
{
	for (unsigned int tier = 0; tier < TIERS; tier++)
		d->tiers[tier] = detector_tier_without(d->parts.tracer, d->parts.options, tier);
	if (d->tiers[TIER_WATCHPOINT].state == TIER_READY)
		open_watchpoints(d);
	if (d->tiers[TIER_CANARY].state == TIER_READY && !detector_pages_followed(d->parts.tracer))
		set_tier(&d->tiers[TIER_CANARY], TIER_CANARY, TIER_MISSING,
			 "pages that leave or join kmem_cache_node are not observed");
	if (d->tiers[TIER_CANARY].state == TIER_READY && tracer_types(d->parts.tracer)->kasan)
		set_tier(&d->tiers[TIER_CANARY], TIER_CANARY, TIER_MISSING,
			 "KASAN keeps data of its own in freed structures");
}

struct tier_record detector_tier(const struct detector *d, enum finding_tier tier)
{
	return d->tiers[tier];
}

/* Return the words of a structure that the user wants watched. */
static __u32 wanted_words(const struct detector *d)
{
	const struct detection_options *o = d->parts.options;
	__u32 words = 0;

	for (unsigned int i = 0; i < o->watch_field_count; i++)
		words |= knode_field_words(d->parts.layout, o->watch_fields[i]);
	return words ?: (1U << d->parts.layout->size / 8) - 1;
}

struct detector *detector_open(const struct detector_parts *parts)
{
	struct symbolizer_ops ops = { "/proc", parts->context, parts->emit };
	struct detector *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->parts = *parts;
	d->threatened = -1;
	d->turn_ns = parts->options->turn_s * 1e9;
	d->sweep_ns = parts->options->sweep_s ? parts->options->sweep_s * 1e9 : PACE_SWEEP_NS;
	d->words = wanted_words(d);
	d->symbolizer = symbolizer_new(&ops);
	d->freed_diff = freed_diff_new(parts->tracer);
	if (!d->symbolizer || !d->freed_diff) {
		detector_close(d);
		return NULL;
	}
	find_tiers(d);
	return d;
}

void detector_close(struct detector *d)
{
	if (!d)
		return;
	watchpoints_close(d->watchpoints);
	symbolizer_free(d->symbolizer);
	freed_diff_free(d->freed_diff);
	free(d->targets);
	free(d->swept);
	free(d);
}

/* --- the debug registers --- */

static struct watchpoints_target *room_for_target(struct detector *d, size_t count)
{
	if (count == d->target_room) {
		size_t room = count ? 2 * count : 256;
		struct watchpoints_target *more = realloc(d->targets, room * sizeof(*more));

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
	__u64 newest_ns;     /* of the freed set, watched or not */
};

static int detector_collect(struct collection *c, __u64 address, bool freed)
{
	struct watchpoints_target *t = room_for_target(c->d, c->count);

	if (!t)
		return -ENOMEM;
	*t = (struct watchpoints_target){ address, freed };
	c->count++;
	return 0;
}

/* Collect a structure if it may be freed soon. Returns 0 or -ENOMEM. */
static int collect_threatened(void *arg, const struct transition *t)
{
	struct collection *c = arg;
	struct detector *d = c->d;

	if (t->nid != d->threatened && t->cache != d->dying)
		return 0;
	for (size_t i = 0; i < c->freed; i++)
		if (d->targets[i].address == t->address)
			return 0; /* it is freed, and the ledger does not have the record yet */
	if (!in_globs(d->parts.options, t->cache_name) ||
	    !filter_wants(d->parts.filter, t->cache_name, t->nid))
		return 0;
	return detector_collect(c, t->address, false);
}

static int collect_freed(struct collection *c)
{
	struct detector *d = c->d;
	unsigned int count, end = tracer_freed_end(d->parts.tracer);
	const volatile struct freed_slot *slots = tracer_freed_slots(d->parts.tracer, &count);
	int err = 0;

	for (unsigned int i = 0; i < end && !err; i++) {
		__u64 freed_ns = slots[i].freed.freed_ns;
		char name[CACHE_NAME_LEN];

		if (!freed_ns)
			continue;
		c->newest_ns = freed_ns > c->newest_ns ? freed_ns : c->newest_ns;
		for (unsigned int n = 0; n < sizeof(name); n++)
			name[n] = slots[i].freed.name[n];
		name[sizeof(name) - 1] = 0;
		if (in_globs(d->parts.options, name) &&
		    filter_wants(d->parts.filter, name, slots[i].freed.nid))
			err = detector_collect(c, slots[i].freed.address, true);
	}
	return err;
}

/* Collect the freed structures, and then those that may be freed. Returns 0 or -ENOMEM. */
static int collect(struct collection *c, bool any_freed)
{
	const struct detector *d = c->d;
	int err = any_freed ? collect_freed(c) : 0;

	c->freed = c->count;
	if (err || (d->threatened < 0 && !d->dying))
		return err;
	return ledger_each_structure(d->parts.ledger, collect_threatened, c);
}

/*
 * Return the time that an access must be later than to be confirmed by its order: the newest free,
 * and the last skipped program for new slabs (coverage_exact()). 0: nothing is freed.
 */
static __u64 proof_ns(const struct detector *d, const struct collection *c)
{
	return c->newest_ns && d->slab_skipped_ns > c->newest_ns ? d->slab_skipped_ns
								 : c->newest_ns;
}

/* Aim the debug registers at the present targets. Returns 0 or -ENOMEM. */
static int detector_aim(struct detector *d)
{
	struct tracer_freed freed = tracer_freed(d->parts.tracer);
	struct collection c = { .d = d };
	int err = collect(&c, freed.now);

	d->aimed_seen = freed.seen;
	d->aimed_now = freed.now;
	d->newest_ns = c.newest_ns;
	d->outdated = false;
	if (err || !d->watchpoints)
		return err;
	if (watchpoints_aim(d->watchpoints, &(struct watchpoints_aims){
						    .targets = d->targets,
						    .count = c.count,
						    .words = d->words,
						    .newest_ns = c.newest_ns,
						    .proof_ns = proof_ns(d, &c),
						    .turn_ns = d->turn_ns,
					    }))
		msg_verbose("a debug register could not be aimed");
	return 0;
}

/* Return true if the targets have changed since the aims were last set. */
static bool aims_outdated(const struct detector *d, const struct tracer_freed *freed)
{
	return d->outdated || freed->seen != d->aimed_seen || freed->now != d->aimed_now;
}

static bool aim_is_due(const struct detector *d, const struct tracer_freed *freed)
{
	bool cpus = d->watchpoints && watchpoints_cpus_changed(d->watchpoints);

	return cpus || aims_outdated(d, freed) ||
	       (d->watchpoints && clock_now() >= watchpoints_next_ns(d->watchpoints));
}

/* --- records of the programs --- */

static bool detector_begins_change(const struct node_record *r)
{
	return r->phase == PHASE_BEGIN &&
	       (r->transition == NODE_GOING_OFFLINE || r->transition == NODE_GOING_ONLINE);
}

static bool detector_ends_change(const struct node_record *r)
{
	return r->phase == PHASE_END &&
	       (r->transition == NODE_OFFLINE || r->transition == NODE_CANCEL_OFFLINE ||
		r->transition == NODE_ONLINE || r->transition == NODE_CANCEL_ONLINE);
}

static int after_node(struct detector *d, const struct node_record *r)
{
	if (r->nid < 0)
		return 0;
	if (detector_begins_change(r)) {
		d->threatened = r->nid;
		d->changed = true;
		d->next_report_ns = 0; /* skips of now do not count for a later free */
		d->covered.armings++;
		d->armed_at_ns = r->head.time_ns;
		return detector_aim(d);
	}
	if (detector_ends_change(r) && d->threatened == r->nid) {
		d->threatened = -1;
		d->covered.armed_ns += r->head.time_ns - d->armed_at_ns;
		return detector_aim(d);
	}
	return 0;
}

/* Note that no structure of the cache will be freed any more. */
static void detector_survived(struct detector *d)
{
	d->dying = 0;
	d->outdated = true;
}

static int after_cache(struct detector *d, const struct cache_record *r)
{
	if (r->change == CACHE_DYING) {
		d->dying = r->cache;
		d->dying_ns = clock_now();
		d->next_report_ns = 0;
		return d->parts.options->watch_cache_count ? detector_aim(d) : 0;
	}
	if (r->change == CACHE_RELEASED && d->dying == r->cache)
		detector_survived(d);
	return 0;
}

int detector_before(struct detector *d, const struct record *r)
{
	return symbolizer_see(d->symbolizer, r);
}

int detector_after(struct detector *d, const struct record *r)
{
	switch (r->type) {
	case RECORD_NODE: return after_node(d, (const void *)r);
	case RECORD_CACHE: return after_cache(d, (const void *)r);
	}
	return 0;
}

/* --- the clock --- */

/* Count the freed structures that were compared for the first time. Returns 0 or -ENOMEM. */
static int count_covered(struct detector *d)
{
	unsigned int count, end = tracer_freed_end(d->parts.tracer);
	const volatile struct freed_slot *slots = tracer_freed_slots(d->parts.tracer, &count);

	if (!d->swept)
		d->swept = calloc(count, sizeof(*d->swept));
	if (!d->swept)
		return -ENOMEM;
	for (unsigned int i = 0; i < end; i++) {
		__u64 freed_ns = slots[i].last.freed_ns;

		d->covered.covered += freed_ns != d->swept[i];
		d->swept[i] = freed_ns;
	}
	return 0;
}

static bool sweeps(const struct detector *d)
{
	return d->tiers[TIER_CANARY].state != TIER_MISSING;
}

static int detector_sweep(struct detector *d, const struct tracer_freed *freed)
{
	int err;

	if (!sweeps(d) || !freed->now)
		return 0;
	d->covered.looks++;
	d->next_sweep_ns = clock_now() + d->sweep_ns;
	err = tracer_sweep(d->parts.tracer);
	return err ? err : count_covered(d);
}

int detector_act(struct detector *d)
{
	struct tracer_freed freed = tracer_freed(d->parts.tracer);
	int err;

	if (d->dying && clock_now() >= d->dying_ns + DYING_NS)
		detector_survived(d);
	if (aim_is_due(d, &freed)) {
		err = detector_aim(d);
		if (err)
			return err;
	}
	return clock_now() >= d->next_sweep_ns ? detector_sweep(d, &freed) : 0;
}

int detector_fd(const struct detector *d)
{
	return d->watchpoints ? watchpoints_fd(d->watchpoints) : -1;
}

/* Return true if a turn is so long that it may last until the next sweep and share its wake-up. */
static bool turn_follows_sweeps(const struct detector *d)
{
	return d->watchpoints && !d->turn_ns &&
	       watchpoints_turn_ns(d->watchpoints) >= d->sweep_ns / 2;
}

__u64 detector_next_ns(const struct detector *d)
{
	struct tracer_freed freed = tracer_freed(d->parts.tracer);
	__u64 next_ns = d->watchpoints ? watchpoints_next_ns(d->watchpoints) : DEADLINE_NONE;

	if (aims_outdated(d, &freed))
		return DEADLINE_NOW;
	if (freed.now && sweeps(d))
		next_ns = turn_follows_sweeps(d) ? d->next_sweep_ns
						 : deadline_first(next_ns, d->next_sweep_ns);
	if (freed.seen != d->covered.freed_seen)
		next_ns = deadline_first(next_ns, d->covered.read_ns + FREED_NS);
	if (d->dying)
		next_ns = deadline_first(next_ns, d->dying_ns + DYING_NS);
	/* The end of the function may have been skipped. */
	if (freed.working)
		next_ns = deadline_first(next_ns, d->next_drop_ns);
	return d->skipping ? deadline_first(next_ns, d->covered.read_ns + SKIPS_NS) : next_ns;
}

/* --- the coverage --- */

static void put_tracer(struct coverage_record *r, const struct tracer *t)
{
	struct tracer_freed freed = tracer_freed(t);

	r->freed_now = freed.now;
	r->freed_seen = freed.seen;
	r->freed_dropped = freed.dropped;
	r->untracked = freed.untracked;
	r->allocating = freed.allocating;
	r->windows = freed.windows;
	r->lost_windows = freed.lost_windows;
	r->lost_accesses = freed.lost_accesses;
	r->hits = freed.hits;
	r->compared = freed.compared;
	r->blind = freed.blind;
	r->skipped = freed.skipped;
	r->skipped_slabs = tracer_skipped_slabs(t);
	r->skipped_removals = tracer_skipped_allocations(t) + r->skipped_slabs;
}

/*
 * Count the skipped runs of readers. Those of hot readers count while a node changes, since
 * otherwise their programs do nothing. A change may have begun shortly before the last report,
 * without a record until then, so the account begins at the report before it. After a long wait
 * that may be too many, but not too few; while programs are skipped, reports are a second apart.
 */
static __u64 skipped_readers(struct detector *d)
{
	__u64 hot = tracer_skipped_hot_readers(d->parts.tracer);

	if (d->changed) {
		d->hot_skipped += hot - d->hot_base;
		d->hot_base = hot;
	} else {
		d->hot_base = d->hot_seen;
	}
	d->hot_seen = hot;
	d->changed = d->threatened >= 0;
	return tracer_skipped_readers(d->parts.tracer) + d->hot_skipped;
}

static void put_watchpoints(struct coverage_record *r, const struct watchpoints *w)
{
	struct watchpoints_stats stats = watchpoints_stats(w);

	r->registers = stats.registers;
	r->cpus = stats.cpus;
	r->cpus_unwatched = stats.cpus_unwatched;
	r->unwatched_ns = stats.unwatched_ns;
	r->turns = stats.turns;
	r->freed_word_ns = stats.freed_word_ns;
	r->watched_word_ns = stats.watched_word_ns;
}

void detector_registers(const struct detector *d, struct coverage_record *r)
{
	if (d->watchpoints)
		put_watchpoints(r, d->watchpoints);
}

/*
 * Return true if the last report is old; soon after a free, so that programs which were skipped
 * before it are not held against accesses after it for long.
 */
static bool report_is_due(const struct detector *d)
{
	__u64 now_ns = clock_now();

	return now_ns >= d->next_report_ns ||
	       (now_ns >= d->covered.read_ns + FREED_NS &&
		tracer_freed(d->parts.tracer).seen != d->covered.freed_seen);
}

/* Note that programs for new slabs were skipped, after which accesses need new proofs. */
static void note_skipped_slabs(struct detector *d, __u64 before)
{
	if (d->covered.skipped_slabs == before)
		return;
	d->slab_skipped_ns = d->covered.read_ns;
	d->outdated |= d->covered.freed_now != 0;
}

/*
 * Read the counters before the freed set, so that an access whose allocations are
 * over by the counters is judged by a freed set that is not older.
 */
int detector_report(struct detector *d, bool wanted)
{
	struct coverage_record *r = &d->covered;
	__u64 skipped_slabs;
	int err;

	if (!wanted && !report_is_due(d))
		return 0;
	if (clock_now() >= d->next_drop_ns) {
		d->next_drop_ns = clock_now() + READER_NS / 4;
		tracer_drop_windows(d->parts.tracer, READER_NS);
		tracer_revalidate_workers(d->parts.tracer);
	}
	skipped_slabs = r->skipped_slabs;
	r->head = (struct record){ .type = RECORD_COVERAGE, .time_ns = clock_now() };
	put_tracer(r, d->parts.tracer);
	r->skipped_readers = skipped_readers(d);
	detector_registers(d, r);
	r->read_ns = clock_now();
	note_skipped_slabs(d, skipped_slabs);
	d->skipping = d->skips != d->hot_seen + r->skipped_removals;
	d->skips = d->hot_seen + r->skipped_removals;
	d->next_report_ns = r->read_ns + REPORT_NS;
	err = freed_diff_emit(d->freed_diff, d->parts.emit, d->parts.context);
	return err ? err : d->parts.emit(d->parts.context, &r->head);
}

int detector_finish(struct detector *d)
{
	struct tracer_freed freed = tracer_freed(d->parts.tracer);
	int err = detector_sweep(d, &freed);

	tracer_drop_windows(d->parts.tracer, READER_END_NS);
	return err ? err : detector_aim(d); /* this accounts the time of the last turn */
}
