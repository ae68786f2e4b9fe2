// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernel/symbols.h"

/*
 * gcc and clang rename what they specialise (.isra.N, .constprop.N, .part.N,
 * .llvm.HASH); the allocation profiling of 6.10 appends _noprof. A .cold part
 * is not the function.
 */
static bool suffix_accepted(const char *suffix)
{
	static const char *const accepted[] = { ".isra.", ".constprop.", ".llvm.", "_noprof" };

	for (size_t i = 0; i < sizeof(accepted) / sizeof(*accepted); i++)
		if (!strncmp(suffix, accepted[i], strlen(accepted[i])) && !strstr(suffix, ".cold"))
			return true;
	return false;
}

static void match(struct symbol *s, const char *name, __u64 address)
{
	size_t len;

	/* Most of the kernel's symbols differ at once. */
	if (name[0] != s->want[0] || name[1] != s->want[1])
		return;
	len = strlen(s->want);
	if (strncmp(name, s->want, len))
		return;
	if (name[len] && (s->found || !s->function || !suffix_accepted(name + len)))
		return;
	s->found = true;
	s->address = address;
	snprintf(s->name, sizeof(s->name), "%s", name);
}

int symbols_find(struct symbol *symbols, unsigned int count, bool *hidden)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	__u64 any = 0;
	char *line = NULL;
	size_t room = 0;

	if (!file)
		return -errno;
	while (getline(&line, &room, file) > 0) {
		char *rest, *name;
		__u64 address = strtoull(line, &rest, 16);

		any |= address;
		if (rest[0] != ' ' || !rest[1] || rest[2] != ' ')
			continue;
		name = rest + 3;
		name[strcspn(name, "\t\n")] = 0;
		for (unsigned int i = 0; i < count; i++)
			match(&symbols[i], name, address);
	}
	free(line);
	fclose(file);
	*hidden = !any;
	return 0;
}
