// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/id_list.h"
#include "base/node_set.h"

#define NODE_DIRECTORY "/sys/devices/system/node"

int node_set_parse(struct node_set *set, const char *list)
{
	return id_list_parse(list, set->has, MAX_NODES);
}

/* Return the first node of the set from a number on; MAX_NODES: there is none. */
static unsigned int next_node(const struct node_set *set, unsigned int from)
{
	const unsigned char *at = memchr(set->has + from, true, MAX_NODES - from);

	return at ? (unsigned int)(at - set->has) : MAX_NODES;
}

const char *node_set_format(const struct node_set *set, char *text, unsigned int len)
{
	unsigned int at = 0;

	text[0] = 0;
	for (unsigned int first = next_node(set, 0), last; first < MAX_NODES;
	     first = next_node(set, last + 1)) {
		last = first;
		while (last + 1 < MAX_NODES && set->has[last + 1])
			last++;
		at += snprintf(text + at, len - at, "%s%u", at ? "," : "", first);
		if (at < len && last > first)
			at += snprintf(text + at, len - at, "-%u", last);
		if (at >= len)
			break;
	}
	return text;
}

int node_set_read(struct node_set *set, const char *which)
{
	char path[128];
	int err;

	snprintf(path, sizeof(path), NODE_DIRECTORY "/%s", which);
	err = id_list_read(path, set->has, MAX_NODES);
	/* A kernel without NUMA has no such directory. */
	if (err == -ENOENT && access(NODE_DIRECTORY, F_OK) && errno == ENOENT)
		return node_set_parse(set, "0");
	return err;
}

unsigned int node_set_end(const struct node_set *set)
{
	unsigned int end = MAX_NODES;

	while (end && !set->has[end - 1])
		end--;
	return end;
}
