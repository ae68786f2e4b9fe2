// SPDX-License-Identifier: GPL-2.0-only
/* Text of `trace': each finding with its stack, and the table of findings at the end. */
#include <string.h>
#include "base/text.h"
#include "output/trace_view.h"

#define NAME_ROOM (4 * CACHE_NAME_LEN + 1)

#define INDENT TRACE_TIME_WIDTH /* of what follows the first line of a finding */

static const char *strength_color(const struct view *v, enum finding_strength strength)
{
	return trace_text_paint(v, strength == STRENGTH_CONFIRMED  ? RED
				   : strength == STRENGTH_EXPOSURE ? YELLOW
								   : DIM);
}

/* Name what was seen: "stale access confirmed" ... */
static const char *finding_head(const struct finding *f)
{
	switch (f->strength) {
	case STRENGTH_CONFIRMED:
		return f->tier == TIER_CANARY ? "stale write confirmed" : "stale access confirmed";
	case STRENGTH_EXPOSURE: return "reader in flight across a free";
	default: return "suspected stale access";
	}
}

static void put_finding_stack(struct view *v, const char *head, const char *const *frames,
			      __u32 len)
{
	if (!len || !frames)
		return;
	fprintf(v->out, "%*s%s\n", INDENT, "", head);
	for (__u32 i = 0; i < len; i++)
		fprintf(v->out, "%*s%s\n", INDENT + 4, "", frames[i]);
}

#define ACCESS_ROOM 768
#define ADD(...)    text_append(text, ACCESS_ROOM, __VA_ARGS__)

static void add_finding_task(char *text, const struct finding *f)
{
	char comm[4 * TASK_COMM_LEN + 1];

	ADD("%s[%u]", escape_text(comm, sizeof(comm), f->task->comm), f->task->tgid);
	if (f->ns_tgid && f->ns_tgid != f->task->tgid)
		ADD(" (pid %u in namespace %llu)", f->ns_tgid, f->pid_ns);
	ADD(" on CPU %u", f->task->cpu);
}

/* Add "lock accessed by function+0x12 (file.c:34)". */
static void add_finding_place(char *text, const struct finding *f)
{
	char source[FINDING_SOURCE];

	ADD("%s accessed by ", *f->field ? f->field : "a word");
	if (*f->function)
		ADD("%s+0x%llx", f->function, f->offset);
	else
		ADD("0x%llx", f->ip);
	if (f->source && *f->source)
		ADD(" (%s)", escape_text(source, sizeof(source), f->source));
}

static void put_finding_access(struct view *v, const struct finding *f)
{
	char text[ACCESS_ROOM] = "";

	switch (f->tier) {
	case TIER_CALL:
		ADD("%s() was called with it: ", f->function);
		add_finding_task(text, f);
		break;
	case TIER_WINDOW:
		ADD("%s() was in flight for %llu us: ", f->function,
		    (f->time_ns - f->entered_ns) / 1000);
		add_finding_task(text, f);
		break;
	case TIER_WATCHPOINT:
		add_finding_place(text, f);
		ADD(": ");
		add_finding_task(text, f);
		break;
	default: ADD("its bytes have changed");
	}
	ADD(" (%s", finding_tier_name(f->tier));
	if (f->proof)
		ADD("; proof: %s", finding_proof_name(f->proof));
	ADD(")");
	fprintf(v->out, "%*s", INDENT, "");
	text_wrap(v->out, text, INDENT, INDENT, v->columns);
}

static void put_changes(struct view *v, const struct finding *f)
{
	for (__u32 i = 0; f->old_words && i < f->words; i++)
		if (f->old_words[i] != f->new_words[i])
			fprintf(v->out, "%*s+%u %s: 0x%llx became 0x%llx\n", INDENT, "", 8 * i,
				f->word_fields[i], f->old_words[i], f->new_words[i]);
}

static void put_freer(struct view *v, const struct finding *f)
{
	char comm[4 * TASK_COMM_LEN + 1], head[160];

	if (!f->freer || !f->freer->time_ns) {
		fprintf(v->out, "%*sfreed by an unknown task\n", INDENT, "");
		return;
	}
	snprintf(head, sizeof(head), "freed %.3f ms before by %s[%u]%s",
		 f->time_ns > f->freed_ns ? (double)(f->time_ns - f->freed_ns) / 1e6 : 0,
		 escape_text(comm, sizeof(comm), f->freer->comm), f->freer->tgid,
		 f->freer_stack_len ? ":" : "");
	if (f->freer_stack_len)
		put_finding_stack(v, head, f->freer_frames, f->freer_stack_len);
	else
		fprintf(v->out, "%*s%s\n", INDENT, "", head);
}

