/* SPDX-License-Identifier: GPL-2.0-only */
/* --node LIST and --cache GLOB: what a user wants to see. */
#ifndef SLUBNODE_FILTER_H
#define SLUBNODE_FILTER_H

#include "base/node_set.h"

struct filter {
	bool by_node;
	struct node_set nodes;
	const char **globs; /* any of them; fnmatch(3) */
	unsigned int glob_count;
};

/* 0, -EINVAL for a list that is none, or -ENOMEM. */
int filter_add_nodes(struct filter *f, const char *list);
int filter_add_cache(struct filter *f, const char *glob);
void filter_free(struct filter *f);

/* A cache (NULL: any) on a node (-1: any). */
bool filter_wants(const struct filter *f, const char *cache_name, int nid);

#endif /* SLUBNODE_FILTER_H */
