/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Everything that the programs believe about kernel generations stands here,
 * each difference with the release that brought it. The rest of bpf/ asks
 * these functions and knows no field.
 *
 * Each file of bpf/ includes and calls only what stands left of it:
 *
 *   vmlinux.h <- kernel <- record <- freed <- caches <- lifetime, walk
 *                                    freed <- readers, watchpoint, canary
 */
#ifndef SLUBNODE_KERNEL_BPF_H
#define SLUBNODE_KERNEL_BPF_H

#define __VMLINUX_H__ /* bpf_tracing.h: the kernel's register names */
#include "vmlinux/vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "bpf/records.h"

/* Set before the load (read-only afterwards). */
extern const volatile __u32 nr_node_ids;         /* entries of a per-node array */
extern const volatile __u64 slab_caches_at;      /* the list's head, or 0 */
extern const volatile __u64 page_offset_base_at; /* x86-64 KASLR bases: where */
extern const volatile __u64 vmemmap_base_at;     /* they are kept, or 0 */
extern const volatile __u32 node_bits;           /* of a page's flags; 0: not known */

extern __u64 knode_cache; /* kmem_cache_node's own cache, once seen */

#define PAGE_SHIFT 12 /* x86-64 */

/*
 * include/linux/memory.h: the actions were macros, MEM_ONLINE (1 << 0) and so
 * on, until "mm: convert memory block states (MEM_*) macros to enum" (7.0),
 * which gave them other values and was backported (6.12.117 of Debian's has
 * it). So these are the macros, and BTF knows the enumerators where there are
 * any.
 */
#define MEM_BIT_ONLINE         (1 << 0)
#define MEM_BIT_GOING_OFFLINE  (1 << 1)
#define MEM_BIT_OFFLINE        (1 << 2)
#define MEM_BIT_GOING_ONLINE   (1 << 3)
#define MEM_BIT_CANCEL_ONLINE  (1 << 4)
#define MEM_BIT_CANCEL_OFFLINE (1 << 5)

/* include/linux/node.h since 6.17, macros */
#define NODE_ADDING_FIRST_MEMORY         (1 << 0)
#define NODE_ADDED_FIRST_MEMORY          (1 << 1)
#define NODE_CANCEL_ADDING_FIRST_MEMORY  (1 << 2)
#define NODE_REMOVING_LAST_MEMORY        (1 << 3)
#define NODE_REMOVED_LAST_MEMORY         (1 << 4)
#define NODE_CANCEL_REMOVING_LAST_MEMORY (1 << 5)

/*
 * The node notifier took the place of the memory notifier in SLUB with "mm,
 * slub: ... use node-notifier" (v6.17); struct node_notify came with it.
 */
static __always_inline bool has_node_notifier(void)
{
	return bpf_core_type_exists(struct node_notify);
}

static __always_inline __u32 node_notifier_transition(unsigned long action)
{
	switch (action) {
	case NODE_ADDING_FIRST_MEMORY: return NODE_GOING_ONLINE;
	case NODE_ADDED_FIRST_MEMORY: return NODE_ONLINE;
	case NODE_CANCEL_ADDING_FIRST_MEMORY: return NODE_CANCEL_ONLINE;
	case NODE_REMOVING_LAST_MEMORY: return NODE_GOING_OFFLINE;
	case NODE_REMOVED_LAST_MEMORY: return NODE_OFFLINE;
	case NODE_CANCEL_REMOVING_LAST_MEMORY: return NODE_CANCEL_OFFLINE;
	}
	return 0;
}

static __always_inline __u32 memory_macro_transition(unsigned long action)
{
	switch (action) {
	case MEM_BIT_GOING_ONLINE: return NODE_GOING_ONLINE;
	case MEM_BIT_ONLINE: return NODE_ONLINE;
	case MEM_BIT_CANCEL_ONLINE: return NODE_CANCEL_ONLINE;
	case MEM_BIT_GOING_OFFLINE: return NODE_GOING_OFFLINE;
	case MEM_BIT_OFFLINE: return NODE_OFFLINE;
	case MEM_BIT_CANCEL_OFFLINE: return NODE_CANCEL_OFFLINE;
	}
	return 0;
}

