/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel types and fields that the programs use, and no others. CO-RE finds
 * fields by name, so their order and offsets do not matter here. Each type names its
 * source file and the releases that have it; without releases, all from 5.10 to 7.3
 * have it. A type whose fields differ between releases has a flavour (___suffix).
 */
#ifndef SLUBNODE_VMLINUX_H
#define SLUBNODE_VMLINUX_H

/* include/uapi/asm-generic/int-ll64.h, include/uapi/linux/types.h, include/linux/types.h */

typedef signed char __s8;
typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u32 __wsum;
typedef __u8 u8;
typedef __u32 u32;
typedef __s32 s32;
typedef __u64 u64;
typedef __s64 s64;
typedef _Bool bool;

enum { false = 0, true = 1 };

/* include/uapi/linux/bpf.h: the values are ABI. */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PROG_ARRAY = 3,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_STACK = 23,
	BPF_MAP_TYPE_RINGBUF = 27,
};

enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
};

enum {
	BPF_F_NO_PREALLOC = 1 << 0,
	BPF_F_MMAPABLE = 1 << 10,
};

enum {
	BPF_RB_AVAIL_DATA = 0,
};

/*
 * include/uapi/linux/bpf_perf_event.h: struct bpf_perf_event_data, the context of a
 * perf_event program, on x86-64. The layout is ABI and is not relocated: the
 * registers are 21 words in this order (arch/x86/include/uapi/asm/ptrace.h).
 */
enum perf_register {
	PERF_R15,
	PERF_R14,
	PERF_R13,
	PERF_R12,
	PERF_BP,
	PERF_BX,
	PERF_R11,
	PERF_R10,
	PERF_R9,
	PERF_R8,
	PERF_AX,
	PERF_CX,
	PERF_DX,
	PERF_SI,
	PERF_DI,
	PERF_ORIG_AX,
	PERF_IP,
	PERF_CS,
	PERF_FLAGS,
	PERF_SP,
	PERF_SS,
	PERF_REGISTERS,
};

struct perf_context {
	unsigned long regs[PERF_REGISTERS];
	__u64 sample_period;
	__u64 addr;
};

/*
 * include/linux/memory.h, an enum since "mm: convert memory block states (MEM_*)
 * macros to enum" (Linux 7.0; Debian's 6.12.117 has it, too), macros before. CO-RE
 * takes the values from BTF.
 */
enum memory_block_state {
	MEM_ONLINE,
	MEM_GOING_OFFLINE,
	MEM_OFFLINE,
	MEM_GOING_ONLINE,
	MEM_CANCEL_ONLINE,
	MEM_CANCEL_OFFLINE,
};

/*
 * include/linux/page-flags.h. PG_slab was a page flag up to Linux 6.9; PGTY_slab, a page
 * type, came with "mm: support only one page_type per page" (Linux 6.12).
 * Linux 6.10 and 6.11 have PG_slab as a bit of page_type, which is not supported.
 */
enum pageflags {
	PG_slab,
};

enum pagetype {
	PGTY_slab,
};

/*
 * include/linux/slab.h, an enum since "mm, slab: use an enum to define SLAB_ cache creation
 * flags" (Linux 6.9), macros before. The names depend on the configuration.
 */
