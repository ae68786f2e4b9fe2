/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLUBNODE_TTY_H
#define SLUBNODE_TTY_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Return whether a descriptor is a terminal whose lines can be colored and overwritten. */
static inline bool tty_is_capable(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && term && *term && strcmp(term, "dumb") != 0;
}

#endif /* SLUBNODE_TTY_H */
