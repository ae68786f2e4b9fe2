// SPDX-License-Identifier: GPL-2.0-only
/*
 * The slabs of the cache kmem_cache_node. An object is free if it is on the free list of its
 * slab, or on that of the CPU that uses the slab. A look follows both lists, and is believed
 * if nothing has changed meanwhile and the lists have the right length:
 *
 *   slab_begin()       head page -> bounds, both lists, the counters
 *   follow_list()      one list -> bits of its objects
 *   slab_unchanged()   both lists and the counters are as before
 *
 * Functions call each other at most eight deep, so object_state() itself has the loops.
 */
#include "bpf/slab.bpf.h"
#include "bpf/loop.bpf.h"

__u64 look_epoch = 0;
__u64 objects_in_use = 0;
__u32 uncounted_slabs = 0;
const volatile bool count_slow_allocations = false;
__u64 slow_allocations = 0;
__u64 missed_allocations = 0; /* set by user space: calls that the program missed, of any cache */

#define LOOK_TRIES 8
#define WORDS      (SLAB_OBJECTS / 64)
#define NO_CPU     (~0U)

/* What must not change while the lists are followed. */
struct slab_snapshot {
	__u64 cache;
	__u64 freelist;
	__u32 counters;
	__u32 cpu; /* that uses the slab; NO_CPU: none */
	struct cpu_slab cpu_slab;
};

/* A slab and its free objects. */
struct slab_look {
	__u64 head;
	__u64 epoch;
	struct slab_snapshot at;
	__u64 first;   /* address of the first object */
	__u32 size;    /* of an object */
	__u32 objects; /* of the slab */
	__u32 in_use;  /* of those */
	__u32 pad;
	__u64 free[WORDS]; /* bit i: object i is free */
};

/*
 * The last looks. A look is used again for other objects of the slab while its snapshot and
 * look_epoch have not changed. The epoch is needed, because a list can change and begin
 * with the same object again. A reader compares the snapshot after it has read the bit: an
 * element can be replaced and reused while it is read.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64); /* the head page */
	__type(value, struct slab_look);
} slab_looks SEC(".maps");

/* A look in progress. It is too large for the stack, and programs can preempt each other. */
struct slab_scan {
	struct slab_look look;
	__u64 next;   /* the next object of the list */
	__u64 random; /* s->random */
	__u32 offset; /* s->offset */
	__u32 hardened;
	__u32 listed; /* objects found on the lists */
	__u32 pad;
};

#define SLAB_SCANS 64

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLAB_SCANS);
	__type(key, __u32);
	__type(value, struct slab_scan);
} slab_scans SEC(".maps");

/* User space fills it after the load. */
struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, SLAB_SCANS);
	__type(value, __u32);
} unused_slab_scans SEC(".maps");

/* The slabs whose objects were counted in this walk; user space empties it before a walk. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);   /* the head page */
	__type(value, __u32); /* unused */
} counted_slabs SEC(".maps");

static __always_inline struct slab_scan *scan_at(__u32 index)
{
	return bpf_map_lookup_elem(&slab_scans, &index);
}

/* Check that a slab is as it was. */
static __always_inline bool is_unchanged(const struct slab_snapshot *at, __u64 head)
{
	struct cpu_slab now;

	if (is_slab_page(head) != 1 || slab_cache_of(head) != at->cache ||
	    slab_freelist_of(head) != at->freelist || slab_counters_of(head) != at->counters)
		return false;
	if (at->cpu == NO_CPU || !has_cpu_slabs())
		return true;
	read_cpu_slab(&now, at->cpu);
	return now.tid == at->cpu_slab.tid && now.slab == at->cpu_slab.slab &&
	       now.freelist == at->cpu_slab.freelist;
}

/* Check that the slab of a look in progress is as it was at its begin. Returns 1 or 0. */
__noinline __weak int slab_unchanged(__u32 index)
{
	struct slab_scan *scan = scan_at(index);

	return scan && is_unchanged(&scan->look.at, scan->look.head);
}

/* Find the number of an object in its slab. Returns it; -1: no object begins there. */
static __always_inline int object_number(const struct slab_look *look, __u64 address)
{
	__u64 distance = address - look->first, number;

	if (address < look->first || !look->size)
		return -1;
	number = distance / look->size;
	if (number >= look->objects || number * look->size != distance)
		return -1;
	return number;
}

