/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A report: the structures of a snapshot and their bytes, by node and by cache,
 * and the nodes on whose memory they lie.
 */
#ifndef SLUBNODE_REPORT_H
#define SLUBNODE_REPORT_H

#include "base/filter.h"
#include "model/report_answer.h"
#include "model/snapshot.h"

enum report_sort { SORT_CHARGED, SORT_REQUESTED, SORT_STRUCTURES, SORT_NAME };

struct report_options {
	const struct filter *filter;
	bool all;      /* nodes with memory too */
	bool by_cache; /* the caches are shown */
	enum report_sort sort;
	unsigned int top; /* caches at most; 0: all */
};

/* Node structures, their barns, and the sheaves in those. */
struct report_counts {
	__u64 structures, barns, sheaves;
	__u64 held;         /* structures whose node has no memory */
	__u64 barns_in_use; /* barns of a node without memory that its CPUs use; not in the others */
	__u64 requested;    /* bytes: sizeof, by BTF */
	__u64 charged;      /* bytes: the objects that they occupy in their slabs */
	__s64 late;         /* structures allocated while their node had no memory; -1: not known */
};

struct report_node {
	int nid;
	bool has_memory;   /* that counts for structures */
	bool movable_only; /* has memory, but none that counts */
	struct report_counts counts;
	__u64 pinned_pages; /* of slabs in which only held structures of this node are left */
	__u64 *homes;       /* structures by the node on whose memory they lie */
	unsigned int home_count;
	__u64 unknown_home; /* structures of which that node is not known */
};

struct report_cache {
	const struct snapshot_cache *cache;
	struct node_set nodes;
	struct report_counts counts;
};

struct report {
	const struct snapshot *snapshot;
	bool by_cache;
	struct report_node *nodes;   /* those that pass the filter, by nid */
	struct report_cache *caches; /* those that have structures there, sorted */
	size_t node_count, cache_count;
	size_t caches_hidden;    /* by `top' */
	struct slab_list slabs;  /* on the nodes snapshot->slabs_of */
	size_t caches_holding;   /* caches that hold structures of nodes without memory, all */
	unsigned int home_count; /* the largest home plus one */
	struct report_counts total;
	__u64 pinned_pages; /* with the slabs that several nodes without memory share */
	/* Structures that caches do not have for a node with memory, by node; listed or not. */
	__u64 missing[MAX_NODES];
	__u64 missing_total;
	struct report_answer answer;
};

/*
 * Make a report of the snapshot `s', and mark its late structures. `before' is the
 * previous snapshot, of which a report was made, too; with NULL it is not known which
 * structures are late. Returns 0 or -ENOMEM.
 */
int report_make(struct report *r, struct snapshot *s, const struct snapshot *before,
		const struct report_options *options);
void report_free(struct report *r);

#endif /* SLUBNODE_REPORT_H */
