// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/msg.h"
#include "bpf/records.h"
#include "kernel/ksyms.h"
#include "trace/kprobe_session.h"
#include "trace/plan.h"

/*
 * The functions that a role can be attached to; the first that works is chosen. A function whose
 * BTF has another number of `arguments' than its BPF programs expect is refused (0: the programs
 * read the first argument only). `programs' are the names of those at its entry and at its return;
 * the program of a kprobe session runs at both. Programs that several functions share get the
 * `cookie' of the function; readers by kprobe share theirs where links have cookies: see
 * program_of().
 */
struct candidate {
	enum probe_role role;
	const char *function;
	unsigned int arguments;
	const char *programs[WAYS][2];
	__u64 cookie; /* enum lifetime_function or enum reader */
};

/* clang-format off */
#define READER_OF(function, number, session)                                               \
	.programs = {                                                                      \
		[WAY_FENTRY] = { "fentry_read_" #function, "fexit_read_" #function },      \
		[WAY_KPROBE] = { "kprobe_read_" #function, "kretprobe_read_" #function },  \
		[WAY_SESSION] = { session } },                                             \
	.cookie = number
#define READER(function, number)     READER_OF(function, number, "session_cold")
#define HOT_READER(function, number) READER_OF(function, number, "session_hot")

static const struct candidate candidates[] = {
	{ ROLE_NOTIFIER, "slab_memory_callback", 3, .programs = {
		[WAY_FENTRY] = { "fentry_notifier", "fexit_notifier" },
		[WAY_KPROBE] = { "kprobe_notifier", "kretprobe_notifier" },
		[WAY_SESSION] = { "session_cold" } }, .cookie = FUNCTION_NOTIFIER },
	{ ROLE_CREATE, "do_kmem_cache_create", 5, .programs = { /* since Linux 6.12 */
		[WAY_FENTRY] = { "fentry_do_create", "fexit_do_create" },
		[WAY_KPROBE] = { "kprobe_create", "kretprobe_create" },
		[WAY_SESSION] = { "session_cold" } }, .cookie = FUNCTION_CREATE },
	{ ROLE_CREATE, "__kmem_cache_create", 2, .programs = { /* up to Linux 6.11 */
		[WAY_FENTRY] = { "fentry_create", "fexit_create" },
		[WAY_KPROBE] = { "kprobe_create", "kretprobe_create" },
		[WAY_SESSION] = { "session_cold" } }, .cookie = FUNCTION_CREATE },
	{ ROLE_RELEASE, "__kmem_cache_release", 1, .programs = {
		[WAY_FENTRY] = { "fentry_release", "fexit_release" },
		[WAY_KPROBE] = { "kprobe_release", "kretprobe_release" },
		[WAY_SESSION] = { "session_cold" } }, .cookie = FUNCTION_RELEASE },
	{ ROLE_SHUTDOWN, "__kmem_cache_shutdown", 1, .programs = {
		[WAY_FENTRY] = { "fentry_shutdown", NULL },
		[WAY_KPROBE] = { "kprobe_shutdown", NULL },
		[WAY_SESSION] = { "session_cold" } }, .cookie = FUNCTION_SHUTDOWN },
	{ ROLE_ALIAS, "sysfs_slab_alias", 2, .programs = {
		[WAY_FENTRY] = { "fentry_alias", NULL },
		[WAY_KPROBE] = { "kprobe_alias", NULL },
		[WAY_SESSION] = { "session_cold" } }, .cookie = FUNCTION_ALIAS },
	{ ROLE_DESTROY, "kmem_cache_destroy", 1, .programs = {
		[WAY_FENTRY] = { "fentry_destroy", NULL },
		[WAY_KPROBE] = { "kprobe_destroy", NULL },
		[WAY_SESSION] = { "session_cold" } }, .cookie = FUNCTION_DESTROY },
	{ ROLE_OFFLINE, "offline_pages", 0, .programs = {
		[WAY_FENTRY] = { NULL, "fexit_offline" },
		[WAY_KPROBE] = { "kprobe_offline", "kretprobe_offline" },
		[WAY_SESSION] = { "session_cold" } }, .cookie = FUNCTION_OFFLINE },
	{ ROLE_NEW_SLAB, "allocate_slab", 3, .programs = {
		[WAY_FENTRY] = { NULL, "fexit_allocate_slab" },
		[WAY_KPROBE] = { NULL, "kretprobe_allocate_slab" },
		[WAY_SESSION] = { "session_allocate_slab" } } },
	{ ROLE_NEW_SLAB, "allocate_slab", 4, .programs = { /* since Linux 7.0 */
		[WAY_FENTRY] = { NULL, "fexit_allocate_slab_spin" },
		[WAY_KPROBE] = { NULL, "kretprobe_allocate_slab" },
		[WAY_SESSION] = { "session_allocate_slab" } } },
	{ ROLE_READ_OBJECTS, "show_slab_objects", 3, READER(show_slab_objects, READER_OBJECTS) },
	{ ROLE_READ_SLABINFO, "get_slabinfo", 2, READER(get_slabinfo, READER_SLABINFO) },
	{ ROLE_READ_OOM, "slab_out_of_memory", 3, READER(slab_out_of_memory, READER_OOM) },
	{ ROLE_READ_SHRINK, "__kmem_cache_do_shrink", 1, /* since Linux 6.0 */
	  READER(__kmem_cache_do_shrink, READER_SHRINK) },
	{ ROLE_READ_SHRINK, "__kmem_cache_shrink", 1, READER(__kmem_cache_shrink, READER_SHRINK) },
	{ ROLE_READ_VALIDATE, "validate_slab_cache", 1, READER(validate_slab_cache, READER_VALIDATE) },
	{ ROLE_READ_LOCATIONS, "list_locations", 3, /* up to Linux 5.13 */
	  READER(list_locations, READER_LOCATIONS) },
	{ ROLE_READ_LOCATIONS, "slab_debug_trace_open", 2, /* since Linux 5.14 */
	  READER(slab_debug_trace_open, READER_TRACES) },
	{ ROLE_READ_ALLOC, "___slab_alloc", 0, HOT_READER(___slab_alloc, READER_ALLOC) },
	{ ROLE_READ_REFILL, "refill_objects", 0, /* since Linux 7.1 */
	  HOT_READER(refill_objects, READER_REFILL) },
	{ ROLE_READ_PARTIAL, "get_partial_node", 0, .programs = {
		[WAY_FENTRY] = { "fentry_read_get_partial_node", NULL },
		[WAY_KPROBE] = { "kprobe_read_get_partial_node", NULL } } },
};
#define CANDIDATES (sizeof(candidates) / sizeof(*candidates))

static const struct probe_role_info roles[ROLES] = {
	[ROLE_NOTIFIER] = { "notifier", "nodes going offline and online", true },
	[ROLE_CREATE] = { "create", "caches created while tracing", true },
	[ROLE_RELEASE] = { "release", "structures freed with a cache", true },
	[ROLE_SHUTDOWN] = { "shutdown", "caches that are being destroyed", true },
	[ROLE_ALIAS] = { "alias", "caches merged into others", false },
	[ROLE_DESTROY] = { "destroy", "users that drop a merged cache", false },
	[ROLE_OFFLINE] = { "offline", "memory that stays online", false },
	[ROLE_NEW_SLAB] = { "new-slab", "new pages of kmem_cache_node", false },
	[ROLE_READ_OBJECTS] = { "sysfs", "readers of /sys/kernel/slab", false },
	[ROLE_READ_SLABINFO] = { "slabinfo", "readers of /proc/slabinfo", false },
	[ROLE_READ_OOM] = { "oom", "reports of failed allocations", false },
	[ROLE_READ_SHRINK] = { "shrink", "caches being shrunk", false },
	[ROLE_READ_VALIDATE] = { "validate", "caches being validated", false },
	[ROLE_READ_LOCATIONS] = { "locations", "readers of alloc, free traces", false },
	[ROLE_READ_ALLOC] = { "alloc", "allocations on the slow path", false, WHEN_REMOVAL },
	[ROLE_READ_REFILL] = { "refill", "sheaves being refilled", false, WHEN_REMOVAL },
	[ROLE_READ_PARTIAL] = { "partial", "walks of partial lists", false, WHEN_FREED },
};
/* clang-format on */

/* Data symbols to look up; they follow the candidates in plan->symbols. */
enum {
	SYMBOL_SLAB_CACHES,
	SYMBOL_PAGE_OFFSET_BASE,
	SYMBOL_VMEMMAP_BASE,
	SYMBOL_PER_CPU_OFFSET,
	SYMBOL_PREEMPT_SCHEDULE,
	DATA_SYMBOLS
};
static const char *const data_symbols[DATA_SYMBOLS] = {
	[SYMBOL_SLAB_CACHES] = "slab_caches",
	[SYMBOL_PAGE_OFFSET_BASE] = "page_offset_base",
	[SYMBOL_VMEMMAP_BASE] = "vmemmap_base",
	[SYMBOL_PER_CPU_OFFSET] = "__per_cpu_offset",
	[SYMBOL_PREEMPT_SCHEDULE] = "preempt_schedule",
};

const char *probe_way_name(enum probe_way way)
{
	static const char *const names[WAYS] = {
		[WAY_NONE] = "none",
		[WAY_FENTRY] = "fentry",
		[WAY_KPROBE] = "kprobe",
		[WAY_SESSION] = "kprobe.session",
	};

	return names[way];
}

/*
 * Find the program of a role at the entry or at the return of its function. Readers by kprobe
 * share programs where links have cookies. Returns its name, or NULL if there is none.
 */
static const char *program_of(const struct plan *plan, const struct probe *probe, bool at_return)
{
	static const char *const cold[] = { "kprobe_read", "kretprobe_read" };
	static const char *const hot[] = { "kprobe_read_hot", "kretprobe_read_hot" };

	if (!probe->candidate)
		return NULL;
	if (plan->cookies && probe->way == WAY_KPROBE && probe->info->when != WHEN_FREED &&
	    probe->candidate->role >= ROLE_READ_OBJECTS)
		return (probe->info->when == WHEN_REMOVAL ? hot : cold)[at_return];
	return probe->candidate->programs[probe->way][at_return];
}

static const struct btf_type *btf_prototype(const struct plan *plan, const struct candidate *c)
{
	int id = btf__find_by_name_kind(plan->btf, c->function, BTF_KIND_FUNC);

	return id < 0 ? NULL : btf__type_by_id(plan->btf, btf__type_by_id(plan->btf, id)->type);
}

/* Return why the candidate cannot be tried that way, or NULL if it can. */
static const char *why_not(const struct plan *plan, const struct candidate *c, enum probe_way way)
{
	static const enum probe_way only[] = {
		[ATTACH_FENTRY] = WAY_FENTRY,
		[ATTACH_KPROBE] = WAY_KPROBE,
		[ATTACH_SESSION] = WAY_SESSION,
		[ATTACH_NOTHING] = WAY_NONE,
	};
	const struct kallsyms_symbol *symbol = &plan->symbols[c - candidates];
	bool exact = !strcmp(symbol->name, c->function);
	const struct btf_type *prototype;

	if (c->role >= LIFETIME_ROLES && !plan->detect)
		return "not asked for";
	if (plan->attach != ATTACH_AUTO && only[plan->attach] != way)
		return "not asked for";
	if (!c->programs[way][0] && !c->programs[way][1])
		return "no program for this way";
	if (way == WAY_SESSION && !plan->session_kfuncs[KFUNC_SESSION_COOKIE])
		return "not in this kernel";
	prototype = btf_prototype(plan, c);
	if (way == WAY_FENTRY && !prototype)
		return "not in BTF";
	/* The prototype does not describe a function that the compiler has renamed. */
	if ((way == WAY_FENTRY || exact) && prototype && c->arguments &&
	    btf_vlen(prototype) != c->arguments)
		return "other arguments in BTF";
	/* BTF may have a function without a symbol of its name, where fentry would fail. */
	if (way == WAY_FENTRY)
		return plan->symbols_read && !exact ? "no such symbol" : NULL;
	return symbol->found ? NULL : "no such symbol";
}

static void note_why(struct probe *probe, const struct candidate *c, enum probe_way way,
		     const char *why)
{
	size_t at = strlen(probe->why);

	snprintf(probe->why + at, sizeof(probe->why) - at, "%s%s %s: %s", at ? "; " : "",
		 probe_way_name(way), c->function, why);
}

/*
 * Find the ways of a role, the best one first: the one that loses the least, and of those the
 * cheapest. Returns WAYS - 1 ways.
 *
 * fentry: a trampoline runs its programs with preemption on, and since Linux 5.12 it skips a
 * program that runs on the CPU already: while one task is preempted in a reader's program, that of
 * all others on the CPU is skipped. Functions that no two tasks enter at a time lose nothing. Each
 * function whose trampoline is removed waits up to 132 ms.
 *
 * kprobe, kprobe.session: the programs run with preemption off. While one runs on a CPU, those of
 * interrupts are skipped, the return with the entry. So the notifier, which walks all caches, stays
 * with a trampoline, and so does allocate_slab(), which interrupts call. So do the other functions
 * that interrupts call where the kernel does not count what kprobes miss. While no node changes,
 * they add 0.6 % by kprobe to opening files, exec and fork together on Linux 6.12, and up to 4.5 %
 * where most allocations take the slow path. A session costs less than a kprobe, and its removal
 * waits once for all its functions.
 */
static const enum probe_way *ways_of(const struct plan *plan, enum probe_role role)
{
	static const enum probe_way fentry_first[WAYS - 1] = { WAY_FENTRY, WAY_SESSION,
							       WAY_KPROBE };
	static const enum probe_way session_first[WAYS - 1] = { WAY_SESSION, WAY_FENTRY,
								WAY_KPROBE };
	static const enum probe_way kprobe_first[WAYS - 1] = { WAY_SESSION, WAY_KPROBE,
							       WAY_FENTRY };
	bool hot = roles[role].when != WHEN_ALWAYS;

	if (role == ROLE_NOTIFIER || role == ROLE_NEW_SLAB)
		return fentry_first;
	if (role < LIFETIME_ROLES)
		return session_first;
	return plan->skips && (!hot || plan->counts_missed) ? kprobe_first : fentry_first;
}

/*
 * Choose the first candidate and way after the given ones that can be tried. All candidates by
 * the best way come before those by the other.
 */
static void choose_after(struct plan *plan, enum probe_role role, const struct candidate *last,
			 enum probe_way last_way)
{
	struct probe *probe = &plan->probes[role];
	bool passed = !last;

	probe->candidate = NULL;
	probe->way = WAY_NONE;
	for (unsigned int i = 0; i < WAYS - 1; i++) {
		enum probe_way way = ways_of(plan, role)[i];

		for (const struct candidate *c = candidates; c < candidates + CANDIDATES; c++) {
			const char *why;

			if (c->role != role)
				continue;
			if (!passed) {
				passed = c == last && way == last_way;
				continue;
			}
			why = why_not(plan, c, way);
			if (why) {
				note_why(probe, c, way, why);
				continue;
			}
			probe->candidate = c;
			probe->way = way;
			probe->symbol = way == WAY_FENTRY ? c->function
							  : plan->symbols[c - candidates].name;
			probe->address = plan->symbols[c - candidates].address;
			probe->cookie = c->cookie;
			return;
		}
	}
}

int plan_want(struct btf_subset *wanted)
{
	int err = 0;

	for (unsigned int i = 0; i < CANDIDATES && !err; i++)
		err = btf_subset_want(wanted, candidates[i].function);
	return err;
}

/*
 * Check whether a function of a role that can be attached by another name has none of its own. An
 * exact search does not show the names that a compiler has changed.
 */
static bool lacks_function(const struct plan *plan)
{
	bool found[LIFETIME_ROLES] = {};
	bool all = true;

	for (unsigned int i = 0; i < CANDIDATES; i++)
		if (candidates[i].role < LIFETIME_ROLES)
			found[candidates[i].role] |= plan->symbols[i].found;
	for (unsigned int role = 0; role < LIFETIME_ROLES; role++)
		all &= found[role];
	return plan->attach != ATTACH_NOTHING && !all;
}

static int find_symbols(struct plan *plan)
{
	struct kallsyms_symbol *data;
	int err;

	plan->symbols = calloc(CANDIDATES + DATA_SYMBOLS, sizeof(*plan->symbols));
	if (!plan->symbols)
		return -ENOMEM;
	data = plan->symbols + CANDIDATES;
	for (unsigned int i = 0; i < CANDIDATES; i++) {
		plan->symbols[i].want = candidates[i].function;
		/* A function that the compiler has renamed may lack arguments. */
		plan->symbols[i].function = candidates[i].role < LIFETIME_ROLES;
	}
	for (unsigned int i = 0; i < DATA_SYMBOLS; i++)
		data[i].want = data_symbols[i];

	err = ksyms_find(plan->symbols, CANDIDATES + DATA_SYMBOLS);
	if (err || lacks_function(plan))
		err = kallsyms_find("/proc", plan->symbols, CANDIDATES + DATA_SYMBOLS,
				    &plan->hidden);
	if (err)
		msg_verbose("cannot read /proc/kallsyms: %s", strerror(-err)); /* fentry works */
	plan->symbols_read = !err;
	plan->slab_caches = data[SYMBOL_SLAB_CACHES].address;
	plan->page_offset_base = data[SYMBOL_PAGE_OFFSET_BASE].address;
	plan->vmemmap_base = data[SYMBOL_VMEMMAP_BASE].address;
	plan->per_cpu_offset = data[SYMBOL_PER_CPU_OFFSET].address;
	plan->preemption = data[SYMBOL_PREEMPT_SCHEDULE].found;
	return 0;
}

int plan_make(struct plan *plan, const struct btf *btf, const struct kernel_types *types,
	      enum attach attach, bool detect)
{
	int err;

	memset(plan, 0, sizeof(*plan));
	plan->btf = btf;
	plan->attach = attach;
	plan->detect = detect;
	err = find_symbols(plan);
	if (err)
		return err;
	plan->iterator = types->iterator;
	plan->skips = types->trampolines_skip;
	plan->cookies = types->attach_cookies;
	plan->counts_missed = types->counts_missed;
	plan->few_returns = types->few_returns;
	plan->session_kfuncs[KFUNC_SESSION_IS_RETURN] = types->session_is_return;
	plan->session_kfuncs[KFUNC_SESSION_COOKIE] = types->session_cookie;
	for (unsigned int role = 0; role < ROLES; role++) {
		plan->probes[role].info = &roles[role];
		choose_after(plan, role, NULL, WAY_NONE);
	}
	return 0;
}

/* The programs of hot readers, and those of the cold ones as which they go on. */
static const struct {
	const char *hot, *cold;
} cold_programs[COLD_PROGRAMS] = {
	[COLD_ENTRY] = { "kprobe_read_hot", "kprobe_read" },
	[COLD_RETURN] = { "kretprobe_read_hot", "kretprobe_read" },
	[COLD_SESSION] = { "session_hot", "session_cold" },
};

/* Let a program be loaded, and the one as which it goes on. Returns 0 or -ENOENT. */
static int select_program(const struct plan *plan, struct bpf_object *object, const char *name,
			  enum probe_way way)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, name);

	if (!program)
		return -ENOENT;
	bpf_program__set_autoload(program, true);
	if (way == WAY_SESSION)
		kprobe_session_prepare(program, plan->session_kfuncs);
	for (unsigned int i = 0; i < COLD_PROGRAMS; i++)
		if (!strcmp(name, cold_programs[i].hot))
			return select_program(plan, object, cold_programs[i].cold, way);
	return 0;
}

