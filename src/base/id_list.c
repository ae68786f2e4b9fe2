// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/id_list.h"
#include "base/read_line.h"

#define LINE 4096 /* sysfs prints at most a page */

static int parse_id(const char **text, unsigned long *id, unsigned int room)
{
	char *end;

	if (!isdigit((unsigned char)**text))
		return -EINVAL;
	*id = strtoul(*text, &end, 10);
	*text = end;
	return *id < room ? 0 : -EINVAL;
}

int id_list_parse(const char *list, unsigned char *has, unsigned int room)
{
	memset(has, 0, room);
	while (*list && *list != '\n') {
		unsigned long first, last;

		if (parse_id(&list, &first, room))
			return -EINVAL;
		last = first;
		if (*list == '-') {
			list++;
			if (parse_id(&list, &last, room) || last < first)
				return -EINVAL;
		}
		memset(has + first, 1, last - first + 1);
		if (*list == ',')
			list++;
		else if (*list && *list != '\n')
			return -EINVAL;
	}
	return 0;
}

int id_list_read(const char *path, unsigned char *has, unsigned int room)
{
	char line[LINE];

	return read_line(path, line, sizeof(line)) ?: id_list_parse(line, has, room);
}
