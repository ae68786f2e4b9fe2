/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's uevents: something happened to a device, such as a memory block. */
#ifndef SLUBNODE_UEVENTS_H
#define SLUBNODE_UEVENTS_H

#include <stdbool.h>

/* A socket to be polled, or a negative errno. */
int uevents_open(void);

/* Reads all that are there; true: one was of a memory block. */
bool uevents_of_memory(int fd);

#endif /* SLUBNODE_UEVENTS_H */
