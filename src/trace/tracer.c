// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "cmd/exit_status.h"
#include "base/msg.h"
#include "base/node_set.h"
#include "slubnode.skel.h"
#include "trace/tracer.h"

#define WALK_TRIES   50
#define FREED_NONE   64 /* bpf/loop.bpf.h: CHUNK */
#define SLOTS_MIN    4096
#define SLOTS_MAX    65536 /* bpf/loop.bpf.h: CHUNK * BLOCK * BLOCKS */
#define RING_MIN     (8U << 20)
#define RING_MAX     (128U << 20)
#define POINTERS_MAX (1 << 20)
#define POINTERS_MIN (1 << 14)

struct tracer {
	struct tracer_options options;
	struct btf *btf;
	struct plan plan;
	struct slubnode *skeleton;
	struct ring_buffer *ring;
	struct bpf_link *iterator;
	__u64 ended_walk;               /* the last one whose end was read */
	struct freed_slot *freed_slots; /* the programs' own, mapped; NULL: none is kept */
};

static void cannot(const char *what, int err)
{
	msg_error("%s: %s", what, strerror(-err));
}

static int load_btf(struct tracer *t)
{
	const char *file = t->options.btf_file;

	t->btf = file ? btf__parse(file, NULL) : btf__load_vmlinux_btf();
	if (t->btf)
		return 0;
	msg_error("cannot read the kernel's BTF%s%s: %s", file ? " from " : "", file ? file : "",
		  strerror(errno));
	msg_hint("The kernel needs CONFIG_DEBUG_INFO_BTF=y (/sys/kernel/btf/vmlinux), or give");
	msg_hint("this very kernel's BTF with --btf FILE.");
	return EXIT_CANNOT_RUN;
}

/* Directory entries, aliases included: an upper bound of the caches. 0: unknown. */
static unsigned int count_caches(void)
{
	DIR *dir = opendir("/sys/kernel/slab");
	unsigned int count = 0;

	if (!dir)
		return 0;
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static unsigned int clamp(unsigned long value, unsigned int low, unsigned int high)
{
	return value < low ? low : value > high ? high : value;
}

/* Room for four times the caches that are there now. */
static void size_maps(struct slubnode *skeleton, unsigned int nodes, unsigned int ring_bytes,
		      bool detect)
{
	unsigned long caches = count_caches();
	unsigned int slots = clamp((4 * caches + 63) & ~63UL, SLOTS_MIN, SLOTS_MAX);
	unsigned int pointers = clamp(caches * 2 * nodes, POINTERS_MIN, POINTERS_MAX), freed;
	/* Two walks over all, at most, before we come to read. */
	unsigned long walk =
		caches * (sizeof(struct cache_record) + nodes * sizeof(struct structure_record));

	bpf_map__set_max_entries(skeleton->maps.cache_slots, slots);
	bpf_map__set_max_entries(skeleton->maps.unused_cache_slots, slots);
	bpf_map__set_max_entries(skeleton->maps.cache_index, slots);
	bpf_map__set_max_entries(skeleton->maps.node_ptrs, pointers);
	freed = detect ? clamp((2 * caches * nodes + 63) & ~63UL, SLOTS_MIN, SLOTS_MAX)
		       : FREED_NONE;
	bpf_map__set_max_entries(skeleton->maps.freed_slots, freed);
	bpf_map__set_max_entries(skeleton->maps.unused_freed_slots, freed);
	bpf_map__set_max_entries(skeleton->maps.freed_index, freed);
	for (unsigned int bytes = RING_MIN; !ring_bytes && bytes <= RING_MAX; bytes *= 2)
		if (bytes >= 2 * walk || bytes == RING_MAX)
			ring_bytes = bytes;
	bpf_map__set_max_entries(skeleton->maps.records, ring_bytes);
}

/* All slots onto the stack, the lowest on top. */
static int fill_free_slots(const struct bpf_map *stack)
{
	int fd = bpf_map__fd(stack);

	for (__u32 slot = bpf_map__max_entries(stack); slot--;) {
		int err = bpf_map_update_elem(fd, NULL, &slot, BPF_ANY);

		if (err)
			return err;
	}
	return 0;
}

/* NODES_SHIFT: the per-node arrays have MAX_NUMNODES entries. 0: not known. */
static unsigned int count_node_bits(const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, "kmem_cache", BTF_KIND_STRUCT);
	const struct btf_type *cache = id > 0 ? btf__type_by_id(btf, id) : NULL;

	for (unsigned int i = 0; cache && i < btf_vlen(cache); i++) {
		const struct btf_member *m = btf_members(cache) + i;
		const char *name = btf__name_by_offset(btf, m->name_off);
		const struct btf_type *type = btf__type_by_id(btf, m->type);

		if ((!strcmp(name, "node") || !strcmp(name, "per_node")) && btf_is_array(type) &&
		    btf_array(type)->nelems > 1)
			return __builtin_ctz(btf_array(type)->nelems);
	}
	return 0;
}

