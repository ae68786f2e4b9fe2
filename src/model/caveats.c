// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "model/caveats.h"
#include "model/coverage.h"
#include "model/ledger.h"

__attribute__((format(printf, 4, 5))) static struct caveat *
add(struct caveats *c, enum caveat_kind kind, const char *hint, const char *reason, ...)
{
	struct caveat *new = &c->list[c->count++];
	va_list args;

	new->kind = kind;
	new->tiers = 0;
	new->verdict_only = false;
	new->hint = hint;
	va_start(args, reason);
	vsnprintf(new->reason, sizeof(new->reason), reason, args);
	va_end(args);
	return new;
}

/* Find whether attached programs did not run: by a switch, or by a change that none saw. */
static void find_stopped(struct caveats *c, const struct caveat_facts *f)
{
	static const char *const off[STOPPED_KINDS] = {
		[STOPPED_NO] = "attached programs do not run",
		[STOPPED_FTRACE] = "kernel.ftrace_enabled was 0",
		[STOPPED_KPROBES] = "/sys/kernel/debug/kprobes/enabled was 0",
	};
	static const char hint[] =
		"let kernel.ftrace_enabled and /sys/kernel/debug/kprobes/enabled be 1 during the run";

	if (f->trust->unseen_changes)
		add(c, CAVEAT_STOPPED, hint,
		    "the memory of a node changed %llu times and no program saw it: %s",
		    f->trust->unseen_changes, off[f->stopped]);
	else if (f->stopped && !f->unattached)
		add(c, CAVEAT_STOPPED, hint, "%s, which stops attached programs", off[f->stopped]);
}

static void find_recording(struct caveats *c, const struct caveat_facts *f)
{
	if (f->error == CAVEATS_CUT)
		add(c, CAVEAT_BROKEN_OFF,
		    "copy the file again, or let the recording tool come to its end",
		    "the recording is not whole");
	else if (f->error)
		add(c, CAVEAT_BROKEN_OFF, "run it again", "an error broke the recording off: %s",
		    strerror(-f->error));
	if (f->partial)
		add(c, CAVEAT_PARTIAL, "use a larger --record-size, or none",
		    "the recording begins in the middle of the run, and what was before is not known")
			->verdict_only = true;
	if (f->unattached)
		add(c, CAVEAT_DIFFERENCES_ONLY,
		    "`slubnode-trace probes --verbose' shows which probes can be attached, and what they need",
		    "no probe is attached (%s), and changes that were undone between two polls were not seen",
		    f->unattached)
			->verdict_only = true;
	find_stopped(c, f);
	if (f->nothing_selected)
		add(c, CAVEAT_NOTHING,
		    "`slubnode-trace report --all --by-cache' lists the structures of each cache and node",
		    "no node structure was watched: --cache and --node select none");
	else if (f->unmatched)
		add(c, CAVEAT_UNMATCHED,
		    "`slubnode-trace report --all --by-cache' lists the caches",
		    "no cache matched '%s'", f->unmatched)
			->verdict_only = true;
}

/* Return the tiers of a set that are available. */
static unsigned int available(const struct coverage *c, unsigned int tiers)
{
	for (unsigned int tier = 0; tier < TIERS; tier++)
		if (coverage_missing(c, tier))
			tiers &= ~TIER_BIT(tier);
	return tiers;
}

/* Find what was lost of the accesses. Without a free there was no access to lose. */
static void find_lost_accesses(struct caveats *c, const struct caveat_facts *f)
{
	unsigned int tiers = available(f->coverage, ALL_TIERS);
	unsigned int readers = tiers & (TIER_BIT(TIER_CALL) | TIER_BIT(TIER_WINDOW));
	const struct coverage_record *r = &f->coverage->counters;
	struct caveat *new;

	if (coverage_unseen(f->coverage) && tiers) {
		new = add(c, CAVEAT_UNSEEN, "use a larger --ring-buffer",
			  "%llu accesses or freed structures found no room",
			  coverage_unseen(f->coverage));
		new->tiers = tiers;
	}
	if (coverage_lost_readers(f->coverage) && readers) {
		new = add(
			c, CAVEAT_READERS, "reduce the load of readers, or use --attach kprobe",
			"%llu calls of readers were not followed (%llu found no room, the kernel skipped %llu)",
			coverage_lost_readers(f->coverage), r->lost_windows, r->skipped_readers);
		new->tiers = readers;
		new->verdict_only = !f->freed;
	}
}

