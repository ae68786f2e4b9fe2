// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lifetimes, told by cold events: SLUB's notifier callback, and the creation
 * and destruction of caches. Each event has one body; fentry/fexit and
 * kprobe/kretprobe are two ways to get there, and the front end loads one.
 */
#include "bpf/caches.bpf.h"

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

static __always_inline void walk_node(__u32 reason, int nid)
{
	__u64 walk = bpf_ktime_get_ns();

	emit_walk_begin(walk, reason, nid);
	walk_tracked(walk, nid, reason == WALK_AFTER);
	emit_walk_end(walk, reason, nid, 0, 1);
}

/*
 * The bodies. Global functions, so that each is verified once, however many
 * programs lead there.
 */

__noinline __weak int on_notifier(__u64 action, __u64 arg, __u32 phase, __s32 ret)
{
	__u32 transition = notifier_transition(action);
	int nid, any_nid = -1;

	if (!transition)
		return 0;
	nid = notifier_nid((void *)arg, &any_nid);
	if (nid < 0 && any_nid < 0)
		return 0; /* neither the first memory of a node nor the last */

	/* What differs between the two looks is the callback's work. */
	if (nid >= 0)
		walk_node(phase == PHASE_BEGIN ? WALK_BEFORE : WALK_AFTER, nid);
	emit_node(transition, phase, nid, any_nid, ret);
	if (nid < 0 || !detect)
		return 0;
	/* Set before the kernel goes on, and so before it frees. */
	if (transition == NODE_GOING_OFFLINE || transition == NODE_GOING_ONLINE)
		removing = 1;
	else if (phase == PHASE_END)
		removing = 0;
	if (phase == PHASE_BEGIN)
		return cold_enter(transition == NODE_GOING_ONLINE);
	return cold_exit(transition == NODE_GOING_ONLINE);
}

static __always_inline void emit_change(__u64 cache, __u32 change)
{
	emit_cache(cache, 0, change, (__u64)BPF_CORE_READ((struct kmem_cache *)cache, name));
}

/*
 * A function that frees structures returns, and some were freed: who freed them
 * and by which way they got there.
 */
static __always_inline void cold_done(void *ctx, int freed)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct cold_work *work = bpf_map_lookup_elem(&cold_workers, &tid);
	struct freer_record *e;

	if (!work || work->depth)
		return;
	e = freed > 0 ? reserve_record(RECORD_FREER, sizeof(*e)) : NULL;
	if (e) {
		e->begin_ns = work->begin_ns;
		e->freed = freed;
		e->stack_len = kernel_stack(ctx, e->stack);
		bpf_ringbuf_submit(e, 0);
	}
	bpf_map_delete_elem(&cold_workers, &tid);
}

/* Under slab_mutex, not on the list yet, the structures in place. */
__noinline __weak int on_created(__u64 cache, __s32 ret)
{
	if (ret) {
		/* The error path has freed what there was: addresses, written and back. */
		__sync_fetch_and_add(&failed_allocations, 1);
	} else {
		track(cache);
		emit_change(cache, CACHE_CREATED);
		emit_structures(cache, 0, 0);
	}
	return detect ? cold_exit(1) : 0;
}

__noinline __weak int on_creating(void)
{
	return detect ? cold_enter(1) : 0;
}

/* From here on no walk shall look at the cache; one last look is ours. */
__noinline __weak int on_releasing(__u64 cache)
{
	if (detect)
		cold_enter(0);
	if (!is_tracked(cache))
		return 0; /* a creation that fails: nobody has seen it */
	untrack(cache);
	emit_structures(cache, 0, 0);
	emit_change(cache, CACHE_RELEASING);
	return 0;
}

/* The pointers are gone, the struct kmem_cache is still there. Returns as cold_exit(). */
__noinline __weak int on_released(__u64 cache)
{
	emit_structures(cache, 0, 1);
	emit_change(cache, CACHE_RELEASED);
	return detect ? cold_exit(0) : 0;
}

__noinline __weak int on_dying(__u64 cache)
{
	emit_change(cache, CACHE_DYING);
	return 0;
}

__noinline __weak int on_aliased(__u64 cache, __u64 name)
{
	emit_cache(cache, 0, CACHE_ALIASED, name);
	return 0;
}

__noinline __weak int on_destroy(__u64 cache)
{
	/* An iterator that stands at the cache is a user too; the ledger tells them apart. */
	if (cache && BPF_CORE_READ((struct kmem_cache *)cache, refcount) > 1)
		emit_change(cache, CACHE_UNALIASED);
	return 0;
}

/* The way in by trampoline. The programs return 0: up to 5.11 the verifier wants to see it. */

/* int slab_memory_callback(self, action, arg) */
SEC("fentry/slab_memory_callback")
int fentry_notifier(void *ctx)
{
	on_notifier(argument(ctx, 1), argument(ctx, 2), PHASE_BEGIN, 0);
	return 0;
}

