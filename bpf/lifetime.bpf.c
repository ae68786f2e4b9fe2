// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lifetimes of structures, from functions that are rarely called: SLUB's notifier
 * callback, those that create and destroy caches (mm/slub.c, mm/slab_common.c), and
 * the one that takes memory offline (mm/memory_hotplug.c). Each event has one function here; it is
 * called by fentry and fexit programs or by kprobe and kretprobe programs, and user space loads one
 * of the two kinds.
 */
#include "bpf/lifetime.bpf.h"

static __always_inline void emit_node(__u32 transition, __u32 phase, int nid, int any_nid, int ret)
{
	struct node_record *e = reserve_record(RECORD_NODE, sizeof(*e));

	if (!e)
		return;
	e->transition = transition;
	e->phase = phase;
	e->nid = nid;
	e->any_nid = any_nid;
	e->ret = ret;
	e->has_memory = 0;
	bpf_ringbuf_submit(e, 0);
}

/*
 * Walk the tracked caches for one node. A new name of a cache is looked for once for
 * each transition.
 */
static __always_inline void walk_node(__u32 reason, int nid)
{
	__u64 walk = bpf_ktime_get_ns();

	emit_walk_begin(walk, reason, nid);
	walk_tracked(walk, nid, reason == WALK_BEFORE);
	emit_walk_end(walk, reason, nid, 0, 1);
}

/*
 * Handle the entry or return of slab_memory_callback(). Returns as slub_work_end() at
 * PHASE_END, otherwise 0.
 */
__noinline __weak int on_notifier(__u64 action, __u64 arg, __u32 phase, __s32 ret, __u64 frame)
{
	__u32 transition = notifier_transition(action);
	int nid, any_nid = -1;

	if (!transition || disarmed)
		return 0;
	nid = notifier_nid((void *)arg, &any_nid);
	if (nid < 0 && any_nid < 0)
		return 0; /* neither a node's first memory nor its last */

	/* The walks at the callback's entry and return differ by the callback's work. */
	if (nid >= 0)
		walk_node(phase == PHASE_BEGIN ? WALK_BEFORE : WALK_AFTER, nid);
	emit_node(transition, phase, nid, any_nid, ret);
	if (nid < 0)
		return 0;
	/* The kernel frees after this program, so readers are traced by then. */
	if (transition == NODE_GOING_OFFLINE || transition == NODE_GOING_ONLINE)
		node_changing = 1;
	else if (phase == PHASE_END)
		node_changing = 0;
	if (phase == PHASE_BEGIN)
		return slub_work_begin(transition == NODE_GOING_ONLINE, frame);
	return slub_work_end(transition == NODE_GOING_ONLINE, frame);
}

/* Emit a change of a cache under its own name. */
static __always_inline void emit_change(__u64 cache, __u32 change)
{
	emit_cache(cache, 0, change, (__u64)BPF_CORE_READ((struct kmem_cache *)cache, name));
}

/*
 * Handle the end of a creation, which may have failed. slab_mutex is held, and the cache
 * has its structures but is not on slab_caches yet. Returns as slub_work_end().
 */
__noinline __weak int on_created(__u64 cache, __s32 ret, __u64 frame)
{
	if (disarmed)
		return 0;
	if (ret) {
		/* The error path has freed structures again, and has written to them. */
		__sync_fetch_and_add(&failed_allocations, 1);
	} else {
		track_cache(cache);
		emit_change(cache, CACHE_CREATED);
		emit_structures(cache, 0, NO_LOOK);
	}
	return slub_work_end(1, frame);
}

/* Handle the begin of a creation. Returns 0. */
__noinline __weak int on_creating(__u64 frame)
{
	return slub_work_begin(1, frame);
}

/*
 * Handle the begin of a release. No later walk may read the cache, so its node
 * pointers are emitted here. Returns 0.
 */
__noinline __weak int on_releasing(__u64 cache, __u64 frame)
{
	if (disarmed)
		return 0;
	slub_work_begin(0, frame);
	if (!is_tracked(cache))
		return 0; /* a failed creation: no record has named it */
	untrack_cache(cache);
	emit_structures(cache, 0, NO_LOOK);
	emit_change(cache, CACHE_RELEASING);
	return 0;
}

/*
 * Handle the end of a release: the cache's structures are freed, and the struct kmem_cache is
 * still allocated. Returns as slub_work_end().
 */
__noinline __weak int on_released(__u64 cache, __u64 frame)
{
	if (disarmed)
		return 0;
	emit_structures(cache, 0, NO_LOOK);
	emit_change(cache, CACHE_RELEASED);
	forget_cache(cache);
	return slub_work_end(0, frame);
}

/* Handle the shutdown of a cache. Returns 0. */
__noinline __weak int on_dying(__u64 cache)
{
	emit_change(cache, CACHE_DYING);
	return 0;
}

/* Handle the merge of a new cache, of that name, into this one. Returns 0. */
__noinline __weak int on_aliased(__u64 cache, __u64 name)
{
	emit_cache(cache, 0, CACHE_ALIASED, name);
	return 0;
}

/* Handle a destruction, which keeps the cache if it has other users. Returns 0. */
__noinline __weak int on_destroy(__u64 cache)
{
	/* An iterator that holds a reference counts, too; the ledger distinguishes them. */
	if (cache && BPF_CORE_READ((struct kmem_cache *)cache, refcount) > 1)
		emit_change(cache, CACHE_UNALIASED);
	return 0;
}

