/* SPDX-License-Identifier: GPL-2.0-only */
/* The tiers of detection: the ways to see an access to a freed structure. */
#ifndef SLUBNODE_TIER_H
#define SLUBNODE_TIER_H

#include <stddef.h>

enum finding_tier {
	TIER_CALL,       /* a function got a freed structure as an argument, or fetched it */
	TIER_WINDOW,     /* a reader was in flight across the free */
	TIER_WATCHPOINT, /* a debug register saw a load or a store */
	TIER_CANARY,     /* freed bytes have changed */
	TIERS,
};

/* Return "call", "window", "watchpoint" or "canary". */
const char *finding_tier_name(enum finding_tier tier);

/* Find a tier by the first `len' characters of a name. Returns -1 when there is none. */
int finding_tier_find(const char *name, size_t len);

#endif /* SLUBNODE_TIER_H */
