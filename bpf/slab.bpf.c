// SPDX-License-Identifier: GPL-2.0-only
/*
 * The slabs of the cache kmem_cache_node. An object is free if it is on the free list of its
 * slab, or on that of the CPU that uses the slab. A look follows both lists, and is believed
 * if nothing has changed meanwhile and the lists have the right length. It goes through the
 * phases of enum look_phase, some objects or CPUs a step.
 *
 * Functions call each other at most eight deep, and the verifier follows each iteration of a
 * loop anew for each program. So object_state() has one loop, of turns, and a turn calls
 * look_step() several times; the verifier checks each of these functions once.
 */
#include "bpf/slab.bpf.h"
#include "bpf/loop.bpf.h"

__u64 look_epoch = 0;
__u64 objects_in_use = 0;
__u32 uncounted_slabs = 0;
__u32 slab_counts = 0;
__u32 counted_slabs_held = 0; /* elements; user space sets 0 when it empties the map */

#define LOOK_TRIES 8
#define LOOK_CHUNK 16 /* objects that one step handles */
#define LOOK_CPUS  16 /* CPUs that one step handles */
/*
 * A try on 512 objects takes up to 64 steps with 512 CPUs, which are two turns, and KASAN's
 * quarantine one at the end, so that there are turns for all tries. One on SLAB_OBJECTS with 8,192
 * CPUs takes 18 turns, and the quarantine two.
 */
#define LOOK_TURN  32 /* steps */
#define LOOK_TURNS 24
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

/*
 * The looks of a walk by digest, by address. They are used for all objects of the slab, and each
 * slab is compared with its snapshot at the end. Only the walk writes them.
 */
#define KEPT_SLABS 256
#define KEPT_ROW   16 /* that one call compares */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, KEPT_SLABS);
	__type(key, __u32);
	__type(value, struct slab_look);
} kept_slabs SEC(".maps");

__u64 kept_epoch = 0;   /* look_epoch when the walk began: older looks are not of this walk */
__u32 kept_shift = 0;   /* slabs lie in blocks of 1 << kept_shift bytes */
__u32 kept_changed = 0; /* slabs that have changed during the walk */

enum look_phase {
	/* These take several steps. */
	LOOK_SLAB_LIST,  /* follow the list of the slab */
	LOOK_SEARCH_CPU, /* search the CPU that uses the slab */
	LOOK_CPU_LIST,   /* follow the list of that CPU */
	LOOK_QUARANTINE, /* search the objects in KASAN's quarantine */
	/* These are done by look_turn(). */
	LOOK_BEGIN,   /* read the bounds of the slab, its list and its counters */
	LOOK_COMPARE, /* check that nothing has changed meanwhile */
	/* The look has ended. */
	LOOK_BELIEVED, /* it is complete */
	LOOK_FAILED,   /* no try was believed */
};

/* A look in progress. It is too large for the stack, and programs can preempt each other. */
struct slab_scan {
	struct slab_look look;
	struct slab_snapshot now; /* at the end of a try */
	__u64 next;               /* the next object of the list */
	__u64 random;             /* s->random */
	__u32 offset;             /* s->offset */
	__u32 listed;             /* objects found on the lists */
	__u32 phase;              /* enum look_phase */
	__u32 tries;              /* that have begun */
	__u32 first;              /* of the CPUs or objects of the next step */
	__u32 pad;
};

static struct slab_scan slab_scans[SLAB_SCANS];

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, SLAB_SCANS);
	__type(value, __u32);
} unused_slab_scans SEC(".maps");

/* Push an unused scan; an index beyond their number is ignored. Returns 0. */
__noinline __weak int push_slab_scan(__u32 index)
{
	__u32 value = index;

	if (index < SLAB_SCANS)
		bpf_map_push_elem(&unused_slab_scans, &value, BPF_ANY);
	return 0;
}

/* The slabs whose objects were counted in a walk; user space empties it when it is half full. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);   /* the head page */
	__type(value, __u32); /* the last count of slabs that it was part of */
} counted_slabs SEC(".maps");

static __always_inline struct slab_scan *scan_at(__u32 index)
{
	return &slab_scans[index & (SLAB_SCANS - 1)];
}

/*
 * Read what must not change while the lists are followed. A function of its own keeps programs
 * small: the time to load one grows with its size and with each branch that this kernel never
 * takes.
 */
