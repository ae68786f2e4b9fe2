// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/read_line.h"

int read_line(const char *file, char *text, int room)
{
	FILE *f = fopen(file, "re");
	int err = !f ? -errno : fgets(text, room, f) ? 0 : -EIO;

	if (err)
		*text = 0;
	text[strcspn(text, "\n")] = 0;
	if (f)
		fclose(f);
	return err;
}
