// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watchpoints: a debug register has trapped a load or store of a word that user
 * space watches. The program runs tens of microseconds after the access, and much
 * later if a hypervisor takes the CPU away in between. So the structure's state
 * in the program proves nothing about its state at the access.
 *
 * The order of events on one CPU is the proof. The trap follows its instruction, and
 * no interrupt comes between the two. The heartbeat is a timer interrupt that records
 * its time:
 *
 *   another CPU   this CPU
 *   free
 *                 heartbeat: its time is later than that of the free
 *                 access, and at once its trap
 *                 this program
 *
 * A heartbeat that is later than the free proves that the access is, too.
 */
#include "bpf/freed.bpf.h"

/*
 * The time of the last heartbeat of each CPU, in nanoseconds. User space sets the size before the
 * load, maps the array to read it, and stops the heartbeats of CPUs that need no more.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} heartbeats SEC(".maps");

__u64 watch_hits = 0; /* traps */

SEC("perf_event")
int heartbeat(void *ctx __attribute__((unused)))
{
	__u32 cpu = bpf_get_smp_processor_id();
	__u64 *at = bpf_map_lookup_elem(&heartbeats, &cpu);

	if (at)
		*at = bpf_ktime_get_ns();
	return 0;
}

/* Return the time of this CPU's last heartbeat, or 0. */
static __always_inline __u64 last_heartbeat(void)
{
	__u32 cpu = bpf_get_smp_processor_id();
	__u64 *at = bpf_map_lookup_elem(&heartbeats, &cpu);

	return at ? *at : 0;
}

/* Find the freed structure that contains a word. Returns its index in freed_slots, or -1. */
__noinline __weak int freed_around(__u64 word)
{
	__u64 size = bpf_core_type_size(struct kmem_cache_node);

	word &= ~7ULL;
	for (__u32 i = 0; i < KNODE_WORDS; i++) {
		int index;

		if (i * sizeof(word) >= size)
			break;
		index = freed_find(word - i * sizeof(word));
		if (index >= 0)
			return index;
	}
	return -1;
}

static __always_inline void fill_registers(struct access_registers *to, struct perf_context *from)
{
	to->ip = from->regs[PERF_IP];
	to->sp = from->regs[PERF_SP];
	to->ax = from->regs[PERF_AX];
	to->bx = from->regs[PERF_BX];
	to->cx = from->regs[PERF_CX];
	to->dx = from->regs[PERF_DX];
	to->si = from->regs[PERF_SI];
	to->di = from->regs[PERF_DI];
	to->bp = from->regs[PERF_BP];
	to->r8 = from->regs[PERF_R8];
	to->r9 = from->regs[PERF_R9];
	to->r10 = from->regs[PERF_R10];
	to->r11 = from->regs[PERF_R11];
	to->r12 = from->regs[PERF_R12];
	to->r13 = from->regs[PERF_R13];
	to->r14 = from->regs[PERF_R14];
	to->r15 = from->regs[PERF_R15];
}

/* Fill in the watched word, its value and the free-list word of the structure. */
static __always_inline void fill_words(struct access_record *e, __u64 address, __u64 word)
{
	e->word = word;
	e->value = 0;
	bpf_probe_read_kernel(&e->value, sizeof(e->value), (void *)word);
	/* Unhardened, it is the address of another object, which any register may hold. */
	e->free_word = bpf_core_field_exists(struct kmem_cache, random) ? free_list_word(address)
									: 0;
}

SEC("perf_event")
int watchpoint(struct perf_context *ctx)
{
	__u64 word = ctx->addr, ordered_ns = last_heartbeat();
	struct access_record *e;
	struct freed_slot *slot;
	__u32 index;
	int unsettled, found;

	__sync_fetch_and_add(&watch_hits, 1);
	if (!freed_now)
		return 0;
	found = freed_around(word);
	if (found < 0)
		return 0;
	index = found;
	slot = bpf_map_lookup_elem(&freed_slots, &index);
	unsettled = in_slub_work();
	if (!slot || !slot->freed.freed_ns || !on_slab(slot->freed.address))
		return 0;
	e = begin_access();
	if (!e)
		return 0;
	e->freed = slot->freed;
	barrier();
	if (slot->freed.freed_ns != e->freed.freed_ns)
		e->freed.freed_ns = 0; /* the slot was reused meanwhile */
	e->how = ACCESS_WATCHPOINT;
	e->unsettled = unsettled;
	e->ordered_ns = ordered_ns;
	fill_words(e, e->freed.address, word);
	fill_registers(&e->registers, ctx);
	e->stack_len = kernel_stack(ctx, e->stack);
	bpf_ringbuf_submit(e, 0);
	return 0;
}