/* Find an object in the bitmap of its slab. Returns its enum object_state. */
static __always_inline __u32 state_by_bitmap(const struct slab_look *look, __u64 address)
{
	int number = object_number(look, address);

	if (number < 0)
		return OBJECT_FREE; /* no object can begin there any more */
	return look->free[(number >> 6) & (WORDS - 1)] >> (number & 63) & 1 ? OBJECT_FREE
									    : OBJECT_ALLOCATED;
}

/* Count the objects in use of a slab, unless it was counted; in_use -1 is not known. */
static __always_inline void count_slab(__u64 head, int in_use)
{
	__u32 unused = 0;
	int err = bpf_map_update_elem(&counted_slabs, &head, &unused, BPF_NOEXIST);

	if (err == -17 /* EEXIST */)
		return;
	if (err || in_use < 0)
		__sync_fetch_and_add(&uncounted_slabs, 1);
	else
		__sync_fetch_and_add(&objects_in_use, in_use);
}

/* Look an object up in the last looks. Returns its enum object_state; OBJECT_NONE: look anew. */
__noinline __weak int look_up_object(__u64 address, __u64 head, __u32 flags)
{
	struct slab_look *look = bpf_map_lookup_elem(&slab_looks, &head);
	__u32 state, in_use;
	__u64 epoch;

	if (!look)
		return OBJECT_NONE;
	epoch = look->epoch;
	in_use = look->in_use;
	state = state_by_bitmap(look, address);
	barrier();
	if (look->head != head || look->epoch != epoch || epoch != look_epoch ||
	    !is_unchanged(&look->at, head))
		return OBJECT_NONE;
	if (flags & LOOK_COUNT)
		count_slab(head, in_use);
	return state;
}

/* Fill in the bounds of a slab. Returns false if they are not possible. */
static __always_inline bool read_bounds(struct slab_scan *scan, __u64 head)
{
	struct kmem_cache *s = (struct kmem_cache *)knode_cache;
	struct slab_look *look = &scan->look;

	look->head = head;
	look->epoch = look_epoch;
	look->size = BPF_CORE_READ(s, size);
	look->first = address_of_page(head) + red_left_pad(s);
	scan->offset = BPF_CORE_READ(s, offset);
	scan->hardened = bpf_core_field_exists(struct kmem_cache, random);
	scan->random = 0;
	if (bpf_core_field_exists(struct kmem_cache, random))
		scan->random = BPF_CORE_READ(s, random);
	look->at.cache = slab_cache_of(head);
	look->at.counters = slab_counters_of(head);
	look->at.freelist = slab_freelist_of(head);
	look->at.cpu = NO_CPU;
	look->objects = SLAB_IN_TOTAL(look->at.counters);
	scan->listed = 0;
	__builtin_memset(look->free, 0, sizeof(look->free));
	scan->next = look->at.freelist;
	/* A page of KFENCE's pool looks like a slab of one object (mm/kfence/core.c). */
	return look->objects > 1 && look->objects <= SLAB_OBJECTS && look->size;
}

enum begun {
	BEGUN_BROKEN,   /* no such slab */
	BEGUN_WHOLE,    /* slab->freelist has all free objects */
	BEGUN_WITH_CPU, /* a CPU may have more of them */
};

/* Begin a look at a slab. Returns an enum begun. */
__noinline __weak int slab_begin(__u32 index, __u64 head)
{
	struct slab_scan *scan = scan_at(index);

	if (!scan || !read_bounds(scan, head))
		return BEGUN_BROKEN;
	return has_cpu_slabs() && SLAB_FROZEN(scan->look.at.counters) ? BEGUN_WITH_CPU
								      : BEGUN_WHOLE;
}

/* Search CHUNK CPUs for the one that uses a slab. Returns it, or -1. */
__noinline __weak int find_cpu(__u64 head, __u32 first)
{
	__u64 cpu_slab, offset;

	if (!has_cpu_slabs())
		return -1;
	cpu_slab = (__u64)BPF_CORE_READ((struct kmem_cache *)knode_cache, cpu_slab);
	barrier_var(cpu_slab);
	offset = cpu_slab_offset();
	for (__u32 i = 0; i < CHUNK; i++) {
		if (first + i >= nr_cpu_ids)
			break;
		if (cpu_slab_page(cpu_slab, first + i, offset) == head)
			return first + i;
	}
	return -1;
}

