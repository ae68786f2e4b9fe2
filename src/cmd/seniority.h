/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is older than what, by sysfs: kernfs numbers its entries in the order of
 * their creation (fs/kernfs/dir.c: __kernfs_new_node(), idr_alloc_cyclic() with
 * a generation above it), and the number is the inode's (kernfs_ino()).
 */
#ifndef SLUBNODE_SENIORITY_H
#define SLUBNODE_SENIORITY_H

#include <linux/types.h>

/* When a cache was created (/sys/kernel/slab/NAME, links followed); 0: not known. */
__u64 seniority_of_cache(const char *name);

/*
 * The entry of /sys/firmware/memmap for the memory at address 0, which is never
 * hot-added: made at boot, after the directories of the caches that are there
 * then (mm/slub.c: slab_sysfs_init(), drivers/firmware/memmap.c: late_initcall
 * both). A cache with a smaller number is older than whatever happened to memory
 * since. 0: not known.
 */
__u64 seniority_of_boot(void);

#endif /* SLUBNODE_SENIORITY_H */
