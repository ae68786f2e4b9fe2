// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include "kernel/names.h"

/* clang-format off */
static const struct {
	const char *function;
	unsigned int flags;
} functions[] = {
	/* mm/maccess.c */
	{ "copy_from_kernel_nofault", NAME_DEBUGGER },
	/* kernel/trace/bpf_trace.c */
	{ "bpf_probe_read_kernel", NAME_DEBUGGER },
	{ "bpf_probe_read_kernel_common", NAME_DEBUGGER },
	/* arch/x86/lib/copy_mc.c; read_kcore() and others use it */
	{ "copy_mc_to_kernel", NAME_DEBUGGER },
	/* mm/kmemleak.c */
	{ "scan_block", NAME_DEBUGGER | NAME_DEBUGGER_CALLER },
	/* fs/proc/kcore.c: read_kcore() up to Linux 6.3, read_kcore_iter() since 6.4 */
	{ "read_kcore", NAME_DEBUGGER_CALLER },
	{ "read_kcore_iter", NAME_DEBUGGER_CALLER },
	/* drivers/char/mem.c */
	{ "read_mem", NAME_DEBUGGER_CALLER },
	/* mm/kasan/quarantine.c: the quarantine links freed objects by a word in them */
	{ "quarantine_put", NAME_DEBUGGER }, /* Linux 5.10 */
	{ "kasan_quarantine_put", NAME_DEBUGGER },
	{ "quarantine_reduce", NAME_DEBUGGER }, /* Linux 5.10 */
	{ "kasan_quarantine_reduce", NAME_DEBUGGER },
	{ "kasan_quarantine_remove_cache", NAME_DEBUGGER },
	{ "qlist_move_all", NAME_DEBUGGER },
	{ "qlist_free_all", NAME_DEBUGGER },
	{ "qlink_free", NAME_DEBUGGER },

	/*
	 * mm/slub.c, Linux 5.10 to 7.3. Any task may run these on a slab of kmem_cache_node;
	 * they read and write the free-list words of its free objects.
	 */
	{ "deactivate_slab", NAME_FREE_LIST },
	{ "unfreeze_partials", NAME_FREE_LIST },   /* Linux 5.10 */
	{ "__unfreeze_partials", NAME_FREE_LIST }, /* Linux 6.1 */
	{ "__put_partials", NAME_FREE_LIST },      /* Linux 6.12 to 6.18 */
	{ "put_cpu_partial", NAME_FREE_LIST },
	{ "flush_cpu_slab", NAME_FREE_LIST },
	{ "__flush_cpu_slab", NAME_FREE_LIST },
	{ "flush_all", NAME_FREE_LIST },
	{ "free_to_partial_list", NAME_FREE_LIST }, /* since Linux 6.1 */
	{ "__kmem_cache_do_shrink", NAME_FREE_LIST },
	{ "__kmem_cache_shrink", NAME_FREE_LIST },
	{ "validate_slab", NAME_FREE_LIST },
	{ "validate_slab_slab", NAME_FREE_LIST },
	{ "on_freelist", NAME_FREE_LIST },
	{ "check_object", NAME_FREE_LIST },
	{ "process_slab", NAME_FREE_LIST },
};

/* Functions that lie between the traced function and our program on a stack. */
static const char *const tracing_prefixes[] = {
	/* helpers, kernel/bpf/ and kernel/trace/bpf_trace.c */
	"bpf_", "__bpf_", "____bpf_", "trace_call_bpf",
	/* kprobes and function graph: kernel/kprobes.c, kernel/trace/, arch/x86/kernel/ */
	"kprobe_", "kretprobe_", "__kretprobe_", "arch_rethook_", "rethook_", "ftrace_",
	"optimized_callback",
	/* perf and breakpoints: kernel/events/ */
	"perf_", "__perf_", "hw_breakpoint_", "get_perf_callchain",
	/* the debug exception: arch/x86/kernel/traps.c, kernel/notifier.c */
	"notify_die", "atomic_notifier_", "notifier_call_chain", "exc_debug", "asm_exc_debug",
	"do_debug",
};
/* clang-format on */

static bool is_tracing(const char *function, const char *module)
{
	/* /proc/kallsyms names this "module" for BPF programs and trampolines. */
	if (!strcmp(module, "bpf"))
		return true;
	for (size_t i = 0; i < sizeof(tracing_prefixes) / sizeof(*tracing_prefixes); i++)
		if (!strncmp(function, tracing_prefixes[i], strlen(tracing_prefixes[i])))
			return true;
	return false;
}

/* Compare a name with one of the lists. A compiler may have added a suffix, such as .isra.0. */
static bool is_function(const char *name, const char *function)
{
	size_t len = strlen(function);

	return !strncmp(name, function, len) && (!name[len] || name[len] == '.');
}

unsigned int names_of_function(const char *function, const char *module)
{
	unsigned int flags = is_tracing(function, module) ? NAME_TRACING : 0;

	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (is_function(function, functions[i].function))
			flags |= functions[i].flags;
	return flags;
}
