/* SPDX-License-Identifier: GPL-2.0-only */
/* Switches of the kernel that leave programs attached and do not run them. */
#ifndef SLUBNODE_SWITCHES_H
#define SLUBNODE_SWITCHES_H

#include <stdbool.h>

/* Return whether kernel.ftrace_enabled is 0; false if it cannot be read. */
bool ftrace_is_off(void);

/* Return whether /sys/kernel/debug/kprobes/enabled is 0; false if it cannot be read. */
bool kprobes_are_off(void);

#endif /* SLUBNODE_SWITCHES_H */