/* NULL: elsewhere; libbpf looks for it. */
static const char *kernel_btf(void)
{
	static const char file[] = "/sys/kernel/btf/vmlinux";

	return access(file, R_OK) ? NULL : file;
}

static int open_skeleton(struct tracer *t)
{
	/*
	 * A file, even if it is the kernel's own: libbpf 1.1 goes on to look into
	 * the modules' BTF else, for types that this kernel does not have, and
	 * for that it needs CAP_SYS_ADMIN.
	 */
	LIBBPF_OPTS(bpf_object_open_opts, opts,
		    .btf_custom_path = t->options.btf_file ?: kernel_btf());
	struct node_set possible;
	int err;

	err = node_set_read(&possible, "possible");
	if (err)
		return err;
	t->skeleton = slubnode__open_opts(&opts);
	if (!t->skeleton)
		return -errno;
	err = plan_select(&t->plan, t->skeleton->obj);
	if (err)
		return err;
	bpf_program__set_autoload(t->skeleton->progs.iterate_caches, t->plan.iterator);
	bpf_program__set_autoload(t->skeleton->progs.walk_list,
				  !t->plan.iterator && t->plan.slab_caches);
	bpf_program__set_autoload(t->skeleton->progs.sweep, t->options.detect);
	bpf_program__set_autoload(t->skeleton->progs.watchpoint, t->options.detect);
	bpf_program__set_autoload(t->skeleton->progs.heartbeat, t->options.detect);
	t->skeleton->rodata->nr_node_ids = node_set_end(&possible);
	t->skeleton->rodata->slab_caches_addr = t->plan.slab_caches;
	t->skeleton->rodata->page_offset_base_addr = t->plan.page_offset_base;
	t->skeleton->rodata->vmemmap_base_addr = t->plan.vmemmap_base;
	t->skeleton->rodata->node_bits = count_node_bits(t->btf);
	t->skeleton->rodata->compare_node_ptrs = !t->options.snapshot;
	t->skeleton->rodata->detect = t->options.detect;
	size_maps(t->skeleton, node_set_end(&possible), t->options.ring_bytes, t->options.detect);
	return 0;
}

static size_t freed_slots_bytes(const struct tracer *t)
{
	size_t page = sysconf(_SC_PAGESIZE);
	size_t bytes = (size_t)bpf_map__max_entries(t->skeleton->maps.freed_slots) *
		       sizeof(struct freed_slot);

	return (bytes + page - 1) / page * page;
}

static int map_freed_slots(struct tracer *t)
{
	void *slots = mmap(NULL, freed_slots_bytes(t), PROT_READ, MAP_SHARED,
			   bpf_map__fd(t->skeleton->maps.freed_slots), 0);

	if (slots == MAP_FAILED)
		return -errno;
	t->freed_slots = slots;
	return 0;
}

static int load_skeleton(struct tracer *t)
{
	int err = slubnode__load(t->skeleton);

	if (!err)
		err = fill_free_slots(t->skeleton->maps.unused_cache_slots);
	if (!err && t->options.detect)
		err = fill_free_slots(t->skeleton->maps.unused_freed_slots);
	if (!err && t->options.detect)
		err = map_freed_slots(t);
	if (err || !t->plan.iterator)
		return err;
	t->iterator = bpf_program__attach_iter(t->skeleton->progs.iterate_caches, NULL);
	return t->iterator ? 0 : -errno;
}

static void close_skeleton(struct tracer *t)
{
	bpf_link__destroy(t->iterator);
	t->iterator = NULL;
	if (t->freed_slots)
		munmap(t->freed_slots, freed_slots_bytes(t));
	t->freed_slots = NULL;
	slubnode__destroy(t->skeleton);
	t->skeleton = NULL;
}