/*
 * Note the CPU that uses the slab, and go on with its list; cpu -1: none does. Returns false
 * if the slab is on the way to or from a CPU, so that some free objects are in no list.
 */
__noinline __weak int slab_of_cpu(__u32 index, __s32 cpu)
{
	struct slab_scan *scan = scan_at(index);
	struct slab_snapshot *at;

	if (!scan || !has_cpu_slabs())
		return 0;
	at = &scan->look.at;
	if (cpu < 0) {
		/* Either on the partial list of a CPU or, what looks the same, on the way. */
		scan->next = 0;
		return has_frozen_partial_slabs() && at->freelist;
	}
	read_cpu_slab(&at->cpu_slab, cpu);
	at->cpu = cpu;
	scan->next = at->cpu_slab.freelist;
	return at->cpu_slab.slab == scan->look.head;
}

enum followed {
	FOLLOWED_MORE, /* the list goes on */
	FOLLOWED_END,
	FOLLOWED_BROKEN, /* it is no list of objects of this slab */
};

/* Read the word that links a free object to the next one. Returns its address, or 0. */
static __always_inline __u64 next_free(const struct slab_scan *scan, __u64 address)
{
	__u64 at = address + scan->offset, word = 0;

	if (bpf_probe_read_kernel(&word, sizeof(word), (void *)at))
		return 1; /* no object begins there */
	/*
	 * mm/slub.c: freelist_ptr(); freelist_ptr_decode() since "mm/slub: refactor freelist
	 * to use custom type" (Linux 6.6).
	 */
	return scan->hardened ? word ^ scan->random ^ __builtin_bswap64(at) : word;
}

/* Follow the list for CHUNK objects. Returns an enum followed. */
__noinline __weak int follow_list(__u32 index)
{
	struct slab_scan *scan = scan_at(index);

	if (!scan)
		return FOLLOWED_BROKEN;
	for (__u32 i = 0; i < CHUNK; i++) {
		__u64 address = scan->next, *word, bit;
		int number;

		if (!address)
			return FOLLOWED_END;
		number = object_number(&scan->look, address);
		if (number < 0)
			return FOLLOWED_BROKEN;
		word = &scan->look.free[(number >> 6) & (WORDS - 1)];
		bit = 1ULL << (number & 63);
		if (*word & bit)
			return FOLLOWED_BROKEN;
		*word |= bit;
		scan->listed++;
		scan->next = next_free(scan, address);
	}
	return FOLLOWED_MORE;
}

/* Follow the list to its end. Returns false if it is broken. */
static __always_inline bool follow_to_end(__u32 index)
{
	for (__u32 i = 0; i <= SLAB_OBJECTS / CHUNK; i++) {
		int followed = follow_list(index);

		if (followed != FOLLOWED_MORE)
			return followed == FOLLOWED_END;
	}
	return false;
}

/* Check that slab->freelist had as many objects as the counters say. Returns 1 or 0. */
__noinline __weak int has_right_length(__u32 index)
{
	struct slab_scan *scan = scan_at(index);

	return scan && scan->listed == scan->look.objects - SLAB_INUSE(scan->look.at.counters);
}

/*
 * Mark CHUNK objects that are in KASAN's quarantine as free. Returns the objects in use, or -1
 * beyond the end of the slab.
 */
__noinline __weak int mark_quarantined(__u32 index, __u32 first)
{
	struct slab_scan *scan = scan_at(index);
	__u32 in_use = 0;
	__u64 *word;

	if (!scan || first >= scan->look.objects)
		return -1;
	word = &scan->look.free[(first / 64) & (WORDS - 1)]; /* CHUNK is 64, too */
	for (__u32 i = 0; i < CHUNK; i++) {
		if (first + i >= scan->look.objects)
			break;
		if (poisoned(scan->look.first + (first + i) * scan->look.size))
			*word |= 1ULL << i;
		in_use += ~(*word >> i) & 1;
	}
	return in_use;
}

