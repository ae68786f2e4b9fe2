/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The layout of the kernel's structures, and how it differs between releases.
 * Each difference names the commit and the release that brought it, and BTF
 * decides which one applies. The rest of bpf/ calls these functions and reads
 * no kernel structure whose layout differs.
 *
 * A file of bpf/ includes and calls only files to its left:
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

/* Set by user space before the load, read-only afterwards. */
extern const volatile __u32 nr_node_ids;      /* entries of a cache's per-node array */
extern const volatile __u64 slab_caches_addr; /* of the list slab_caches (mm/slab_common.c), or 0 */
extern const volatile __u64 page_offset_base_addr; /* of page_offset_base, or 0 */
extern const volatile __u64 vmemmap_base_addr;     /* of vmemmap_base (arch/x86/mm/kaslr.c), or 0 */
extern const volatile __u32 node_bits; /* width of the node in page->flags; 0: not known */

extern __u64 knode_cache; /* the cache named kmem_cache_node; 0: not seen yet */

#define PAGE_SHIFT 12 /* x86-64 */

/*
 * The actions of the memory notifier (include/linux/memory.h). They were macros
 * with these values until "mm: convert memory block states (MEM_*) macros to
 * enum" (Linux 7.0) made them an enum with other values. Debian's 6.12.117 has
 * that commit, too. These values apply where BTF has no such enumerator.
 */
#define MEM_BIT_ONLINE         (1 << 0)
#define MEM_BIT_GOING_OFFLINE  (1 << 1)
#define MEM_BIT_OFFLINE        (1 << 2)
#define MEM_BIT_GOING_ONLINE   (1 << 3)
#define MEM_BIT_CANCEL_ONLINE  (1 << 4)
#define MEM_BIT_CANCEL_OFFLINE (1 << 5)

/*
 * The actions of the node notifier (include/linux/node.h), macros since
 * "mm,memory_hotplug: implement numa node notifier" (Linux 6.17).
 */
#define NODE_ADDING_FIRST_MEMORY         (1 << 0)
#define NODE_ADDED_FIRST_MEMORY          (1 << 1)
#define NODE_CANCEL_ADDING_FIRST_MEMORY  (1 << 2)
#define NODE_REMOVING_LAST_MEMORY        (1 << 3)
#define NODE_REMOVED_LAST_MEMORY         (1 << 4)
#define NODE_CANCEL_REMOVING_LAST_MEMORY (1 << 5)

/*
 * Check for the node notifier. SLUB uses it since "mm,slub: use node-notifier
 * instead of memory-notifier" (Linux 6.17); struct node_notify came in the same
 * series. Returns whether slab_memory_callback() is a node notifier.
 */
static __always_inline bool has_node_notifier(void)
{
	return bpf_core_type_exists(struct node_notify);
}

/* Translate a NODE_* action. Returns its enum node_transition, or 0. */
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

/* Translate a MEM_* macro. Returns its enum node_transition, or 0. */
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

