// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include "model/freed_set.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct member {
	__u64 address;
	__u64 freed_ns;
	UT_hash_handle hh; /* in freed_set.members by address */
};

struct freed_set {
	struct member *members;
};

struct freed_set *freed_set_new(void)
{
	return calloc(1, sizeof(struct freed_set));
}

void freed_set_free(struct freed_set *set)
{
	struct member *m, *next;

	if (!set)
		return;
	HASH_ITER (hh, set->members, m, next) {
		HASH_DEL(set->members, m);
		free(m);
	}
	free(set);
}

static struct member *member_find(const struct freed_set *set, __u64 address)
{
	struct member *m;

	HASH_FIND(hh, set->members, &address, sizeof(address), m);
	return m;
}

static int member_add(struct freed_set *set, const struct freed *freed)
{
	struct member *m = member_find(set, freed->address);

	if (m) {
		m->freed_ns = freed->freed_ns;
		return 0;
	}
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->address = freed->address;
	m->freed_ns = freed->freed_ns;
	HASH_ADD(hh, set->members, address, sizeof(m->address), m);
	if (!m->hh.tbl) {
		free(m);
		return -ENOMEM;
	}
	return 0;
}

int freed_set_feed(struct freed_set *set, const struct freed_record *r)
{
	struct member *m;

	if (r->present)
		return member_add(set, &r->freed);
	m = member_find(set, r->freed.address);
	/* The address may have been freed again before this record came. */
	if (m && m->freed_ns == r->freed.freed_ns) {
		HASH_DEL(set->members, m);
		free(m);
	}
	return 0;
}

bool freed_set_has(const struct freed_set *set, const struct freed *freed)
{
	const struct member *m = member_find(set, freed->address);

	return m && m->freed_ns == freed->freed_ns;
}