/* Count the objects in use. Returns their number. */
static __always_inline __u32 count_in_use(__u32 index)
{
	__u32 in_use = 0;

	for (__u32 first = 0; first < SLAB_OBJECTS; first += CHUNK) {
		int more = mark_quarantined(index, first);

		if (more < 0)
			break;
		in_use += more;
	}
	return in_use;
}

/* Finish a look that is believed: keep it. Returns the enum object_state of the object. */
__noinline __weak int slab_end(__u32 index, __u64 address, __u32 flags, __u32 in_use)
{
	struct slab_scan *scan = scan_at(index);
	__u64 head;

	if (!scan)
		return OBJECT_UNKNOWN;
	scan->look.in_use = in_use;
	head = scan->look.head;
	bpf_map_update_elem(&slab_looks, &head, &scan->look, BPF_ANY);
	if (flags & LOOK_COUNT)
		count_slab(head, in_use);
	return state_by_bitmap(&scan->look, address);
}

/* Search the CPUs for the one that uses a slab. Returns it, or -1. */
static __always_inline int find_cpu_of(__u64 head)
{
	for (__u32 first = 0; first < 8192; first += CHUNK) {
		int cpu;

		if (first >= nr_cpu_ids)
			break;
		cpu = find_cpu(head, first);
		if (cpu >= 0)
			return cpu;
	}
	return -1;
}

/* Look at a slab once. Returns whether the look is believed. */
static __always_inline bool look_once(__u32 index, __u64 head)
{
	int begun = slab_begin(index, head);

	if (begun == BEGUN_BROKEN || !follow_to_end(index) || !has_right_length(index))
		return false;
	if (begun == BEGUN_WITH_CPU &&
	    (!per_cpu_offset_addr || !slab_of_cpu(index, find_cpu_of(head)) ||
	     !follow_to_end(index)))
		return false;
	return slab_unchanged(index);
}

enum page_kind {
	PAGE_KNODE,   /* a slab of kmem_cache_node */
	PAGE_OTHER,   /* anything else */
	PAGE_UNKNOWN, /* the kernel's layout is not known */
};

/* Find the kind of a head page. */
static __always_inline enum page_kind page_kind(__u64 head)
{
	int slab = is_slab_page(head);

	if (slab < 0)
		return PAGE_UNKNOWN;
	return slab && slab_cache_of(head) == knode_cache ? PAGE_KNODE : PAGE_OTHER;
}

/* Find the head page of a structure. Returns it. */
__noinline __weak __u64 head_page(__u64 address)
{
	return head_of(page_of(address));
}

/*
 * Look at a page before its lists. Returns an enum object_state; OBJECT_NONE: the lists
 * decide.
 */
__noinline __weak int state_by_page(__u64 address, __u64 head)
{
	enum page_kind kind = page_kind(head);

	if (kind == PAGE_UNKNOWN)
		return OBJECT_UNKNOWN;
	/* Its slab has left the cache; or KASAN has the object, and no list names it. */
	return kind == PAGE_OTHER || poisoned(address) ? OBJECT_FREE : OBJECT_NONE;
}

/* Look at an object of kmem_cache_node. Returns its enum object_state, never OBJECT_NONE. */
__noinline __weak int object_state(__u64 address, __u32 flags)
{
	int state = OBJECT_UNKNOWN;
	bool believed = false;
	__u32 index;
	__u64 head;

	if (!knode_cache || (!layout_is_known && !(flags & LOOK_ANYWAY))) {
		if (flags & LOOK_COUNT)
			count_slab(0, -1);
		return state;
	}
	head = head_page(address);
	state = state_by_page(address, head);
	if (state == OBJECT_NONE)
		state = look_up_object(address, head, flags);
	if (state != OBJECT_NONE)
		return state;
	state = OBJECT_UNKNOWN;
	if (bpf_map_pop_elem(&unused_slab_scans, &index))
		return state;
	for (__u32 try = 0; try < LOOK_TRIES && !believed; try++)
		believed = look_once(index, head);
	if (believed)
		state = slab_end(index, address, flags, count_in_use(index));
	bpf_map_push_elem(&unused_slab_scans, &index, BPF_ANY);
	if (state == OBJECT_UNKNOWN && flags & LOOK_COUNT)
		count_slab(head, -1);
	return state;
}

