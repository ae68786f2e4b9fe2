// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/digest.h"
#include "model/ledger_digest.h"
#include "model/ledger_observed.h"

/* The digest of what the ledger knows. */
struct digest {
	__u64 sum;
	__u32 caches, structures;
};

static void digest_add_ptrs(struct digest *d, const struct cache *c)
{
	for (int nid = 0; nid < c->nr_ptrs; nid++) {
		const struct node_ptr *p = c->ptrs[nid];

		if (!p || !p->address)
			continue;
		d->structures++;
		d->sum += digest_node_ptr(c->address, nid, p->address, p->barn);
	}
}

static void digest_add_cache(struct digest *d, const struct cache *c)
{
	__u64 name[DIGEST_WORDS] = {};

	memcpy(name, c->name, strnlen(c->name, sizeof(name) - 1));
	d->caches++;
	d->sum += digest_cache(c->address, name);
	digest_add_ptrs(d, c);
}

/* Compute the digest. Returns false if a cache may be on the kernel's list or not. */
static bool digest_make(const struct ledger *l, struct digest *d)
{
	for (const struct cache *c = l->caches; c; c = c->hh.next) {
		if (c->state == CACHE_SHUTDOWN || c->state == CACHE_RELEASE)
			return false;
		if (c->state == CACHE_ALIVE)
			digest_add_cache(d, c);
	}
	return true;
}

bool digest_agrees(const struct ledger *l, const struct walk_record *e)
{
	struct digest d = {};

	if (l->lossy || e->unusual || !digest_make(l, &d))
		return false;
	return d.caches == e->caches && d.structures == e->structures && d.sum == e->digest;
}

__u64 ledger_digest(const struct ledger *l)
{
	struct digest d = {};

	return digest_make(l, &d) ? d.sum : 0;
}

void digest_confirm(struct ledger *l, const struct walk *w)
{
	const struct structure_record allocated = { .walk = w->id, .state = OBJECT_ALLOCATED };

	for (struct cache *c = l->caches; c; c = c->hh.next) {
		/* The walk may have seen a cache that was at this address before. */
		if (c->state != CACHE_ALIVE || c->incarnation > w->seq)
			continue;
		c->seen_walk = w->id;
		c->missed = false;
		for (int nid = 0; nid < c->nr_ptrs; nid++)
			if (c->ptrs[nid] && c->ptrs[nid]->address)
				observed_state(c->ptrs[nid], &allocated);
	}
}