/* Load and attach, with less and less until it holds. */
static int load_and_attach(struct tracer *t)
{
	for (;;) {
		int err = open_skeleton(t);

		if (err) {
			cannot("cannot open the BPF object", err);
			return EXIT_CANNOT_RUN;
		}
		err = load_skeleton(t);
		if (!err)
			err = plan_attach(&t->plan, t->skeleton->obj);
		else if (!plan_fall_back(&t->plan, err))
			err = -EAGAIN;
		if (!err)
			return 0;
		close_skeleton(t);
		if (err != -EAGAIN) {
			cannot("cannot load the BPF programs", err);
			if (t->options.attach != ATTACH_AUTO)
				msg_hint("--attach auto takes what there is.");
			msg_hint("--verbose shows the kernel's own words.");
			return EXIT_CANNOT_RUN;
		}
	}
}

static int require(struct tracer *t)
{
	const struct probe *missing = plan_missing(&t->plan);

	if (missing && (t->options.attach == ATTACH_FENTRY || t->options.attach == ATTACH_KPROBE)) {
		msg_error("nothing here serves to see %s", missing->info->gives);
		msg_hint("tried: %s", missing->why);
		msg_hint("`slubnode-trace probes' shows what there is; --attach auto takes it.");
		return EXIT_CANNOT_RUN;
	}
	if (missing) {
		if (t->options.attach == ATTACH_AUTO)
			msg_warn("nothing here serves to see %s (%s); looking at intervals instead",
				 missing->info->gives, missing->why);
		plan_drop(&t->plan);
	}
	if (!tracer_walk_way(t)) {
		msg_error("cannot find the caches: no iter/kmem_cache (6.13+), and the address of "
			  "slab_caches is %s",
			  t->plan.hidden ? "hidden" : "not in kallsyms");
		msg_hint(t->plan.hidden ? "Let it be seen: sysctl kernel.kptr_restrict=1, with "
					  "CAP_SYSLOG."
					: "Up to 6.12 the kernel needs CONFIG_KALLSYMS_ALL=y.");
		return EXIT_CANNOT_RUN;
	}
	return 0;
}

static int on_record(void *context, void *data, size_t len)
{
	const struct walk_record *w = data;
	struct tracer *t = context;

	if (len >= sizeof(*w) && w->head.type == RECORD_WALK && w->phase == PHASE_END)
		t->ended_walk = w->walk;
	return t->options.event(t->options.context, data, len);
}

int tracer_open(struct tracer **tracer, const struct tracer_options *options)
{
	struct tracer *t = calloc(1, sizeof(*t));
	int code = EXIT_CANNOT_RUN, err;

	if (!t) {
		cannot("cannot start", -ENOMEM);
		return code;
	}
	t->options = *options;
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	code = load_btf(t);
	if (code)
		goto fail;
	err = plan_make(&t->plan, t->btf, options->attach, options->detect);
	if (err) {
		cannot("cannot plan", err);
		code = EXIT_CANNOT_RUN;
		goto fail;
	}
	code = load_and_attach(t);
	if (!code && !options->partial)
		code = require(t);
	if (code)
		goto fail;
	t->ring = ring_buffer__new(bpf_map__fd(t->skeleton->maps.records), on_record, t, NULL);
	if (!t->ring) {
		cannot("cannot map the ring buffer", -errno);
		code = EXIT_CANNOT_RUN;
		goto fail;
	}
	*tracer = t;
	return 0;
fail:
	tracer_close(t);
	return code;
}

void tracer_close(struct tracer *t)
{
	if (!t)
		return;
	ring_buffer__free(t->ring);
	plan_free(&t->plan);
	close_skeleton(t);
	btf__free(t->btf);
	free(t);
}

const struct plan *tracer_plan(const struct tracer *t)
{
	return &t->plan;
}

bool tracer_sampled(const struct tracer *t)
{
	return plan_missing(&t->plan);
}

const char *tracer_memory_that_counts(const struct tracer *t)
{
	return tracer_sizeof(t, "node_notify") ? "has_memory" : "has_normal_memory";
}

const char *tracer_walk_way(const struct tracer *t)
{
	return t->plan.iterator ? "iterator" : t->plan.slab_caches ? "list" : NULL;
}

