/* SPDX-License-Identifier: GPL-2.0-only */
/* The terminal on which an output is shown. */
#ifndef SLUBNODE_TERMINAL_H
#define SLUBNODE_TERMINAL_H

#include <stdbool.h>

#define TABLE_COLUMNS 80 /* of a table on an output that is no terminal */

/* 0: no limit. A sentence on an output that is no terminal is one line. */
struct terminal {
	unsigned int columns, rows;
};

/*
 * Find the size of the terminal that a descriptor refers to. The variables COLUMNS and LINES
 * come first, as for other programs. Returns the size.
 */
struct terminal terminal_size(int fd);

/* Return whether a descriptor is a terminal whose lines can be colored and overwritten. */
bool terminal_is_capable(int fd);

#endif /* SLUBNODE_TERMINAL_H */
