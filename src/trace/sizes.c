// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/records.h"
#include "trace/sizes.h"

#define CACHES_UNKNOWN 1536U
#define ROOM           1024UL /* caches or structures, for those that come later */
#define SLOTS_MAX      65536  /* bpf/loop.bpf.h: CHUNK * BLOCK * BLOCKS */
#define NODE_PTRS_MANY (1UL << 20)
#define NODE_PTRS_MAX  (1UL << 26) /* 5 GiB: of no machine */
#define SLABS_MAX      16384
#define LOOKS_MIN      512
#define LOOKS_MAX      4096
#define LOOKS_OF_CPU   128 /* kernel/bpf/bpf_lru_list.c: LOCAL_FREE_TARGET */
#define RING_MIN       (2UL << 20)
#define RING_MAX       (128UL << 20)

static unsigned long sizes_clamp(unsigned long value, unsigned long low, unsigned long high)
{
	return value < low ? low : value > high ? high : value;
}

/* Round a number of slots up to whole chunks. */
static unsigned int whole_chunks(unsigned long slots)
{
	slots = (slots + SIZES_CHUNK - 1) / SIZES_CHUNK * SIZES_CHUNK;
	return sizes_clamp(slots, SIZES_CHUNK, SLOTS_MAX);
}

/*
 * Find the number of node pointers: of twice the caches that exist at all nodes that there can be,
 * and of the caches that come later at twice the nodes that are present. A kernel can allow for
 * many more nodes than a machine gets, so that beyond a million only twice the present ones count.
 */
static unsigned int find_node_ptrs(const struct machine *m)
{
	unsigned long all = 2UL * m->caches * m->possible, later = ROOM * 2 * m->present;
	unsigned long likely = 2UL * m->caches * 2 * m->present;

	if (all > NODE_PTRS_MANY && likely < all)
		all = likely > NODE_PTRS_MANY ? likely : NODE_PTRS_MANY;
	return sizes_clamp(all + later, 1, NODE_PTRS_MAX);
}

/* Find the number of freed structures: of half the nodes that there may be soon, and one more. */
static unsigned int find_freed(const struct machine *m)
{
	unsigned long nodes = 2 * m->present < m->possible ? 2 * m->present : m->possible;

	return whole_chunks(m->caches * (nodes / 2 + 1) + ROOM);
}

/*
 * Find the size of the ring buffer, a power of two: the records of two walks over all caches, and
 * of 16 looks at one node, of which each change of a node makes some.
 */
static unsigned int find_ring(const struct machine *m)
{
	unsigned long one = m->caches * sizeof(struct structure_record);
	unsigned long walks = 2 * (m->present * one + m->caches * sizeof(struct cache_record));
	unsigned long bytes = RING_MIN;

	while ((bytes < walks || bytes < 16 * one) && bytes < RING_MAX)
		bytes *= 2;
	return bytes;
}

void sizes_find(struct sizes *s, const struct machine *machine)
{
	struct machine m = *machine;
	unsigned long structures;

	m.caches = m.caches ?: CACHES_UNKNOWN;
	m.present = m.present ?: m.possible;
	structures = (unsigned long)m.caches * m.possible;
	s->caches = whole_chunks(2UL * m.caches + ROOM);
	s->node_ptrs = find_node_ptrs(&m);
	s->freed = find_freed(&m);
	s->slabs = sizes_clamp(structures + ROOM, ROOM, SLABS_MAX);
	s->looks = sizes_clamp(structures / 4 + (unsigned long)m.cpus * LOOKS_OF_CPU, LOOKS_MIN,
			       LOOKS_MAX);
	s->ring_bytes = find_ring(&m);
}