#define MEM_VALUE(name) bpf_core_enum_value(enum memory_block_state, name)

static __always_inline __u32 memory_enum_transition(unsigned long action)
{
	if (action == MEM_VALUE(MEM_GOING_ONLINE))
		return NODE_GOING_ONLINE;
	if (action == MEM_VALUE(MEM_ONLINE))
		return NODE_ONLINE;
	if (action == MEM_VALUE(MEM_CANCEL_ONLINE))
		return NODE_CANCEL_ONLINE;
	if (action == MEM_VALUE(MEM_GOING_OFFLINE))
		return NODE_GOING_OFFLINE;
	if (action == MEM_VALUE(MEM_OFFLINE))
		return NODE_OFFLINE;
	if (action == MEM_VALUE(MEM_CANCEL_OFFLINE))
		return NODE_CANCEL_OFFLINE;
	return 0;
}

/*
 * slab_memory_callback()'s action as an enum node_transition, 0 for those
 * that are none: 6.12 calls it with MEM_PREPARE_ONLINE and MEM_FINISH_OFFLINE
 * too, with node ids that were never set.
 */
static __always_inline __u32 notifier_transition(unsigned long action)
{
	if (has_node_notifier())
		return node_notifier_transition(action);
	if (bpf_core_enum_value_exists(enum memory_block_state, MEM_GOING_ONLINE))
		return memory_enum_transition(action);
	return memory_macro_transition(action);
}

/*
 * The node that the callback's argument names: *any_nid by its first or last
 * memory; the return value by the memory that counts for node structures
 * (normal zones up to 6.16, all since 6.17). -1: none.
 */
static __always_inline int notifier_nid(void *arg, int *any_nid)
{
	if (has_node_notifier()) {
		*any_nid = BPF_CORE_READ((struct node_notify *)arg, nid);
		return *any_nid;
	}
	*any_nid = BPF_CORE_READ((struct memory_notify *)arg, status_change_nid);
	return BPF_CORE_READ((struct memory_notify *)arg, status_change_nid_normal);
}

/*
 * One s->node[nid] and its barn, 0 for none. nid < nr_node_ids; only so many
 * entries of the array are there. s->per_node[] since 7.2; n->barn in 6.18 to
 * 7.1; no barns before.
 */
static __always_inline __u64 cache_node(struct kmem_cache *s, __u32 nid, __u64 *barn)
{
	__u64 node = 0;

	*barn = 0;
	if (bpf_core_field_exists(struct kmem_cache___per_node, per_node)) {
		struct kmem_cache_per_node_ptrs *ptrs;

		ptrs = (void *)s + bpf_core_field_offset(struct kmem_cache___per_node, per_node) +
		       nid * bpf_core_type_size(struct kmem_cache_per_node_ptrs);
		*barn = (__u64)BPF_CORE_READ(ptrs, barn);
		return (__u64)BPF_CORE_READ(ptrs, node);
	}
	bpf_probe_read_kernel(&node, sizeof(node),
			      (void *)s + bpf_core_field_offset(struct kmem_cache, node) +
				      nid * sizeof(void *));
	if (node && bpf_core_field_exists(struct kmem_cache_node, barn))
		*barn = (__u64)BPF_CORE_READ((struct kmem_cache_node *)node, barn);
	return node;
}

/* A global function, verified once, whoever calls it. */
__u64 node_pointer(__u64 cache, __u32 nid);

