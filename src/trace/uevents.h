/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's uevents, which report changes of devices such as memory blocks. */
#ifndef SLUBNODE_UEVENTS_H
#define SLUBNODE_UEVENTS_H

#include <stdbool.h>
#include "base/cpu_set.h"

/* Open a socket for uevents. Returns a file descriptor or a negative errno. */
int uevents_open(void);

/* Read all uevents that have arrived. Returns true if one was of a memory block. */
bool uevents_of_memory(int fd);

/*
 * Call a function with the text of each uevent that has arrived. Returns false if uevents were
 * lost.
 */
bool uevents_each(int fd, void (*fn)(void *context, const char *text), void *context);

/*
 * Read all uevents that have arrived, and add the CPUs that went offline to `offline'; they may be
 * online again. All CPUs are added if uevents were lost. Returns true if one was of a CPU.
 */
bool uevents_of_cpus(int fd, struct cpu_set *offline);

/* The same for the text of one uevent, such as "offline@/devices/system/cpu/cpu1". */
bool uevent_of_cpu(const char *text, struct cpu_set *offline);

#endif /* SLUBNODE_UEVENTS_H */
