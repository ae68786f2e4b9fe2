/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory blocks of each node, followed by uevents: how often a node has lost its last
 * block since the start. The kernel calls SLUB's callback each time, so a number above that
 * of the calls shows that programs did not run, even if the memory has come back.
 */
#ifndef SLUBNODE_MEMORY_BLOCKS_H
#define SLUBNODE_MEMORY_BLOCKS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include "base/node_set.h"
#include "bpf/records.h"

struct memory_block {
	unsigned long id;
	int nid; /* -1: not known, or it lies on several nodes */
	bool online;
	bool gone; /* it went offline, and others of its node are still online */
};

struct memory_blocks {
	const char *sys; /* where sysfs is mounted */
	struct memory_block *list;
	size_t count;
	bool unknown; /* uevents were lost, or sysfs could not be read */
	__u32 online[MAX_NODES];
	__u32 emptied[MAX_NODES]; /* the last block of the node went offline */
	__u32 gone[MAX_NODES];    /* blocks that are `gone' */
};

/* Read the blocks. An error makes them unknown. */
void memory_blocks_read(struct memory_blocks *b, const char *sys);
void memory_blocks_free(struct memory_blocks *b);

/* Find the block of a page frame. Returns its number, or NO_BLOCK. */
__u64 memory_blocks_of(const struct memory_blocks *b, __u64 pfn);

/* Find the node of a block. Returns -1 if it is not known, or if the block lies on several. */
int memory_blocks_node(const struct memory_blocks *b, __u64 id);

/* Note that a block has come online, or gone offline. */
void memory_blocks_set(struct memory_blocks *b, unsigned long id, bool online);

/* Forget which blocks went offline, and how often the last one of a node did. */
void memory_blocks_forget(struct memory_blocks *b);

/* Find the lowest and the highest number of the blocks of a node that are gone; there are some. */
void memory_blocks_gone(const struct memory_blocks *b, int nid, __u64 *first, __u64 *last);

/*
 * Parse the text of a uevent, such as "offline@/devices/system/memory/memory40", and note
 * the change. Returns whether it is of a memory block.
 */
bool memory_blocks_uevent(struct memory_blocks *b, const char *text);

#endif /* SLUBNODE_MEMORY_BLOCKS_H */