static __noinline void read_snapshot(struct slab_snapshot *at, __u64 head, __u32 cpu)
{
	struct slab_head slab;
	int is_slab = is_slab_page(head);

	read_slab_head(&slab, head);
	at->cache = is_slab == 1 ? slab.cache : 0;
	at->freelist = slab.freelist;
	at->counters = slab.counters;
	at->cpu = cpu;
	if (cpu != NO_CPU && has_cpu_slabs())
		read_cpu_slab(&at->cpu_slab, cpu);
}

/* Check that a slab is as it was; the caller has room for its present snapshot. */
static __always_inline bool is_unchanged(const struct slab_snapshot *at, __u64 head,
					 struct slab_snapshot *now)
{
	__builtin_memset(now, 0, sizeof(*now));
	read_snapshot(now, head, at->cpu);
	return !((now->cache ^ at->cache) | (now->freelist ^ at->freelist) |
		 (now->counters ^ at->counters) | (now->cpu_slab.tid ^ at->cpu_slab.tid) |
		 (now->cpu_slab.slab ^ at->cpu_slab.slab) |
		 (now->cpu_slab.freelist ^ at->cpu_slab.freelist));
}

/* Find the number of an object in its slab. Returns it; -1: no object begins there. */
static __always_inline int object_number(const struct slab_look *look, __u64 address)
{
	__u64 distance = address - look->first, number;

	if (!look->size)
		return -1;
	number = distance / look->size; /* of an address before the first object, it is too large */
	if (number >= look->objects || number * look->size != distance)
		return -1;
	return number;
}

/* Find an object by its number in the bitmap of its slab. Returns its enum object_state. */
static __always_inline __u32 state_by_number(const struct slab_look *look, __u32 number)
{
	return look->free[(number >> 6) & (WORDS - 1)] >> (number & 63) & 1 ? OBJECT_FREE
									    : OBJECT_ALLOCATED;
}

/* Find an object in the bitmap of its slab. Returns its enum object_state. */
static __always_inline __u32 state_by_bitmap(const struct slab_look *look, __u64 address)
{
	int number = object_number(look, address);

	if (number < 0)
		return OBJECT_FREE; /* no object can begin there any more */
	return state_by_number(look, number);
}

/* Note that a slab is part of this count. Returns false if it was before, or if it cannot be. */
static __always_inline bool is_first_count(__u64 head)
{
	__u32 *last = bpf_map_lookup_elem(&counted_slabs, &head), now = slab_counts;

	if (last) {
		bool first = *last != now;

		*last = now;
		return first;
	}
	if (bpf_map_update_elem(&counted_slabs, &head, &now, BPF_NOEXIST)) {
		__sync_fetch_and_add(&uncounted_slabs, 1);
		return false;
	}
	counted_slabs_held++;
	return true;
}

/* Count the objects in use of a slab, unless it was counted; -1 is not known. Returns 0. */
__noinline __weak int count_slab(__u64 head, __s32 in_use)
{
	if (!is_first_count(head))
		return 0;
	if (in_use < 0)
		__sync_fetch_and_add(&uncounted_slabs, 1);
	else
		__sync_fetch_and_add(&objects_in_use, in_use);
	return 0;
}

/* Look an object up in the last looks. Returns its enum object_state; OBJECT_NONE: look anew. */
__noinline __weak int look_up_object(__u64 address, __u64 head, __u32 flags)
{
	struct slab_look *look = bpf_map_lookup_elem(&slab_looks, &head);
	struct slab_snapshot now;
	__u32 state, in_use;
	__u64 epoch;

	if (!look)
		return OBJECT_NONE;
	epoch = look->epoch;
	in_use = look->in_use;
	state = state_by_bitmap(look, address);
	barrier();
	if (look->head != head || look->epoch != epoch || epoch != look_epoch ||
	    !is_unchanged(&look->at, head, &now))
		return OBJECT_NONE;
	if (flags & LOOK_COUNT)
		count_slab(head, in_use);
	return state;
}

/* Go on with a phase. */
static __always_inline void look_go_on(struct slab_scan *scan, enum look_phase phase)
{
	scan->phase = phase;
	scan->first = 0;
}

/* Give a try up, and begin the next one. */
static __always_inline void look_again(struct slab_scan *scan)
{
	look_go_on(scan, scan->tries < LOOK_TRIES ? LOOK_BEGIN : LOOK_FAILED);
}

