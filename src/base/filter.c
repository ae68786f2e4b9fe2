// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include "base/filter.h"

int filter_add_nodes(struct filter *f, const char *list)
{
	struct node_set more;

	if (!*list || node_set_parse(&more, list))
		return -EINVAL;
	for (unsigned int nid = 0; nid < MAX_NODES; nid++)
		f->nodes.has[nid] |= more.has[nid];
	f->by_node = true;
	return 0;
}

int filter_add_cache(struct filter *f, const char *glob)
{
	const char **globs = realloc(f->globs, (f->glob_count + 1) * sizeof(*globs));

	if (!globs)
		return -ENOMEM;
	f->globs = globs;
	f->globs[f->glob_count++] = glob;
	return 0;
}

void filter_free(struct filter *f)
{
	free(f->globs);
	f->globs = NULL;
	f->glob_count = 0;
}

bool filter_wants(const struct filter *f, const char *cache_name, int nid)
{
	if (f->by_node && nid >= 0 && !(nid < MAX_NODES && f->nodes.has[nid]))
		return false;
	if (!f->glob_count || !cache_name)
		return true;
	for (unsigned int i = 0; i < f->glob_count; i++)
		if (!fnmatch(f->globs[i], cache_name, 0))
			return true;
	return false;
}
