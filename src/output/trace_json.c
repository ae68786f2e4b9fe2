// SPDX-License-Identifier: GPL-2.0-only
/* For programs: JSON Lines, one object a line; the fields: slubnode-trace-trace(8). */
#include "base/json.h"
#include "version.h"
#include "output/trace_view.h"

static void start(struct view *v, const struct trace_start *s)
{
	json_t *o = json_object();

	v->zero_ns = s->time_ns;
	json_object_set_new(o, "type", json_string("start"));
	json_object_set_new(o, "version", json_string(SLUBNODE_VERSION));
	json_object_set_new(o, "kernel", json_text(s->kernel));
	json_object_set_new(o, "time_ns", json_number(s->time_ns));
	json_object_set_new(o, "wall_ns", json_number(s->wall_ns));
	json_object_set_new(o, "caches", json_number(s->caches));
	json_object_set_new(o, "structures", json_number(s->structures));
	json_object_set_new(o, "probes", json_string(s->probes));
	json_object_set_new(o, "walk", json_string(s->walk));
	json_object_set_new(o, "nodes", json_string(s->nodes));
	json_object_set_new(o, "nodes_with_memory", json_string(s->memory));
	json_object_set_new(o, "nodes_movable_only", json_string(s->movable));
	json_line(v->out, o);
}

static void set_task(json_t *o, const struct record *task)
{
	if (!task)
		return;
	json_object_set_new(o, "comm", json_text(task->comm));
	json_object_set_new(o, "pid", json_number(task->tgid));
	json_object_set_new(o, "tid", json_number(task->tid));
	json_object_set_new(o, "cpu", json_number(task->cpu));
}

static void transition(struct view *v, const struct transition *t)
{
	const char *type = t->kind == T_NODE ? "node" : t->kind > T_NODE ? "cache" : "structure";
	json_t *o = json_object();

	json_object_set_new(o, "type", json_string(type));
	json_object_set_new(o, "event",
			    json_string(t->kind == T_NODE ? node_transition_name(t->node)
							  : transition_kind_name(t->kind)));
	json_object_set_new(o, "time_ns", json_number(t->time_ns));
	if (t->nid >= 0)
		json_object_set_new(o, "node", json_integer(t->nid));
	if (t->kind == T_NODE) {
		json_object_set_new(o, "movable_only", json_boolean(t->movable_only));
		json_object_set_new(o, "error", json_integer(t->error));
	} else {
		json_object_set_new(o, "cache", json_text(t->cache_name));
		json_object_set_new(o, "cache_address", json_address(t->cache));
	}
	if (t->alias)
		json_object_set_new(o, "alias", json_text(t->alias));
	if (t->kind < T_STRUCTURE_KINDS) {
		json_object_set_new(o, "address", json_address(t->address));
		json_object_set_new(o, "barn", json_address(t->barn));
		json_object_set_new(o, "requested_bytes", json_number(t->requested));
		json_object_set_new(o, "charged_bytes", json_number(t->charged));
		json_object_set_new(o, "cause", json_string(transition_cause_name(t->cause)));
	}
	set_task(o, t->task);
	json_line(v->out, o);
}

static void lost(struct view *v, __u64 count, __u64 time_ns)
{
	json_line(v->out, json_pack("{s:s, s:I, s:I}", "type", "lost", "time_ns",
				    (json_int_t)time_ns, "count", (json_int_t)count));
}

static void set_counts(json_t *o, const struct ledger_counts *c)
{
	json_object_set_new(o, "allocated", json_number(c->allocated));
	json_object_set_new(o, "freed", json_number(c->freed));
	json_object_set_new(o, "retained", json_number(c->retained));
	json_object_set_new(o, "reused", json_number(c->reused));
	json_object_set_new(o, "leaked", json_number(c->leaked));
	json_object_set_new(o, "late", json_number(c->late));
	json_object_set_new(o, "live_now", json_number(c->live_now));
	json_object_set_new(o, "retained_now", json_number(c->retained_now));
	json_object_set_new(o, "barns_retained_now", json_number(c->barns_retained_now));
	json_object_set_new(o, "retained_requested_bytes", json_number(c->retained_requested));
	json_object_set_new(o, "retained_charged_bytes", json_number(c->retained_charged));
	json_object_set_new(o, "leaked_requested_bytes", json_number(c->leaked_requested));
	json_object_set_new(o, "leaked_charged_bytes", json_number(c->leaked_charged));
}

static int add_node(void *array, const struct ledger_node *n)
{
	json_t *o = json_object();

	json_object_set_new(o, "node", json_integer(n->nid));
	json_object_set_new(o, "has_memory", json_boolean(n->has_memory));
	json_object_set_new(o, "movable_only", json_boolean(n->movable_only));
	json_object_set_new(o, "offlines", json_number(n->offlines));
	json_object_set_new(o, "onlines", json_number(n->onlines));
	json_object_set_new(o, "cancelled_offlines", json_number(n->cancelled_offlines));
	json_object_set_new(o, "cancelled_onlines", json_number(n->cancelled_onlines));
	set_counts(o, &n->counts);
	json_array_append_new(array, o);
	return 0;
}

static int add_cache(void *array, const struct ledger_cache *c)
{
	json_t *o = json_object();

	json_object_set_new(o, "cache", json_text(c->name));
	json_object_set_new(o, "cache_address", json_address(c->cache));
	json_object_set_new(o, "object_size", json_number(c->object_size));
	json_object_set_new(o, "slot_size", json_number(c->size));
	json_object_set_new(o, "aliases", json_number(c->aliases));
	json_object_set_new(o, "destroyed", json_boolean(c->destroyed));
	set_counts(o, &c->counts);
	json_array_append_new(array, o);
	return 0;
}

static json_t *trust(const struct ledger_trust *t)
{
	json_t *o = json_object();

	json_object_set_new(o, "verified", json_number(t->verified));
	json_object_set_new(o, "disagreements", json_number(t->disagreements));
	json_object_set_new(o, "incomplete", json_number(t->incomplete));
	json_object_set_new(o, "resynced", json_number(t->resynced));
	json_object_set_new(o, "stale", json_number(t->stale));
	json_object_set_new(o, "malformed", json_number(t->malformed));
	json_object_set_new(o, "pending", json_number(t->pending));
	return o;
}

static void summary(struct view *v, struct ledger *l, const struct detection *d, __u64 time_ns)
{
	json_t *o = json_object(), *nodes = json_array(), *caches = json_array();
	json_t *total = json_object();

	ledger_each_node(l, add_node, nodes);
	ledger_each_cache(l, add_cache, caches);
	set_counts(total, ledger_totals(l));
	json_object_set_new(o, "type", json_string("summary"));
	json_object_set_new(o, "lost", json_number(ledger_trust(l)->lost));
	json_object_set_new(o, "time_ns", json_number(time_ns));
	json_object_set_new(o, "duration_ns", json_number(time_ns - v->zero_ns));
	json_object_set_new(o, "nodes", nodes);
	json_object_set_new(o, "caches", caches);
	json_object_set_new(o, "total", total);
	json_object_set_new(o, "trust", trust(ledger_trust(l)));
	if (d) {
		json_object_set_new(o, "findings", json_findings(d->findings));
		json_object_set_new(o, "detection", json_detection(d));
	}
	json_line(v->out, o);
}

const struct view_ops view_json = {
	.start = start,
	.transition = transition,
	.finding = json_finding,
	.lost = lost,
	.summary = summary,
};
