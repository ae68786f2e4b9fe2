// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include "base/clock.h"
#include "base/msg.h"
#include "model/knode_layout.h"
#include "trace/walk.h"
#include "trace/tracer.h"

#define STEADY_TRIES 10

struct snapshots {
	const char *btf_file;
	const struct node_set *slabs_of;
	struct tracer *tracer;
	struct snapshot *into; /* filled by the walk in progress */
};

/* Return the array with room for one more element, or NULL. */
static void *snapshot_grow(void *array, size_t count, size_t size)
{
	if (count & (count - 1))
		return array;
	return realloc(array, (count ? 2 * count : 1) * size);
}

static int snapshot_add_cache(struct snapshot *into, const struct cache_record *e)
{
	struct snapshot_cache *c = snapshot_grow(into->caches, into->cache_count, sizeof(*c));

	if (!c)
		return -ENOMEM;
	into->caches = c;
	c += into->cache_count++;
	*c = (struct snapshot_cache){
		.address = e->cache,
		.size = e->size,
		.object_size = e->object_size,
		.slab_bytes = e->slab_bytes,
		.sheaf_capacity = e->sheaf_capacity,
	};
	memcpy(c->name, e->name, sizeof(c->name));
	c->name[sizeof(c->name) - 1] = 0;
	return 0;
}

static int snapshot_add_structure(struct snapshot *into, const struct structure_record *e)
{
	struct snapshot_structure *s = into->structures;

	if ((!e->address && !e->barn) || !into->cache_count)
		return 0;
	s = snapshot_grow(s, into->structure_count, sizeof(*s));
	if (!s)
		return -ENOMEM;
	into->structures = s;
	into->allocated_count += e->address != 0;
	s[into->structure_count++] = (struct snapshot_structure){
		.address = e->address,
		.barn = e->barn,
		.sheaves = e->sheaves,
		.cache = into->cache_count - 1, /* the record before was its cache's */
		.nid = e->nid,
		.home = e->home,
	};
	return 0;
}

/* Begin a walk again: the one before was incomplete. */
static void walk_begins(struct snapshot *into, const struct walk_record *w)
{
	if (w->reason == WALK_SLABS) {
		slab_list_drop(&into->slabs, w->nid);
		return;
	}
	into->cache_count = 0;
	into->structure_count = 0;
	into->allocated_count = 0;
}

static int walk_on_record(void *context, const struct record *r)
{
	const struct walk_record *w = (const void *)r;
	struct snapshots *s = context;

	if (!s->into || !r)
		return 0;
	switch (r->type) {
	case RECORD_WALK:
		if (w->phase == PHASE_BEGIN)
			walk_begins(s->into, w);
		return 0;
	case RECORD_CACHE: return snapshot_add_cache(s->into, (const void *)r);
	case RECORD_STRUCTURE: return snapshot_add_structure(s->into, (const void *)r);
	case RECORD_SLABS: return slab_list_feed(&s->into->slabs, (const void *)r);
	}
	return 0;
}

static int walk_load(struct snapshots *s)
{
	struct tracer_options options = {
		.btf_file = s->btf_file,
		.attach = ATTACH_NOTHING,
		.walk_only = true,
		.slabs = s->slabs_of,
		.record = walk_on_record,
		.context = s,
	};

	return tracer_open(&s->tracer, &options);
}

int snapshots_open(struct snapshots **snapshots, const char *btf_file,
		   const struct node_set *slabs_of)
{
	struct snapshots *s = calloc(1, sizeof(*s));
	int err;

	if (!s) {
		msg_error("out of memory");
		return -ENOMEM;
	}
	s->btf_file = btf_file;
	s->slabs_of = slabs_of;
	err = walk_load(s);
	if (err) {
		snapshots_close(s);
		return err;
	}
	*snapshots = s;
	return 0;
}

void snapshots_close(struct snapshots *s)
{
	if (!s)
		return;
	tracer_close(s->tracer);
	free(s);
}

/* Report that the nodes cannot be read. Returns the error. */
static int cannot_read_nodes(int err)
{
	msg_error("cannot read /sys/devices/system/node: %s", strerror(-err));
	return err;
}

static int read_nodes(const struct snapshots *s, struct snapshot *into)
{
	bool cpus = tracer_types(s->tracer)->per_node_barns;
	int err;

	err = node_set_read(&into->possible, "possible")
		      ?: node_set_read(&into->any_memory, "has_memory")
		      ?: node_set_read(&into->memory, tracer_memory_that_counts(s->tracer))
		      ?: (cpus ? node_set_read(&into->barns_used, "has_cpu") : 0);
	return err ? cannot_read_nodes(err) : 0;
}

