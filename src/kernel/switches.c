// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include "kernel/switches.h"

static bool is_off(const char *path)
{
	FILE *file = fopen(path, "re");
	bool off;

	if (!file)
		return false;
	off = fgetc(file) == '0';
	fclose(file);
	return off;
}

bool ftrace_is_off(void)
{
	return is_off("/proc/sys/kernel/ftrace_enabled");
}

bool kprobes_are_off(void)
{
	return is_off("/sys/kernel/debug/kprobes/enabled");
}