enum _slab_flag_bits {
	_SLAB_CONSISTENCY_CHECKS,
	_SLAB_RED_ZONE,
	_SLAB_POISON,
	_SLAB_STORE_USER,
	_SLAB_TRACE,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* arch/x86/include/asm/ptrace.h */
struct pt_regs {
	unsigned long di;
	unsigned long si;
	unsigned long dx;
	unsigned long cx;
	unsigned long r8;
	unsigned long sp;
	unsigned long bp;
	unsigned long ax;
	unsigned long ip;
};

/* include/linux/types.h */
struct list_head {
	struct list_head *next;
	struct list_head *prev;
};

/* include/linux/types.h, include/linux/atomic/atomic-long.h */
typedef struct {
	long counter;
} atomic_long_t;

/* include/linux/ns_common.h */
struct ns_common {
	unsigned int inum;
};

/* include/linux/pid_namespace.h */
struct pid_namespace {
	struct ns_common ns;
};

/* include/linux/pid.h: numbers[level] is the pid in the task's own namespace */
struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

/* include/linux/sched.h */
struct task_struct {
	struct task_struct *group_leader;
	struct pid *thread_pid;
};

/*
 * mm/slub.c, since "slab: add opt-in caching layer of percpu sheaves" (Linux 6.18)
 */
struct node_barn {
	unsigned int nr_full;
	unsigned int nr_empty;
};

/*
 * mm/slab.h up to Linux 6.7; mm/slub.c since "mm/slab: move struct kmem_cache_node
 * from slab.h to slub.c" (Linux 6.8). `barn' in 6.18 to 7.0 only. `nr_slabs' needs
 * CONFIG_SLUB_DEBUG.
 */
struct kmem_cache_node {
	unsigned long nr_partial;
	struct list_head partial;
	atomic_long_t nr_slabs;
	struct node_barn *barn;
};

/*
 * include/linux/slub_def.h up to Linux 6.7; mm/slab.h since "mm/slab: move the rest
 * of slub_def.h to mm/slab.h" (Linux 6.8). `random' needs
 * CONFIG_SLAB_FREELIST_HARDENED. `node' up to Linux 7.0 only; the kernel allocates
 * nr_node_ids entries of it, although BTF says MAX_NUMNODES.
 */
struct kmem_cache_order_objects {
	unsigned int x; /* order << 16 | objects */
};

/*
 * include/linux/slub_def.h up to Linux 6.7, then mm/slub.c, up to Linux 6.19 and not with
 * CONFIG_SLUB_TINY. `page' up to Linux 5.16, `slab' since "mm: Split slab into its own type"
 * (Linux 5.17).
 */
struct kmem_cache_cpu {
	void **freelist;
	unsigned long tid;
	struct page *page;
	struct slab *slab;
};

/* mm/slub.c: `object' since "slub: Change get_partial() interfaces to return slab" (Linux 6.8) */
struct partial_context {
	void *object;
};

/* include/linux/kasan.h, with CONFIG_KASAN */
struct kasan_cache {
	int alloc_meta_offset;
};

struct kmem_cache {
	struct kmem_cache_cpu *cpu_slab; /* per CPU; see struct kmem_cache_cpu */
	unsigned int flags;
	unsigned int size;
	unsigned int object_size;
	unsigned int offset;
	unsigned int red_left_pad; /* with CONFIG_SLUB_DEBUG */
	struct kmem_cache_order_objects oo;
	unsigned int allocflags;     /* gfp_t */
	unsigned int sheaf_capacity; /* since Linux 6.18 */
	int refcount;
	const char *name;
	struct list_head list;
	unsigned long random;
	struct kasan_cache kasan_info; /* with CONFIG_KASAN_GENERIC, on x86-64 */
	struct kmem_cache_node *node[1024];
};

/*
 * mm/slab.h, since "slab: decouple pointer to barn from kmem_cache_node"
 * (5ba6bc27b1f9, Linux 7.1): per_node[] replaces node[] and kmem_cache_node.barn.
 */
struct kmem_cache_per_node_ptrs {
	struct node_barn *barn;
	struct kmem_cache_node *node;
};

struct kmem_cache___per_node {
	struct kmem_cache_per_node_ptrs per_node[1024];
};

/*
 * include/linux/mm_types.h. `slab_cache', `freelist' and `counters' up to Linux 5.16;
 * `compound_head' is named `compound_info' since "mm: rename the 'compound_head' field in the
 * 'struct page' to 'compound_info'" (after Linux 7.0).
 */
struct page {
	struct kmem_cache *slab_cache;
	void *freelist;
	unsigned long counters;
	unsigned long compound_head;
	unsigned long compound_info;
	unsigned int page_type;
};

/* mm/slab.h, since "mm: Split slab into its own type" (Linux 5.17): overlays struct page */
struct slab {
	struct kmem_cache *slab_cache;
	void *freelist;
	unsigned long counters; /* inuse: 16, objects: 15, frozen: 1 */
};

/* include/linux/fs.h */
struct inode {
	void *i_private;
};

/*
 * include/linux/memory.h; these fields up to Linux 6.16 only (the series of "mm,slub:
 * use node-notifier instead of memory-notifier" removed them).
 */
struct memory_notify {
	int status_change_nid_normal;
	int status_change_nid;
};

/* include/linux/node.h, since "mm,memory_hotplug: implement numa node notifier" (Linux 6.17) */
struct node_notify {
	int nid;
};

/* include/linux/seq_file.h */
struct seq_file;

/* include/linux/bpf.h */
struct bpf_iter_meta {
	struct seq_file *seq;
};

/*
 * kernel/bpf/kmem_cache_iter.c, since "bpf: Add kmem_cache iterator" (Linux 6.13):
 * the context of iter/kmem_cache
 */
struct bpf_iter__kmem_cache {
	struct bpf_iter_meta *meta;
	struct kmem_cache *s;
};

#pragma clang attribute pop

#endif /* SLUBNODE_VMLINUX_H */
