// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "model/tier.h"

const char *finding_tier_name(enum finding_tier tier)
{
	static const char *const names[TIERS] = {
		[TIER_CALL] = "call",
		[TIER_WINDOW] = "window",
		[TIER_WATCHPOINT] = "watchpoint",
		[TIER_CANARY] = "canary",
	};

	return names[tier];
}

int finding_tier_find(const char *name, size_t len)
{
	for (int tier = 0; tier < TIERS; tier++)
		if (strlen(finding_tier_name(tier)) == len &&
		    !strncmp(finding_tier_name(tier), name, len))
			return tier;
	return -1;
}
