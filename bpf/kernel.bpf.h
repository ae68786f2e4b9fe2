/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The layout of the kernel's structures, and how it differs between releases.
 * Each difference names the commit and the release that brought it, and BTF
 * decides which one applies. The rest of bpf/ calls these functions and reads
 * no kernel structure whose layout differs.
 *
 * A file of bpf/ includes and calls only files to its left:
 *
 *   vmlinux.h <- kernel <- record <- slab <- knode <- freed <- caches <- lifetime, walk
 *                                                     freed <- readers, watchpoint, canary
 *                                                              lifetime, readers <- session
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
extern const volatile __u64 per_cpu_offset_addr;   /* of __per_cpu_offset, or 0 */
extern const volatile __u32 nr_cpu_ids;            /* CPUs that are possible, from 0 */
extern const volatile __u32 tid_step;  /* TID_STEP of mm/slub.c or less, a power of two */
extern const volatile __u32 node_bits; /* width of the node in page->flags; 0: not known */

extern __u64 knode_cache; /* the cache named kmem_cache_node; 0: not seen yet */

/*
 * The layout of slabs is understood: a structure of kmem_cache_node itself, which is never
 * freed, was found to be allocated. While this is 0, every state is OBJECT_UNKNOWN.
 */
extern __u32 layout_is_known;

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
 * Find the place of a cache's node pointer. nid must be below nr_node_ids: the kernel allocates
 * no more entries of the array than that.
 *
 *   up to 7.0    s->node[nid]
 *   since 7.1    s->per_node[nid].node: "slab: decouple pointer to barn from kmem_cache_node"
 *                (5ba6bc27b1f9, Linux 7.1)
 *
 * Returns its address.
 */
static __always_inline void *node_ptr_place(struct kmem_cache *s, __u32 nid)
{
	if (bpf_core_field_exists(struct kmem_cache___per_node, per_node))
		return (void *)s + bpf_core_field_offset(struct kmem_cache___per_node, per_node) +
		       nid * bpf_core_type_size(struct kmem_cache_per_node_ptrs) +
		       bpf_core_field_offset(struct kmem_cache_per_node_ptrs, node);
	return (void *)s + bpf_core_field_offset(struct kmem_cache, node) + nid * sizeof(void *);
}

/* Read a cache's node pointer. Returns it, or 0. */
static __always_inline __u64 cache_node_ptr(struct kmem_cache *s, __u32 nid)
{
	__u64 node = 0;

	bpf_probe_read_kernel(&node, sizeof(node), node_ptr_place(s, nid));
	return node;
}

/*
 * Read a cache's node pointer and its barn.
 *
 *   up to 6.17   no barn
 *   6.18 to 7.0  s->node[nid]->barn: "slab: add opt-in caching layer of percpu
 *                sheaves" (Linux 6.18)
 *   since 7.1    s->per_node[nid].barn
 *
 * Returns the node pointer, or 0; *barn is the barn, or 0.
 */