/* Sheaves that lie in a barn; 6.18 and later. */
static __always_inline __u32 barn_sheaves(__u64 barn)
{
	if (!barn || !bpf_core_type_exists(struct node_barn))
		return 0;
	return BPF_CORE_READ((struct node_barn *)barn, nr_full) +
	       BPF_CORE_READ((struct node_barn *)barn, nr_empty);
}

static __always_inline __u32 sheaf_capacity(struct kmem_cache *s)
{
	if (!bpf_core_field_exists(struct kmem_cache, sheaf_capacity))
		return 0;
	return BPF_CORE_READ(s, sheaf_capacity);
}

/* s->oo: order << OO_SHIFT (16) | objects; mm/slub.c: oo_order() */
static __always_inline __u32 slab_bytes(struct kmem_cache *s)
{
	return 1U << (PAGE_SHIFT + ((BPF_CORE_READ(s, oo.x) >> 16) & 0xf));
}

/* The struct page of an address of the direct map: x86-64's vmemmap. 0: not known. */
static __always_inline __u64 page_of(__u64 address)
{
	__u64 page_offset = 0, vmemmap = 0;

	if (!page_offset_base_at || !vmemmap_base_at)
		return 0;
	bpf_probe_read_kernel(&page_offset, sizeof(page_offset), (void *)page_offset_base_at);
	bpf_probe_read_kernel(&vmemmap, sizeof(vmemmap), (void *)vmemmap_base_at);
	return vmemmap + ((address - page_offset) >> PAGE_SHIFT) * bpf_core_type_size(struct page);
}

/*
 * The node on whose memory an address lies: the uppermost bits of its page's
 * flags (include/linux/page-flags-layout.h: with a vmemmap there is no section
 * above the node), which are the first word of struct page, be they a long or,
 * since 6.18, a struct. -1: not known.
 */
static __always_inline __s32 home_of(__u64 address)
{
	__u64 page = address ? page_of(address) : 0, flags = 0;

	if (!page || !node_bits || bpf_probe_read_kernel(&flags, sizeof(flags), (void *)page))
		return -1;
	return flags >> (64 - node_bits);
}

/*
 * The cache that a slab page belongs to: struct page itself in 5.10, struct
 * slab over it since 5.17.
 */
static __always_inline __u64 slab_cache_of(__u64 page)
{
	if (bpf_core_type_exists(struct slab))
		return (__u64)BPF_CORE_READ((struct slab *)page, slab_cache);
	return (__u64)BPF_CORE_READ((struct page *)page, slab_cache);
}

/* Of an open file in /sys/kernel/debug/slab (slab_debugfs_fops, mm/slub.c since 5.14). */
static __always_inline __u64 cache_of_inode(__u64 inode)
{
	return (__u64)BPF_CORE_READ((struct inode *)inode, i_private);
}

/* The other way: of a slab's page, its address. 0: not known. */
static __always_inline __u64 address_of_page(__u64 page)
{
	__u64 page_offset = 0, vmemmap = 0;

	if (!page_offset_base_at || !vmemmap_base_at)
		return 0;
	bpf_probe_read_kernel(&page_offset, sizeof(page_offset), (void *)page_offset_base_at);
	bpf_probe_read_kernel(&vmemmap, sizeof(vmemmap), (void *)vmemmap_base_at);
	return page_offset + (((page - vmemmap) / bpf_core_type_size(struct page)) << PAGE_SHIFT);
}

/* The slab that a structure lies on: slabs are aligned to their size. */
static __always_inline __u64 slab_of(__u64 address)
{
	return address & ~((__u64)slab_bytes((struct kmem_cache *)knode_cache) - 1);
}

/* Is the structure's page still one of kmem_cache_node's? True where it cannot be told. */
static __always_inline bool on_slab(__u64 address)
{
	__u64 page = page_of(slab_of(address)); /* the first speaks for all of them */

	return !page || slab_cache_of(page) == knode_cache;
}

/* Objects of a slab of kmem_cache_node at the most: 64 bytes each, of order 3. */
#define SLAB_OBJECTS 512

