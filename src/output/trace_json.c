// SPDX-License-Identifier: GPL-2.0-only
/* JSON Lines of `trace'; slubnode-trace-json(5) describes the fields. */
#include "base/json.h"
#include "output/counts.h"
#include "output/schema.h"
#include "output/trace_json.h"
#include "version.h"

static const struct field session_fields[] = {
	FIELD(struct session_record, "kernel", CHARS, kernel),
	FIELD(struct session_record, "time_ns", NUMBER, head.time_ns),
	FIELD(struct session_record, "wall_ns", NUMBER, wall_ns),
	FIELD(struct session_record, "probes", CHARS, probes),
	FIELD(struct session_record, "walk", CHARS, walk),
	{},
};

static bool trace_json_by_cache(const void *facts)
{
	const struct filter *filter = ((const struct facts *)facts)->filter;

	return filter && filter->glob_count;
}

static void trace_json_globs(struct json *j, const void *facts)
{
	const struct filter *filter = ((const struct facts *)facts)->filter;

	json_texts(j, filter->globs, filter->glob_count);
}

const struct field start_fields[] = {
	FIELD_TYPE("start"),
	FIELD_SCHEMA,
	{ FIELD_NAMED("version"), .kind = FIELD_CONSTANT, .constant = SLUBNODE_VERSION },
	FIELD(struct facts, "session", PART, session, .pointer = true, .fields = session_fields),
	FIELD(struct facts, "caches", NUMBER, caches),
	FIELD(struct facts, "structures", NUMBER, structures),
	FIELD(struct facts, "nodes", CHARS, nodes),
	FIELD(struct facts, "nodes_with_memory", CHARS, memory),
	FIELD(struct facts, "nodes_movable_only", CHARS, movable),
	FIELD(struct facts, "only_nodes", CHARS, only, .empty = EMPTY_OMITTED),
	FIELD_PUT_JSON("only_caches", trace_json_globs, .present = trace_json_by_cache),
	{},
};

void trace_json_start(struct view *v, const struct facts *f)
{
	json_line_of(v->out, start_fields, f);
}

const struct field process_fields[] = {
	FIELD(struct record, "comm", CHARS, comm),
	FIELD(struct record, "pid", NUMBER, tgid),
	FIELD(struct record, "tid", NUMBER, tid),
	{},
};

const struct field task_fields[] = {
	{ FIELD_NAMED("process"), .kind = FIELD_PART, .fields = process_fields },
	FIELD(struct record, "cpu", NUMBER, cpu),
	{},
};

static bool of_node(const void *transition)
{
	return ((const struct transition *)transition)->kind == T_NODE;
}

static bool not_of_node(const void *transition)
{
	return !of_node(transition);
}

static bool of_structure(const void *transition)
{
	return ((const struct transition *)transition)->kind < T_STRUCTURE_KINDS;
}

static const char *trace_json_type(const void *transition)
{
	return of_node(transition) ? "node" : of_structure(transition) ? "structure" : "cache";
}

static const char *trace_json_event(const void *transition)
{
	const struct transition *t = transition;

	return t->kind == T_NODE ? node_transition_name(t->node) : transition_kind_name(t->kind);
}

static const char *trace_json_cause(const void *transition)
{
	return transition_cause_name(((const struct transition *)transition)->cause);
}

