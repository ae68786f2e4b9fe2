// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/size.h"

/* Find the factor of a suffix. Returns 0 if it is none. */
static __u64 size_factor(const char *suffix, __u64 bare)
{
	static const char prefixes[] = "KMG";
	const char *prefix = *suffix ? strchr(prefixes, toupper((unsigned char)*suffix)) : NULL;

	if (!*suffix)
		return bare;
	if (!strcmp(suffix, "B"))
		return 1;
	/* "KB" is 1000 bytes to some readers. */
	if (!prefix || (suffix[1] && strcmp(suffix + 1, "iB")))
		return 0;
	return 1ULL << 10 * (prefix - prefixes + 1);
}

int size_parse(const char *text, __u64 bare, __u64 *bytes)
{
	char *end;
	__u64 number, factor, product;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &end, 10);
	factor = size_factor(end, bare);
	if (errno || !factor || __builtin_mul_overflow(number, factor, &product) || product >> 63)
		return -EINVAL;
	*bytes = product;
	return 0;
}