/* A structure's words, up to KNODE_WORDS; the rest of them stays. */
static __always_inline void read_words(__u64 *words, __u64 address)
{
	__u32 size = bpf_core_type_size(struct kmem_cache_node);

	if (size > KNODE_WORDS * sizeof(*words))
		size = KNODE_WORDS * sizeof(*words);
	bpf_probe_read_kernel(words, size, (void *)address);
}

/* The free-list word of a structure that is free, as it stands there. 0: none that tells. */
static __always_inline __u64 free_list_word(__u64 address)
{
	struct kmem_cache *s = (struct kmem_cache *)knode_cache;
	__u64 at = BPF_CORE_READ(s, offset), word = 0;

	if (at + sizeof(word) > BPF_CORE_READ(s, object_size))
		return 0;
	bpf_probe_read_kernel(&word, sizeof(word), (void *)address + at);
	return word;
}

/* The current task's process id in its own pid namespace, and that namespace's inode. */
static __always_inline __u32 namespace_tgid(__u64 *inode)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct pid *pid = BPF_CORE_READ(task, group_leader, thread_pid);
	struct upid upid = {};
	void *last = (void *)pid + bpf_core_field_offset(struct pid, numbers) +
		     BPF_CORE_READ(pid, level) * bpf_core_type_size(struct upid);

	*inode = 0;
	if (bpf_probe_read_kernel(&upid.nr, sizeof(upid.nr),
				  last + bpf_core_field_offset(struct upid, nr)) ||
	    bpf_probe_read_kernel(&upid.ns, sizeof(upid.ns),
				  last + bpf_core_field_offset(struct upid, ns)))
		return 0;
	*inode = BPF_CORE_READ(upid.ns, ns.inum);
	return upid.nr;
}

/*
 * Was the structure at the address given back? kmem_cache_free() writes a
 * free-list word at s->offset (mm/slub.c: set_freepointer()); with
 * CONFIG_SLAB_FREELIST_HARDENED it is xored with s->random and the swabbed
 * address of the word (freelist_ptr(), freelist_ptr_encode() since 6.7). It
 * names an object of the same slab or none, which what a structure in use has
 * there does not.
 */
static __always_inline __u32 structure_state(__u64 address)
{
	struct kmem_cache *s = (struct kmem_cache *)knode_cache;
	__u64 at, word = 0, slab, distance;
	bool hardened = bpf_core_field_exists(struct kmem_cache, random);

	if (!s)
		return PREV_UNKNOWN;
	if (!on_slab(address))
		return PREV_FREE; /* its page has left the cache */
	slab = slab_of(address);

	at = BPF_CORE_READ(s, offset);
	if (at + sizeof(word) > BPF_CORE_READ(s, object_size))
		return PREV_UNKNOWN; /* slab debugging keeps the word outside: it stays */
	at += address;
	if (bpf_probe_read_kernel(&word, sizeof(word), (void *)at))
		return PREV_UNKNOWN;
	if (hardened)
		word ^= BPF_CORE_READ(s, random) ^ __builtin_bswap64(at);
	if (!word)
		return hardened ? PREV_FREE : PREV_UNKNOWN;
	/* Of another object of the slab: an empty list in a structure names itself. */
	if ((word & ~((__u64)slab_bytes(s) - 1)) != slab)
		return PREV_IN_USE;
	distance = word > address ? word - address : address - word;
	return distance % BPF_CORE_READ(s, size) ? PREV_IN_USE : PREV_FREE;
}

/*
 * An argument of a function that is entered by a trampoline. One that is a
 * pointer of the kernel's is typed, and a global function takes scalars: so it
 * is read from the context.
 */
static __always_inline __u64 argument(void *ctx, int n)
{
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), ctx + n * sizeof(value));
	return value;
}

#endif /* SLUBNODE_KERNEL_BPF_H */
