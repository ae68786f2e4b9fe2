/* SPDX-License-Identifier: GPL-2.0-only */
/* The slabs of the cache kmem_cache_node: is an object allocated or free? */
#ifndef SLUBNODE_SLAB_BPF_H
#define SLUBNODE_SLAB_BPF_H

#include "bpf/record.bpf.h"

#define SLAB_SCANS 64 /* looks in progress at most; a power of two */

#define SLAB_OBJECTS 1024 /* of a slab, at most: order 4, 64 bytes each; order 3 is usual */

/*
 * Bitmaps of free objects are used again only while this has the same value. Functions
 * that change many objects, and walks, increment it: see slab_looks in slab.bpf.c.
 */
extern __u64 look_epoch;

/* The counts by LOOK_COUNT; a walk over all caches begins with 0. */
extern __u64 objects_in_use;  /* in the slabs that were counted */
extern __u32 uncounted_slabs; /* whose objects could not be counted */
extern __u32 slab_counts;     /* counts begun, one in each walk over all caches */

enum look_flags {
	LOOK_COUNT = 1,  /* count the objects in use of the slab, unless it was counted */
	LOOK_ANYWAY = 2, /* even if the layout is not known to be understood */
	LOOK_KEEP = 4,   /* look anew, and keep the look until the end of the walk */
};

/*
 * Global functions, which the verifier checks once for all callers. Their
 * arguments are scalars, because the verifier of Linux 5.10 accepts no others.
 */
int object_state(__u64 address, __u32 flags);
int on_slab(__u64 address);
int begin_kept_slabs(void);
int kept_state(__u64 address);
__u32 changed_kept_slabs(void);
int push_slab_scan(__u32 index);

/* Look at a structure. Returns its enum object_state, never OBJECT_NONE. */
static __always_inline __u32 structure_state(__u64 address)
{
	return object_state(address, 0);
}

#endif /* SLUBNODE_SLAB_BPF_H */
