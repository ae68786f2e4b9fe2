/* SPDX-License-Identifier: GPL-2.0-only */
/* What each tier of detection promises on this kernel, in words. */
#ifndef SLUBNODE_TIERS_H
#define SLUBNODE_TIERS_H

#include <stddef.h>
#include "model/coverage.h"

#define TIER_TEXT 512

/* For people, without a full stop; "" when the tier is missing. Returns text. */
const char *tier_promises(const struct tracer *t, const struct detection *d, enum finding_tier tier,
			  char *text, size_t room);

#endif /* SLUBNODE_TIERS_H */
