// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model/kmalloc.h"
#include "model/report.h"

#define PAGE 4096

/* The bytes that the parts occupy. */
struct sizes {
	struct kmalloc kmalloc;
	__u64 node_charged, barn_charged;
	__u32 knode_slab; /* bytes of a slab of kmem_cache_node */
};

static struct sizes learn_sizes(const struct snapshot *s)
{
	struct sizes p = { .knode_slab = PAGE };

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

/* Return the bytes of a sheaf: struct_size() in __alloc_empty_sheaf() of mm/slub.c. */
static __u64 sheaf_size(const struct snapshot *s, const struct snapshot_cache *c)
{
	return s->sheaf_bytes + c->sheaf_capacity * 8ULL;
}

/*
 * Check whether the barn is in use although its node has no memory, because CPUs of the node put
 * sheaves into it. Nothing of it is left over. Returns true if so.
 */
static bool barn_is_in_use(const struct snapshot *s, const struct snapshot_structure *n)
{
	return n->barn && !s->memory.has[n->nid] && s->barns_used.has[n->nid];
}

static void report_count(struct report_counts *to, const struct snapshot *s, const struct sizes *p,
			 const struct snapshot_structure *n)
{
	__u64 sheaf = sheaf_size(s, &s->caches[n->cache]);

	if (n->address) {
		to->structures++;
		to->held += !s->memory.has[n->nid];
		to->late += n->late;
		to->requested += s->node_bytes;
		to->charged += p->node_charged;
	}
	if (barn_is_in_use(s, n)) {
		to->barns_in_use++;
		return;
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

static bool is_wanted(const struct snapshot *s, const struct report_options *o,
		      const struct snapshot_structure *n)
{
	return n->nid >= 0 && n->nid < MAX_NODES && (o->all || !s->memory.has[n->nid]) &&
	       filter_wants(o->filter, s->caches[n->cache].name, n->nid);
}

/* The previous snapshot, sorted by address. */
struct earlier {
	const struct snapshot *snapshot;
	struct snapshot_structure *structures;
	__u64 *caches;
};

static int report_by_address(const void *a, const void *b)
{
	const struct snapshot_structure *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

static int report_by_value(const void *a, const void *b)
{
	const __u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void earlier_free(struct earlier *e)
{
	free(e->structures);
	free(e->caches);
}

/* Sort copies of the structures and caches of a snapshot. Returns 0 or -ENOMEM. */
static int earlier_make(struct earlier *e, const struct snapshot *s)
{
	e->snapshot = s;
	e->structures = calloc(s->structure_count + 1, sizeof(*e->structures));
	e->caches = calloc(s->cache_count + 1, sizeof(*e->caches));
	if (!e->structures || !e->caches)
		return -ENOMEM;
	for (size_t i = 0; i < s->structure_count; i++)
		e->structures[i] = s->structures[i];
	for (size_t i = 0; i < s->cache_count; i++)
		e->caches[i] = s->caches[i].address;
	qsort(e->structures, s->structure_count, sizeof(*e->structures), report_by_address);
	qsort(e->caches, s->cache_count, sizeof(*e->caches), report_by_value);
	return 0;
}

/*
 * Check whether a structure is late: its cache was created between two snapshots in
 * both of which the node had no memory. An older cache gets a structure only when the
 * node comes online, so the node was online between the two snapshots. Returns true
 * if the structure is late.
 */
static bool is_late(const struct snapshot *s, const struct earlier *e,
		    const struct snapshot_structure *n)
{
	const struct snapshot_structure *then;

	if (!e->snapshot || !s->late_possible || !n->address || s->memory.has[n->nid] ||
	    e->snapshot->memory.has[n->nid])
		return false;
	if (!bsearch(&s->caches[n->cache].address, e->caches, e->snapshot->cache_count,
		     sizeof(*e->caches), report_by_value))
		return true;
	then = bsearch(n, e->structures, e->snapshot->structure_count, sizeof(*e->structures),
		       report_by_address);
	return then && then->late;
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
		if (s->structures[i].home >= (__s32)r->home_count)
			r->home_count = s->structures[i].home + 1;
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
		n->home_count = r->home_count;
		n->homes = calloc(r->home_count + 1, sizeof(*n->homes));
		if (!n->homes)
			return -ENOMEM;
		r->node_count++;
	}
	return 0;
}

/*
 * Make one entry for each cache; sort_caches() drops those without structures.
 * Returns 0 or -ENOMEM.
 */
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

static void count_structure(struct report *r, const struct snapshot *s, const struct sizes *p,
			    const struct snapshot_structure *n)
{
	struct report_cache *c = &r->caches[n->cache];
	struct report_node *node = node_of(r, n->nid);

	if (!node)
		return;
	report_count(&node->counts, s, p, n);
	report_count(&c->counts, s, p, n);
	report_count(&r->total, s, p, n);
	c->nodes.has[n->nid] = 1;
	if (!n->address)
		return;
	if (n->home >= 0)
		node->homes[n->home]++;
	else
		node->unknown_home++;
}

struct placed {
	__u64 slab;
	int nid;
	bool held;
};

static int report_by_slab(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	return x->slab < y->slab ? -1 : x->slab > y->slab;
}

/* Count the slab whose structures are [first, end) if all of them are held. */
static void report_pin(struct report *r, const struct placed *first, const struct placed *end,
		       __u64 pages)
{
	struct report_node *node = node_of(r, first->nid);

	for (const struct placed *at = first; at < end; at++) {
		if (!at->held)
			return;
		if (!node_of(r, at->nid))
			return; /* a node outside the filter keeps it, too */
		if (at->nid != first->nid)
			node = NULL; /* shared by several */
	}
	r->pinned_pages += pages;
	if (node)
		node->pinned_pages += pages;
}

/*
 * Count the pages that only held structures keep: a slab returns to the page
 * allocator when its last object is freed. The structures of all caches count, also
 * those outside the filter. Returns 0 or -ENOMEM.
 */
static int count_pinned(struct report *r, const struct snapshot *s, const struct sizes *p)
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
				.held = !s->memory.has[n->nid],
			};
	}
	qsort(placed, count, sizeof(*placed), report_by_slab);
	for (size_t first = 0, end; first < count; first = end) {
		for (end = first + 1; end < count; end++)
			if (placed[end].slab != placed[first].slab)
				break;
		report_pin(r, placed + first, placed + end, p->knode_slab / PAGE);
	}
	free(placed);
	return 0;
}

/*
 * Count the structures that are missing: each cache has one for each node with memory that counts.
 * Linux 6.18-rc created caches without.
 */
static void count_missing(struct report *r, const struct snapshot *s,
			  const struct report_options *o)
{
	for (int nid = 0; nid < MAX_NODES; nid++)
		for (size_t i = 0; s->memory.has[nid] && i < s->cache_count; i++)
			r->missing[nid] += filter_wants(o->filter, s->caches[i].name, nid);
	for (size_t i = 0; i < s->structure_count; i++) {
		const struct snapshot_structure *n = &s->structures[i];

		if (n->address && n->nid >= 0 && n->nid < MAX_NODES && s->memory.has[n->nid] &&
		    filter_wants(o->filter, s->caches[n->cache].name, n->nid))
			r->missing[n->nid]--;
	}
	for (int nid = 0; nid < MAX_NODES; nid++)
		r->missing_total += r->missing[nid];
}

static int compare_u64(__u64 a, __u64 b)
{
	return a > b ? -1 : a < b; /* the largest first */
}

static int report_by_key(const void *a, const void *b, void *sort)
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