int plan_select(struct plan *plan, struct bpf_object *object)
{
	struct bpf_program *program;
	int err = 0;

	bpf_object__for_each_program (program, object)
		bpf_program__set_autoload(program, false);
	for (unsigned int role = 0; role < ROLES && !err; role++) {
		for (unsigned int i = 0; i < 2 && !err; i++) {
			const char *name = program_of(plan, &plan->probes[role], i);

			plan->programs[role][i] =
				name ? bpf_object__find_program_by_name(object, name) : NULL;
			if (name)
				err = select_program(plan, object, name, plan->probes[role].way);
		}
	}
	return err;
}

int plan_join(const struct bpf_object *object, const struct bpf_map *programs)
{
	for (__u32 i = 0; i < COLD_PROGRAMS; i++) {
		const struct bpf_program *hot, *cold;
		int fd;

		hot = bpf_object__find_program_by_name(object, cold_programs[i].hot);
		cold = bpf_object__find_program_by_name(object, cold_programs[i].cold);
		if (!bpf_program__autoload(hot))
			continue;
		fd = bpf_program__fd(cold);
		if (bpf_map_update_elem(bpf_map__fd(programs), &i, &fd, BPF_ANY))
			return -errno;
	}
	return 0;
}

void plan_next(struct plan *plan, unsigned int role, int err)
{
	struct probe *probe = &plan->probes[role];

	msg_verbose("%s %s does not attach: %s", probe_way_name(probe->way), probe->symbol,
		    strerror(-err));
	note_why(probe, probe->candidate, probe->way, strerror(-err));
	choose_after(plan, role, probe->candidate, probe->way);
	memset(plan->programs[role], 0, sizeof(plan->programs[role]));
}

