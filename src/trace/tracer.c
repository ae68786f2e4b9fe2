// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/cpu_set.h"
#include "base/msg.h"
#include "base/node_set.h"
#include "kernel/btf.h"
#include "kernel/btf_fit.h"
#include "kernel/switches.h"
#include "model/record.h"
#include "slubnode.skel.h"
#include "trace/late_detach.h"
#include "trace/maps.h"
#include "trace/sizes.h"
#include "trace/targets.h"
#include "trace/tracer_state.h"
#include "trace/windows.h"
#include "trace/workers.h"

#define READ_NS 100000000ULL /* after it, tracer_read() returns though records are left */

/* Return the text of a negative errno, or of one of libbpf's own errors. */
static const char *error_text(int err)
{
	static char text[128];

	libbpf_strerror(err, text, sizeof(text));
	return text;
}

static void tracer_cannot(const char *what, int err)
{
	msg_error("%s: %s", what, error_text(err));
}

static int cannot_load_btf(const char *file, int err)
{
	if (!file)
		msg_error("cannot read the kernel's BTF: %s",
			  err == -ENOENT ? "it has none (/sys/kernel/btf/vmlinux)"
					 : error_text(err));
	else
		msg_error("cannot read BTF from %s: %s", file,
			  err == -ENOEXEC ? "it contains no BTF" : error_text(err));
	msg_hint(
		file ? "--btf takes raw BTF, or a vmlinux with a section .BTF"
		     : "build the kernel with CONFIG_DEBUG_INFO_BTF=y, or give this very kernel's BTF with --btf FILE");
	return err;
}

/* Refuse a file whose BTF is not that of this kernel. Returns 0 or a negative errno. */
static int require_fit(const struct tracer *t)
{
	const char *file = t->options.btf_file;
	struct node_set possible;
	char why[160];
	int err = file ? node_set_read(&possible, "possible") : 0;

	if (err || !file)
		return err;
	err = btf_fit_check(kernel_btf_types(t->btf), "/sys", node_set_end(&possible), why,
			    sizeof(why));
	if (err) {
		msg_error("%s is not the BTF of this kernel: %s", file, why);
		msg_hint(
			"give the BTF of the very build that runs, or leave --btf out where the kernel has its own");
	}
	return err;
}

static int load_btf(struct tracer *t)
{
	struct btf_subset *wanted = btf_subset_new();
	int err = wanted ? 0 : -ENOMEM;

	/* CO-RE looks for the types of the programs. */
	err = err ?: btf_subset_want_names(wanted, bpf_object__btf(t->skeleton->obj))
		  ?: plan_want(wanted) ?: btf_fit_want(wanted)
		  ?: kernel_btf_load(t->btf, wanted);
	btf_subset_free(wanted);
	if (err)
		return cannot_load_btf(t->options.btf_file, err);
	kernel_types_read(&t->types, kernel_btf_types(t->btf));
	kernel_types_read_kfuncs(&t->types, t->btf);
	return require_fit(t);
}

/*
 * Find TID_STEP of mm/slub.c: with CONFIG_PREEMPTION roundup_pow_of_two(CONFIG_NR_CPUS), and
 * otherwise 1. The kernel's bitmaps of CPUs give NR_CPUS in units of 64. Returns TID_STEP; if
 * that leaves a choice, the least that is possible on this machine.
 */
static __u32 tid_step(const struct tracer *t, unsigned int cpus)
{
	unsigned int nr_cpus = t->types.cpumask_bits > 64 ? t->types.cpumask_bits : cpus;
	__u32 step = 1;

	while (t->plan.preemption && step < nr_cpus)
		step *= 2;
	return step;
}

static int open_skeleton(struct tracer *t)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = kernel_btf_path(t->btf));
	int err;

	t->skeleton = slubnode__open_opts(&opts);
	if (t->skeleton)
		return 0;
	err = -errno;
	tracer_cannot("cannot open the BPF object", err);
	return err;
}

