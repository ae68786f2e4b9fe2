// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/duration.h"

#define LONGEST_S 1e9

static const struct {
	const char *name;
	double seconds;
} units[] = {
	{ "", 1 }, { "ms", 1e-3 }, { "s", 1 }, { "m", 60 }, { "h", 3600 },
};

int duration_parse(const char *text, bool unit_required, double *seconds)
{
	/* strtod() also accepts signs, spaces, exponents, hexadecimal numbers and "nan". */
	size_t len = strspn(text, "0123456789.");
	char *end;
	double number = strtod(text, &end);

	if (end != text + len || end == text || (unit_required && !*end))
		return -EINVAL;
	for (unsigned int i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strcmp(end, units[i].name))
			continue;
		*seconds = number * units[i].seconds;
		return *seconds > 0 && *seconds <= LONGEST_S ? 0 : -EINVAL;
	}
	return -EINVAL;
}