/* Translate a MEM_* enumerator. Returns its enum node_transition, or 0. */
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
 * Translate the action that slab_memory_callback() is called with. Linux 6.12
 * calls it with MEM_PREPARE_ONLINE and MEM_FINISH_OFFLINE, too ("mm/memory_hotplug:
 * introduce MEM_PREPARE_ONLINE/MEM_FINISH_OFFLINE notifiers"), and with node ids
 * that were never set. Returns an enum node_transition, or 0 for other actions.
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
 * Read the node from the argument of slab_memory_callback(). *any_nid is the
 * node that gets its first or loses its last memory of any zone. Returns the
 * node that gets its first or loses its last memory that counts for node
 * structures: normal zones up to Linux 6.16, all zones since 6.17 ("mm,slub: do
 * not special case N_NORMAL nodes for slab_nodes"). Both are -1 for none.
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
 * Read a cache's node pointer and its barn. nid must be below nr_node_ids: the
 * kernel allocates no more entries of the array than that.
 *
 *   up to 6.17   s->node[nid], and no barn
 *   6.18 to 7.0  s->node[nid]->barn: "slab: add opt-in caching layer of percpu
 *                sheaves" (Linux 6.18)
 *   since 7.1    s->per_node[nid].node and .barn: "slab: decouple pointer to barn
 *                from kmem_cache_node" (5ba6bc27b1f9, Linux 7.1)
 *
 * Returns the node pointer, or 0; *barn is the barn, or 0.
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

/* Read a node pointer; the verifier checks this function once for all callers. Returns it, or 0. */
__u64 read_node_ptr(__u64 cache, __u32 nid);

/* Count the sheaves of a barn. Returns the number of full and empty ones. */
static __always_inline __u32 barn_sheaves(__u64 barn)
{
	if (!barn || !bpf_core_type_exists(struct node_barn))
		return 0;
	return BPF_CORE_READ((struct node_barn *)barn, nr_full) +
	       BPF_CORE_READ((struct node_barn *)barn, nr_empty);
}

/* Read s->sheaf_capacity, since Linux 6.18. Returns objects; 0: the cache has no sheaves. */
static __always_inline __u32 sheaf_capacity(struct kmem_cache *s)
{
	if (!bpf_core_field_exists(struct kmem_cache, sheaf_capacity))
		return 0;
	return BPF_CORE_READ(s, sheaf_capacity);
}

/*
 * Read the preferred size of a cache's slabs from s->oo, which holds
 * order << OO_SHIFT (16) | objects (mm/slub.c: oo_order()). Returns bytes.
 */
static __always_inline __u32 slab_bytes(struct kmem_cache *s)
{
	return 1U << (PAGE_SHIFT + ((BPF_CORE_READ(s, oo.x) >> 16) & 0xf));
}

/*
 * Find the struct page of an address in the direct map, by x86-64's vmemmap
 * (arch/x86/include/asm/page.h: virt_to_page()). Returns its address; 0: not known.
 */
static __always_inline __u64 page_of(__u64 address)
{
	__u64 page_offset = 0, vmemmap = 0;

	if (!page_offset_base_addr || !vmemmap_base_addr)
		return 0;
	bpf_probe_read_kernel(&page_offset, sizeof(page_offset), (void *)page_offset_base_addr);
	bpf_probe_read_kernel(&vmemmap, sizeof(vmemmap), (void *)vmemmap_base_addr);
	return vmemmap + ((address - page_offset) >> PAGE_SHIFT) * bpf_core_type_size(struct page);
}

/*
 * Find the home of a structure: the node on whose memory its address lies. The
 * node is in the uppermost bits of page->flags, because with a vmemmap no section
 * is above it (include/linux/page-flags-layout.h). The flags are the first word
 * of struct page; a long, and since "mm: introduce memdesc_flags_t" (Linux 6.18)
 * a struct. Returns the node; -1: not known.
 */
static __always_inline __s32 home_of(__u64 address)
{
	__u64 page = address ? page_of(address) : 0, flags = 0;

	if (!page || !node_bits || bpf_probe_read_kernel(&flags, sizeof(flags), (void *)page))
		return -1;
	return flags >> (64 - node_bits);
}

/*
 * Read the cache of a slab's first page: page->slab_cache, and slab->slab_cache
 * since "mm: Split slab into its own type" (Linux 5.17). Returns the struct
 * kmem_cache.
 */
static __always_inline __u64 slab_cache_of(__u64 page)
{
	if (bpf_core_type_exists(struct slab))
		return (__u64)BPF_CORE_READ((struct slab *)page, slab_cache);
	return (__u64)BPF_CORE_READ((struct page *)page, slab_cache);
}

/*
 * Read the cache of a file in /sys/kernel/debug/slab, the argument of
 * slab_debug_trace_open() (mm/slub.c), since "mm: slub: move sysfs slab alloc/free
 * interfaces to debugfs" (Linux 5.14). Returns the struct kmem_cache.
 */
static __always_inline __u64 cache_of_inode(__u64 inode)
{
	return (__u64)BPF_CORE_READ((struct inode *)inode, i_private);
}

/* Find the address in the direct map of a struct page. Returns it; 0: not known. */
static __always_inline __u64 address_of_page(__u64 page)
{
	__u64 page_offset = 0, vmemmap = 0;

	if (!page_offset_base_addr || !vmemmap_base_addr)
		return 0;
	bpf_probe_read_kernel(&page_offset, sizeof(page_offset), (void *)page_offset_base_addr);
	bpf_probe_read_kernel(&vmemmap, sizeof(vmemmap), (void *)vmemmap_base_addr);
	return page_offset + (((page - vmemmap) / bpf_core_type_size(struct page)) << PAGE_SHIFT);
}

/*
 * Find the slab of a structure; slabs are aligned to their size. Returns the
 * address of its first byte.
 */
static __always_inline __u64 slab_of(__u64 address)
{
	return address & ~((__u64)slab_bytes((struct kmem_cache *)knode_cache) - 1);
}

/*
 * Check whether a structure's slab still belongs to the cache kmem_cache_node.
 * Returns true, too, where that is not known.
 */
static __always_inline bool on_slab(__u64 address)
{
	__u64 page = page_of(slab_of(address)); /* only the first page of a slab names the cache */

	return !page || slab_cache_of(page) == knode_cache;
}

/* The most objects that a slab of kmem_cache_node has: order 3, 64 bytes each. */
#define SLAB_OBJECTS 512

/* Read the words of a structure, at most KNODE_WORDS; further words[] are not changed. */
static __always_inline void read_words(__u64 *words, __u64 address)
{
	__u32 size = bpf_core_type_size(struct kmem_cache_node);

	if (size > KNODE_WORDS * sizeof(*words))
		size = KNODE_WORDS * sizeof(*words);
	bpf_probe_read_kernel(words, size, (void *)address);
}

/*
 * Read the free-list word of a free structure as it is stored, at s->offset.
 * Returns 0 if the word lies outside the object (slab debugging).
 */
static __always_inline __u64 free_list_word(__u64 address)
{
	struct kmem_cache *s = (struct kmem_cache *)knode_cache;
	__u64 at = BPF_CORE_READ(s, offset), word = 0;

	if (at + sizeof(word) > BPF_CORE_READ(s, object_size))
		return 0;
	bpf_probe_read_kernel(&word, sizeof(word), (void *)address + at);
	return word;
}

/*
 * Read the process id of the current task in its own pid namespace: the last of
 * pid->numbers[] (include/linux/pid.h: ns_of_pid()). *inode is the inode number of
 * that namespace. Returns the id; 0: not known.
 */
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
 * Find out from its memory whether a structure was freed. kmem_cache_free()
 * writes a free-list word at s->offset (mm/slub.c: set_freepointer()): the address
 * of another object of the same slab, or 0. With CONFIG_SLAB_FREELIST_HARDENED the
 * word is xored with s->random and with its own address, bytes swapped
 * (freelist_ptr(); freelist_ptr_encode() since "mm/slub: refactor freelist to use
 * custom type", Linux 6.6). A structure in use holds no such word. Returns an enum
 * prev_state, never OBJECT_NONE.
 */
static __always_inline __u32 structure_state(__u64 address)
{
	struct kmem_cache *s = (struct kmem_cache *)knode_cache;
	__u64 at, word = 0, slab, distance;
	bool hardened = bpf_core_field_exists(struct kmem_cache, random);

	if (!s)
		return OBJECT_UNKNOWN;
	if (!on_slab(address))
		return OBJECT_FREE; /* its slab went back to the page allocator */
	slab = slab_of(address);

	at = BPF_CORE_READ(s, offset);
	if (at + sizeof(word) > BPF_CORE_READ(s, object_size))
		return OBJECT_UNKNOWN; /* slab debugging: the word lies outside the object */
	at += address;
	if (bpf_probe_read_kernel(&word, sizeof(word), (void *)at))
		return OBJECT_UNKNOWN;
	if (hardened)
		word ^= BPF_CORE_READ(s, random) ^ __builtin_bswap64(at);
	if (!word)
		return hardened ? OBJECT_FREE : OBJECT_UNKNOWN;
	/* The word must name another object: the empty list of a structure in use names itself. */
	if ((word & ~((__u64)slab_bytes(s) - 1)) != slab)
		return OBJECT_ALLOCATED;
	distance = word > address ? word - address : address - word;
	return distance % BPF_CORE_READ(s, size) ? OBJECT_ALLOCATED : OBJECT_FREE;
}

/*
 * Read argument n, from 0, of the function that a trampoline (fentry, fexit)
 * traces. It is read through a helper, because the verifier types a pointer that
 * is loaded from the context, and global functions take scalars. In an fexit
 * program the argument after the last is the return value. Returns the argument.
 */
static __always_inline __u64 argument(void *ctx, int n)
{
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), ctx + n * sizeof(value));
	return value;
}

#endif /* SLUBNODE_KERNEL_BPF_H */
