/* SPDX-License-Identifier: GPL-2.0-only */
/* The sizes of the BPF maps, from what the machine has. */
#ifndef SLUBNODE_SIZES_H
#define SLUBNODE_SIZES_H

#define SIZES_CHUNK 64 /* entries that one call of a program handles: bpf/loop.bpf.h */

/* Return value, or the limit that it exceeds. */
unsigned int sizes_clamp(unsigned long value, unsigned long low, unsigned long high);

/*
 * Return the number of node pointers to be tracked: of twice the caches that exist. `possible' is
 * the number of nodes that there can be, and `present' of those with memory. A kernel can allow
 * for many more nodes than a machine gets, so that beyond a million node pointers only twice the
 * nodes that are present count.
 */
unsigned int sizes_node_ptrs(unsigned long caches, unsigned int possible, unsigned int present);

#endif /* SLUBNODE_SIZES_H */
