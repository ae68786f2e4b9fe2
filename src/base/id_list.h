/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of ids as sysfs prints them: "0-3,8". */
#ifndef SLUBNODE_ID_LIST_H
#define SLUBNODE_ID_LIST_H

/*
 * Parse a list of ids below `room'; has[id] becomes 1 for each id of the list and 0 for all
 * others. Returns 0 or -EINVAL.
 */
int id_list_parse(const char *list, unsigned char *has, unsigned int room);

/* Read the list in the first line of a file. Returns 0 or a negative errno. */
int id_list_read(const char *path, unsigned char *has, unsigned int room);

#endif /* SLUBNODE_ID_LIST_H */
