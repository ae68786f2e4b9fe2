// SPDX-License-Identifier: GPL-2.0-only
/* JSON Lines of `trace': findings, and the coverage of each tier. */
#include "base/json.h"
#include "output/trace_json.h"

static bool is_window(const void *finding)
{
	return ((const struct finding *)finding)->tier == TIER_WINDOW;
}

static bool is_watchpoint(const void *finding)
{
	return ((const struct finding *)finding)->tier == TIER_WATCHPOINT;
}

static bool is_canary(const void *finding)
{
	return ((const struct finding *)finding)->tier == TIER_CANARY;
}

static bool has_word(const void *finding)
{
	return is_watchpoint(finding) || is_canary(finding);
}

static bool has_task(const void *finding)
{
	return ((const struct finding *)finding)->task;
}

static bool has_freer(const void *finding)
{
	const struct finding *f = finding;

	return f->freer && f->freer->time_ns;
}

static const char *finding_json_tier(const void *finding)
{
	return finding_tier_name(((const struct finding *)finding)->tier);
}

static const char *finding_json_strength(const void *finding)
{
	return finding_strength_name(((const struct finding *)finding)->strength);
}

static const char *finding_json_proof(const void *finding)
{
	return finding_proof_name(((const struct finding *)finding)->proof);
}

static void finding_json_window(struct json *j, const void *finding)
{
	const struct finding *f = finding;

	json_number(j, f->time_ns - f->entered_ns);
}

static void finding_json_stack(struct json *j, const void *finding)
{
	const struct finding *f = finding;

	json_texts(j, f->frames, f->frames ? f->stack_len : 0);
}

static void finding_json_freed_stack(struct json *j, const void *finding)
{
	const struct finding *f = finding;

	json_texts(j, f->freer_frames, f->freer_frames ? f->freer_stack_len : 0);
}

#define REGISTER(name) FIELD(struct access_registers, #name, HEX, name)

static const struct field register_fields[] = {
	REGISTER(ip),  REGISTER(sp),  REGISTER(ax),  REGISTER(bx),  REGISTER(cx),  REGISTER(dx),
	REGISTER(si),  REGISTER(di),  REGISTER(bp),  REGISTER(r8),  REGISTER(r9),  REGISTER(r10),
	REGISTER(r11), REGISTER(r12), REGISTER(r13), REGISTER(r14), REGISTER(r15), {},
};

/* A word of a structure that changed after its free. */
struct change {
	const char *field;
	__u32 offset;
	__u64 old, new;
};

static const struct field change_fields[] = {
	FIELD(struct change, "field", TEXT, field),
	FIELD(struct change, "offset", NUMBER, offset),
	FIELD(struct change, "old", HEX, old),
	FIELD(struct change, "new", HEX, new),
	{},
};

static void finding_json_changes(struct json *j, const void *finding)
{
	const struct finding *f = finding;

	json_open(j, '[');
	for (__u32 i = 0; i < f->words; i++) {
		const struct change change = { f->word_fields[i], 8 * i, f->old_words[i],
					       f->new_words[i] };

		if (change.old != change.new)
			json_object(j, change_fields, &change);
	}
	json_close(j, ']');
}

#define FINDING(name, kind, member, ...) FIELD(struct finding, name, kind, member, ##__VA_ARGS__)

const struct field finding_fields[] = {
	FIELD_TYPE("finding"),
	FIELD_GET_TEXT("tier", finding_json_tier),
	FIELD_GET_TEXT("strength", finding_json_strength),
	FIELD_GET_TEXT("proof", finding_json_proof),
	FINDING("count", NUMBER, count),
	FINDING("time_ns", NUMBER, time_ns),
	FINDING("node", SIGNED, nid),
	FINDING("cache", TEXT, cache_name),
	FINDING("cache_address", ADDRESS, cache),
	FINDING("address", ADDRESS, address),
	FINDING("freed_ns", NUMBER, freed_ns),
	FINDING("function", TEXT, function),
	FINDING("entered_ns", NUMBER, entered_ns, .present = is_window),
	FIELD_PUT_JSON("window_ns", finding_json_window, .present = is_window),
	FINDING("offset", NUMBER, offset, .present = is_watchpoint),
	FINDING("instruction", ADDRESS, ip, .present = is_watchpoint),
	FINDING("source", TEXT, source, .present = is_watchpoint),
	FINDING("word", ADDRESS, word, .present = has_word),
	FINDING("field", TEXT, field, .present = has_word),
	FINDING("value", HEX, value, .present = is_watchpoint),
	FINDING("free_word", HEX, free_word, .present = is_watchpoint),
	FINDING("registers", OBJECT, registers, .pointer = true, .fields = register_fields,
		.present = is_watchpoint),
	FIELD_PUT_JSON("changes", finding_json_changes, .present = is_canary),
	FINDING("task", PART, task, .pointer = true, .fields = task_fields),
	FINDING("ns_pid", NUMBER, ns_tgid, .present = has_task),
	FINDING("pid_ns", NUMBER, pid_ns, .present = has_task),
	FINDING("freed_by", OBJECT, freer, .pointer = true, .fields = process_fields,
		.present = has_freer),
	{},
};

static const struct field finding_and_stacks[] = {
	{ FIELD_NAMED("finding"), .kind = FIELD_PART, .fields = finding_fields },
	FIELD_PUT_JSON("stack", finding_json_stack),
	FIELD_PUT_JSON("freed_stack", finding_json_freed_stack),
	{},
};

void trace_json_finding(struct view *v, const struct finding *f)
{
	json_line_of(v->out, finding_and_stacks, f);
}