static void find_limits(struct caveats *c, const struct coverage *coverage)
{
	for (unsigned int tier = 0; tier < TIERS; tier++) {
		const char *limit = coverage_limit(coverage, tier);
		struct caveat *new;

		if (!limit)
			continue;
		new = add(c, CAVEAT_LIMITED,
			  "`slubnode-trace probes' describes what each tier needs", "%s", limit);
		new->tiers = TIER_BIT(tier);
		new->verdict_only = true;
	}
}

static void find_ledger(struct caveats *c, const struct ledger_trust *t)
{
	if (t->lost)
		add(c, CAVEAT_LOST, "use a larger --ring-buffer, or reduce the machine's load",
		    "%llu events were lost (%llu found no room, the kernel skipped %llu)", t->lost,
		    t->lost - t->skipped, t->skipped);
	if (t->malformed)
		add(c, CAVEAT_MALFORMED,
		    "build the tool again: its kernel side and its user side do not fit",
		    "%llu records were malformed", t->malformed);
	if (t->disagreements)
		add(c, CAVEAT_DISAGREEMENT,
		    "report it, with the output of `slubnode-trace --json trace'",
		    "the ledger and the kernel disagreed %llu times", t->disagreements);
	if (t->moved)
		add(c, CAVEAT_MOVED, "report it, with the output of `slubnode-trace --json trace'",
		    "%llu structures appeared at another pointer, and no free was observed",
		    t->moved);
	if (t->miscounted)
		add(c, CAVEAT_MISCOUNTED,
		    "report it, with the output of `slubnode-trace --json trace'",
		    "%llu objects of kmem_cache_node are in use, and %llu structures are known",
		    t->in_use, t->held);
	if (t->unobserved)
		add(c, CAVEAT_UNOBSERVED, "let the run continue for a second after the last change",
		    "whether %llu structures are still allocated is not known", t->unobserved)
			->verdict_only = true;
	if (t->pending)
		add(c, CAVEAT_PENDING, "let the run continue for a second after the last change",
		    "%llu structures were dropped; whether they were freed or leaked is not known",
		    t->pending);
}

static void find_walks(struct caveats *c, const struct caveat_facts *f)
{
	if (!f->walk_complete)
		add(c, CAVEAT_INCOMPLETE, "run it again when fewer caches come and go",
		    "the last walks over all caches did not reach their end");
	else if (!f->trust->verified && !f->error && !f->unattached)
		add(c, CAVEAT_UNVERIFIED, "let the run continue for a second after the last change",
		    "no walk over all caches confirmed what was recorded")
			->verdict_only = true;
}

void caveats_find(struct caveats *c, const struct caveat_facts *f)
{
	c->count = 0;
	find_recording(c, f);
	find_ledger(c, f->trust);
	find_walks(c, f);
	find_lost_accesses(c, f);
	find_limits(c, f->coverage);
}

const struct caveat *caveats_of_tier(const struct caveats *c, enum finding_tier tier)
{
	for (unsigned int i = 0; i < c->count; i++)
		if (c->list[i].tiers & TIER_BIT(tier))
			return &c->list[i];
	return NULL;
}

bool caveats_of_all(const struct caveats *c)
{
	for (unsigned int i = 0; i < c->count; i++)
		if (!c->list[i].tiers)
			return true;
	return false;
}

bool caveats_of_states(const struct caveats *c)
{
	for (unsigned int i = 0; i < c->count; i++)
		if (!c->list[i].tiers && c->list[i].kind != CAVEAT_MOVED)
			return true;
	return false;
}

bool caveats_of_trace(const struct caveats *c)
{
	for (unsigned int i = 0; i < c->count; i++)
		if (!c->list[i].verdict_only)
			return true;
	return false;
}