	for (size_t i = 0; i < r->cache_count; i++) {
		r->caches_holding += r->caches[i].counts.held != 0;
		if (r->caches[i].counts.structures)
			r->caches[kept++] = r->caches[i];
	}
	qsort_r(r->caches, kept, sizeof(*r->caches), report_by_key, &sort);
	r->cache_count = o->top && o->top < kept ? o->top : kept;
	r->caches_hidden = kept - r->cache_count;
}

static void count_structures(struct report *r, struct snapshot *s, const struct earlier *e,
			     const struct report_options *o, const struct sizes *sizes)
{
	for (size_t i = 0; i < s->structure_count; i++) {
		struct snapshot_structure *n = &s->structures[i];

		if (!is_wanted(s, o, n))
			continue;
		n->late = is_late(s, e, n);
		count_structure(r, s, sizes, n);
	}
}

/* Copy the slabs that pass the filter. Returns 0 or -ENOMEM. */
static int list_slabs(struct report *r, const struct snapshot *s, const struct report_options *o)
{
	for (size_t i = 0; i < s->slabs.count; i++) {
		const struct cache_slabs *c = &s->slabs.list[i];

		if (filter_wants(o->filter, c->name, c->nid) && slab_list_add(&r->slabs, c))
			return -ENOMEM;
	}
	slab_list_sum(&r->slabs, s->slabs_counted, o->top);
	return 0;
}

int report_make(struct report *r, struct snapshot *s, const struct snapshot *before,
		const struct report_options *o)
{
	const struct sizes sizes = learn_sizes(s);
	struct earlier earlier = {};
	int err;

	memset(r, 0, sizeof(*r));
	r->snapshot = s;
	r->by_cache = o->by_cache;
	err = make_nodes(r, s, o, before);
	if (err)
		goto out;
	err = make_caches(r, s, before);
	if (err)
		goto out;
	err = before ? earlier_make(&earlier, before) : 0;
	if (err)
		goto out;
	count_structures(r, s, &earlier, o, &sizes);
	err = count_pinned(r, s, &sizes) ?: list_slabs(r, s, o);
	if (err)
		goto out;
	count_missing(r, s, o);
	sort_caches(r, o);
	report_answer_make(&r->answer, r);
out:
	earlier_free(&earlier);
	if (err)
		report_free(r);
	return err;
}

void report_free(struct report *r)
{
	for (size_t i = 0; r->nodes && i < r->node_count; i++)
		free(r->nodes[i].homes);
	free(r->nodes);
	free(r->caches);
	slab_list_free(&r->slabs);
	memset(r, 0, sizeof(*r));
}
