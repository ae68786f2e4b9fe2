/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel functions that are known by name, and the meaning of an access or a frame in them. */
#ifndef SLUBNODE_NAMES_H
#define SLUBNODE_NAMES_H

enum name_flag {
	/* The function reads arbitrary memory and follows no pointer of SLUB's. */
	NAME_DEBUGGER = 1 << 0,
	/* Its callees read memory for a debugger; each frame of a stack is compared with it. */
	NAME_DEBUGGER_CALLER = 1 << 1,
	/* The function moves or checks free objects, and uses their free-list words. */
	NAME_FREE_LIST = 1 << 2,
	/* A BPF program, a trampoline, or code that runs them: a part of the tracing itself. */
	NAME_TRACING = 1 << 3,
};

/*
 * Classify a function by its name and its module ("" for the kernel itself).
 * Returns a combination of enum name_flag; 0 if the function is in no list.
 */
unsigned int names_of_function(const char *function, const char *module);

#endif /* SLUBNODE_NAMES_H */