/* Choose the programs, and set their constants and the sizes of their maps. */
static int set_up_skeleton(struct tracer *t)
{
	struct node_set possible;
	struct cpu_set cpus;
	int err = node_set_read(&possible, "possible") ?: cpu_set_read(&cpus, "possible");

	if (err)
		return err;
	err = plan_select(&t->plan, t->skeleton->obj);
	if (err)
		return err;
	bpf_program__set_autoload(t->skeleton->progs.iterate_caches, t->plan.iterator);
	bpf_program__set_autoload(t->skeleton->progs.walk_list,
				  !t->plan.iterator && t->plan.slab_caches);
	bpf_program__set_autoload(t->skeleton->progs.fill_stacks, true);
	bpf_program__set_autoload(t->skeleton->progs.sweep, t->options.detect);
	bpf_program__set_autoload(t->skeleton->progs.watchpoint, t->options.detect);
	bpf_program__set_autoload(t->skeleton->progs.heartbeat, t->options.detect);
	t->skeleton->rodata->nr_node_ids = node_set_end(&possible);
	t->skeleton->rodata->slab_caches_addr = t->plan.slab_caches;
	t->skeleton->rodata->page_offset_base_addr = t->plan.page_offset_base;
	t->skeleton->rodata->vmemmap_base_addr = t->plan.vmemmap_base;
	t->skeleton->rodata->per_cpu_offset_addr = t->plan.per_cpu_offset;
	t->skeleton->rodata->nr_cpu_ids = cpu_set_end(&cpus);
	t->skeleton->rodata->count_slow_allocations = t->plan.probes[ROLE_READ_ALLOC].candidate;
	t->skeleton->rodata->session_has_notifier = t->plan.probes[ROLE_NOTIFIER].way ==
						    WAY_SESSION;
	t->skeleton->rodata->tid_step = tid_step(t, cpu_set_count(&cpus));
	t->skeleton->rodata->node_bits = t->types.node_bits;
	t->skeleton->rodata->compare_node_ptrs = !t->options.walk_only;
	t->skeleton->rodata->observe_states = !t->options.walk_only;
	t->skeleton->rodata->list_slabs = t->options.slabs;
	t->skeleton->rodata->offline_arguments = plan_arguments(&t->plan, ROLE_OFFLINE);
	t->skeleton->rodata->detect = t->options.detect;
	maps_size(t->skeleton, &(struct maps_options){
				       .nodes = node_set_end(&possible),
				       .cpus = cpu_set_end(&cpus),
				       .ring_bytes = t->options.ring_bytes,
				       .detect = t->options.detect,
			       });
	windows_size(t->skeleton, node_set_end(&possible));
	t->skeleton->rodata->pause_bytes = bpf_map__max_entries(t->skeleton->maps.records) / 2;
	return 0;
}

int tracer_run(const struct bpf_program *program)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	return bpf_prog_test_run_opts(bpf_program__fd(program), &opts);
}

static int load_skeleton(struct tracer *t)
{
	int err = slubnode__load(t->skeleton);

	if (err)
		return err;
	err = tracer_run(t->skeleton->progs.fill_stacks)
		      ?: plan_join(t->skeleton->obj, t->skeleton->maps.cold_programs);
	if (err)
		return err;
	if (t->options.detect) {
		err = maps_map_array(t->skeleton->maps.freed_slots, &t->freed_slots)
			      ?: maps_map_array(t->skeleton->maps.heartbeats, &t->heartbeats);
		if (err)
			return err;
	}
	if (!t->plan.iterator)
		return 0;
	t->iterator = bpf_program__attach_iter(t->skeleton->progs.iterate_caches, NULL);
	return t->iterator ? 0 : -errno;
}

static void close_skeleton(struct tracer *t)
{
	bpf_link__destroy(t->iterator);
	t->iterator = NULL;
	if (t->positions)
		maps_unmap_positions(t->positions);
	t->positions = NULL;
	if (t->skeleton) {
		maps_unmap_array(t->skeleton->maps.freed_slots, t->freed_slots);
		maps_unmap_array(t->skeleton->maps.heartbeats, t->heartbeats);
	}
	t->freed_slots = t->heartbeats = NULL;
	slubnode__destroy(t->skeleton);
	t->skeleton = NULL;
}