void trace_text_finding(struct view *v, const struct finding *f)
{
	char name[NAME_ROOM];

	if (f->count > 1)
		return; /* the table at the end counts them */
	trace_text_time(v, f->time_ns);
	fprintf(v->out, "node %d %s%s%s: %s at 0x%llx\n", f->nid, strength_color(v, f->strength),
		finding_head(f), trace_text_paint(v, PLAIN),
		escape_text(name, sizeof(name), f->cache_name), f->address);
	put_finding_access(v, f);
	put_changes(v, f);
	put_finding_stack(v, "stack:", f->frames, f->stack_len);
	put_freer(v, f);
}

static int put_finding_row(void *arg, const struct finding_row *row)
{
	struct view *v = arg;
	char name[NAME_ROOM], comm[4 * TASK_COMM_LEN + 1];

	fprintf(v->out, "%7llu %-10s %s%-9s%s %-20s %-16s %s\n", row->counts[row->strength],
		finding_tier_name(row->tier), strength_color(v, row->strength),
		finding_strength_name(row->strength), trace_text_paint(v, PLAIN),
		*row->function ? row->function : "-",
		escape_text(name, sizeof(name), row->cache_name),
		escape_text(comm, sizeof(comm), row->comm));
	return 0;
}

static void put_watchpoints(struct view *v, const struct coverage *c)
{
	const struct coverage_record *r = &c->counters;

	fprintf(v->out, "  watchpoint  %llu words on %llu CPUs at a time, %llu turns; ",
		r->registers, r->cpus, r->turns);
	if (coverage_watched(c) >= 0)
		fprintf(v->out, "watched %.2f %% of the time of the freed words",
			100 * coverage_watched(c));
	else
		fputs("nothing to watch was freed", v->out);
	if (r->cpus_unwatched)
		fprintf(v->out, "; %llu CPUs did not watch for %.3f s", r->cpus_unwatched,
			(double)r->unwatched_ns / 1e9);
	fprintf(v->out, "; %llu hits", r->hits);
	if (c->ambiguous_hits)
		fprintf(v->out, ", %llu of addresses that were allocated meanwhile",
			c->ambiguous_hits);
	fputc('\n', v->out);
}

static void put_window(struct view *v, const struct coverage_record *r)
{
	fprintf(v->out,
		"  window      %llu readers timed; the allocation paths for %.3f s, during %llu changes of a node's memory\n",
		r->windows, (double)r->armed_ns / 1e9, r->armings);
	if (r->skipped_readers)
		fprintf(v->out,
			"              the kernel skipped %llu entries and returns, because the program was running on that CPU\n",
			r->skipped_readers);
}

static void put_tier(struct view *v, const struct coverage *c, enum finding_tier tier)
{
	const struct coverage_record *r = &c->counters;

	if (coverage_missing(c, tier)) {
		fprintf(v->out, "  %-11s not at work: %s\n", finding_tier_name(tier),
			coverage_missing(c, tier));
		return;
	}
	switch (tier) {
	case TIER_WINDOW: put_window(v, r); break;
	case TIER_WATCHPOINT: put_watchpoints(v, c); break;
	case TIER_CANARY:
		fprintf(v->out,
			"  canary      %llu sweeps, %llu structures compared, %llu read again, %llu skipped\n",
			r->looks, r->compared, r->blind, r->skipped);
		break;
	default: fputs("  call        at work\n", v->out);
	}
	if (coverage_limit(c, tier))
		fprintf(v->out, "              limited: %s\n", coverage_limit(c, tier));
}

/* Print what each tier watched, and what it missed. */
static void put_tiers(struct view *v, const struct model *m)
{
	const struct coverage *c = model_coverage(m);
	const struct coverage_record *r = &c->counters;

	trace_text_gap(v);
	v->gap = false;
	fprintf(v->out, "Accesses to freed structures: %llu (freed %llu, now %llu",
		findings_total(model_findings(m)), r->freed_seen, r->freed_now);
	if (r->lost_accesses || r->freed_dropped || r->lost_windows)
		fprintf(v->out, "; lost: %llu accesses, %llu structures, %llu readers",
			r->lost_accesses, r->freed_dropped, r->lost_windows);
	fputs(")\n", v->out);
	if (r->skipped_removals)
		fprintf(v->out,
			"  the kernel skipped %llu runs of programs: canaries confirm no access to structures that were freed before, watchpoints at most later accesses\n",
			r->skipped_removals);
	for (unsigned int tier = 0; tier < TIERS; tier++)
		put_tier(v, c, tier);
}

void trace_text_accesses(struct view *v, const struct model *m)
{
	const struct findings *findings = model_findings(m);

	/* Each place was printed once. */
	if (findings_total(findings) > 1) {
		trace_text_gap(v);
		v->gap = false;
		fprintf(v->out, "%7s %-10s %-9s %-20s %-16s %s\n", "COUNT", "TIER", "STRENGTH",
			"FUNCTION", "CACHE", "TASK");
		findings_each(findings, put_finding_row, v);
	}
	if (v->verbose)
		put_tiers(v, m);
}
