/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's uevents, which report changes of devices such as memory blocks. */
#ifndef SLUBNODE_UEVENTS_H
#define SLUBNODE_UEVENTS_H

#include <stdbool.h>

/* Open a socket for uevents. Returns a file descriptor or a negative errno. */
int uevents_open(void);

/* Read all uevents that have arrived. Returns true if one was of a memory block. */
bool uevents_of_memory(int fd);

#endif /* SLUBNODE_UEVENTS_H */
