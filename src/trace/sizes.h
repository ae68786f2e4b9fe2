/* SPDX-License-Identifier: GPL-2.0-only */
/* The sizes of the BPF maps, from what the machine has. */
#ifndef SLUBNODE_SIZES_H
#define SLUBNODE_SIZES_H

#define SIZES_CHUNK 64 /* entries that one call of a program handles: bpf/loop.bpf.h */

struct machine {
	unsigned int caches;   /* that exist; 0: not known */
	unsigned int possible; /* entries of a per-node array */
	unsigned int present;  /* nodes with memory; 0: not known */
	unsigned int cpus;
};

/* Entries of the maps. */
struct sizes {
	unsigned int caches;    /* to be tracked, each with a value for each possible node */
	unsigned int freed;     /* structures of the freed set */
	unsigned int slabs;     /* of structures, counted in a walk */
	unsigned int looks;     /* slabs whose free objects are remembered */
	unsigned int ring_bytes;
};

void sizes_find(struct sizes *s, const struct machine *m);

#endif /* SLUBNODE_SIZES_H */
