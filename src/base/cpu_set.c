// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include "base/cpu_set.h"
#include "base/id_list.h"

int cpu_set_read(struct cpu_set *set, const char *which)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/%s", which);
	return id_list_read(path, set->has, MAX_CPUS);
}

unsigned int cpu_set_count(const struct cpu_set *set)
{
	unsigned int count = 0;

	for (unsigned int cpu = 0; cpu < MAX_CPUS; cpu++)
		count += set->has[cpu];
	return count;
}

unsigned int cpu_set_end(const struct cpu_set *set)
{
	unsigned int end = MAX_CPUS;

	while (end && !set->has[end - 1])
		end--;
	return end;
}
