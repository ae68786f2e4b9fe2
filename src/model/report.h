/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a snapshot means: per node and per cache, how many structures, how many
 * bytes, and where they sit. Pure: no kernel, no clock, no file.
 */
#ifndef SLUBNODE_REPORT_H
#define SLUBNODE_REPORT_H

#include "base/filter.h"
#include "trace/walk.h"

enum report_sort { SORT_CHARGED, SORT_REQUESTED, SORT_STRUCTURES, SORT_NAME };

struct report_options {
	const struct filter *filter;
	bool all; /* nodes with memory too; else only those without */
	enum report_sort sort;
	unsigned int top; /* caches; 0: all */
};

/* Bytes of node structures, of their barns, and of the sheaves in those. */
struct report_counts {
	__u64 structures, barns, sheaves;
	__u64 requested; /* bytes: sizeof, by BTF */
	__u64 charged;   /* bytes: the slots that they take */
	/*
	 * Structures that came between two samples in both of which the node
	 * had no memory, and are still there. -1: there is but one sample.
	 */
	__s64 late;
	/* No more than these can be: the others' caches are older than the removal. */
	__u64 late_at_most;
};

struct report_node {
	int nid;
	bool has_memory;   /* that counts for structures */
	bool movable_only; /* has memory, but none that counts */
	struct report_counts counts;
	/*
	 * Pages of kmem_cache_node's slabs that hold structures of this node
	 * and nothing else, while it has no memory.
	 */
	__u64 pinned_pages;
	__u64 *homes;   /* structures by home, report.homes of them */
	__u64 homeless; /* the home is not known */
};

struct report_cache {
	const struct snapshot_cache *cache;
	struct node_set nodes;
	struct report_counts counts;
};

struct report {
	const struct snapshot *snapshot;
	struct report_node *nodes;   /* those asked for, by nid */
	struct report_cache *caches; /* those with structures there, sorted */
	size_t node_count, cache_count;
	size_t caches_hidden; /* by `top' */
	unsigned int homes;   /* one more than the largest home */
	struct report_counts total;
	/* Also of slabs that several nodes without memory share. */
	__u64 pinned_pages;
};

/*
 * `before': the sample before this one, which was made into a report too, or
 * NULL. Notes in the snapshot what is late. 0 or -ENOMEM.
 */
int report_make(struct report *r, struct snapshot *s, const struct snapshot *before,
		const struct report_options *options);
void report_free(struct report *r);

#endif /* SLUBNODE_REPORT_H */