/*
 * Load and attach the plan's programs; correct the plan and try again while that
 * fails. Returns 0 or a negative errno.
 */
static int load_and_attach(struct tracer *t)
{
	bool again;
	int err;

	do {
		err = t->skeleton ? 0 : open_skeleton(t);
		if (err)
			return err;
		err = set_up_skeleton(t);
		if (err) {
			tracer_cannot("cannot set the BPF object up", err);
			return err;
		}
		err = load_skeleton(t);
		if (err) {
			again = !plan_fall_back(&t->plan, err);
		} else {
			err = plan_attach(&t->plan);
			again = err;
		}
		if (!err) {
			windows_expect_entries(t->skeleton);
			return 0;
		}
		close_skeleton(t);
	} while (again);
	tracer_cannot("cannot load the BPF programs", err);
	if (t->options.attach != ATTACH_AUTO)
		msg_hint("--attach auto takes what can be attached");
	msg_hint("--verbose shows the kernel's messages");
	return err;
}

/*
 * Check that the needed roles can be seen or, with --attach auto, prepare to poll.
 * Returns 0 or a negative errno.
 */
static int require_probes(struct tracer *t)
{
	const struct probe *missing = plan_missing(&t->plan);

	if (!missing)
		return 0;
	if (t->options.attach != ATTACH_AUTO && t->options.attach != ATTACH_NOTHING) {
		msg_error("cannot see %s: nothing can be attached", missing->info->shows);
		msg_hint("tried %s", missing->why);
		msg_hint(
			"slubnode-trace probes shows what can be attached; --attach auto takes it");
		return -ENOENT;
	}
	if (t->options.attach == ATTACH_AUTO)
		msg_warn("cannot see %s (%s); polling at intervals instead", missing->info->shows,
			 missing->why);
	plan_drop(&t->plan);
	return 0;
}

static int require_walk(const struct tracer *t)
{
	if (tracer_walk_way(t))
		return 0;
	msg_error(
		"cannot find the caches: no iter/kmem_cache (since Linux 6.13), and the address of slab_caches is %s",
		t->plan.hidden ? "hidden" : "not in kallsyms");
	msg_hint(t->plan.hidden ? "set sysctl kernel.kptr_restrict=1, and run with CAP_SYSLOG"
				: "up to Linux 6.12 the kernel needs CONFIG_KALLSYMS_ALL=y");
	return -ENOENT;
}

static int tracer_on_record(void *context, void *data, size_t len)
{
	const struct record *r = record_check(data, len);
	const struct walk_record *w = (const void *)r;
	struct tracer *t = context;
	int err;

	if (r && r->type == RECORD_WALK && w->phase == PHASE_END)
		t->ended_walk = w->walk;
	err = t->options.record(t->options.context, r);
	if (err || clock_now() < t->read_end_ns)
		return err;
	t->read_is_over = true;
	return -ECANCELED; /* ends ring_buffer__consume(); this record is consumed */
}

int tracer_open(struct tracer **tracer, const struct tracer_options *options)
{
	struct tracer *t = calloc(1, sizeof(*t));
	int err;

	if (!t) {
		tracer_cannot("cannot start", -ENOMEM);
		return -ENOMEM;
	}
	t->options = *options;
	t->btf = kernel_btf_new(options->btf_file);
	if (!t->btf) {
		err = -ENOMEM;
		tracer_cannot("cannot start", err);
		goto fail;
	}
	/* A file has the ids of another BTF. */
	err = targets_find_in(options->btf_file ? NULL : t->btf);
	if (err) {
		tracer_cannot("cannot start", err);
		goto fail;
	}
	err = open_skeleton(t) ?: load_btf(t);
	if (err)
		goto fail;
	err = plan_make(&t->plan, kernel_btf_types(t->btf), &t->types, options->attach,
			options->detect);
	if (err) {
		tracer_cannot("cannot plan what to attach", err);
		goto fail;
	}
	err = load_and_attach(t);
	if (err)
		goto fail;
	err = options->partial ? 0 : require_probes(t) ?: require_walk(t);
	if (err)
		goto fail;
	t->skeleton->bss->work_is_seen = !tracer_unattached(t);
	t->ring =
		ring_buffer__new(bpf_map__fd(t->skeleton->maps.records), tracer_on_record, t, NULL);
	if (!t->ring) {
		err = -errno;
		tracer_cannot("cannot map the ring buffer", err);
		goto fail;
	}
	err = maps_map_positions(t->skeleton, &t->positions);
	if (err) {
		tracer_cannot("cannot map the ring buffer", err);
		goto fail;
	}
	*tracer = t;
	return 0;
fail:
	tracer_close(t);
	return err;
}

