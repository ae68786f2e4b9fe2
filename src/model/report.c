// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model/kmalloc.h"
#include "model/report.h"

#define PAGE 4096

/* What the parts take, by cache where that matters. */
struct prices {
	struct kmalloc kmalloc;
	__u64 node_charged, barn_charged;
	__u32 knode_slab; /* bytes of a slab of kmem_cache_node */
};

static struct prices learn_prices(const struct snapshot *s)
{
	struct prices p = { .knode_slab = PAGE };

	for (size_t i = 0; i < s->cache_count; i++) {
		const struct snapshot_cache *c = &s->caches[i];

		kmalloc_learn(&p.kmalloc, c->name, c->object_size, c->size);
		if (strcmp(c->name, "kmem_cache_node"))
			continue;
		p.node_charged = c->size;
		p.knode_slab = c->slab_bytes;
	}
	p.barn_charged = kmalloc_charged(&p.kmalloc, s->barn_bytes);
	return p;
}

/* mm/slub.c: __alloc_empty_sheaf(), struct_size(sheaf, objects, capacity) */
static __u64 sheaf_size(const struct snapshot *s, const struct snapshot_cache *c)
{
	return s->sheaf_bytes + c->sheaf_capacity * 8ULL;
}

static void count(struct report_counts *to, const struct snapshot *s, const struct prices *p,
		  const struct snapshot_structure *n)
{
	__u64 sheaf = sheaf_size(s, &s->caches[n->cache]);

	if (n->address) {
		to->structures++;
		to->requested += s->node_bytes;
		to->charged += p->node_charged;
	}
	to->requested += n->sheaves * sheaf;
	to->charged += n->sheaves * kmalloc_charged(&p->kmalloc, sheaf);
	to->sheaves += n->sheaves;
	if (!n->barn)
		return;
	to->barns++;
	to->requested += s->barn_bytes;
	to->charged += p->barn_charged;
}

static bool wanted(const struct snapshot *s, const struct report_options *o,
		   const struct snapshot_structure *n)
{
	return n->nid >= 0 && n->nid < MAX_NODES && (o->all || !s->memory.has[n->nid]) &&
	       filter_wants(o->filter, s->caches[n->cache].name, n->nid);
}

/* It cannot be shown that its cache was there before the memory went. */
static bool may_be_late(const struct snapshot *s, const struct snapshot_structure *n)
{
	__u64 seniority = s->caches[n->cache].seniority;

	return s->late_possible && n->address && !s->memory.has[n->nid] &&
	       (!seniority || seniority >= s->boot);
}