/*
 * Check whether a structure can still be an object of kmem_cache_node. Returns 0 if its slab
 * has left the cache, otherwise 1, too where that is not known.
 */
__noinline __weak int on_slab(__u64 address)
{
	struct kmem_cache *s = (struct kmem_cache *)knode_cache;
	__u64 head, size;

	if (!layout_is_known)
		return 1;
	head = head_of(page_of(address));
	if (page_kind(head) != PAGE_KNODE)
		return 0;
	/* A new slab can have another order, and its objects other places. */
	size = BPF_CORE_READ(s, size);
	return size && !((address - address_of_page(head) - red_left_pad(s)) % size);
}

/*
 * Check that slabs have the layout that this file assumes: a structure of kmem_cache_node
 * itself must be allocated.
 */
static __always_inline void check_layout(__u64 cache)
{
	__u64 address = 0;

	for (__u32 nid = 0; nid < 1024; nid++) {
		if (nid >= nr_node_ids || address)
			break;
		address = read_node_ptr(cache, nid);
	}
	if (address && object_state(address, LOOK_ANYWAY) == OBJECT_ALLOCATED)
		layout_is_known = 1;
}

#define KNODE_NAME "kmem_cache_node"

/* Take a cache for kmem_cache_node, if it has that name. Returns 1 if it has, otherwise 0. */
__noinline __weak int note_knode_cache(__u64 cache)
{
	char text[sizeof(KNODE_NAME)] = {};

	bpf_probe_read_kernel_str(text, sizeof(text),
				  BPF_CORE_READ((struct kmem_cache *)cache, name));
	for (__u32 i = 0; i < sizeof(text); i++)
		if (text[i] != KNODE_NAME[i])
			return 0;
	knode_cache = cache;
	if (!layout_is_known)
		check_layout(cache);
	return 1;
}

/*
 * Search slab_caches backwards for kmem_cache_node, from a link of the list. It is one of the
 * first caches of the boot, and new caches are added in front. Returns 0.
 */
__noinline __weak int find_knode_cache(__u64 link)
{
	for (__u32 i = 0; i < CHUNK; i++) {
		link = (__u64)BPF_CORE_READ((struct list_head *)link, prev);
		if (note_knode_cache(link - bpf_core_field_offset(struct kmem_cache, list)))
			break;
	}
	return 0;
}

/*
 * Count the changes of the lists of CHUNK CPUs, so that each allocation from a list counts.
 * A CPU that gives up its slab changes its list, too, without an allocation; a CPU with a slab
 * counts once more, so that this changes nothing. Returns the sum.
 */
__noinline __weak __u64 count_list_changes(__u32 first)
{
	__u64 cpu_slab, offset, sum = 0;

	if (!has_cpu_slabs())
		return 0;
	cpu_slab = (__u64)BPF_CORE_READ((struct kmem_cache *)knode_cache, cpu_slab);
	barrier_var(cpu_slab);
	offset = cpu_slab_offset();
	for (__u32 i = 0; i < CHUNK; i++) {
		if (first + i >= nr_cpu_ids)
			break;
		sum += cpu_slab_changes(cpu_slab, first + i);
		sum += cpu_slab_page(cpu_slab, first + i, offset) != 0;
	}
	return sum;
}

/*
 * Count the allocations from kmem_cache_node, from any zero. Some frees count as well, and an
 * allocation that takes a new slab counts twice. Returns a number of which differences are
 * never too small, or ALLOCATIONS_UNKNOWN.
 */
__noinline __weak __u64 knode_allocations(void)
{
	__u64 sum = 0;

	if (!layout_is_known)
		return ALLOCATIONS_UNKNOWN;
	/* Without lists of the CPUs each allocation calls ___slab_alloc(). */
	if (!has_cpu_slabs() || is_debugged((struct kmem_cache *)knode_cache))
		return count_slow_allocations ? slow_allocations + missed_allocations
					      : ALLOCATIONS_UNKNOWN;
	if (!per_cpu_offset_addr)
		return ALLOCATIONS_UNKNOWN;
	for (__u32 first = 0; first < 8192; first += CHUNK) {
		if (first >= nr_cpu_ids)
			break;
		sum += count_list_changes(first);
	}
	return sum;
}