static int run_iterator(struct tracer *t)
{
	int fd = bpf_iter_create(bpf_link__fd(t->iterator)), err = 0;
	char nothing[64];
	ssize_t got;

	if (fd < 0)
		return -errno;
	t->skeleton->bss->walk_id = 0; /* the program begins a walk */
	do {
		got = read(fd, nothing, sizeof(nothing));
	} while (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)));
	if (got < 0)
		err = -errno;
	close(fd);
	return err;
}

/* A raw_tp program, on demand. */
static int run_program(const struct bpf_program *program)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	return bpf_prog_test_run_opts(bpf_program__fd(program), &opts);
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

/*
 * Reads on to the walk's end. A record that another CPU has reserved and not
 * yet submitted stops a read; it comes. A lost end does not.
 */
static int read_to_end(struct tracer *t)
{
	for (unsigned int try = 0; try < WALK_TRIES; try++) {
		int err = tracer_read(t);

		if (err || t->ended_walk == t->skeleton->bss->walk_id)
			return err;
		pause_ms(1);
	}
	return 0;
}

int tracer_walk(struct tracer *t, enum walk_reason reason, unsigned int *visited)
{
	struct slubnode__bss *bss = t->skeleton->bss;

	for (unsigned int try = 0; try < WALK_TRIES; try++) {
		int err;

		bss->walk_reason = reason;
		err = t->plan.iterator ? run_iterator(t)
				       : run_program(t->skeleton->progs.walk_list);
		if (!err)
			err = read_to_end(t);
		if (err)
			return err;
		*visited = bss->walk_visited;
		if (bss->walk_complete)
			return 0;
		pause_ms(1);
	}
	return -EAGAIN;
}

__u64 tracer_walk_ns(const struct tracer *t)
{
	return t->skeleton->bss->walk_ns;
}

int tracer_fd(const struct tracer *t)
{
	return ring_buffer__epoll_fd(t->ring);
}

int tracer_read(struct tracer *t)
{
	int err = ring_buffer__consume(t->ring);

	return err < 0 ? err : 0;
}

__u64 tracer_dropped(const struct tracer *t)
{
	/* The programs write there while we read. */
	volatile const struct slubnode__bss *bss = t->skeleton->bss;

	return bss->lost_records + bss->untracked;
}

static __u64 skipped_of(int fd)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	return fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.recursion_misses;
}

static __u64 skipped_runs(const struct tracer *t, unsigned int first, unsigned int end)
{
	int fds[2 * ROLES];
	unsigned int count = plan_fds(&t->plan, t->skeleton->obj, first, end, fds);
	__u64 skipped = 0;

	while (count)
		skipped += skipped_of(fds[--count]);
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

const volatile struct freed_slot *tracer_freed_slots(const struct tracer *t, unsigned int *count)
{
	*count = t->freed_slots ? bpf_map__max_entries(t->skeleton->maps.freed_slots) : 0;
	return t->freed_slots;
}

int tracer_sweep(struct tracer *t)
{
	return run_program(t->skeleton->progs.sweep);
}

struct bpf_link *tracer_sample(struct tracer *t, enum tracer_sampler which, int perf_fd)
{
	return bpf_program__attach_perf_event(which == SAMPLER_WATCHPOINT
						      ? t->skeleton->progs.watchpoint
						      : t->skeleton->progs.heartbeat,
					      perf_fd);
}

const struct btf *tracer_btf(const struct tracer *t)
{
	return t->btf;
}

bool tracer_pages_known(const struct tracer *t)
{
	return t->plan.page_offset_base && t->plan.vmemmap_base;
}

__u64 tracer_skipped(const struct tracer *t)
{
	return skipped_runs(t, 0, LIFETIME_ROLES);
}

__u64 tracer_skipped_readers(const struct tracer *t)
{
	return skipped_runs(t, ROLE_READ_OBJECTS, ROLES);
}

__u64 tracer_skipped_removals(const struct tracer *t)
{
	return skipped_runs(t, ROLE_NOTIFIER, ROLE_CREATE + 1) +
	       skipped_runs(t, ROLE_NEW_SLAB, ROLE_NEW_SLAB + 1);
}

__u64 tracer_sizeof(const struct tracer *t, const char *structure)
{
	int id = btf__find_by_name_kind(t->btf, structure, BTF_KIND_STRUCT);
	__s64 size = id > 0 ? btf__resolve_size(t->btf, id) : 0;

	return size > 0 ? size : 0;
}
