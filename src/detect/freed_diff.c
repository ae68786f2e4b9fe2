// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "detect/freed_diff.h"

struct freed_diff {
	const struct tracer *tracer;
	const volatile struct freed_slot *slots; /* the programs' own */
	unsigned int count;
	struct known {
		__u64 address, freed_ns; /* freed_ns 0: none */
	} * known;                       /* by index, as emitted last */
	__u64 seen;                      /* the counters of the set at that time */
	__u32 now;
};

struct freed_diff *freed_diff_new(const struct tracer *t)
{
	struct freed_diff *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->tracer = t;
	f->slots = tracer_freed_slots(t, &f->count);
	f->known = calloc(f->count ?: 1, sizeof(*f->known));
	if (f->known)
		return f;
	free(f);
	return NULL;
}

void freed_diff_free(struct freed_diff *f)
{
	if (!f)
		return;
	free(f->known);
	free(f);
}

/*
 * Copy a structure while programs may change it. The copy is whole if the time of
 * the free is the same afterwards. Returns it; freed_ns 0: it is not whole.
 */
static struct freed freed_diff_copy(const volatile struct freed_slot *slot)
{
	const volatile unsigned char *from = (const volatile unsigned char *)&slot->freed;
	__u64 freed_ns = slot->freed.freed_ns;
	struct freed freed;

	for (size_t i = 0; i < sizeof(freed); i++)
		((unsigned char *)&freed)[i] = from[i];
	if (slot->freed.freed_ns != freed_ns)
		freed_ns = 0; /* the next call reads it again */
	freed.freed_ns = freed_ns;
	freed.comm[sizeof(freed.comm) - 1] = 0;
	freed.name[sizeof(freed.name) - 1] = 0;
	return freed;
}

static int freed_diff_emit_slot(struct freed_diff *f, unsigned int i,
				int (*emit)(void *context, const struct record *r), void *context)
{
	struct known *known = &f->known[i];
	struct freed_record r = {
		.head = { .type = RECORD_FREED, .time_ns = clock_now() },
		.freed = { .address = known->address, .freed_ns = known->freed_ns },
	};
	int err;

	if (f->slots[i].freed.freed_ns == known->freed_ns)
		return 0;
	if (known->freed_ns) {
		err = emit(context, &r.head);
		if (err)
			return err;
	}
	r.freed = freed_diff_copy(&f->slots[i]);
	r.present = 1;
	known->address = r.freed.address;
	known->freed_ns = r.freed.freed_ns;
	return known->freed_ns ? emit(context, &r.head) : 0;
}

int freed_diff_emit(struct freed_diff *f, int (*emit)(void *context, const struct record *r),
		    void *context)
{
	struct tracer_freed set = tracer_freed(f->tracer);

	if (set.seen == f->seen && set.now == f->now)
		return 0;
	f->seen = set.seen;
	f->now = set.now;
	for (unsigned int i = 0; i < tracer_freed_end(f->tracer); i++) {
		int err = freed_diff_emit_slot(f, i, emit, context);

		if (err)
			return err;
	}
	return 0;
}
