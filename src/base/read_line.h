/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of one line, as those of /proc and /sys. */
#ifndef SLUBNODE_READ_LINE_H
#define SLUBNODE_READ_LINE_H

/*
 * Read the first line of a file, without its newline, and cut it where `room' ends. Returns 0, or a
 * negative errno; the text is "" then.
 */
int read_line(const char *file, char *text, int room);

#endif /* SLUBNODE_READ_LINE_H */