static __always_inline __u64 cache_node(struct kmem_cache *s, __u32 nid, __u64 *barn)
{
	__u64 node = cache_node_ptr(s, nid);

	*barn = 0;
	if (bpf_core_field_exists(struct kmem_cache___per_node, per_node)) {
		struct kmem_cache_per_node_ptrs *ptrs;

		ptrs = node_ptr_place(s, nid) -
		       bpf_core_field_offset(struct kmem_cache_per_node_ptrs, node);
		*barn = (__u64)BPF_CORE_READ(ptrs, barn);
	} else if (node && bpf_core_field_exists(struct kmem_cache_node, barn)) {
		*barn = (__u64)BPF_CORE_READ((struct kmem_cache_node *)node, barn);
	}
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
 * Read the preferred order of a cache's slabs from s->oo, which holds
 * order << OO_SHIFT (16) | objects (mm/slub.c: oo_order()). Returns it.
 */
static __always_inline __u32 slab_order(struct kmem_cache *s)
{
	return (BPF_CORE_READ(s, oo.x) >> 16) & 0xf;
}

/* Read the preferred size of a cache's slabs. Returns bytes. */
static __always_inline __u32 slab_bytes(struct kmem_cache *s)
{
	return 1U << (PAGE_SHIFT + slab_order(s));
}

/*
 * Check whether a cache allocates its slabs as reclaimable: SLAB_RECLAIM_ACCOUNT sets
 * __GFP_RECLAIMABLE (include/linux/gfp_types.h), whose value is the same from Linux 5.10 to 7.3.
 * The bits of s->flags are not.
 */
static __always_inline bool slabs_are_reclaimable(struct kmem_cache *s)
{
	return BPF_CORE_READ(s, allocflags) & 0x10;
}

/* Count the slabs of a cache on a node. Returns SLABS_UNKNOWN without CONFIG_SLUB_DEBUG. */
static __always_inline __u64 slab_count(struct kmem_cache_node *n)
{
	if (!bpf_core_field_exists(struct kmem_cache_node, nr_slabs))
		return SLABS_UNKNOWN;
	return BPF_CORE_READ(n, nr_slabs.counter);
}

/*
 * The direct map and the array of struct page without CONFIG_DYNAMIC_MEMORY_LAYOUT
 * (arch/x86/include/asm/page_64_types.h, pgtable_64_types.h). The variables
 * page_offset_base and vmemmap_base do not exist then. Their addresses are 0 as well
 * where symbols are hidden: see layout_is_known.
 */
#define FIXED_PAGE_OFFSET 0xffff888000000000ULL
#define FIXED_VMEMMAP     0xffffea0000000000ULL

/* Read a variable of the kernel. Returns it, or `fixed' if the kernel has no such variable. */
static __always_inline __u64 read_base(__u64 variable, __u64 fixed)
{
	__u64 base = 0;

	if (!variable)
		return fixed;
	bpf_probe_read_kernel(&base, sizeof(base), (void *)variable);
	return base;
}

static __always_inline __u64 direct_map(void)
{
	return read_base(page_offset_base_addr, FIXED_PAGE_OFFSET);
}

static __always_inline __u64 page_array(void)
{
	return read_base(vmemmap_base_addr, FIXED_VMEMMAP);
}

/*
 * Find the struct page of an address in the direct map, by x86-64's vmemmap
 * (arch/x86/include/asm/page.h: virt_to_page()). Returns its address.
 */
static __always_inline __u64 page_of(__u64 address)
{
	return page_array() +
	       ((address - direct_map()) >> PAGE_SHIFT) * bpf_core_type_size(struct page);
}

/* Find the address in the direct map of a struct page. Returns it. */
static __always_inline __u64 address_of_page(__u64 page)
{
	return direct_map() +
	       (((page - page_array()) / bpf_core_type_size(struct page)) << PAGE_SHIFT);
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
	__u64 flags = 0;

	if (!address || !layout_is_known || !node_bits ||
	    bpf_probe_read_kernel(&flags, sizeof(flags), (void *)page_of(address)))
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

/*
 * Find the head of a compound page (include/linux/page-flags.h: _compound_head()). Bit 0
 * marks a tail page, and the other bits are the address of the head. Since "mm: rework
 * compound_head() for power-of-2 sizeof(struct page)" (after Linux 7.0) they can be a mask for the
 * address of the tail, whose upper half is all ones; no struct page has such an address.
 * Returns the address of the head, or the page itself if it is no tail.
 */
static __always_inline __u64 head_of(__u64 page)
{
	__u64 info = 0;

	if (bpf_core_field_exists(struct page, compound_info)) {
		info = (__u64)BPF_CORE_READ((struct page *)page, compound_info);
		if (!(info & 1))
			return page;
		return info >> 32 == 0xffffffff ? page & info : info - 1;
	}
	info = (__u64)BPF_CORE_READ((struct page *)page, compound_head);
	return info & 1 ? info - 1 : page;
}

/*
 * Check whether a head page is a slab: a page type since "mm: support only one page_type per
 * page" (Linux 6.12), a page flag up to Linux 6.9 ("mm: free up PG_slab", Linux 6.10). Returns 1,
 * 0, or -1 where neither is in BTF.
 */
static __always_inline int is_slab_page(__u64 head)
{
	__u64 flags = 0;

	if (bpf_core_enum_value_exists(enum pagetype, PGTY_slab))
		return BPF_CORE_READ((struct page *)head, page_type) >> 24 ==
		       bpf_core_enum_value(enum pagetype, PGTY_slab);
	if (!bpf_core_enum_value_exists(enum pageflags, PG_slab))
		return -1;
	bpf_probe_read_kernel(&flags, sizeof(flags), (void *)head); /* see home_of() */
	return flags >> bpf_core_enum_value(enum pageflags, PG_slab) & 1;
}

/* What struct slab says about a slab; up to Linux 5.16 its members are in struct page. */
struct slab_head {
	__u64 cache;    /* slab_cache */
	__u64 freelist; /* its first free object */
	/* inuse in bits 0 to 15, objects in 16 to 30, frozen in 31; the others differ. */
	__u32 counters;
};

/* Read what struct slab says about a slab. One question costs less to load than one a member. */
static __always_inline void read_slab_head(struct slab_head *to, __u64 head)
{
	if (bpf_core_type_exists(struct slab)) {
		to->cache = (__u64)BPF_CORE_READ((struct slab *)head, slab_cache);
		to->freelist = (__u64)BPF_CORE_READ((struct slab *)head, freelist);
		to->counters = BPF_CORE_READ((struct slab *)head, counters);
	} else {
		to->cache = (__u64)BPF_CORE_READ((struct page *)head, slab_cache);
		to->freelist = (__u64)BPF_CORE_READ((struct page *)head, freelist);
		to->counters = BPF_CORE_READ((struct page *)head, counters);
	}
}

#define SLAB_INUSE(counters)    ((counters)&0xffff)
#define SLAB_IN_TOTAL(counters) ((counters) >> 16 & 0x7fff)
#define SLAB_FROZEN(counters)   ((counters) >> 31)

/*
 * Check whether each CPU has a slab of its own, whose free objects hang on the CPU's list:
 * up to Linux 6.19 ("slab: remove cpu (partial) slabs", Linux 7.0), and not with
 * CONFIG_SLUB_TINY.
 */
static __always_inline bool has_cpu_slabs(void)
{
	return bpf_core_field_exists(struct kmem_cache, cpu_slab);
}

/*
 * Check whether the slabs on the partial lists of the CPUs are frozen: up to Linux 6.7 ("slub:
 * Delay freezing of partial slabs"). partial_context.object came in the same series.
 */
static __always_inline bool has_frozen_partial_slabs(void)
{
	return !bpf_core_field_exists(struct partial_context, object);
}

/* The slab of one CPU: struct kmem_cache_cpu. */
struct cpu_slab {
	__u64 tid;      /* changes with each allocation from it and each free to it */
	__u64 slab;     /* its head page */
	__u64 freelist; /* the first of its free objects, of those that are the CPU's */
};

/*
 * Find the member of struct kmem_cache_cpu that names the slab: `page' up to Linux 5.16, `slab'
 * since. The barriers keep clang from a choice between two constants, of which BTF has only
 * one. Returns its offset.
 */
static __always_inline __u64 cpu_slab_offset(void)
{
	__u64 offset;

	if (bpf_core_field_exists(struct kmem_cache_cpu, slab)) {
		offset = bpf_core_field_offset(struct kmem_cache_cpu, slab);
		barrier_var(offset);
	} else {
		offset = bpf_core_field_offset(struct kmem_cache_cpu, page);
		barrier_var(offset);
	}
	return offset;
}

/*
 * Find the struct kmem_cache_cpu of a CPU; cpu_slab is the member of struct kmem_cache.
 * Returns its address.
 */
static __always_inline __u64 cpu_slab_at(__u64 cpu_slab, __u32 cpu)
{
	__u64 offset = 0;

	bpf_probe_read_kernel(&offset, sizeof(offset),
			      (void *)per_cpu_offset_addr + cpu * sizeof(offset));
	return cpu_slab + offset;
}

/* Read the head page of the slab of a CPU; `offset' is cpu_slab_offset(). Returns it, or 0. */
static __always_inline __u64 cpu_slab_page(__u64 cpu_slab, __u32 cpu, __u64 offset)
{
	__u64 page = 0;

	bpf_probe_read_kernel(&page, sizeof(page), (void *)cpu_slab_at(cpu_slab, cpu) + offset);
	return page;
}

/*
 * Read how often a CPU has changed its list: one TID_STEP each (mm/slub.c: next_tid()).
 * Returns that number.
 */
static __always_inline __u64 cpu_slab_changes(__u64 cpu_slab, __u32 cpu)
{
	__u64 tid = 0;

	bpf_probe_read_kernel(&tid, sizeof(tid),
			      (void *)cpu_slab_at(cpu_slab, cpu) +
				      bpf_core_field_offset(struct kmem_cache_cpu, tid));
	return tid / tid_step;
}

/* Read the slab of a CPU. The caller has checked has_cpu_slabs(). */
static __always_inline void read_cpu_slab(struct cpu_slab *to, __u32 cpu)
{
	__u64 cpu_slab = (__u64)BPF_CORE_READ((struct kmem_cache *)knode_cache, cpu_slab);
	struct kmem_cache_cpu *c = (void *)cpu_slab_at(cpu_slab, cpu);

	to->tid = BPF_CORE_READ(c, tid);
	to->freelist = (__u64)BPF_CORE_READ(c, freelist);
	to->slab = cpu_slab_page(cpu_slab, cpu, cpu_slab_offset());
}

#define FLAG_BIT(name)                                                                             \
	(bpf_core_enum_value_exists(enum _slab_flag_bits, name)                                    \
		 ? 1U << bpf_core_enum_value(enum _slab_flag_bits, name)                           \
		 : 0)

/*
 * The flags SLAB_CONSISTENCY_CHECKS, SLAB_RED_ZONE, SLAB_POISON, SLAB_STORE_USER and SLAB_TRACE
 * as macros, up to Linux 6.8 (include/linux/slab.h).
 */
#define DEBUG_FLAG_MACROS 0x210d00U

/*
 * Check for slab debugging: objects are then allocated one by one, past the lists of the CPUs
 * (mm/slub.c: kmem_cache_debug()). Returns whether the cache is debugged.
 */
static __always_inline bool is_debugged(struct kmem_cache *s)
{
	__u32 flags = BPF_CORE_READ(s, flags);

	if (!bpf_core_enum_value_exists(enum _slab_flag_bits, _SLAB_RED_ZONE))
		return flags & DEBUG_FLAG_MACROS;
	return flags &
	       (FLAG_BIT(_SLAB_CONSISTENCY_CHECKS) | FLAG_BIT(_SLAB_RED_ZONE) |
		FLAG_BIT(_SLAB_POISON) | FLAG_BIT(_SLAB_STORE_USER) | FLAG_BIT(_SLAB_TRACE));
}

/* Read the bytes before an object that slab debugging takes. Returns s->red_left_pad. */
static __always_inline __u32 red_left_pad(struct kmem_cache *s)
{
	if (!bpf_core_field_exists(struct kmem_cache, red_left_pad))
		return 0;
	return BPF_CORE_READ(s, red_left_pad);
}

/*
 * Check for KASAN. On x86-64 there is CONFIG_KASAN_GENERIC only, and struct kmem_cache has the
 * member kasan_info with it. Returns whether the kernel has it.
 */
static __always_inline bool has_kasan(void)
{
	return bpf_core_field_exists(struct kmem_cache, kasan_info);
}

/*
 * Check by KASAN's shadow whether an object can be accessed. The
 * shadow of an object is not 0 while it is in the quarantine or on a free list
 * (mm/kasan/kasan.h: KASAN_SLAB_FREE). Returns whether KASAN knows it as free.
 */
#define KASAN_SHADOW_OFFSET 0xdffffc0000000000ULL /* arch/x86/Kconfig */
static __always_inline bool poisoned(__u64 address)
{
	__u8 shadow = 0;

	if (!has_kasan())
		return false;
	bpf_probe_read_kernel(&shadow, sizeof(shadow),
			      (void *)((address >> 3) + KASAN_SHADOW_OFFSET));
	return shadow;
}

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

/*
 * Identify the frame of the traced function, which no other running function has, and which
 * is the same at its entry and its return. A function that it calls has a lower one. The
 * context of a trampoline lies in that frame, and its entry and return programs share it. It
 * is read through a helper, because the verifier of Linux 5.10 permits no pointer in the key
 * of a map. Returns the frame.
 */
static __always_inline __u64 frame_of_trampoline(void *ctx)
{
	void *volatile pointer = ctx;
	__u64 frame = 0;

	bpf_probe_read_kernel(&frame, sizeof(frame), (void *)&pointer);
	return frame;
}

/* The same at the entry by kprobe: the stack pointer is that of the return address. */
static __always_inline __u64 frame_of_entry(struct pt_regs *ctx)
{
	return PT_REGS_SP(ctx);
}

/* The same at the return by kprobe: on x86 the return address has been popped. */
static __always_inline __u64 frame_of_return(struct pt_regs *ctx)
{
	return PT_REGS_SP(ctx) - sizeof(__u64);
}

/*
 * Call a kfunc of kprobe sessions (Linux 6.10, "bpf: Add support for kprobe session attach"; since
 * Linux 7.0 it takes the context). libbpf 1.1 refuses a kfunc whose prototype differs between
 * kernels, so the instruction is written out: src/trace/kprobe_session.c sets the function. Returns
 * what the kfunc does.
 */
#define CALL_SESSION_KFUNC(ctx, kfunc)                                                             \
	({                                                                                         \
		__u64 result;                                                                      \
		asm volatile("r1 = %1\n"                                                           \
			     ".8byte 0x2085 + (%2 << 32)\n" /* call, BPF_PSEUDO_KFUNC_CALL */      \
			     "%0 = r0"                                                             \
			     : "=r"(result)                                                        \
			     : "r"(ctx), "i"(kfunc)                                                \
			     : "r0", "r1", "r2", "r3", "r4", "r5", "memory");                      \
		result;                                                                            \
	})

/* Check whether the program of a kprobe session runs at the return of the traced function. */
static __always_inline bool session_is_return(struct pt_regs *ctx)
{
	return (__u8)CALL_SESSION_KFUNC(ctx, KFUNC_SESSION_IS_RETURN);
}

/*
 * Find the word that the program keeps from the entry to the return of one call: its frame. At the
 * return the registers have no stack pointer since Linux 6.14. Returns its address.
 */
static __always_inline __u64 *session_frame(struct pt_regs *ctx)
{
	return (__u64 *)CALL_SESSION_KFUNC(ctx, KFUNC_SESSION_COOKIE);
}

#endif /* SLUBNODE_KERNEL_BPF_H */
