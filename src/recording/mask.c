// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "bpf/digest.h"
#include "model/model.h"
#include "model/record.h"
#include "recording/mask.h"

#define KERNEL_HALF  0xff00000000000000ULL /* with page tables of five levels */
#define ALIGNED_BITS 21 /* a huge page: nothing that is aligned to more is of interest */
#define SMALL        (1ULL << 32)

__u64 mask_address(const struct mask *m, __u64 address)
{
	__u64 shift = m->shift >> ALIGNED_BITS << ALIGNED_BITS;

	if (address < KERNEL_HALF)
		return mask_word(m, address);
	return KERNEL_HALF | ((address + shift) & ~KERNEL_HALF);
}

__u64 mask_word(const struct mask *m, __u64 word)
{
	if (word < SMALL)
		return word;
	if (word >= KERNEL_HALF)
		return mask_address(m, word);
	/* Not in the half of the kernel, and no small number. */
	return (digest_mix(word ^ m->key) & ~(1ULL << 63)) | SMALL;
}

static void mask_addresses(const struct mask *m, __u64 *addresses, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (addresses[i])
			addresses[i] = mask_address(m, addresses[i]);
}

static void mask_words(const struct mask *m, __u64 *words, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		words[i] = mask_word(m, words[i]);
}

static void mask_freed(const struct mask *m, struct freed *f)
{
	mask_addresses(m, &f->address, 1);
	mask_addresses(m, &f->cache, 1);
	if (m->no_tasks)
		memset(f->comm, 0, sizeof(f->comm));
}

static void mask_access(const struct mask *m, struct access_record *r)
{
	mask_freed(m, &r->freed);
	mask_addresses(m, &r->word, 1);
	mask_words(m, &r->value, 1);
	mask_words(m, &r->free_word, 1);
	mask_words(m, (__u64 *)&r->registers, sizeof(r->registers) / sizeof(__u64));
	mask_addresses(m, r->stack, ACCESS_FRAMES);
}

static void mask_structure(const struct mask *m, struct structure_record *r)
{
	mask_addresses(m, &r->cache, 1);
	mask_addresses(m, &r->address, 1);
	mask_addresses(m, &r->barn, 1);
	mask_addresses(m, &r->previous, 1);
}

static void mask_canary(const struct mask *m, struct canary_record *r)
{
	mask_freed(m, &r->freed);
	mask_words(m, r->old_words, KNODE_WORDS);
	mask_words(m, r->new_words, KNODE_WORDS);
}

/* Mask a record in place. The digest of a walk becomes 0. */
static void mask_record(const struct mask *m, struct record *r)
{
	if (m->no_tasks)
		memset(r->comm, 0, sizeof(r->comm));
	switch (r->type) {
	case RECORD_CACHE: mask_addresses(m, &((struct cache_record *)r)->cache, 1); break;
	case RECORD_STRUCTURE: mask_structure(m, (struct structure_record *)r); break;
	case RECORD_ACCESS: mask_access(m, (struct access_record *)r); break;
	case RECORD_CANARY: mask_canary(m, (struct canary_record *)r); break;
	case RECORD_FREER:
		mask_addresses(m, ((struct freer_record *)r)->stack, ACCESS_FRAMES);
		break;
	case RECORD_OBJECT: mask_addresses(m, &((struct object_record *)r)->address, 1); break;
	case RECORD_SYMBOL: mask_addresses(m, &((struct symbol_record *)r)->address, 1); break;
	case RECORD_SLABS: mask_addresses(m, &((struct slabs_record *)r)->cache, 1); break;
	case RECORD_FREED: mask_freed(m, &((struct freed_record *)r)->freed); break;
	case RECORD_WALK: ((struct walk_record *)r)->digest = 0; break;
	}
}

/* --- a whole recording --- */

/*
 * The digest of a walk depends on the addresses. Where it was that of the ledger, the copy gets the
 * digest of a ledger with the other addresses.
 */
struct copy {
	const struct mask *mask;
	struct recording_writer *to;
	struct model *before, *after;
	__u64 record[512]; /* each record is smaller */
};

static bool is_walk_end(const struct record *r)
{
	return r->type == RECORD_WALK && ((const struct walk_record *)r)->phase == PHASE_END;
}

/* Copy a record. Returns 0 or a negative errno. */
static int copy_record(struct copy *c, const struct record *from)
{
	struct record *r = (void *)c->record;
	int err;

	if (!from || record_len(from) > sizeof(c->record))
		return 0; /* a malformed record is left out, and the copy counts it below */
	memcpy(r, from, record_len(from));
	err = model_feed(c->before, from);
	if (err && err != -EINVAL)
		return err;
	mask_record(c->mask, r);
	if (is_walk_end(r) && ledger_agrees(model_ledger(c->before)))
		((struct walk_record *)r)->digest = ledger_digest(model_ledger(c->after));
	recording_writer_record(c->to, r);
	recording_writer_wait(c->to);
	err = model_feed(c->after, r);
	return err == -EINVAL ? 0 : err;
}

static int copy_malformed(struct copy *c)
{
	const struct lost_record lost = { .head.type = RECORD_LOST, .malformed = 1 };

	return copy_record(c, &lost.head);
}

/* Copy all entries. Returns as recording_next(), or another negative errno. */
static int copy_entries(struct copy *c, struct recording *from)
{
	struct recording_entry e;
	bool first = true, state = false;
	int more, err = 0;

	while (!err && (more = recording_next(from, &e)) > 0) {
		if (first && recording_is_partial(from)) {
			recording_writer_state_begin(c->to);
			state = true;
		}
		first = false;
		if (e.kind == ENTRY_START) {
			recording_writer_start(c->to);
			if (state)
				recording_writer_state_end(c->to);
			state = false;
		} else if (e.kind == ENTRY_RUN) {
			recording_writer_run(c->to, &e.run);
		} else {
			err = e.record ? copy_record(c, e.record) : copy_malformed(c);
		}
	}
	return err ? err : more;
}

int mask_recording(const struct mask *m, struct recording *from, struct recording_writer *to)
{
	static const struct model_observer nobody;
	static const struct filter everything;
	struct copy *c = calloc(1, sizeof(*c));
	int err = -ENOMEM;

	if (!c)
		return err;
	c->mask = m;
	c->to = to;
	c->before = model_new(&everything, &nobody);
	c->after = model_new(&everything, &nobody);
	if (c->before && c->after)
		err = copy_entries(c, from);
	model_free(c->before);
	model_free(c->after);
	free(c);
	return err;
}
