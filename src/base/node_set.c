// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/node_set.h"

#define NODE_DIRECTORY "/sys/devices/system/node"

static int parse_id(const char **text, unsigned long *id)
{
	char *end;

	if (!isdigit((unsigned char)**text))
		return -EINVAL;
	*id = strtoul(*text, &end, 10);
	*text = end;
	return *id < MAX_NODES ? 0 : -EINVAL;
}

int node_set_parse(struct node_set *set, const char *list)
{
	memset(set, 0, sizeof(*set));
	while (*list && *list != '\n') {
		unsigned long first, last;

		if (parse_id(&list, &first))
			return -EINVAL;
		last = first;
		if (*list == '-') {
			list++;
			if (parse_id(&list, &last) || last < first)
				return -EINVAL;
		}
		memset(set->has + first, 1, last - first + 1);
		if (*list == ',')
			list++;
		else if (*list && *list != '\n')
			return -EINVAL;
	}
	return 0;
}

const char *node_set_format(const struct node_set *set, char *text, unsigned int len)
{
	unsigned int at = 0;

	text[0] = 0;
	for (unsigned int first = 0; first < MAX_NODES; first++) {
		unsigned int last = first;

		if (!set->has[first])
			continue;
		while (last + 1 < MAX_NODES && set->has[last + 1])
			last++;
		at += snprintf(text + at, len - at, "%s%u", at ? "," : "", first);
		if (at < len && last > first)
			at += snprintf(text + at, len - at, "-%u", last);
		if (at >= len)
			break;
		first = last;
	}
	return text;
}

int node_set_read(struct node_set *set, const char *which)
{
	char path[128], line[4096];
	FILE *file;
	int err;

	if (access(NODE_DIRECTORY, F_OK) && errno == ENOENT)
		return node_set_parse(set, "0");
	snprintf(path, sizeof(path), NODE_DIRECTORY "/%s", which);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	err = fgets(line, sizeof(line), file) ? node_set_parse(set, line) : -EIO;
	fclose(file);
	return err;
}

unsigned int node_set_end(const struct node_set *set)
{
	unsigned int end = MAX_NODES;

	while (end && !set->has[end - 1])
		end--;
	return end;
}
