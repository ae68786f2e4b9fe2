// SPDX-License-Identifier: GPL-2.0-only
#include "base/read_line.h"
#include "kernel/switches.h"

static bool is_off(const char *path)
{
	char value[8];

	read_line(path, value, sizeof(value));
	return *value == '0';
}

bool ftrace_is_off(void)
{
	return is_off("/proc/sys/kernel/ftrace_enabled");
}

bool kprobes_are_off(void)
{
	return is_off("/sys/kernel/debug/kprobes/enabled");
}
