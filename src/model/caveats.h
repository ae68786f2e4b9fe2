/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Caveats: the reasons for which an event that was not seen may have happened
 * all the same. `trace' prints them, `check' judges by them.
 */
#ifndef SLUBNODE_CAVEATS_H
#define SLUBNODE_CAVEATS_H

#include <stdbool.h>

struct ledger_trust;

enum caveat_kind {
	CAVEAT_BROKEN_OFF,       /* an error ended the recording */
	CAVEAT_DIFFERENCES_ONLY, /* nothing was attached */
	CAVEAT_LOST,             /* records never arrived */
	CAVEAT_UNSEEN,           /* accesses or freed structures found no room */
	CAVEAT_MALFORMED,        /* bytes that were not a record */
	CAVEAT_DISAGREEMENT,     /* the ledger and a walk over all caches disagreed */
	CAVEAT_PENDING,          /* structures were dropped, and their fate is not known */
	CAVEAT_INCOMPLETE,       /* the last walk did not reach its end */
	CAVEAT_UNVERIFIED,       /* no walk confirmed what was recorded */
	CAVEAT_KINDS,
};

struct caveat {
	enum caveat_kind kind;
	/* It makes a verdict inconclusive, but not a trace, which only shows what it saw. */
	bool verdict_only;
	char reason[256]; /* a clause without a full stop */
	const char *hint; /* an instruction for the user */
};

struct caveats {
	unsigned int count;
	struct caveat list[CAVEAT_KINDS];
};

/* The facts from which the caveats of a session follow; see model_caveats(). */
struct caveat_facts {
	const struct ledger_trust *trust;
	unsigned long long unseen; /* accesses or freed structures that found no room */
	int error;                 /* negative errno that broke the recording off, or 0 */
	const char *unattached;    /* why nothing was attached; NULL: something was */
	bool walk_complete;        /* the last walk over all caches reached its end */
};

/* List the caveats that follow from the facts. */
void caveats_find(struct caveats *c, const struct caveat_facts *f);

/* Return whether a trace with these caveats is inconclusive. */
bool caveats_of_trace(const struct caveats *c);

#endif /* SLUBNODE_CAVEATS_H */