/*
 * Close the programs and their links. Programs that the kernel removes later do nothing more. A
 * link that was made while ftrace was off must not be removed after it is on again: Linux 6.12
 * disables ftrace then until the next boot.
 */
static void close_programs(struct tracer *t)
{
	int bpffs = ftrace_is_off() ? -1 : late_detach_begin();

	plan_keep(&t->plan, bpffs);
	if (t->skeleton && t->skeleton->bss)
		t->skeleton->bss->disarmed = 1;
	plan_free(&t->plan);
	close_skeleton(t);
	late_detach_end(bpffs);
}

void tracer_close(struct tracer *t)
{
	if (!t)
		return;
	ring_buffer__free(t->ring);
	close_programs(t);
	targets_find_in(NULL);
	kernel_btf_free(t->btf);
	free(t);
}

const struct plan *tracer_plan(const struct tracer *t)
{
	return &t->plan;
}

bool tracer_unattached(const struct tracer *t)
{
	return plan_missing(&t->plan);
}

const char *tracer_memory_that_counts(const struct tracer *t)
{
	return t->types.node_notifier ? "has_memory" : "has_normal_memory";
}

unsigned long tracer_written(const struct tracer *t)
{
	const char *page = (const char *)t->positions + sysconf(_SC_PAGESIZE);

	return __atomic_load_n((const unsigned long *)page, __ATOMIC_ACQUIRE);
}

bool tracer_has_read(const struct tracer *t, unsigned long position)
{
	return (long)(*(const volatile unsigned long *)t->positions - position) >= 0;
}

int tracer_fd(const struct tracer *t)
{
	return ring_buffer__epoll_fd(t->ring);
}

int tracer_read(struct tracer *t)
{
	int err;

	t->read_is_over = false;
	t->read_end_ns = clock_now() + READ_NS;
	err = ring_buffer__consume(t->ring);
	return err < 0 && !t->read_is_over ? err : 0;
}

bool tracer_unread(const struct tracer *t)
{
	/*
	 * The kernel wakes the reader for a record if all before it are read. So the position that
	 * we have read to must be visible before we look for further records.
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return !tracer_has_read(t, tracer_written(t));
}

int tracer_read_rest(struct tracer *t, bool *all)
{
	unsigned long end = tracer_written(t);
	int err;

	do {
		err = tracer_read(t);
	} while (!err && t->read_is_over && !tracer_has_read(t, end));
	*all = tracer_has_read(t, end);
	return err;
}

__u64 tracer_dropped(const struct tracer *t)
{
	/* volatile: the programs write while we read. */
	volatile const struct slubnode__bss *bss = t->skeleton->bss;

	return bss->lost_records + bss->untracked;
}

__u64 program_skips(int fd)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	return fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.recursion_misses;
}

static __u64 skipped_runs(const struct tracer *t, unsigned int first, unsigned int end)
{
	int fds[2 * ROLES];
	unsigned int count = plan_fds(&t->plan, first, end, fds);
	__u64 skipped = plan_missed(&t->plan, first, end);

	while (count)
		skipped += program_skips(fds[--count]);
	return skipped;
}