#define TRANSITION(name, kind, member, ...)                                                        \
	FIELD(struct transition, name, kind, member, ##__VA_ARGS__)

const struct field transition_fields[] = {
	FIELD_GET_TEXT("type", trace_json_type),
	FIELD_GET_TEXT("event", trace_json_event),
	TRANSITION("time_ns", NUMBER, time_ns),
	TRANSITION("node", SIGNED, nid, .empty = EMPTY_OMITTED),
	TRANSITION("movable_only", BOOL, movable_only, .present = of_node),
	TRANSITION("error", SIGNED, error, .present = of_node),
	TRANSITION("cache", TEXT, cache_name, .present = not_of_node),
	TRANSITION("cache_address", ADDRESS, cache, .present = not_of_node),
	TRANSITION("alias", TEXT, alias, .empty = EMPTY_OMITTED),
	TRANSITION("address", ADDRESS, address, .present = of_structure),
	TRANSITION("barn", ADDRESS, barn, .present = of_structure),
	TRANSITION("requested_bytes", NUMBER, requested, .present = of_structure),
	TRANSITION("charged_bytes", NUMBER, charged, .present = of_structure),
	FIELD_GET_TEXT("cause", trace_json_cause, .present = of_structure),
	TRANSITION("task", PART, task, .pointer = true, .fields = task_fields),
	{},
};

void trace_json_transition(struct view *v, const struct transition *t)
{
	json_line_of(v->out, transition_fields, t);
}

static bool has_block(const void *failure)
{
	return ((const struct offline_failure *)failure)->first_block != NO_BLOCK;
}

#define FAILURE(name, kind, member, ...)                                                           \
	FIELD(struct offline_failure, name, kind, member, ##__VA_ARGS__)

const struct field offline_failure_fields[] = {
	FIELD_TYPE("offline-failed"),
	FAILURE("time_ns", NUMBER, time_ns),
	FAILURE("node", SIGNED, nid, .empty = EMPTY_OMITTED),
	FAILURE("first_block", NUMBER, first_block, .present = has_block),
	FAILURE("last_block", NUMBER, last_block, .present = has_block),
	FAILURE("error", SIGNED, error),
	FAILURE("count", NUMBER, count),
	FAILURE("slabs", OBJECT, slabs, .pointer = true, .fields = slab_list_fields),
	FAILURE("task", PART, task, .pointer = true, .fields = task_fields),
	{},
};

void trace_json_offline(struct view *v, const struct offline_failure *f)
{
	json_line_of(v->out, offline_failure_fields, f);
}

const struct field loss_fields[] = {
	FIELD_TYPE("lost"),
	FIELD(struct loss, "time_ns", NUMBER, time_ns),
	FIELD(struct loss, "count", NUMBER, count),
	{},
};

void trace_json_lost(struct view *v, __u64 count, __u64 time_ns)
{
	json_line_of(v->out, loss_fields, &(struct loss){ time_ns, count });
}

static const struct field node_fields[] = {
	FIELD(struct ledger_node, "node", SIGNED, nid),
	FIELD(struct ledger_node, "has_memory", BOOL, has_memory),
	FIELD(struct ledger_node, "movable_only", BOOL, movable_only),
	FIELD(struct ledger_node, "offlines", NUMBER, offlines),
	FIELD(struct ledger_node, "onlines", NUMBER, onlines),
	FIELD(struct ledger_node, "cancelled_offlines", NUMBER, cancelled_offlines),
	FIELD(struct ledger_node, "cancelled_onlines", NUMBER, cancelled_onlines),
	FIELD(struct ledger_node, "counts", PART, counts, .fields = ledger_counts_fields),
	{},
};

static const struct field cache_fields[] = {
	FIELD(struct ledger_cache, "cache", TEXT, name),
	FIELD(struct ledger_cache, "cache_address", ADDRESS, cache),
	FIELD(struct ledger_cache, "object_size", NUMBER, object_size),
	FIELD(struct ledger_cache, "size", NUMBER, size),
	FIELD(struct ledger_cache, "aliases", NUMBER, aliases),
	FIELD(struct ledger_cache, "destroyed", BOOL, destroyed),
	FIELD(struct ledger_cache, "counts", PART, counts, .fields = ledger_counts_fields),
	{},
};

static const struct field trust_fields[] = {
	FIELD(struct ledger_trust, "verified", NUMBER, verified),
	FIELD(struct ledger_trust, "by_digest", NUMBER, by_digest),
	FIELD(struct ledger_trust, "disagreements", NUMBER, disagreements),
	FIELD(struct ledger_trust, "unseen_changes", NUMBER, unseen_changes),
	FIELD(struct ledger_trust, "incomplete", NUMBER, incomplete),
	FIELD(struct ledger_trust, "resynced", NUMBER, resynced),
	FIELD(struct ledger_trust, "stale", NUMBER, stale),
	FIELD(struct ledger_trust, "malformed", NUMBER, malformed),
	FIELD(struct ledger_trust, "pending", NUMBER, pending),
	FIELD(struct ledger_trust, "moved", NUMBER, moved),
	FIELD(struct ledger_trust, "unobserved", NUMBER, unobserved),
	FIELD(struct ledger_trust, "counted", NUMBER, counted),
	FIELD(struct ledger_trust, "miscounted", NUMBER, miscounted),
	FIELD(struct ledger_trust, "miscounted_in_use", NUMBER, in_use),
	FIELD(struct ledger_trust, "miscounted_known", NUMBER, held),
	{},
};

static void trace_json_tiers(struct json *j, const void *caveat)
{
	unsigned int tiers = ((const struct caveat *)caveat)->tiers;

	json_open(j, '[');
	for (unsigned int tier = 0; tier < TIERS; tier++)
		if (tiers & TIER_BIT(tier))
			json_text(j, finding_tier_name(tier));
	json_close(j, ']');
}

static const struct field caveat_fields[] = {
	FIELD(struct caveat, "reason", CHARS, reason),
	FIELD(struct caveat, "hint", TEXT, hint),
	FIELD(struct caveat, "verdict_only", BOOL, verdict_only),
	FIELD_PUT_JSON("tiers", trace_json_tiers),
	{},
};

static int put_node(void *json, const struct ledger_node *n)
{
	json_object(json, node_fields, n);
	return 0;
}

static int put_cache(void *json, const struct ledger_cache *c)
{
	json_object(json, cache_fields, c);
	return 0;
}

static void trace_json_nodes(struct json *j, const void *summary)
{
	json_open(j, '[');
	ledger_each_node(((const struct trace_summary *)summary)->ledger, put_node, j);
	json_close(j, ']');
}

static void trace_json_caches(struct json *j, const void *summary)
{
	json_open(j, '[');
	ledger_each_cache(((const struct trace_summary *)summary)->ledger, put_cache, j);
	json_close(j, ']');
}

static void trace_json_caveats(struct json *j, const void *summary)
{
	struct caveats caveats;

	model_caveats(((const struct trace_summary *)summary)->model, &caveats);
	json_open(j, '[');
	for (unsigned int i = 0; i < caveats.count; i++)
		json_object(j, caveat_fields, &caveats.list[i]);
	json_close(j, ']');
}

static bool trace_json_detects(const void *summary)
{
	return model_session(((const struct trace_summary *)summary)->model)->accesses_sought;
}

static void trace_json_summary_findings(struct json *j, const void *summary)
{
	trace_json_findings(j, model_findings(((const struct trace_summary *)summary)->model));
}

static void trace_json_summary_detection(struct json *j, const void *summary)
{
	trace_json_coverage(j, model_coverage(((const struct trace_summary *)summary)->model));
}

const struct field answer_fields[] = {
	FIELD_TYPE("summary"),
	FIELD(struct trace_summary, "outcome", TEXT, outcome),
	FIELD(struct trace_summary, "sentence", CHARS, sentence),
	FIELD(struct trace_summary, "lost", NUMBER, lost),
	FIELD(struct trace_summary, "time_ns", NUMBER, time_ns),
	FIELD(struct trace_summary, "duration_ns", NUMBER, duration_ns),
	{},
};

static const struct field summary_fields[] = {
	{ FIELD_NAMED("answer"), .kind = FIELD_PART, .fields = answer_fields },
	FIELD_PUT_JSON("caveats", trace_json_caveats),
	FIELD_PUT_JSON("nodes", trace_json_nodes),
	FIELD_PUT_JSON("caches", trace_json_caches),
	FIELD(struct trace_summary, "total", OBJECT, total, .pointer = true,
	      .fields = ledger_counts_fields),
	FIELD(struct trace_summary, "trust", OBJECT, trust, .pointer = true,
	      .fields = trust_fields),
	FIELD_PUT_JSON("findings", trace_json_summary_findings, .present = trace_json_detects),
	FIELD_PUT_JSON("detection", trace_json_summary_detection, .present = trace_json_detects),
	{},
};

void trace_summary(struct trace_summary *s, const struct view *v, const struct model *m,
		   __u64 time_ns)
{
	struct answer answer;

	*s = (struct trace_summary){
		.ledger = model_ledger(m),
		.total = ledger_totals(model_ledger(m)),
		.trust = ledger_trust(model_ledger(m)),
		.model = m,
		.lost = ledger_trust(model_ledger(m))->lost,
		.time_ns = time_ns,
		.duration_ns = time_ns - v->zero_ns,
	};
	model_answer(m, &answer);
	s->outcome = outcome_name(answer.kind);
	answer_text(s->sentence, &answer);
}

void trace_json_summary(struct view *v, const struct model *m, __u64 time_ns)
{
	struct trace_summary s;

	trace_summary(&s, v, m, time_ns);
	json_line_of(v->out, summary_fields, &s);
}

const struct view_ops view_json = {
	.start = trace_json_start,
	.transition = trace_json_transition,
	.offline_failed = trace_json_offline,
	.finding = trace_json_finding,
	.lost = trace_json_lost,
	.summary = trace_json_summary,
};