static const char *row_tier(const void *row)
{
	return finding_tier_name(((const struct finding_row *)row)->tier);
}

static const char *row_strength(const void *row)
{
	return finding_strength_name(((const struct finding_row *)row)->strength);
}

static void row_stack(struct json *j, const void *row)
{
	const struct finding_row *r = row;

	json_texts(j, (const char *const *)r->frames, r->frames[0] ? r->stack_len : 0);
}

#define ROW(name, kind, member) FIELD(struct finding_row, name, kind, member)

static const struct field row_fields[] = {
	FIELD_GET_TEXT("tier", row_tier),   FIELD_GET_TEXT("strength", row_strength),
	ROW("count", NUMBER, count),        ROW("function", CHARS, function),
	ROW("source", CHARS, source),       ROW("cache", CHARS, cache_name),
	ROW("node", SIGNED, nid),           ROW("comm", CHARS, comm),
	ROW("first_ns", NUMBER, first_ns),  ROW("last_ns", NUMBER, last_ns),
	FIELD_PUT_JSON("stack", row_stack), {},
};

static int put_row(void *json, const struct finding_row *row)
{
	json_object(json, row_fields, row);
	return 0;
}

/* Print a number with its name. */
static void put_count(struct json *j, const char *name, __u64 count)
{
	json_name(j, name);
	json_number(j, count);
}

static void put_strengths(struct json *j, const __u64 counts[STRENGTHS])
{
	for (unsigned int strength = 0; strength < STRENGTHS; strength++)
		put_count(j, finding_strength_name(strength), counts[strength]);
}

static void put_rows(struct json *j, const struct findings *all)
{
	json_name(j, "rows");
	json_open(j, '[');
	findings_each(all, put_row, j);
	json_close(j, ']');
}

void trace_json_findings(struct json *j, const struct findings *all)
{
	__u64 sums[STRENGTHS] = {};

	json_open(j, '{');
	put_count(j, "total", findings_total(all));
	for (unsigned int tier = 0; tier < TIERS; tier++) {
		__u64 counts[STRENGTHS];

		for (unsigned int strength = 0; strength < STRENGTHS; strength++) {
			counts[strength] = findings_count(all, tier, strength);
			sums[strength] += counts[strength];
		}
		json_name(j, finding_tier_name(tier));
		json_open(j, '{');
		put_strengths(j, counts);
		json_close(j, '}');
	}
	put_strengths(j, sums);
	put_rows(j, all);
	json_close(j, '}');
}

/* The fields of each tier, besides those that all tiers have. */
#define COVERED(name, member) FIELD(struct coverage, name, NUMBER, counters.member)

static void share_watched(struct json *j, const void *coverage)
{
	double share = coverage_watched(coverage);

	json_real(j, share < 0 ? 0 : share);
}

static const struct field call_fields[] = { {} };

static const struct field window_fields[] = {
	COVERED("readers", windows),         COVERED("lost", lost_windows),
	COVERED("skipped", skipped_readers), COVERED("armed_ns", armed_ns),
	COVERED("armings", armings),         {},
};

static const struct field watchpoint_fields[] = {
	COVERED("lost", lost_accesses),
	COVERED("registers", registers),
	COVERED("cpus", cpus),
	COVERED("turns", turns),
	COVERED("freed_word_ns", freed_word_ns),
	COVERED("watched_word_ns", watched_word_ns),
	COVERED("cpus_unwatched", cpus_unwatched),
	COVERED("unwatched_ns", unwatched_ns),
	FIELD_PUT_JSON("coverage", share_watched),
	COVERED("hits", hits),
	FIELD(struct coverage, "own", NUMBER, own_hits),
	FIELD(struct coverage, "ambiguous", NUMBER, ambiguous_hits),
	{},
};

static const struct field canary_fields[] = {
	COVERED("looks", looks), COVERED("compared", compared), COVERED("covered", covered),
	COVERED("blind", blind), COVERED("skipped", skipped),   {},
};

static const struct field *const tier_fields[TIERS] = {
	[TIER_CALL] = call_fields,
	[TIER_WINDOW] = window_fields,
	[TIER_WATCHPOINT] = watchpoint_fields,
	[TIER_CANARY] = canary_fields,
};

static const struct field coverage_fields[] = {
	COVERED("freed_now", freed_now),         COVERED("freed_seen", freed_seen),
	COVERED("freed_dropped", freed_dropped), COVERED("freed_skipped", skipped_removals),
	COVERED("lost", lost_accesses),          {},
};

/* What all tiers have. */
struct tier_summary {
	bool available;
	const char *missing, *limits;
};

static const struct field common_fields[] = {
	FIELD(struct tier_summary, "available", BOOL, available),
	FIELD(struct tier_summary, "missing", TEXT, missing),
	FIELD(struct tier_summary, "limits", TEXT, limits),
	{},
};

static void put_tier(struct json *j, const struct coverage *c, enum finding_tier tier)
{
	const struct tier_summary summary = {
		.available = !coverage_missing(c, tier),
		.missing = coverage_missing(c, tier),
		.limits = coverage_limit(c, tier),
	};

	json_name(j, finding_tier_name(tier));
	json_open(j, '{');
	json_fields(j, tier_fields[tier], c);
	json_fields(j, common_fields, &summary);
	json_close(j, '}');
}

void trace_json_coverage(struct json *j, const struct coverage *c)
{
	json_open(j, '{');
	json_fields(j, coverage_fields, c);
	for (unsigned int tier = 0; tier < TIERS; tier++)
		put_tier(j, c, tier);
	json_close(j, '}');
}
