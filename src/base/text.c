// SPDX-License-Identifier: GPL-2.0-only
#include "output/trace_view.h"

const char *escape_text(char *to, size_t room, const char *from)
{
	size_t at = 0;

	for (; *from && at + 5 <= room; from++) {
		unsigned char c = *from;

		if (c >= ' ' && c < 0x7f)
			to[at++] = c;
		else
			at += snprintf(to + at, room - at, "\\x%02x", c);
	}
	to[at] = 0;
	return to;
}
