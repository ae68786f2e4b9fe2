// SPDX-License-Identifier: GPL-2.0-only
/* For programs: findings, and how far each tier can be believed; slubnode-trace-trace(8). */
#include <string.h>
#include "base/json.h"
#include "output/trace_view.h"

static void set_freer(json_t *o, const struct finding *f)
{
	if (!f->freer || !f->freer->time_ns)
		return;
	json_object_set_new(o, "freed_by",
			    json_pack("{s:o, s:I, s:I}", "comm", json_text(f->freer->comm), "pid",
				      (json_int_t)f->freer->tgid, "tid",
				      (json_int_t)f->freer->tid));
}

static json_t *stack(const char *const *frames, __u32 len)
{
	json_t *array = json_array();

	for (__u32 i = 0; frames && i < len; i++)
		json_array_append_new(array, json_text(frames[i]));
	return array;
}

static json_t *registers(const struct access_registers *r)
{
	static const char *const names[] = { "ip",  "sp",  "ax",  "bx",  "cx", "dx",
					     "si",  "di",  "bp",  "r8",  "r9", "r10",
					     "r11", "r12", "r13", "r14", "r15" };
	const __u64 *values = &r->ip;
	json_t *o = json_object();

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		json_object_set_new(o, names[i], json_hex(values[i]));
	return o;
}

static json_t *changes(const struct finding *f)
{
	json_t *array = json_array();

	for (__u32 i = 0; i < f->words; i++)
		if (f->old_words[i] != f->new_words[i])
			json_array_append_new(array, json_pack("{s:o, s:I, s:o, s:o}", "field",
							       json_text(f->word_fields[i]),
							       "offset", (json_int_t)(8 * i), "old",
							       json_hex(f->old_words[i]), "new",
							       json_hex(f->new_words[i])));
	return array;
}

static void set_access(json_t *o, const struct finding *f)
{
	switch (f->tier) {
	case TIER_WINDOW:
		json_object_set_new(o, "entered_ns", json_number(f->entered_ns));
		json_object_set_new(o, "window_ns", json_number(f->time_ns - f->entered_ns));
		break;
	case TIER_WATCHPOINT:
		json_object_set_new(o, "offset", json_number(f->offset));
		json_object_set_new(o, "instruction", json_address(f->ip));
		json_object_set_new(o, "source", json_text(f->source ?: ""));
		json_object_set_new(o, "word", json_address(f->word));
		json_object_set_new(o, "field", json_text(f->field));
		json_object_set_new(o, "value", json_hex(f->value));
		json_object_set_new(o, "free_word", json_hex(f->free_word));
		json_object_set_new(o, "registers", registers(f->registers));
		break;
	case TIER_CANARY:
		json_object_set_new(o, "word", json_address(f->word));
		json_object_set_new(o, "field", json_text(f->field));
		json_object_set_new(o, "changes", changes(f));
		break;
	default: break;
	}
}

static void set_task(json_t *o, const struct finding *f)
{
	if (!f->task)
		return;
	json_object_set_new(o, "comm", json_text(f->task->comm));
	json_object_set_new(o, "pid", json_number(f->task->tgid));
	json_object_set_new(o, "tid", json_number(f->task->tid));
	json_object_set_new(o, "cpu", json_number(f->task->cpu));
	json_object_set_new(o, "ns_pid", json_number(f->ns_tgid));
	json_object_set_new(o, "pid_ns", json_number(f->pid_ns));
}

void json_finding(struct view *v, const struct finding *f)
{
	json_t *o = json_object();

	json_object_set_new(o, "type", json_string("finding"));
	json_object_set_new(o, "tier", json_string(finding_tier_name(f->tier)));
	json_object_set_new(o, "strength", json_string(finding_strength_name(f->strength)));
	json_object_set_new(o, "proof", json_string(finding_proof_name(f->proof)));
	json_object_set_new(o, "count", json_number(f->count));
	json_object_set_new(o, "time_ns", json_number(f->time_ns));
	json_object_set_new(o, "node", json_integer(f->nid));
	json_object_set_new(o, "cache", json_text(f->cache_name));
	json_object_set_new(o, "cache_address", json_address(f->cache));
	json_object_set_new(o, "address", json_address(f->address));
	json_object_set_new(o, "freed_ns", json_number(f->freed_ns));
	json_object_set_new(o, "function", json_text(f->function));
	set_access(o, f);
	set_task(o, f);
	set_freer(o, f);
	json_object_set_new(o, "stack", stack(f->frames, f->stack_len));
	json_object_set_new(o, "freed_stack", stack(f->freer_frames, f->freer_stack_len));
	json_line(v->out, o);
}

