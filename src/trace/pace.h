/* SPDX-License-Identifier: GPL-2.0-only */
/* The intervals of what is done again and again: they lengthen while nothing new happens. */
#ifndef SLUBNODE_PACE_H
#define SLUBNODE_PACE_H

#include <linux/types.h>

#define PACE_TURN_NS      100000000ULL   /* of the watchpoints, at least */
#define PACE_TURN_MAX_NS  10000000000ULL /* at most */
#define PACE_SWEEP_NS     1000000000ULL  /* between sweeps of the canary */
#define PACE_HEARTBEAT_NS 10000000ULL    /* between heartbeats of a CPU */
#define PACE_WALK_NS      200000000ULL   /* between walks for dropped structures, at least */
#define PACE_WALK_MAX_NS  60000000000ULL /* at most */

/*
 * Return the length of a turn of the watchpoints. A round, in which each word has one turn, takes
 * as long as the newest free is old: the older the free, the rarer the turns. The share of the time
 * for which a word is watched does not depend on the length.
 */
__u64 pace_turn_ns(__u64 age_ns, __u64 words, unsigned int registers);

/* Return the interval between walks that search for structures, the newest dropped so long ago. */
__u64 pace_walk_ns(__u64 age_ns);

/*
 * Return the time until the heartbeats are looked at, after that many looks that found a CPU
 * without one. A CPU that has gone offline has none until it comes back.
 */
__u64 pace_heartbeat_ns(unsigned int looks);

#endif /* SLUBNODE_PACE_H */
