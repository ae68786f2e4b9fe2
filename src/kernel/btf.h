/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's types, from its BTF: sizes, fields, and features that their existence shows. */
#ifndef SLUBNODE_KERNEL_BTF_H
#define SLUBNODE_KERNEL_BTF_H

#include <bpf/btf.h>
#include <linux/types.h>
#include <stdbool.h>
#include "kernel/btf_subset.h"

#define KERNEL_FIELDS_MAX 16

struct kernel_field {
	char name[24]; /* "" for an unnamed union or structure */
	__u32 offset, size;
};

struct kernel_types {
	__u32 node_bytes;  /* struct kmem_cache_node; 0: it is not in BTF */
	__u32 field_count; /* its fields */
	struct kernel_field fields[KERNEL_FIELDS_MAX];
	__u32 barn_bytes;  /* struct node_barn, since Linux 6.18; 0: there is none */
	__u32 sheaf_bytes; /* struct slab_sheaf, since Linux 6.18; 0: there is none */
	__u32 pgdat_bytes; /* struct pglist_data */
	/*
	 * Barns hang on s->per_node[] and not on the structure, since Linux 7.1 (5ba6bc27b1f9):
	 * the CPUs of a node without memory use them, too.
	 */
	bool per_node_barns;
	bool node_notifier;    /* SLUB uses the node notifier, since Linux 6.17 */
	bool iterator;         /* iter/kmem_cache, since Linux 6.13 */
	bool trampolines_skip; /* a trampoline skips a program that is running, since Linux 5.12 */
	bool attach_cookies;   /* bpf_get_attach_cookie(), since Linux 5.15 */
	bool kasan;            /* CONFIG_KASAN_GENERIC, as bpf/kernel.bpf.h decides it */
	bool counts_missed;    /* links count the calls that kprobes missed, since Linux 6.7 */
	/* The ids of bpf_session_is_return() and bpf_session_cookie(), since Linux 6.10; 0: none */
	int session_is_return, session_cookie;
	bool few_returns; /* a session has a fixed number of return addresses, up to Linux 6.13 */
	unsigned int node_bits;    /* NODES_SHIFT; 0: not known */
	unsigned int cpumask_bits; /* CONFIG_NR_CPUS, in whole words of 64; 0: not known */
};

/* The part of the kernel's BTF that the tool uses. */
struct kernel_btf;

/*
 * Prepare to load the BTF, from `file' unless it is NULL; the pointer is kept. Returns NULL when
 * out of memory.
 */
struct kernel_btf *kernel_btf_new(const char *file);
void kernel_btf_free(struct kernel_btf *k);

/*
 * Return the file that libbpf uses for CO-RE, or NULL if libbpf has to search for the kernel's
 * BTF. With a file libbpf 1.1 does not search the BTF of modules for types that this kernel does
 * not have, and needs no CAP_SYS_ADMIN for that. kernel_btf_load() writes the file.
 */
const char *kernel_btf_path(const struct kernel_btf *k);

/*
 * Load the wanted types and functions, and those that kernel_types_read() looks for. Returns 0;
 * -ENOENT if there is no file or the kernel has no BTF; -ENOEXEC if the file has no BTF; or
 * another negative errno.
 */
int kernel_btf_load(struct kernel_btf *k, struct btf_subset *wanted);

/* Return what was loaded. Its ids are not those of the kernel. */
const struct btf *kernel_btf_types(const struct kernel_btf *k);

/* Find a function that was loaded. Returns its id in the whole BTF, or 0 if there is none. */
__u32 kernel_btf_function_id(const struct kernel_btf *k, const char *name);

#define KPROBE_LINK_INFO_BYTES 56 /* of struct bpf_link_info, up to perf_event.kprobe.missed */

/* Look up the sizes and fields of the kernel's types that the tool uses. */
void kernel_types_read(struct kernel_types *types, const struct btf *btf);

/* Look up the functions that programs call. A file has the ids of another BTF, and so none. */
void kernel_types_read_kfuncs(struct kernel_types *types, const struct kernel_btf *k);

#endif /* SLUBNODE_KERNEL_BTF_H */
