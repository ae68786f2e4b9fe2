// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include "model/coverage.h"

/* Return the skipped runs of programs that observe allocations. */
static __u64 skipped_allocations(const struct coverage_record *r)
{
	return r->skipped_removals - r->skipped_slabs;
}

void coverage_feed(struct coverage *c, const struct coverage_record *r)
{
	if (skipped_allocations(r) != skipped_allocations(&c->counters))
		c->skipped_by_ns = r->read_ns;
	if (r->skipped_slabs != c->counters.skipped_slabs)
		c->slab_skipped_by_ns = r->read_ns;
	c->counters = *r;
}

void coverage_feed_tier(struct coverage *c, const struct tier_record *r)
{
	struct tier_coverage *tier = &c->tiers[r->tier];

	tier->state = r->state;
	snprintf(tier->why, sizeof(tier->why), "%s", r->why);
}

const char *coverage_missing(const struct coverage *c, enum finding_tier tier)
{
	return c->tiers[tier].state == TIER_MISSING ? c->tiers[tier].why : NULL;
}

const char *coverage_limit(const struct coverage *c, enum finding_tier tier)
{
	return c->tiers[tier].state == TIER_LIMITED ? c->tiers[tier].why : NULL;
}

static double share_of(__u64 part, __u64 whole)
{
	return whole ? (double)part / (double)whole : -1;
}

double coverage_watched(const struct coverage *c)
{
	return share_of(c->counters.watched_word_ns, c->counters.freed_word_ns);
}

double coverage_share(const struct coverage *c, enum finding_tier tier)
{
	const struct coverage_record *r = &c->counters;

	switch (tier) {
	case TIER_WATCHPOINT: return coverage_watched(c);
	case TIER_CANARY: return share_of(r->covered, r->freed_seen + r->freed_dropped);
	default: return share_of(r->windows, r->windows + coverage_lost_readers(c));
	}
}

double coverage_percent(double share)
{
	return (double)(__u64)(share * 10000) / 100;
}

__u64 coverage_lost_readers(const struct coverage *c)
{
	return c->counters.lost_windows + c->counters.skipped_readers;
}

__u64 coverage_unseen(const struct coverage *c)
{
	return c->counters.lost_accesses + c->counters.freed_dropped;
}

bool coverage_exact(const struct coverage *c, const struct freed *freed, __u64 ordered_ns)
{
	return !c->counters.untracked && freed->freed_ns > c->skipped_by_ns &&
	       (freed->freed_ns > c->slab_skipped_by_ns || ordered_ns > c->slab_skipped_by_ns);
}
