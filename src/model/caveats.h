/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Caveats: the reasons for which an event that was not seen may have happened
 * all the same. `trace' prints them, `check' judges by them.
 */
#ifndef SLUBNODE_CAVEATS_H
#define SLUBNODE_CAVEATS_H

#include <errno.h>
#include <stdbool.h>
#include "bpf/records.h"
#include "model/tier.h"

struct coverage;
struct ledger_trust;

enum caveat_kind {
	CAVEAT_BROKEN_OFF,       /* an error ended the recording */
	CAVEAT_PARTIAL,          /* the recording begins in the middle of the run */
	CAVEAT_DIFFERENCES_ONLY, /* nothing was attached */
	CAVEAT_STOPPED,          /* attached programs did not run */
	CAVEAT_NOTHING,          /* no structure was selected */
	CAVEAT_UNMATCHED,        /* a pattern that no cache matches */
	CAVEAT_LOST,             /* records never arrived */
	CAVEAT_UNSEEN,           /* accesses or freed structures found no room */
	CAVEAT_READERS,          /* calls of readers were not followed */
	CAVEAT_LIMITED,          /* what a tier sees proves nothing; one for each tier */
	CAVEAT_MALFORMED,        /* bytes that were not a record */
	CAVEAT_DISAGREEMENT,     /* the ledger and a walk over all caches disagreed */
	CAVEAT_MOVED,            /* structures changed their pointers */
	CAVEAT_MISCOUNTED,       /* other objects are in use than the ledger knows */
	CAVEAT_UNOBSERVED,       /* whether structures are still allocated is not known */
	CAVEAT_PENDING,          /* structures were dropped, and their fate is not known */
	CAVEAT_INCOMPLETE,       /* the last walk did not reach its end */
	CAVEAT_UNVERIFIED,       /* no walk confirmed what was recorded */
	CAVEAT_KINDS,
};

#define TIER_BIT(tier) (1U << (tier))
#define ALL_TIERS      (TIER_BIT(TIERS) - 1)

struct caveat {
	enum caveat_kind kind;
	/* The tiers (TIER_BIT) whose accesses it concerns, and nothing else; 0: everything. */
	unsigned int tiers;
	/* It makes a verdict inconclusive, but not a trace, which only shows what it saw. */
	bool verdict_only;
	char reason[320]; /* a clause without a full stop */
	const char *hint; /* an instruction for the user */
};

struct caveats {
	unsigned int count;
	struct caveat list[CAVEAT_KINDS + TIERS];
};

/* The error of a recording that lacks its end. */
#define CAVEATS_CUT (-ENODATA)

/* The facts from which the caveats of a session follow; see model_caveats(). */
struct caveat_facts {
	const struct ledger_trust *trust;
	const struct coverage *coverage;
	int error;              /* negative errno that broke the recording off, or 0 */
	enum stopped stopped;   /* a switch of the kernel was off */
	bool partial;           /* the recording begins in the middle of the run */
	const char *unattached; /* why nothing was attached; NULL: something was */
	bool walk_complete;     /* the last walk over all caches reached its end */
	bool nothing_selected;  /* no structure of a complete walk passed the filter */
	const char *unmatched;  /* a pattern of --cache that no cache matches; NULL: none */
	bool freed;             /* a structure that passed the filter was freed */
};

/* List the caveats that follow from the facts. */
void caveats_find(struct caveats *c, const struct caveat_facts *f);

/*
 * Find the first caveat that concerns this tier and not everything. Returns NULL if
 * there is none.
 */
const struct caveat *caveats_of_tier(const struct caveats *c, enum finding_tier tier);

/* Return whether a caveat concerns everything. */
bool caveats_of_all(const struct caveats *c);

/*
 * Return whether one of them leaves open in which state structures are. A structure that
 * moved to another pointer does not: it is known to be allocated.
 */
bool caveats_of_states(const struct caveats *c);

/* Return whether a trace with these caveats is inconclusive. */
bool caveats_of_trace(const struct caveats *c);

#endif /* SLUBNODE_CAVEATS_H */
