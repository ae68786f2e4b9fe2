/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel functions that are known by name: what an access or a stack frame in them means. */
#ifndef SLUBNODE_NAMES_H
#define SLUBNODE_NAMES_H

enum name_flag {
	/* The function reads arbitrary memory and follows no pointer of SLUB's. */
	NAME_DEBUGGER = 1 << 0,
	/* Its callees read memory for a debugger: tested against each frame of a stack. */
	NAME_DEBUGGER_CALLER = 1 << 1,
	/* It moves or checks free objects, so it uses the free-list word of a freed structure. */
	NAME_FREE_LIST = 1 << 2,
	/* A BPF program, a trampoline, or code that runs them: not part of what is traced. */
	NAME_TRACING = 1 << 3,
};

/*
 * Classify a function by its name and its module ("" for the kernel itself).
 * Returns a combination of enum name_flag; 0 if the function is in no list.
 */
unsigned int names_of_function(const char *function, const char *module);

#endif /* SLUBNODE_NAMES_H */