/* Fill in the bounds of a slab. Returns false if they are not possible. */
static __always_inline bool read_bounds(struct slab_scan *scan)
{
	struct kmem_cache *s = (struct kmem_cache *)knode_cache;
	struct slab_look *look = &scan->look;
	__u64 head = look->head;

	look->epoch = look_epoch;
	look->size = BPF_CORE_READ(s, size);
	look->first = address_of_page(head) + red_left_pad(s);
	look->in_use = 0;
	scan->offset = BPF_CORE_READ(s, offset);
	if (bpf_core_field_exists(struct kmem_cache, random))
		scan->random = BPF_CORE_READ(s, random);
	__builtin_memset(&look->at.cpu_slab, 0, sizeof(look->at.cpu_slab));
	read_snapshot(&look->at, head, NO_CPU);
	look->objects = SLAB_IN_TOTAL(look->at.counters);
	scan->listed = 0;
	__builtin_memset(look->free, 0, sizeof(look->free));
	scan->next = look->at.freelist;
	/* A page of KFENCE's pool looks like a slab of one object (mm/kfence/core.c). */
	return look->at.cache && look->objects > 1 && look->objects <= SLAB_OBJECTS && look->size;
}

static __always_inline void look_begin(struct slab_scan *scan)
{
	scan->tries++;
	if (read_bounds(scan))
		look_go_on(scan, LOOK_SLAB_LIST);
	else
		look_again(scan);
}

enum followed {
	FOLLOWED_MORE, /* the list goes on */
	FOLLOWED_END,
	FOLLOWED_BROKEN, /* it is no list of objects of this slab */
};

/*
 * Read the word that links a free object to the next one. Returns the address of that, or 0; an odd
 * number if there is no such word.
 */
static __always_inline __u64 next_free(const struct slab_scan *scan, __u64 address)
{
	__u64 at = address + scan->offset, word = 0;
	__u64 failed = (__u64)bpf_probe_read_kernel(&word, sizeof(word), (void *)at) >> 63;

	/*
	 * mm/slub.c: freelist_ptr(); freelist_ptr_decode() since "mm/slub: refactor freelist
	 * to use custom type" (Linux 6.6).
	 */
	if (bpf_core_field_exists(struct kmem_cache, random))
		word ^= scan->random ^ __builtin_bswap64(at);
	return word | failed;
}

/*
 * Note an object of the list as free. Returns 0; nonzero if no object begins there, or if the list
 * has had it. A branch for each reason would cost the verifier twice as much.
 */
static __always_inline __u64 note_free(struct slab_scan *scan, __u64 address)
{
	struct slab_look *look = &scan->look;
	__u64 distance = address - look->first, number = distance / look->size, *word, wrong;

	word = &look->free[(number >> 6) & (WORDS - 1)];
	wrong = number * look->size ^ distance;
	wrong |= (look->objects - 1 - number) >> 63; /* the number is too large */
	wrong |= *word >> (number & 63) & 1;
	*word |= 1ULL << (number & 63);
	return wrong;
}

/* Follow the list for LOOK_CHUNK objects. Returns an enum followed. */
static __always_inline enum followed follow_list(struct slab_scan *scan)
{
	for (__u32 i = 0; i < LOOK_CHUNK; i++) {
		__u64 address;

		barrier_var(scan); /* as in look_step() */
		address = scan->next;
		if (!address)
			return FOLLOWED_END;
		if (note_free(scan, address))
			return FOLLOWED_BROKEN;
		scan->listed++;
		scan->next = next_free(scan, address);
	}
	return FOLLOWED_MORE;
}

/* Find the phase after the list of the slab; it must be as long as the counters say. */
static __always_inline void after_slab_list(struct slab_scan *scan)
{
	__u32 counters = scan->look.at.counters;

	if (scan->listed != scan->look.objects - SLAB_INUSE(counters))
		look_again(scan);
	else if (!has_cpu_slabs() || !SLAB_FROZEN(counters))
		look_go_on(scan, LOOK_COMPARE); /* the list has all free objects */
	else if (per_cpu_offset_addr)
		look_go_on(scan, LOOK_SEARCH_CPU);
	else
		look_again(scan);
}

/* Follow the list of the slab or of the CPU. */
static __always_inline void look_at_list(struct slab_scan *scan)
{
	enum followed followed = follow_list(scan);

	if (followed == FOLLOWED_BROKEN)
		look_again(scan);
	else if (followed == FOLLOWED_END && scan->phase == LOOK_SLAB_LIST)
		after_slab_list(scan);
	else if (followed == FOLLOWED_END)
		look_go_on(scan, LOOK_COMPARE);
}

