/* SPDX-License-Identifier: GPL-2.0-only */
/* The size of the terminal on which an output is shown. */
#ifndef SLUBNODE_TERMINAL_H
#define SLUBNODE_TERMINAL_H

#define TERMINAL_COLUMNS 80 /* of an output that is no terminal */

struct terminal {
	unsigned int columns;
	unsigned int rows; /* 0: no limit */
};

/*
 * Find the size of the terminal that a descriptor refers to. The variables COLUMNS and LINES
 * come first, as for other programs. Returns the size.
 */
struct terminal terminal_size(int fd);

#endif /* SLUBNODE_TERMINAL_H */
