// SPDX-License-Identifier: GPL-2.0-only
#include "trace/sizes.h"

#define NODE_PTRS_MIN  (1UL << 14)
#define NODE_PTRS_MANY (1UL << 20)
#define NODE_PTRS_MAX  (1UL << 26) /* 5 GiB: of no machine */

unsigned int sizes_clamp(unsigned long value, unsigned long low, unsigned long high)
{
	return value < low ? low : value > high ? high : value;
}

unsigned int sizes_node_ptrs(unsigned long caches, unsigned int possible, unsigned int present)
{
	unsigned long all = 2 * caches * possible, likely = 2 * caches * 2 * present;

	if (all > NODE_PTRS_MANY && likely < all)
		all = likely > NODE_PTRS_MANY ? likely : NODE_PTRS_MANY;
	return sizes_clamp(all, NODE_PTRS_MIN, NODE_PTRS_MAX);
}