/* Search LOOK_CPUS CPUs for the one that uses the slab. Returns it, or -1. */
static __always_inline int find_cpu(const struct slab_scan *scan)
{
	__u64 cpu_slab = (__u64)BPF_CORE_READ((struct kmem_cache *)knode_cache, cpu_slab), offset;
	__u64 head = scan->look.head;
	__u32 first = scan->first;

	barrier_var(cpu_slab);
	offset = cpu_slab_offset();
#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < LOOK_CPUS; i++) {
		if (first + i >= nr_cpu_ids)
			break;
		if (cpu_slab_page(cpu_slab, first + i, offset) == head)
			return first + i;
	}
	return -1;
}

/* Search the CPU that uses the slab, and go on with its list. */
static __always_inline void look_for_cpu(struct slab_scan *scan)
{
	struct slab_snapshot *at = &scan->look.at;
	int cpu;

	if (!has_cpu_slabs())
		return;
	cpu = find_cpu(scan);
	if (cpu >= 0) {
		read_cpu_slab(&at->cpu_slab, cpu);
		at->cpu = cpu;
		scan->next = at->cpu_slab.freelist;
		if (at->cpu_slab.slab == scan->look.head)
			look_go_on(scan, LOOK_CPU_LIST);
		else
			look_again(scan);
		return;
	}
	scan->first += LOOK_CPUS;
	if (scan->first < nr_cpu_ids)
		return;
	/*
	 * The slab is on the partial list of a CPU or, what looks the same, on the way to or from a
	 * CPU, so that some free objects are in no list.
	 */
	if (has_frozen_partial_slabs() && at->freelist)
		look_go_on(scan, LOOK_COMPARE);
	else
		look_again(scan);
}

/* Check that nothing has changed since the begin. */
static __always_inline void look_compare(struct slab_scan *scan)
{
	struct slab_look *look = &scan->look;

	if (!is_unchanged(&look->at, look->head, &scan->now)) {
		look_again(scan);
		return;
	}
	look->in_use = look->objects - scan->listed;
	look_go_on(scan, has_kasan() ? LOOK_QUARANTINE : LOOK_BELIEVED);
}

/* Look at LOOK_CHUNK objects; those in KASAN's quarantine are free, and on no list. */
static __always_inline void look_at_quarantine(struct slab_scan *scan)
{
	struct slab_look *look = &scan->look;
	__u32 first = scan->first, shift = first % 64;
	__u64 *word = &look->free[(first / 64) & (WORDS - 1)];

	if (!has_kasan())
		return;
	for (__u32 i = 0; i < LOOK_CHUNK; i++) {
		__u64 bit = 1ULL << (shift + i);

		if (first + i >= look->objects)
			break;
		if (*word & bit || !poisoned(look->first + (first + i) * look->size))
			continue;
		*word |= bit;
		look->in_use--;
	}
	scan->first = first + LOOK_CHUNK;
	if (scan->first >= look->objects)
		look_go_on(scan, LOOK_BELIEVED);
}

/* Go one step on with a look. Returns 0 if the phase has no steps. */
__noinline __weak __u64 look_step(__u32 index)
{
	struct slab_scan *scan = scan_at(index);

	barrier_var(scan); /* or clang keeps the address of each member on the stack */
	switch (scan->phase) {
	case LOOK_SLAB_LIST:
	case LOOK_CPU_LIST: look_at_list(scan); break;
	case LOOK_SEARCH_CPU: look_for_cpu(scan); break;
	case LOOK_QUARANTINE: look_at_quarantine(scan); break;
	}
	return scan->phase <= LOOK_QUARANTINE;
}

/* Go on with a look by LOOK_TURN steps or to the end of a try. Returns 0 if the look has ended. */
__noinline __weak __u64 look_turn(__u32 index)
{
	struct slab_scan *scan = scan_at(index);

	barrier_var(scan);
	if (scan->phase == LOOK_BEGIN)
		look_begin(scan);
	CALL_UNTIL_0(LOOK_TURN, look_step(index));
	if (scan->phase == LOOK_COMPARE)
		look_compare(scan);
	return scan->phase < LOOK_BELIEVED;
}

/* Prepare a look at a slab. Returns 0. */
__noinline __weak int look_prepare(__u32 index, __u64 head)
{
	struct slab_scan *scan = scan_at(index);

	scan->look.head = head;
	scan->tries = 0;
	look_go_on(scan, LOOK_BEGIN);
	return 0;
}

