/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel types that the programs use, and nothing more. Fields are found
 * by CO-RE, so only names and kinds matter here, not the layout. A type of
 * another generation carries a flavour (___suffix) and says which release
 * brought it.
 */
#ifndef SLUBNODE_VMLINUX_SLUB_H
#define SLUBNODE_VMLINUX_SLUB_H

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

/* include/uapi/linux/bpf.h; the values are ABI. */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_STACK = 23,
	BPF_MAP_TYPE_RINGBUF = 27,
};

enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
};

enum {
	BPF_F_MMAPABLE = 1 << 10,
};

/*
 * include/uapi/linux/bpf_perf_event.h: the context of a perf_event program, of
 * x86-64. ABI, so not relocated: struct pt_regs is 21 words, in this order
 * (arch/x86/include/uapi/asm/ptrace.h).
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
 * include/linux/memory.h since 7.0, and in stable releases; macros before. The
 * values are taken from BTF.
 */
enum memory_block_state {
	MEM_ONLINE,
	MEM_GOING_OFFLINE,
	MEM_OFFLINE,
	MEM_GOING_ONLINE,
	MEM_CANCEL_ONLINE,
	MEM_CANCEL_OFFLINE,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* arch/x86/include/asm/ptrace.h; 5.10 to 7.3 */
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

/* include/linux/types.h; 5.10 to 7.3 */
struct list_head {
	struct list_head *next;
	struct list_head *prev;
};

/*
 * include/linux/pid.h, pid_namespace.h, ns_common.h, sched.h; 5.10 to 7.3: a
 * task's pid in its own namespace is that of the last level.
 */
struct ns_common {
	unsigned int inum;
};

struct pid_namespace {
	struct ns_common ns;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

struct task_struct {
	struct task_struct *group_leader;
	struct pid *thread_pid;
};

/*
 * mm/slab.h (5.10 to 7.3); before 6.18 a node's `barn' does not exist, and
 * since 7.2 it stands beside the node in kmem_cache_per_node_ptrs.
 */
struct node_barn {
	unsigned int nr_full;
	unsigned int nr_empty;
};

struct kmem_cache_node {
	unsigned long nr_partial;
	struct list_head partial;
	struct node_barn *barn;
};

/*
 * include/linux/slub_def.h (5.10 to 6.7), mm/slab.h (since 6.8). The array
 * has nr_node_ids entries, whatever BTF says. `random' stands under
 * CONFIG_SLAB_FREELIST_HARDENED.
 */
struct kmem_cache_order_objects {
	unsigned int x; /* order << 16 | objects */
};

struct kmem_cache {
	unsigned int size;
	unsigned int object_size;
	unsigned int offset;
	struct kmem_cache_order_objects oo;
	unsigned int sheaf_capacity; /* since 6.18 */
	int refcount;
	const char *name;
	struct list_head list;
	unsigned long random;
	struct kmem_cache_node *node[1024];
};

/* mm/slab.h, since 7.2: node and barn side by side. */
struct kmem_cache_per_node_ptrs {
	struct node_barn *barn;
	struct kmem_cache_node *node;
};

struct kmem_cache___per_node {
	struct kmem_cache_per_node_ptrs per_node[1024];
};

/* include/linux/mm_types.h (5.10: SLUB's words lie in struct page itself) */
struct page {
	struct kmem_cache *slab_cache;
};

/* mm/slab.h, since 5.17: a page of SLUB, seen through its own type */
struct slab {
	struct kmem_cache *slab_cache;
};

/* include/linux/fs.h; 5.10 to 7.3 */
struct inode {
	void *i_private;
};

/* include/linux/memory.h, 5.10 to 6.16 */
struct memory_notify {
	int status_change_nid_normal;
	int status_change_nid;
};

/* include/linux/node.h, since 6.17 */
struct node_notify {
	int nid;
};

/* mm/slab_common.c, since 6.13: the context of iter/kmem_cache */
struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__kmem_cache {
	struct bpf_iter_meta *meta;
	struct kmem_cache *s;
};

#pragma clang attribute pop

#endif /* SLUBNODE_VMLINUX_SLUB_H */