static int add_row(void *array, const struct finding_row *row)
{
	json_t *o = json_object();

	json_object_set_new(o, "tier", json_string(finding_tier_name(row->tier)));
	json_object_set_new(o, "strength", json_string(finding_strength_name(row->strength)));
	json_object_set_new(o, "count", json_number(row->count));
	json_object_set_new(o, "function", json_text(row->function));
	json_object_set_new(o, "source", json_text(row->source));
	json_object_set_new(o, "cache", json_text(row->cache_name));
	json_object_set_new(o, "node", json_integer(row->nid));
	json_object_set_new(o, "comm", json_text(row->comm));
	json_object_set_new(o, "first_ns", json_number(row->first_ns));
	json_object_set_new(o, "last_ns", json_number(row->last_ns));
	json_object_set_new(
		o, "stack",
		stack((const char *const *)row->frames, row->frames[0] ? row->stack_len : 0));
	json_array_append_new(array, o);
	return 0;
}

struct json_t *json_findings(const struct findings *all)
{
	json_t *o = json_object(), *rows = json_array();
	__u64 by_strength[STRENGTHS] = {};

	json_object_set_new(o, "total", json_number(findings_total(all)));
	for (unsigned int tier = 0; tier < TIERS; tier++) {
		json_t *counts = json_object();

		for (unsigned int strength = 0; strength < STRENGTHS; strength++) {
			__u64 count = findings_count(all, tier, strength);

			by_strength[strength] += count;
			json_object_set_new(counts, finding_strength_name(strength),
					    json_number(count));
		}
		json_object_set_new(o, finding_tier_name(tier), counts);
	}
	for (unsigned int strength = 0; strength < STRENGTHS; strength++)
		json_object_set_new(o, finding_strength_name(strength),
				    json_number(by_strength[strength]));
	findings_each(all, add_row, rows);
	json_object_set_new(o, "rows", rows);
	return o;
}

static json_t *tier(const struct detection *d, enum finding_tier t)
{
	json_t *o = json_object();

	json_object_set_new(o, "available", json_boolean(!d->missing[t]));
	json_object_set_new(o, "missing", json_text(d->missing[t] ?: ""));
	json_object_set_new(o, "limits", json_text(d->limits[t] ?: ""));
	return o;
}

struct json_t *json_detection(const struct detection *d)
{
	json_t *o = json_object(), *tiers[TIERS];
	const struct watch_stats *w = &d->watch;

	for (unsigned int t = 0; t < TIERS; t++) {
		tiers[t] = tier(d, t);
		json_object_set_new(o, finding_tier_name(t), tiers[t]);
	}
	json_object_set_new(o, "freed_now", json_number(d->freed.now));
	json_object_set_new(o, "freed_seen", json_number(d->freed.seen));
	json_object_set_new(o, "freed_dropped", json_number(d->freed.dropped));
	json_object_set_new(o, "freed_skipped", json_number(d->skipped_removals));
	json_object_set_new(o, "lost", json_number(d->freed.lost_accesses));
	json_object_set_new(tiers[TIER_WATCHPOINT], "lost", json_number(d->freed.lost_accesses));
	json_object_set_new(tiers[TIER_WINDOW], "readers", json_number(d->freed.windows));
	json_object_set_new(tiers[TIER_WINDOW], "lost", json_number(d->freed.lost_windows));
	json_object_set_new(tiers[TIER_WINDOW], "skipped", json_number(d->skipped_readers));
	json_object_set_new(tiers[TIER_WINDOW], "armed_ns", json_number(d->armed_ns));
	json_object_set_new(tiers[TIER_WINDOW], "armings", json_number(d->armings));
	json_object_set_new(tiers[TIER_WATCHPOINT], "registers", json_number(w->registers));
	json_object_set_new(tiers[TIER_WATCHPOINT], "cpus", json_number(w->cpus));
	json_object_set_new(tiers[TIER_WATCHPOINT], "turns", json_number(w->turns));
	json_object_set_new(tiers[TIER_WATCHPOINT], "freed_word_ns", json_number(w->freed_word_ns));
	json_object_set_new(tiers[TIER_WATCHPOINT], "watched_word_ns",
			    json_number(w->watched_word_ns));
	json_object_set_new(
		tiers[TIER_WATCHPOINT], "coverage",
		json_real(w->freed_word_ns ? (double)w->watched_word_ns / (double)w->freed_word_ns
					   : 0));
	json_object_set_new(tiers[TIER_WATCHPOINT], "hits", json_number(d->freed.hits));
	json_object_set_new(tiers[TIER_WATCHPOINT], "own", json_number(d->own_hits));
	json_object_set_new(tiers[TIER_WATCHPOINT], "ambiguous", json_number(d->ambiguous_hits));
	json_object_set_new(tiers[TIER_CANARY], "looks", json_number(d->looks));
	json_object_set_new(tiers[TIER_CANARY], "compared", json_number(d->freed.compared));
	json_object_set_new(tiers[TIER_CANARY], "blind", json_number(d->freed.blind));
	json_object_set_new(tiers[TIER_CANARY], "skipped", json_number(d->freed.skipped));
	return o;
}
