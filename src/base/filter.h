/* SPDX-License-Identifier: GPL-2.0-only */
/* The filter of --node LIST and --cache GLOB. */
#ifndef SLUBNODE_FILTER_H
#define SLUBNODE_FILTER_H

#include "base/node_set.h"

struct filter {
	bool by_node;
	struct node_set nodes;
	const char **globs; /* any of them; fnmatch(3) */
	unsigned int glob_count;
};

/* Add a list of nodes or a pattern. Returns 0, -EINVAL for an invalid list, or -ENOMEM. */
int filter_add_nodes(struct filter *f, const char *list);
int filter_add_cache(struct filter *f, const char *glob);
void filter_free(struct filter *f);

/* Return whether a cache (NULL: any) on a node (-1: any) passes the filter. */
bool filter_wants(const struct filter *f, const char *cache_name, int nid);

#endif /* SLUBNODE_FILTER_H */
