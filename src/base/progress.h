/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A line on standard error while something takes long: "loading the BPF programs ... 3 s". It is
 * printed after a second, only to a terminal, and is erased before a message and at the end.
 */
#ifndef SLUBNODE_PROGRESS_H
#define SLUBNODE_PROGRESS_H

/* Begin. `what' is valid until the end. Without a terminal nothing happens. */
void progress_begin(const char *what);
void progress_end(void);

/* Erase the line, if there is one, because a message follows. */
void progress_erase(void);

#endif /* SLUBNODE_PROGRESS_H */