struct tracer_freed tracer_freed(const struct tracer *t)
{
	volatile const struct slubnode__bss *bss = t->skeleton->bss;

	return (struct tracer_freed){
		.now = bss->freed_now,
		.seen = bss->freed_seen,
		.dropped = bss->freed_dropped,
		.untracked = bss->untracked,
		.allocating = bss->allocating,
		.working = bss->works_running,
		.allocations = bss->allocations,
		.windows = bss->window_count,
		.lost_windows = bss->lost_windows,
		.lost_accesses = bss->lost_accesses,
		.hits = bss->watch_hits,
		.compared = bss->sweep_compared,
		.blind = bss->sweep_blind,
		.skipped = bss->sweep_skipped,
	};
}

void tracer_drop_windows(struct tracer *t, __u64 longer_ns)
{
	windows_drop(t->skeleton, longer_ns);
}

void tracer_revalidate_workers(struct tracer *t)
{
	workers_revalidate(t->skeleton);
}

const volatile struct freed_slot *tracer_freed_slots(const struct tracer *t, unsigned int *count)
{
	*count = t->freed_slots ? bpf_map__max_entries(t->skeleton->maps.freed_slots) : 0;
	return t->freed_slots;
}

unsigned int tracer_freed_end(const struct tracer *t)
{
	volatile const struct slubnode__bss *bss = t->skeleton->bss;
	unsigned int count, end = bss->freed_used;

	tracer_freed_slots(t, &count);
	return end < count ? end : count;
}

const volatile __u64 *tracer_heartbeats(const struct tracer *t)
{
	return t->heartbeats;
}

int tracer_sweep(struct tracer *t)
{
	return tracer_run(t->skeleton->progs.sweep);
}

struct bpf_link *tracer_attach_perf_event(struct tracer *t, enum perf_program which, int perf_fd)
{
	return bpf_program__attach_perf_event(which == PERF_WATCHPOINT
						      ? t->skeleton->progs.watchpoint
						      : t->skeleton->progs.heartbeat,
					      perf_fd);
}

const struct kernel_types *tracer_types(const struct tracer *t)
{
	return &t->types;
}

bool tracer_pages_known(const struct tracer *t)
{
	const struct plan *plan = &t->plan;

	if (plan->page_offset_base && plan->vmemmap_base)
		return true;
	/* Without CONFIG_DYNAMIC_MEMORY_LAYOUT both are constants, and no symbol is hidden. */
	return plan->slab_caches && !plan->hidden && !plan->page_offset_base && !plan->vmemmap_base;
}

__u64 tracer_skipped(const struct tracer *t)
{
	return skipped_runs(t, 0, LIFETIME_ROLES);
}

__u64 tracer_skipped_readers(const struct tracer *t)
{
	return skipped_runs(t, ROLE_READ_OBJECTS, ROLE_READ_ALLOC) +
	       skipped_runs(t, ROLE_READ_PARTIAL, ROLES);
}

__u64 tracer_skipped_hot_readers(const struct tracer *t)
{
	return skipped_runs(t, ROLE_READ_ALLOC, ROLE_READ_PARTIAL);
}

__u64 tracer_skipped_allocations(const struct tracer *t)
{
	volatile const struct slubnode__bss *bss = t->skeleton->bss;

	return bss->lost_ends + skipped_runs(t, ROLE_NOTIFIER, ROLE_CREATE + 1);
}

__u64 tracer_skipped_slabs(const struct tracer *t)
{
	return skipped_runs(t, ROLE_NEW_SLAB, ROLE_NEW_SLAB + 1);
}

void tracer_layout(const struct tracer *t, struct knode_layout *layout)
{
	const struct kernel_types *types = &t->types;

	*layout = (struct knode_layout){ .size = types->node_bytes };
	for (__u32 i = 0; i < types->field_count && i < KNODE_FIELDS; i++) {
		struct knode_field *f = &layout->field[layout->count++];

		memcpy(f->name, types->fields[i].name, sizeof(f->name));
		f->offset = types->fields[i].offset;
		f->size = types->fields[i].size;
	}
}
