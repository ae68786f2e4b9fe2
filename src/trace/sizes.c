// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/records.h"
#include "trace/sizes.h"

#define CACHES_UNKNOWN 3072U
#define ROOM           512UL /* caches or structures, for those that come later */
#define SLOTS_MAX      65536  /* bpf/loop.bpf.h: CHUNK * BLOCK * BLOCKS */
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

/* Find the number of caches to be tracked: those that exist, a quarter of them, and more. */
static unsigned int find_caches(const struct machine *m)
{
	return whole_chunks(m->caches + m->caches / 4 + ROOM);
}

/* Find the number of freed structures: those of two nodes, and more. */
static unsigned int find_freed(const struct machine *m)
{
	return whole_chunks(2UL * m->caches + ROOM);
}

/*
 * Find the size of the ring buffer, a power of two: the records of eight looks at one node, which
 * are an offline and an online. Walks over all caches pause until their records are read.
 */
static unsigned int find_ring(const struct machine *m)
{
	unsigned long looks = 8UL * m->caches * sizeof(struct structure_record);
	unsigned long bytes = RING_MIN;

	while (bytes < looks && bytes < RING_MAX)
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
	s->caches = find_caches(&m);
	s->freed = find_freed(&m);
	s->slabs = sizes_clamp(structures / 8 + ROOM, ROOM, SLABS_MAX);
	s->looks = sizes_clamp(structures / 4 + (unsigned long)m.cpus * LOOKS_OF_CPU, LOOKS_MIN,
			       LOOKS_MAX);
	s->ring_bytes = find_ring(&m);
}
