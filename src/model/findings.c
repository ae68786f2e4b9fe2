// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/filter.h"
#include "base/text.h"
#include "model/coverage.h"
#include "model/findings.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* Findings with the same key are counted in one row: tier, reader and stack. */
struct key {
	__u64 stack[FINDING_FRAMES];
	__u64 tier;
	char function[64];
};

struct row {
	struct key key;
	struct finding_row row;
	UT_hash_handle hh;
};

struct findings {
	struct findings_ops ops;
	struct row *rows; /* in the order of their first occurrence */
	__u64 counts[TIERS][STRENGTHS];
};

struct findings *findings_new(const struct findings_ops *ops)
{
	struct findings *all = calloc(1, sizeof(*all));

	if (all && ops)
		all->ops = *ops;
	return all;
}

void findings_free(struct findings *all)
{
	struct row *r, *next;

	if (!all)
		return;
	HASH_ITER (hh, all->rows, r, next) {
		HASH_DEL(all->rows, r);
		for (unsigned int i = 0; i < FINDING_FRAMES; i++) {
			free(r->row.frames[i]);
			free(r->row.freer_frames[i]);
		}
		free(r);
	}
	free(all);
}

static void make_key(struct key *key, const struct finding *f)
{
	memset(key, 0, sizeof(*key));
	key->tier = f->tier;
	snprintf(key->function, sizeof(key->function), "%s", f->function ?: "");
	for (__u32 i = 0; i < f->stack_len && i < FINDING_FRAMES; i++)
		key->stack[i] = f->stack[i];
	/* A stray write has no stack: its address identifies it. */
	if (f->tier == TIER_CANARY) {
		key->stack[0] = f->address;
		key->stack[1] = f->word;
	}
}

/* Note who freed the structure. */
static void row_note_free(struct finding_row *row, const struct finding *f)
{
	__u32 len = f->freer_stack_len < FINDING_FRAMES ? f->freer_stack_len : FINDING_FRAMES;

	row->freed_ns = f->freed_ns;
	if (!f->freer || !f->freer->time_ns)
		return;
	memcpy(row->freer_comm, f->freer->comm, sizeof(row->freer_comm));
	row->freer_tgid = f->freer->tgid;
	for (__u32 i = 0; f->freer_frames && i < len; i++)
		row->freer_frames[i] = strdup(f->freer_frames[i]);
	row->freer_stack_len = f->freer_frames ? len : 0;
}

static struct row *row_new(struct findings *all, const struct key *key, const struct finding *f)
{
	struct row *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->key = *key;
	r->row.tier = f->tier;
	r->row.strength = f->strength;
	r->row.first_ns = f->time_ns;
	r->row.nid = f->nid;
	snprintf(r->row.function, sizeof(r->row.function), "%s", key->function);
	snprintf(r->row.source, sizeof(r->row.source), "%s", f->source ?: "");
	snprintf(r->row.cache_name, sizeof(r->row.cache_name), "%s", f->cache_name ?: "");
	if (f->task) {
		memcpy(r->row.comm, f->task->comm, sizeof(r->row.comm));
		r->row.tgid = f->task->tgid;
	}
	if (f->tier != TIER_CANARY) {
		memcpy(r->row.stack, key->stack, sizeof(r->row.stack));
		r->row.stack_len = f->stack_len < FINDING_FRAMES ? f->stack_len : FINDING_FRAMES;
	}
	HASH_ADD(hh, all->rows, key, sizeof(r->key), r);
	if (!r->hh.tbl) {
		free(r);
		return NULL;
	}
	for (__u32 i = 0; f->frames && i < r->row.stack_len; i++)
		r->row.frames[i] = strdup(f->frames[i]);
	row_note_free(&r->row, f);
	return r;
}

int findings_add(struct findings *all, struct finding *f)
{
	struct key key;
	struct row *r;

	all->counts[f->tier][f->strength]++; /* first, because the rest may fail */
	make_key(&key, f);
	HASH_FIND(hh, all->rows, &key, sizeof(key), r);
	if (!r)
		r = row_new(all, &key, f);
	if (!r) {
		f->count = 1;
		return -ENOMEM;
	}
	f->count = ++r->row.count;
	r->row.counts[f->strength]++;
	r->row.last_ns = f->time_ns;
	if (f->strength > r->row.strength)
		r->row.strength = f->strength;
	return 0;
}

void findings_report(struct findings *all, struct finding *f)
{
	const struct findings_ops *o = &all->ops;

	if (o->coverage && coverage_missing(o->coverage, f->tier))
		return;
	if (o->filter && !filter_wants(o->filter, f->cache_name, f->nid))
		return;
	findings_add(all, f); /* out of memory, it is counted without its stack */
	if (o->finding)
		o->finding(o->context, f);
}

__u64 findings_count(const struct findings *all, enum finding_tier tier,
		     enum finding_strength strength)
{
	return all->counts[tier][strength];
}

__u64 findings_total(const struct findings *all)
{
	__u64 total = 0;

	for (unsigned int tier = 0; tier < TIERS; tier++)
		for (unsigned int strength = 0; strength < STRENGTHS; strength++)
			total += all->counts[tier][strength];
	return total;
}

int findings_each(const struct findings *all, int (*fn)(void *arg, const struct finding_row *row),
		  void *arg)
{
	for (const struct row *r = all->rows; r; r = r->hh.next) {
		int err = fn(arg, &r->row);

		if (err)
			return err;
	}
	return 0;
}

/* Name what was seen, without its place. */
static void describe_kind(char *text, size_t room, const struct finding_words *w)
{
	const char *s = text_plural(w->count), *es = w->count == 1 ? "" : "es";

	switch (w->strength) {
	case STRENGTH_EXPOSURE:
		text_append(text, room, "%llu reader%s in flight across a free", w->count, s);
		break;
	case STRENGTH_SUSPECT:
		text_append(text, room, "%llu suspected stale access%s, not proven", w->count, es);
		break;
	default:
		if (w->tier == TIER_CANARY)
			text_append(text, room, "%llu stale write%s confirmed", w->count, s);
		else
			text_append(text, room, "%llu stale access%s confirmed", w->count, es);
	}
}

const char *findings_describe(char *text, size_t room, const struct finding_words *w)
{
	*text = 0;
	describe_kind(text, room, w);
	if (w->tier == TIER_CANARY)
		text_append(text, room, ": to a freed structure of %s", w->cache_name);
	else if (*w->function)
		text_append(text, room, ": %s()", w->function);
	else
		text_append(text, room, ": of %s", w->cache_name);
	if (w->tier != TIER_CANARY && *w->comm)
		text_append(text, room, " by %s", w->comm);
	if (w->other_places)
		text_append(text, room, ", and at %u other place%s", w->other_places,
			    text_plural(w->other_places));
	return text;
}

const char *finding_strength_name(enum finding_strength strength)
{
	static const char *const names[STRENGTHS] = {
		[STRENGTH_SUSPECT] = "suspect",
		[STRENGTH_EXPOSURE] = "exposure",
		[STRENGTH_CONFIRMED] = "confirmed",
	};

	return names[strength];
}

const char *finding_proof_name(enum finding_proof proof)
{
	static const char *const names[] = {
		[PROOF_NONE] = "none",
		[PROOF_ORDER] = "order",
		[PROOF_VALUE] = "value",
		[PROOF_STATE] = "state",
	};

	return names[proof];
}