/* Find the place of an object's slab in kept_slabs. Returns its index. */
static __always_inline __u32 kept_place(__u64 address)
{
	return (address >> (kept_shift & 63)) & (KEPT_SLABS - 1);
}

/*
 * Finish a look. One that is believed is kept. Returns the enum object_state of the object.
 */
__noinline __weak int look_end(__u32 index, __u64 address, __u32 flags)
{
	struct slab_scan *scan = scan_at(index);
	__u64 head;

	if (scan->phase != LOOK_BELIEVED)
		return OBJECT_UNKNOWN;
	head = scan->look.head;
	bpf_map_update_elem(&slab_looks, &head, &scan->look, BPF_ANY);
	if (flags & LOOK_KEEP) {
		index = kept_place(address);
		bpf_map_update_elem(&kept_slabs, &index, &scan->look, BPF_ANY);
	}
	if (flags & LOOK_COUNT)
		count_slab(head, scan->look.in_use);
	return state_by_bitmap(&scan->look, address);
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
	__u32 index;
	__u64 head;

	if (!knode_cache || (!layout_is_known && !(flags & LOOK_ANYWAY))) {
		if (flags & LOOK_COUNT)
			count_slab(0, -1);
		return state;
	}
	head = head_page(address);
	state = state_by_page(address, head);
	if (state == OBJECT_NONE && !(flags & LOOK_KEEP))
		state = look_up_object(address, head, flags);
	if (state != OBJECT_NONE)
		return state;
	state = OBJECT_UNKNOWN;
	if (bpf_map_pop_elem(&unused_slab_scans, &index))
		return state;
	look_prepare(index, head);
	CALL_UNTIL_0(LOOK_TURNS, look_turn(index));
	state = look_end(index, address, flags);
	bpf_map_push_elem(&unused_slab_scans, &index, BPF_ANY);
	if (state == OBJECT_UNKNOWN && flags & LOOK_COUNT)
		count_slab(head, -1);
	return state;
}

/* Begin a walk that keeps its looks. The caller has incremented look_epoch. Returns 0. */
__noinline __weak int begin_kept_slabs(void)
{
	kept_epoch = look_epoch;
	kept_shift = PAGE_SHIFT + slab_order((struct kmem_cache *)knode_cache);
	kept_changed = 0;
	return 0;
}

/* Count a kept slab that is not as it was when the walk looked at it. Returns 0. */
__noinline __weak int check_kept(__u32 index)
{
	struct slab_look *kept = bpf_map_lookup_elem(&kept_slabs, &index);
	struct slab_snapshot now;

	if (kept && kept->epoch == kept_epoch && !is_unchanged(&kept->at, kept->head, &now))
		kept_changed++;
	return 0;
}

/*
 * Look at a structure in a walk that keeps its looks. The state holds if changed_kept_slabs() is 0
 * at the end. Returns the enum object_state.
 */
__noinline __weak int kept_state(__u64 address)
{
	__u32 index = kept_place(address);
	struct slab_look *kept = bpf_map_lookup_elem(&kept_slabs, &index);
	int number;

	if (!kept || look_epoch != kept_epoch)
		return OBJECT_UNKNOWN;
	number = object_number(kept, address);
	if (kept->epoch == kept_epoch && number >= 0)
		return poisoned(address) ? OBJECT_FREE : state_by_number(kept, number);
	check_kept(index); /* another slab takes its place */
	return object_state(address, LOOK_COUNT | LOOK_KEEP);
}

/* Compare a row of kept slabs with their snapshots. Returns 0. */
__noinline __weak int check_kept_row(__u64 row)
{
	/* Without a branch the verifier follows each iteration once. */
#pragma clang loop unroll(disable)
	for (__u64 i = 0; i < KEPT_ROW; i++)
		check_kept(row * KEPT_ROW + i);
	return 0;
}

/*
 * End a walk that keeps its looks. Returns the number of slabs that changed meanwhile; functions
 * of SLUB's own work that began or ended count as one.
 */
__noinline __weak __u32 changed_kept_slabs(void)
{
#pragma clang loop unroll(disable)
	for (__u64 row = 0; row < KEPT_SLABS / KEPT_ROW; row++)
		check_kept_row(row);
	return kept_changed + (look_epoch != kept_epoch);
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
