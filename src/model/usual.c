// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "model/usual.h"

#define PATTERNS 32 /* that are counted; the usual one is among the first in practice */

struct pattern {
	struct ledger_counts counts;
	__u64 caches;
};

struct patterns {
	struct pattern list[PATTERNS];
	unsigned int count;
	__u64 caches;
};

static bool same_counts(const struct ledger_counts *a, const struct ledger_counts *b)
{
	return a->allocated == b->allocated && a->freed == b->freed && a->retained == b->retained &&
	       a->reused == b->reused && a->leaked == b->leaked && a->late == b->late &&
	       a->same_address == b->same_address && a->dangling == b->dangling &&
	       a->missing == b->missing && a->retained_now == b->retained_now;
}

static int count_pattern(void *arg, const struct ledger_cache *c)
{
	struct patterns *all = arg;
	unsigned int i = 0;

	all->caches++;
	while (i < all->count && !same_counts(&all->list[i].counts, &c->counts))
		i++;
	if (i == PATTERNS)
		return 0;
	if (i == all->count)
		all->list[all->count++].counts = c->counts;
	all->list[i].caches++;
	return 0;
}

void usual_find(struct usual *u, struct ledger *l)
{
	struct patterns all = {};

	ledger_each_cache(l, count_pattern, &all);
	memset(u, 0, sizeof(*u));
	for (unsigned int i = 0; i < all.count; i++) {
		if (all.list[i].caches <= u->caches)
			continue;
		u->counts = all.list[i].counts;
		u->caches = all.list[i].caches;
	}
	u->others = all.caches - u->caches;
}

bool usual_differs(const struct usual *u, const struct ledger_cache *c)
{
	return !same_counts(&u->counts, &c->counts);
}
