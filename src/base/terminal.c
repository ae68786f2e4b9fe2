// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "base/terminal.h"

#define LEAST_COLUMNS 20
#define MOST          100000

/* Read a size from the environment. Returns 0 if there is none. */
static unsigned int variable(const char *name)
{
	const char *text = getenv(name);
	char *end;
	unsigned long value;

	if (!text || *text < '0' || *text > '9')
		return 0;
	value = strtoul(text, &end, 10);
	return *end || value > MOST ? 0 : value;
}

struct terminal terminal_size(int fd)
{
	struct terminal t = { variable("COLUMNS"), variable("LINES") };
	struct winsize size = {};

	ioctl(fd, TIOCGWINSZ, &size);
	if (!t.columns)
		t.columns = size.ws_col;
	if (!t.rows)
		t.rows = size.ws_row;
	if (t.columns && t.columns < LEAST_COLUMNS)
		t.columns = LEAST_COLUMNS;
	return t;
}

bool terminal_is_capable(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && term && *term && strcmp(term, "dumb") != 0;
}