static int by_address(const void *a, const void *b)
{
	const struct snapshot_structure *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

/* The structures of the sample before, sorted. NULL: out of memory. */
static struct snapshot_structure *sorted_of(const struct snapshot *s)
{
	struct snapshot_structure *sorted = calloc(s->structure_count + 1, sizeof(*sorted));

	if (!sorted || !s->structure_count)
		return sorted;
	memcpy(sorted, s->structures, s->structure_count * sizeof(*sorted));
	qsort(sorted, s->structure_count, sizeof(*sorted), by_address);
	return sorted;
}

/*
 * Its node had no memory in either sample, and the one before lacked it, or
 * called it late already.
 */
static bool is_late(const struct snapshot *s, const struct snapshot *before,
		    const struct snapshot_structure *sorted, const struct snapshot_structure *n)
{
	const struct snapshot_structure *then;

	if (!before || !may_be_late(s, n) || before->memory.has[n->nid])
		return false;
	then = bsearch(n, sorted, before->structure_count, sizeof(*sorted), by_address);
	return !then || then->late;
}

static struct report_node *node_of(struct report *r, int nid)
{
	for (size_t i = 0; i < r->node_count; i++)
		if (r->nodes[i].nid == nid)
			return &r->nodes[i];
	return NULL;
}

static int make_nodes(struct report *r, const struct snapshot *s, const struct report_options *o,
		      bool lateness)
{
	for (size_t i = 0; i < s->structure_count; i++)
		if (s->structures[i].home >= (__s32)r->homes)
			r->homes = s->structures[i].home + 1;
	r->nodes = calloc(MAX_NODES, sizeof(*r->nodes));
	if (!r->nodes)
		return -ENOMEM;
	for (int nid = 0; nid < MAX_NODES; nid++) {
		struct report_node *n = &r->nodes[r->node_count];

		if (!s->possible.has[nid] || (!o->all && s->memory.has[nid]) ||
		    !filter_wants(o->filter, NULL, nid))
			continue;
		n->nid = nid;
		n->has_memory = s->memory.has[nid];
		n->movable_only = s->any_memory.has[nid] && !n->has_memory;
		n->counts.late = lateness ? 0 : -1;
		n->homes = calloc(r->homes + 1, sizeof(*n->homes));
		if (!n->homes)
			return -ENOMEM;
		r->node_count++;
	}
	return 0;
}

/* One entry a cache while counting; those without structures are taken out later. */
static int make_caches(struct report *r, const struct snapshot *s, bool lateness)
{
	r->caches = calloc(s->cache_count + 1, sizeof(*r->caches));
	if (!r->caches)
		return -ENOMEM;
	for (size_t i = 0; i < s->cache_count; i++) {
		r->caches[i].cache = &s->caches[i];
		r->caches[i].counts.late = lateness ? 0 : -1;
	}
	r->cache_count = s->cache_count;
	r->total.late = lateness ? 0 : -1;
	return 0;
}

static void count_structure(struct report *r, const struct snapshot *s, const struct prices *p,
			    const struct snapshot_structure *n)
{
	struct report_cache *c = &r->caches[n->cache];
	struct report_node *node = node_of(r, n->nid);

	if (!node)
		return;
	count(&node->counts, s, p, n);
	count(&c->counts, s, p, n);
	count(&r->total, s, p, n);
	node->counts.late += n->late;
	c->counts.late += n->late;
	r->total.late += n->late;
	if (may_be_late(s, n)) {
		node->counts.late_at_most++;
		c->counts.late_at_most++;
		r->total.late_at_most++;
	}
	c->nodes.has[n->nid] = 1;
	if (!n->address)
		return;
	if (n->home >= 0)
		node->homes[n->home]++;
	else
		node->homeless++;
}

struct placed {
	__u64 slab;
	int nid;
	bool retained;
};

static int by_slab(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	return x->slab < y->slab ? -1 : x->slab > y->slab;
}

/* One slab's structures, [first, end). */
static void pin(struct report *r, const struct placed *first, const struct placed *end, __u64 pages)
{
	struct report_node *node = node_of(r, first->nid);

	for (const struct placed *at = first; at < end; at++) {
		if (!at->retained)
			return;
		if (!node_of(r, at->nid))
			return; /* kept by one that was not asked for, too */
		if (at->nid != first->nid)
			node = NULL; /* shared by several */
	}
	r->pinned_pages += pages;
	if (node)
		node->pinned_pages += pages;
}

/*
 * A slab goes back to the page allocator when its last object is freed: one in
 * which only structures of nodes without memory are left is kept by them alone.
 * All caches count here, whatever the filter of caches.
 */
static int count_pinned(struct report *r, const struct snapshot *s, const struct prices *p)
{
	struct placed *placed = calloc(s->structure_count + 1, sizeof(*placed));
	size_t count = 0;

	if (!placed)
		return -ENOMEM;
	for (size_t i = 0; i < s->structure_count; i++) {
		const struct snapshot_structure *n = &s->structures[i];

		if (n->address)
			placed[count++] = (struct placed){
				.slab = n->address & ~(__u64)(p->knode_slab - 1),
				.nid = n->nid,
				.retained = !s->memory.has[n->nid],
			};
	}
	qsort(placed, count, sizeof(*placed), by_slab);
	for (size_t first = 0, end; first < count; first = end) {
		for (end = first + 1; end < count; end++)
			if (placed[end].slab != placed[first].slab)
				break;
		pin(r, placed + first, placed + end, p->knode_slab / PAGE);
	}
	free(placed);
	return 0;
}

static int compare_u64(__u64 a, __u64 b)
{
	return a > b ? -1 : a < b; /* the largest first */
}

static int by_key(const void *a, const void *b, void *sort)
{
	const struct report_cache *x = a, *y = b;
	int order = 0;

	switch (*(const enum report_sort *)sort) {
	case SORT_CHARGED: order = compare_u64(x->counts.charged, y->counts.charged); break;
	case SORT_REQUESTED: order = compare_u64(x->counts.requested, y->counts.requested); break;
	case SORT_STRUCTURES:
		order = compare_u64(x->counts.structures, y->counts.structures);
		break;
	case SORT_NAME: break;
	}
	if (!order)
		order = strcmp(x->cache->name, y->cache->name);
	return order ? order : compare_u64(y->cache->address, x->cache->address);
}

static void sort_caches(struct report *r, const struct report_options *o)
{
	enum report_sort sort = o->sort;
	size_t kept = 0;

	for (size_t i = 0; i < r->cache_count; i++)
		if (r->caches[i].counts.structures)
			r->caches[kept++] = r->caches[i];
	qsort_r(r->caches, kept, sizeof(*r->caches), by_key, &sort);
	r->cache_count = o->top && o->top < kept ? o->top : kept;
	r->caches_hidden = kept - r->cache_count;
}

int report_make(struct report *r, struct snapshot *s, const struct snapshot *before,
		const struct report_options *o)
{
	struct prices prices = learn_prices(s);
	struct snapshot_structure *sorted = NULL;
	int err;

	memset(r, 0, sizeof(*r));
	r->snapshot = s;
	err = make_nodes(r, s, o, before);
	if (!err)
		err = make_caches(r, s, before);
	if (!err && before && !(sorted = sorted_of(before)))
		err = -ENOMEM;
	for (size_t i = 0; !err && i < s->structure_count; i++) {
		s->structures[i].late = is_late(s, before, sorted, &s->structures[i]);
		if (wanted(s, o, &s->structures[i]))
			count_structure(r, s, &prices, &s->structures[i]);
	}
	if (!err)
		err = count_pinned(r, s, &prices);
	if (!err)
		sort_caches(r, o);
	else
		report_free(r);
	free(sorted);
	return err;
}

void report_free(struct report *r)
{
	for (size_t i = 0; r->nodes && i < r->node_count; i++)
		free(r->nodes[i].homes);
	free(r->nodes);
	free(r->caches);
	memset(r, 0, sizeof(*r));
}