/* Walk for the slabs of the nodes that are asked for and have memory. */
static int walk_slabs(struct snapshots *s, struct snapshot *into, const struct node_set *memory)
{
	int err = 0;

	memset(&into->slabs_of, 0, sizeof(into->slabs_of));
	slab_list_drop(&into->slabs, -1);
	for (int nid = 0; s->slabs_of && nid < MAX_NODES && !err; nid++) {
		into->slabs_of.has[nid] = s->slabs_of->has[nid] && memory->has[nid];
		if (into->slabs_of.has[nid])
			err = tracer_walk_slabs(s->tracer, nid);
	}
	return err;
}

static int snapshot_walk(struct snapshots *s, struct snapshot *into, const struct node_set *memory)
{
	unsigned int visited;
	int err;

	s->into = into;
	err = tracer_walk(s->tracer, WALK_VERIFY, &visited);
	into->walk_ns = tracer_walk_ns(s->tracer);
	if (!err)
		err = walk_slabs(s, into, memory);
	s->into = NULL;
	if (err == -EAGAIN)
		msg_error("cannot walk all caches: they change too fast");
	else if (err)
		msg_error("cannot walk the caches: %s", strerror(-err));
	return err;
}

/* Walk the caches. Returns 0 or a negative errno; -EAGAIN, too, if a record was lost. */
static int walk_whole(struct snapshots *s, struct snapshot *into, const struct node_set *memory)
{
	__u64 dropped = tracer_dropped(s->tracer);
	int err = snapshot_walk(s, into, memory);

	if (err || tracer_dropped(s->tracer) == dropped)
		return err;
	msg_error("cannot walk all caches: records were lost");
	return -EAGAIN;
}

static int snapshot_by_address(const void *a, const void *b)
{
	const struct snapshot_cache *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

/*
 * Return true if a cache is in the snapshot twice. A cache that is destroyed, and whose address is
 * allocated again at once for a new one, leads a walk back to the head of the list.
 */
static bool went_round(const struct snapshot *s)
{
	struct snapshot_cache *sorted = calloc(s->cache_count + 1, sizeof(*sorted));
	bool twice = false;

	if (!sorted)
		return true;
	if (s->cache_count)
		memcpy(sorted, s->caches, s->cache_count * sizeof(*sorted));
	qsort(sorted, s->cache_count, sizeof(*sorted), snapshot_by_address);
	for (size_t i = 1; i < s->cache_count; i++)
		twice |= sorted[i].address == sorted[i - 1].address;
	free(sorted);
	return twice;
}

/*
 * Walk until the nodes' states are the same before and after, so that they belong to the
 * walk. Returns 0 or a negative errno.
 */
static int walk_steady(struct snapshots *s, struct snapshot *into)
{
	struct node_set before;
	int err;

	for (unsigned int try = 0; try < STEADY_TRIES; try++) {
		err = node_set_read(&before, tracer_memory_that_counts(s->tracer));
		if (err)
			return cannot_read_nodes(err);
		err = walk_whole(s, into, &before) ?: read_nodes(s, into);
		if (err)
			return err;
		if (!memcmp(&before, &into->memory, sizeof(before)) && !went_round(into))
			return 0;
	}
	msg_error("cannot walk all caches: nodes or caches change during each walk");
	return -EAGAIN;
}

int snapshot_take(struct snapshots *s, struct snapshot *into)
{
	const struct kernel_types *types;
	struct knode_layout layout;
	__u64 wall_ns = clock_ns(CLOCK_REALTIME);
	struct utsname name = {};
	int err;

	memset(into, 0, sizeof(*into));
	err = walk_steady(s, into);
	if (err) {
		snapshot_free(into);
		return err;
	}
	types = tracer_types(s->tracer);
	uname(&name);
	snprintf(into->kernel, sizeof(into->kernel), "%s", name.release);
	/*
	 * Since Linux 6.17 a new cache gets a structure for a node that lost its
	 * memory, too: the node notifier keeps the node's bit in slab_nodes.
	 */
	into->late_possible = types->node_notifier;
	tracer_layout(s->tracer, &layout);
	into->slabs_counted = knode_counts_slabs(&layout);
	into->wall_ns = wall_ns;
	into->walk = tracer_walk_way(s->tracer);
	into->hidden = tracer_plan(s->tracer)->hidden;
	into->node_bytes = types->node_bytes;
	into->barn_bytes = types->barn_bytes;
	into->sheaf_bytes = types->sheaf_bytes;
	into->pgdat_bytes = types->pgdat_bytes;
	return 0;
}

void snapshot_free(struct snapshot *snapshot)
{
	free(snapshot->caches);
	free(snapshot->structures);
	slab_list_free(&snapshot->slabs);
	memset(snapshot, 0, sizeof(*snapshot));
}