/*
 * Choose the next candidate that is attached another way, for the roles from `first' to before
 * `end'. Returns true if a role has changed.
 */
static bool leave_way(struct plan *plan, enum probe_way way, unsigned int first, unsigned int end,
		      int error)
{
	bool changed = false;

	for (unsigned int role = first; role < end; role++) {
		struct probe *probe = &plan->probes[role];

		while (probe->way == way) {
			note_why(probe, probe->candidate, probe->way, strerror(-error));
			choose_after(plan, role, probe->candidate, probe->way);
			changed = true;
		}
	}
	return changed;
}

int plan_fall_back(struct plan *plan, int error)
{
	static const enum probe_way replaced[] = { WAY_SESSION, WAY_FENTRY };

	/* One program that does not load fails the whole object, and the detection is optional. */
	for (size_t i = 0; i < sizeof(replaced) / sizeof(*replaced); i++) {
		if (leave_way(plan, replaced[i], LIFETIME_ROLES, ROLES, error))
			return 0;
		if (plan->attach == ATTACH_AUTO &&
		    leave_way(plan, replaced[i], 0, LIFETIME_ROLES, error))
			return 0;
	}
	return -ENOENT;
}

void plan_free(struct plan *plan)
{
	plan_detach(plan);
	free(plan->symbols);
	plan->symbols = NULL;
}

unsigned int plan_arguments(const struct plan *plan, enum probe_role role)
{
	const struct candidate *c = plan->probes[role].candidate;
	const struct btf_type *prototype = c ? btf_prototype(plan, c) : NULL;

	return prototype ? btf_vlen(prototype) : 0;
}

const struct probe *plan_missing(const struct plan *plan)
{
	for (unsigned int role = 0; role < ROLES; role++)
		if (plan->probes[role].info->needed && !plan->probes[role].candidate)
			return &plan->probes[role];
	return NULL;
}
