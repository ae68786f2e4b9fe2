/* SPDX-License-Identifier: GPL-2.0-only */
/* NUMA nodes as sysfs tells them, and lists of node ids ("0-3,8"). */
#ifndef SLUBNODE_NODES_H
#define SLUBNODE_NODES_H

#include <stdbool.h>

#define MAX_NODES 1024 /* include/linux/numa.h: 1 << NODES_SHIFT, at most 10 */

struct node_set {
	unsigned char has[MAX_NODES];
};

/* "0-3,8" into a set. 0 or -EINVAL. */
int node_set_parse(struct node_set *set, const char *list);
/* Back to "0-3,8"; returns text. */
const char *node_set_format(const struct node_set *set, char *text, unsigned int len);

/*
 * A set from /sys/devices/system/node: "possible", "online", "has_memory",
 * "has_normal_memory". Without that directory (CONFIG_NUMA=n) node 0 alone. 0
 * or a negative errno.
 */
int node_set_read(struct node_set *set, const char *which);

/* One more than the largest node id of the set. */
unsigned int node_set_end(const struct node_set *set);

#endif /* SLUBNODE_NODES_H */
