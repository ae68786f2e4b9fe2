// SPDX-License-Identifier: GPL-2.0-only
/*
 * For the static binary: it loads nothing at run time. libdw would, where it looks
 * for debug information on servers, and the linker warns of that: --wrap=dlopen.
 */
#include <stddef.h>

void *__wrap_dlopen(const char *file, int mode);

void *__wrap_dlopen(const char *file __attribute__((unused)), int mode __attribute__((unused)))
{
	return NULL;
}
