/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of CPUs, read from sysfs. The numbers have holes: a CPU may be offline. */
#ifndef SLUBNODE_CPU_SET_H
#define SLUBNODE_CPU_SET_H

#define MAX_CPUS 8192 /* CONFIG_NR_CPUS with MAXSMP */

struct cpu_set {
	unsigned char has[MAX_CPUS];
};

/* Read a set from /sys/devices/system/cpu: "possible" or "online". Returns 0 or a negative errno. */
int cpu_set_read(struct cpu_set *set, const char *which);

/* Return the number of CPUs in the set. */
unsigned int cpu_set_count(const struct cpu_set *set);

/* Return the largest CPU number of the set, plus one. */
unsigned int cpu_set_end(const struct cpu_set *set);

#endif /* SLUBNODE_CPU_SET_H */
