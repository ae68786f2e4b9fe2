/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The digest of all caches and node pointers: the programs make it of what a walk sees, and the
 * ledger of what it knows. It is a sum of one number for each cache and for each node pointer, so
 * that their order does not matter. Equal digests mean equal caches and pointers, but for a chance
 * of 1 in 2^64.
 */
#ifndef SLUBNODE_DIGEST_H
#define SLUBNODE_DIGEST_H

#include "bpf/records.h"

#define DIGEST_WORDS (CACHE_NAME_LEN / 8)

/* Mix the bits of a word, as the finalizer of MurmurHash3. Returns it. */
static inline __attribute__((always_inline)) __u64 digest_mix(__u64 word)
{
	word = (word ^ word >> 33) * 0xff51afd7ed558ccdULL;
	word = (word ^ word >> 33) * 0xc4ceb9fe1a85ec53ULL;
	return word ^ word >> 33;
}

/* Return the number of a cache; its name is padded with zeros. */
static inline __attribute__((always_inline)) __u64 digest_cache(__u64 cache, const __u64 *name)
{
	__u64 word = digest_mix(cache);

	for (int i = 0; i < DIGEST_WORDS; i++) {
		word = (word ^ name[i]) * 0x9e3779b97f4a7c15ULL;
		word ^= word >> 32;
	}
	return digest_mix(word);
}

/*
 * Return the number of a node pointer that names a structure. The node changes bits of the cache's
 * address that are the same for all caches: added to it, the node of one cache could make up for
 * the distance to another cache.
 */
static inline __attribute__((always_inline)) __u64 digest_node_ptr(__u64 cache, __u64 nid,
								   __u64 address, __u64 barn)
{
	return digest_mix(digest_mix(digest_mix(cache ^ nid << 54) ^ address) ^ barn);
}

#endif /* SLUBNODE_DIGEST_H */
