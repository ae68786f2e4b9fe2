/* SPDX-License-Identifier: GPL-2.0-only */
/* Lengths of time: "90", "90s", "5m", "1h", "250ms", "0.5". */
#ifndef SLUBNODE_DURATION_H
#define SLUBNODE_DURATION_H

#include <stdbool.h>

/*
 * Parse a length of time above 0, in seconds. A number without a unit is seconds, unless a unit is
 * required. Returns 0 or -EINVAL.
 */
int duration_parse(const char *text, bool unit_required, double *seconds);

#endif /* SLUBNODE_DURATION_H */
