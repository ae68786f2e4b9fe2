/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF maps: their sizes before the load, and those that are mapped. */
#ifndef SLUBNODE_MAPS_H
#define SLUBNODE_MAPS_H

#include <stdbool.h>
#include "bpf/records.h"

struct bpf_map;
struct slubnode;

struct maps_options {
	unsigned int nodes;      /* entries of a per-node array */
	unsigned int cpus;       /* the largest CPU number plus one */
	unsigned int ring_bytes; /* 0: by the caches and nodes */
	bool detect;             /* a freed set is kept */
};

/* Size the maps by what the machine has. Called before the load. */
void maps_size(struct slubnode *skeleton, const struct maps_options *o);

/* Delete all elements of a hash map whose key is an address. */
void maps_empty(const struct bpf_map *map);

/*
 * Map the values of an array that is BPF_F_MMAPABLE into memory, read-only. Each takes a multiple
 * of 8 bytes. Returns 0 or a negative errno.
 */
int maps_map_array(const struct bpf_map *map, const void **values);
void maps_unmap_array(const struct bpf_map *map, const void *values);

/*
 * Map the positions of the ring buffer: the first page begins with the consumer's, the second with
 * the producer's. Returns 0 or a negative errno.
 */
int maps_map_positions(const struct slubnode *skeleton, const void **positions);
void maps_unmap_positions(const void *positions);

#endif /* SLUBNODE_MAPS_H */