/* Handle the end of an offline of memory. One that succeeds shows in the notifier. Returns 0. */
__noinline __weak int on_offline(__u64 start_pfn, __u64 nr_pages, __s32 ret)
{
	struct offline_record *e;

	if (ret >= 0 || disarmed)
		return 0;
	e = reserve_record(RECORD_OFFLINE, sizeof(*e));
	if (!e)
		return 0;
	e->start_pfn = start_pfn;
	e->nr_pages = nr_pages;
	e->block = NO_BLOCK;
	e->nid = -1;
	e->ret = ret;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* The trampoline programs. They return 0, because the verifier requires it up to Linux 5.11. */

/* int slab_memory_callback(self, action, arg) */
SEC("fentry/slab_memory_callback")
int fentry_notifier(void *ctx)
{
	on_notifier(argument(ctx, 1), argument(ctx, 2), PHASE_BEGIN, 0, frame_of_trampoline(ctx));
	return 0;
}

SEC("fexit/slab_memory_callback")
int fexit_notifier(void *ctx)
{
	emit_freer(ctx, on_notifier(argument(ctx, 1), argument(ctx, 2), PHASE_END, argument(ctx, 3),
				    frame_of_trampoline(ctx)));
	return 0;
}

/*
 * int do_kmem_cache_create(s, name, size, args, flags), since "slab:
 * s/__kmem_cache_create/do_kmem_cache_create/g" (Linux 6.12)
 */
SEC("fentry/do_kmem_cache_create")
int fentry_do_create(void *ctx)
{
	on_creating(frame_of_trampoline(ctx));
	return 0;
}

SEC("fexit/do_kmem_cache_create")
int fexit_do_create(void *ctx)
{
	emit_freer(ctx, on_created(argument(ctx, 0), argument(ctx, 5), frame_of_trampoline(ctx)));
	return 0;
}

/* int __kmem_cache_create(s, flags), up to Linux 6.11 */
SEC("fentry/__kmem_cache_create")
int fentry_create(void *ctx)
{
	on_creating(frame_of_trampoline(ctx));
	return 0;
}

SEC("fexit/__kmem_cache_create")
int fexit_create(void *ctx)
{
	emit_freer(ctx, on_created(argument(ctx, 0), argument(ctx, 2), frame_of_trampoline(ctx)));
	return 0;
}

/* void __kmem_cache_release(s) */
SEC("fentry/__kmem_cache_release")
int fentry_release(void *ctx)
{
	on_releasing(argument(ctx, 0), frame_of_trampoline(ctx));
	return 0;
}

SEC("fexit/__kmem_cache_release")
int fexit_release(void *ctx)
{
	emit_freer(ctx, on_released(argument(ctx, 0), frame_of_trampoline(ctx)));
	return 0;
}

/* int __kmem_cache_shutdown(s), under slab_mutex */
SEC("fentry/__kmem_cache_shutdown")
int fentry_shutdown(void *ctx)
{
	on_dying(argument(ctx, 0));
	return 0;
}

/* int sysfs_slab_alias(s, name) */
SEC("fentry/sysfs_slab_alias")
int fentry_alias(void *ctx)
{
	on_aliased(argument(ctx, 0), argument(ctx, 1));
	return 0;
}

/* void kmem_cache_destroy(s) */
SEC("fentry/kmem_cache_destroy")
int fentry_destroy(void *ctx)
{
	on_destroy(argument(ctx, 0));
	return 0;
}

/* Set by user space before the load: the number of arguments of offline_pages(), by BTF. */
const volatile __u32 offline_arguments = 0;

/* int offline_pages(start_pfn, nr_pages, ...) */
SEC("fexit/offline_pages")
int fexit_offline(void *ctx)
{
	on_offline(argument(ctx, 0), argument(ctx, 1), argument(ctx, offline_arguments));
	return 0;
}

/* Arguments that the programs at the entry of a function keep for those at its return. */
struct saved_arguments saved_arguments SEC(".maps");

/* The kprobe programs */

#define KPROBE(name, function)                                                                     \
	SEC("kprobe")                                                                              \
	int kprobe_##name(struct pt_regs *ctx)                                                     \
	{                                                                                          \
		function_entered(ctx, function, frame_of_entry(ctx));                              \
		return 0;                                                                          \
	}
#define KRETPROBE(name, function)                                                                  \
	SEC("kretprobe")                                                                           \
	int kretprobe_##name(struct pt_regs *ctx)                                                  \
	{                                                                                          \
		function_returned(ctx, function, frame_of_return(ctx));                            \
		return 0;                                                                          \
	}

KPROBE(notifier, FUNCTION_NOTIFIER)
KRETPROBE(notifier, FUNCTION_NOTIFIER)
KPROBE(create, FUNCTION_CREATE)
KRETPROBE(create, FUNCTION_CREATE)
KPROBE(release, FUNCTION_RELEASE)
KRETPROBE(release, FUNCTION_RELEASE)
KPROBE(shutdown, FUNCTION_SHUTDOWN)
KPROBE(alias, FUNCTION_ALIAS)
KPROBE(destroy, FUNCTION_DESTROY)
KPROBE(offline, FUNCTION_OFFLINE)
KRETPROBE(offline, FUNCTION_OFFLINE)
