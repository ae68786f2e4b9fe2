// SPDX-License-Identifier: GPL-2.0-only
/*
 * Snapshots: a walk over all caches and nodes when the front end asks for one,
 * by the kernel's iterator where there is one (since 6.13), else along
 * slab_caches. Neither needs that anything was traced before.
 */
#include "bpf/caches.bpf.h"
#include "bpf/loop.bpf.h"

/* Of the walk that the front end asks for. */
__u32 walk_reason = 0;   /* enum walk_reason */
__u64 walk_id = 0;       /* out: its id */
__u32 walk_visited = 0;  /* out: caches */
__u32 walk_complete = 0; /* out: it reached the end */
__u64 walk_took = 0;     /* out: nanoseconds */

#define KNODE_NAME "kmem_cache_node"

static __always_inline bool is_knode_cache(__u64 name)
{
	char text[sizeof(KNODE_NAME)] = {};

	bpf_probe_read_kernel_str(text, sizeof(text), (void *)name);
	for (__u32 i = 0; i < sizeof(text); i++)
		if (text[i] != KNODE_NAME[i])
			return false;
	return true;
}

static __always_inline void walk_begin(void)
{
	walk_id = bpf_ktime_get_ns();
	walk_visited = 0;
	walk_complete = 0;
	emit_walk_begin(walk_id, walk_reason, -1);
}

static __always_inline void walk_end(bool complete)
{
	walk_complete = complete;
	walk_took = bpf_ktime_get_ns() - walk_id;
	emit_walk_end(walk_id, walk_reason, -1, walk_visited, complete);
}

/* A cache that a walk meets. */
__noinline __weak int visit(__u64 cache)
{
	__u64 name = (__u64)BPF_CORE_READ((struct kmem_cache *)cache, name);

	walk_visited++;
	if (is_knode_cache(name))
		knode_cache = cache;
	if (walk_reason == WALK_INITIAL)
		track(cache);
	emit_cache(cache, walk_id, CACHE_EXISTS, name);
	emit_structures(cache, walk_id, 0);
	return 0;
}

SEC("iter/kmem_cache")
int iterate_caches(void *ctx)
{
	__u64 cache = 0;

	/* The iterator hands each cache out with a reference held. */
	bpf_probe_read_kernel(&cache, sizeof(cache),
			      ctx + bpf_core_field_offset(struct bpf_iter__kmem_cache, s));
	if (!walk_id)
		walk_begin();
	iterated = cache;
	if (cache)
		visit(cache);
	else
		walk_end(true); /* the iterator's last call has none */
	return 0;
}

/* Where the walk along the list is. */
__u64 list_at = 0;

/*
 * No lock is held: the list may change under the walk's feet. A cache that is
 * no cache, or a link that does not lead back, ends the walk as incomplete; the
 * front end asks again.
 */
static __always_inline bool plausible(struct kmem_cache *s, __u64 link)
{
	__u32 size = BPF_CORE_READ(s, size), object_size = BPF_CORE_READ(s, object_size);
	__u64 next = (__u64)BPF_CORE_READ(s, list.next);
	char first = 0;

	if ((__u64)BPF_CORE_READ((struct list_head *)next, prev) != link)
		return false;
	bpf_probe_read_kernel(&first, sizeof(first), BPF_CORE_READ(s, name));
	return object_size && object_size <= size && size <= 64 << 20 && first;
}

/* Returns 1 at the end of the walk. */
__noinline __weak int walk_list_chunk(__u32 chunk __attribute__((unused)))
{
	for (__u32 i = 0; i < CHUNK; i++) {
		__u64 link = list_at;
		struct kmem_cache *s;

		if (link == slab_caches_at) {
			walk_end(true);
			return 1;
		}
		s = (void *)link - bpf_core_field_offset(struct kmem_cache, list);
		if (!link || !plausible(s, link)) {
			walk_end(false);
			return 1;
		}
		visit((__u64)s);
		list_at = (__u64)BPF_CORE_READ((struct list_head *)link, next);
	}
	return 0;
}

__noinline __weak int walk_list_block(__u32 block __attribute__((unused)))
{
	for (__u32 i = 0; i < BLOCK; i++)
		if (walk_list_chunk(i))
			return 1;
	return 0;
}

/* Run by BPF_PROG_TEST_RUN; never attached to a tracepoint. */
SEC("raw_tp")
int walk_list(void *ctx __attribute__((unused)))
{
	walk_begin();
	list_at = (__u64)BPF_CORE_READ((struct list_head *)slab_caches_at, next);
	for (__u32 block = 0; block < BLOCKS; block++) {
		if (walk_list_block(block))
			return 0;
	}
	walk_end(false);
	return 0;
}