SEC("fexit/slab_memory_callback")
int fexit_notifier(void *ctx)
{
	cold_done(ctx,
		  on_notifier(argument(ctx, 1), argument(ctx, 2), PHASE_END, argument(ctx, 3)));
	return 0;
}

/* int do_kmem_cache_create(s, name, size, args, flags), since 6.12 */
SEC("fentry/do_kmem_cache_create")
int fentry_do_create(void *ctx __attribute__((unused)))
{
	on_creating();
	return 0;
}

SEC("fexit/do_kmem_cache_create")
int fexit_do_create(void *ctx)
{
	cold_done(ctx, on_created(argument(ctx, 0), argument(ctx, 5)));
	return 0;
}

/* int __kmem_cache_create(s, flags), up to 6.11 */
SEC("fentry/__kmem_cache_create")
int fentry_create(void *ctx __attribute__((unused)))
{
	on_creating();
	return 0;
}

SEC("fexit/__kmem_cache_create")
int fexit_create(void *ctx)
{
	cold_done(ctx, on_created(argument(ctx, 0), argument(ctx, 2)));
	return 0;
}

/* void __kmem_cache_release(s) */
SEC("fentry/__kmem_cache_release")
int fentry_release(void *ctx)
{
	on_releasing(argument(ctx, 0));
	return 0;
}

SEC("fexit/__kmem_cache_release")
int fexit_release(void *ctx)
{
	cold_done(ctx, on_released(argument(ctx, 0)));
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

/*
 * The way in by breakpoint, where there are no trampolines. A return probe has
 * no arguments: the entry keeps them.
 */
enum kept_by {
	KEPT_BY_NOTIFIER,
	KEPT_BY_CREATE,
	KEPT_BY_RELEASE,
};

struct keeper {
	__u32 tid;
	__u32 by;
};

struct kept {
	__u64 first;
	__u64 second;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct keeper);
	__type(value, struct kept);
} kept_arguments SEC(".maps");

static __always_inline void keep(__u32 by, __u64 first, __u64 second)
{
	struct keeper key = { .tid = (__u32)bpf_get_current_pid_tgid(), .by = by };
	struct kept kept = { .first = first, .second = second };

	if (bpf_map_update_elem(&kept_arguments, &key, &kept, BPF_ANY))
		__sync_fetch_and_add(&lost_events, 1);
}

static __always_inline bool take(__u32 by, struct kept *kept)
{
	struct keeper key = { .tid = (__u32)bpf_get_current_pid_tgid(), .by = by };
	struct kept *found = bpf_map_lookup_elem(&kept_arguments, &key);

	if (!found)
		return false;
	*kept = *found;
	bpf_map_delete_elem(&kept_arguments, &key);
	return true;
}

SEC("kprobe/slab_memory_callback")
int kprobe_notifier(struct pt_regs *ctx)
{
	__u64 action = PT_REGS_PARM2(ctx), arg = PT_REGS_PARM3(ctx);

	keep(KEPT_BY_NOTIFIER, action, arg);
	on_notifier(action, arg, PHASE_BEGIN, 0);
	return 0;
}

SEC("kretprobe/slab_memory_callback")
int kretprobe_notifier(struct pt_regs *ctx)
{
	struct kept kept = {};

	if (!take(KEPT_BY_NOTIFIER, &kept))
		return 0;
	cold_done(ctx, on_notifier(kept.first, kept.second, PHASE_END, PT_REGS_RC(ctx)));
	return 0;
}

SEC("kprobe/do_kmem_cache_create")
int kprobe_create(struct pt_regs *ctx)
{
	keep(KEPT_BY_CREATE, PT_REGS_PARM1(ctx), 0);
	on_creating();
	return 0;
}

SEC("kretprobe/do_kmem_cache_create")
int kretprobe_create(struct pt_regs *ctx)
{
	struct kept kept = {};

	if (!take(KEPT_BY_CREATE, &kept))
		return 0;
	cold_done(ctx, on_created(kept.first, PT_REGS_RC(ctx)));
	return 0;
}

SEC("kprobe/__kmem_cache_release")
int kprobe_release(struct pt_regs *ctx)
{
	keep(KEPT_BY_RELEASE, PT_REGS_PARM1(ctx), 0);
	on_releasing(PT_REGS_PARM1(ctx));
	return 0;
}

SEC("kretprobe/__kmem_cache_release")
int kretprobe_release(struct pt_regs *ctx)
{
	struct kept kept = {};

	if (!take(KEPT_BY_RELEASE, &kept))
		return 0;
	cold_done(ctx, on_released(kept.first));
	return 0;
}

SEC("kprobe/__kmem_cache_shutdown")
int kprobe_shutdown(struct pt_regs *ctx)
{
	on_dying(PT_REGS_PARM1(ctx));
	return 0;
}

SEC("kprobe/sysfs_slab_alias")
int kprobe_alias(struct pt_regs *ctx)
{
	on_aliased(PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx));
	return 0;
}

SEC("kprobe/kmem_cache_destroy")
int kprobe_destroy(struct pt_regs *ctx)
{
	on_destroy(PT_REGS_PARM1(ctx));
	return 0;
}
