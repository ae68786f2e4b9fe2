/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of NUMA nodes, read from sysfs or from lists of node ids ("0-3,8"). */
#ifndef SLUBNODE_NODE_SET_H
#define SLUBNODE_NODE_SET_H

#include <stdbool.h>

#define MAX_NODES 1024 /* include/linux/numa.h: 1 << NODES_SHIFT, at most 10 */

struct node_set {
	unsigned char has[MAX_NODES]; /* 0 or 1 */
};

/* Parse a list such as "0-3,8". Returns 0 or -EINVAL. */
int node_set_parse(struct node_set *set, const char *list);
/* Format a set as a list. Returns text. */
const char *node_set_format(const struct node_set *set, char *text, unsigned int len);

/*
 * Read a set from /sys/devices/system/node: "possible", "online", "has_memory" or
 * "has_normal_memory". Without this directory (CONFIG_NUMA=n) the set has node 0
 * alone. Returns 0 or a negative errno.
 */
int node_set_read(struct node_set *set, const char *which);

/* Return the largest node id of the set, plus one. */
unsigned int node_set_end(const struct node_set *set);

#endif /* SLUBNODE_NODE_SET_H */
