// SPDX-License-Identifier: GPL-2.0-only
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "cmd/seniority.h"

static __u64 inode_of(const char *path)
{
	struct stat s;

	return stat(path, &s) ? 0 : s.st_ino;
}

__u64 seniority_of_cache(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s", name);
	return inode_of(path);
}

static bool starts_at_zero(const char *entry)
{
	char path[256], line[32] = "";
	FILE *file;
	bool zero;

	snprintf(path, sizeof(path), "%s/start", entry);
	file = fopen(path, "re");
	if (!file)
		return false;
	zero = fgets(line, sizeof(line), file) && !strcmp(line, "0x0\n");
	fclose(file);
	return zero;
}

__u64 seniority_of_boot(void)
{
	__u64 boot = 0;
	glob_t found;

	if (glob("/sys/firmware/memmap/*", GLOB_NOSORT, NULL, &found))
		return 0;
	for (size_t i = 0; i < found.gl_pathc && !boot; i++)
		if (starts_at_zero(found.gl_pathv[i]))
			boot = inode_of(found.gl_pathv[i]);
	globfree(&found);
	return boot;
}
