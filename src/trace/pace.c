// SPDX-License-Identifier: GPL-2.0-only
#include "trace/pace.h"

#define PACE_HEARTBEAT_MAX_NS 10000000000ULL

static __u64 pace_clamp(__u64 value, __u64 low, __u64 high)
{
	return value < low ? low : value > high ? high : value;
}

__u64 pace_turn_ns(__u64 age_ns, __u64 words, unsigned int registers)
{
	__u64 turns = registers ? (words + registers - 1) / registers : 0;

	return pace_clamp(turns ? age_ns / turns : 0, PACE_TURN_NS, PACE_TURN_MAX_NS);
}

__u64 pace_walk_ns(__u64 age_ns)
{
	return pace_clamp(age_ns / 10, PACE_WALK_NS, PACE_WALK_MAX_NS);
}

__u64 pace_heartbeat_ns(unsigned int looks)
{
	return pace_clamp(2 * PACE_HEARTBEAT_NS << (looks < 32 ? looks : 32), 0,
			  PACE_HEARTBEAT_MAX_NS);
}
