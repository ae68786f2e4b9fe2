// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model/slabs.h"

int slab_list_add(struct slab_list *l, const struct cache_slabs *c)
{
	struct cache_slabs *more = l->list;

	if (!(l->count & (l->count - 1)))
		more = realloc(more, (l->count ? 2 * l->count : 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	l->list = more;
	l->list[l->count++] = *c;
	return 0;
}

int slab_list_feed(struct slab_list *l, const struct slabs_record *r)
{
	struct cache_slabs c = {
		.cache = r->cache,
		.slabs = -1,
		.partial = r->partial,
		.bytes = -1,
		.nid = r->nid,
		.reclaimable = r->reclaimable,
	};

	if (r->slabs != SLABS_UNKNOWN) {
		c.slabs = (__s64)r->slabs;
		c.bytes = (__s64)(r->slabs * r->slab_bytes);
	}
	memcpy(c.name, r->name, sizeof(c.name));
	return slab_list_add(l, &c);
}

void slab_list_drop(struct slab_list *l, int nid)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->count; i++)
		if (nid >= 0 && l->list[i].nid != nid)
			l->list[kept++] = l->list[i];
	l->count = kept;
}

void slab_list_free(struct slab_list *l)
{
	free(l->list);
	memset(l, 0, sizeof(*l));
}

static int slabs_by_cache(const void *a, const void *b)
{
	const struct cache_slabs *x = a, *y = b;

	return x->cache < y->cache ? -1 : x->cache > y->cache;
}

static size_t count_caches(struct slab_list *l)
{
	size_t caches = l->count != 0;

	qsort(l->list, l->count, sizeof(*l->list), slabs_by_cache);
	for (size_t i = 1; i < l->count; i++)
		caches += l->list[i].cache != l->list[i - 1].cache;
	return caches;
}

static int slabs_by_size(const void *a, const void *b)
{
	const struct cache_slabs *x = a, *y = b;
	int order;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	if (x->partial != y->partial)
		return x->partial > y->partial ? -1 : 1;
	order = strcmp(x->name, y->name);
	return order ? order : x->nid - y->nid;
}

void slab_list_sum(struct slab_list *l, bool counted, size_t top)
{
	l->slabs = l->bytes = l->reclaimable_bytes = counted ? 0 : -1;
	l->partial = 0;
	l->caches = l->count ? count_caches(l) : 0;
	for (size_t i = 0; i < l->count; i++) {
		const struct cache_slabs *c = &l->list[i];

		l->partial += c->partial;
		if (!counted)
			continue;
		l->slabs += c->slabs;
		l->bytes += c->bytes;
		l->reclaimable_bytes += c->reclaimable ? c->bytes : 0;
	}
	if (l->count)
		qsort(l->list, l->count, sizeof(*l->list), slabs_by_size);
	l->shown = top && top < l->count ? top : l->count;
}
