// SPDX-License-Identifier: GPL-2.0-only
/*
 * The view of `trace' for Perfetto. Its tracks: the tool, with the answer; below it each node, with
 * its changes; below a node its counters, the tasks that read freed structures, and the structure
 * of each cache. The arguments of events are the fields of JSON Lines.
 */
#include <errno.h>
#include <stdlib.h>
#include "model/record.h"
#include "output/perfetto.h"
#include "output/trace_json.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

enum track_kind {
	TRACK_TOOL,
	TRACK_CACHES,
	TRACK_NODE,
	TRACK_HELD,
	TRACK_HELD_BYTES,
	TRACK_FINDING,
	TRACK_STRUCTURE,
};

/* The order of the tracks with one parent. Nodes are ordered by their numbers. */
static const unsigned int ranks[] = {
	[TRACK_NODE] = 0,       [TRACK_CACHES] = RECORD_NODES, [TRACK_HELD] = 0,
	[TRACK_HELD_BYTES] = 1, [TRACK_FINDING] = 2,           [TRACK_STRUCTURE] = 3,
};

/* A track whose slices follow each other: one of them is open, or none. */
struct states {
	__u64 track;
	__u64 last_ns; /* no slice begins or ends before it */
	bool open;
};

/* The structures of one cache on one node. */
struct lifetime {
	struct lifetime_key {
		__u64 cache;
		__u64 nid;
	} key;
	struct states states;
	__u64 address; /* of the structure whose slice is open */
	UT_hash_handle hh;
};

struct node_track {
	struct states states;
	__u64 changed_ns; /* the last event of a structure */
	bool counted;
	__u64 held, held_bytes; /* the last values of the counters */
};

struct view_state {
	struct perfetto perfetto;
	bool tool_described, caches_described;
	__u64 lifetime_count, finding_count; /* so far */
	struct lifetime *lifetimes;
	struct node_track nodes[RECORD_NODES];
};

static int trace_perfetto_open(struct view *v)
{
	v->state = calloc(1, sizeof(*v->state));
	return v->state ? 0 : -ENOMEM;
}

static void lifetime_delete(struct view_state *s, struct lifetime *l)
{
	HASH_DEL(s->lifetimes, l);
	free(l);
}

static void trace_perfetto_close(struct view *v)
{
	struct lifetime *l, *next;

	if (!v->state)
		return; /* it could not be opened */
	HASH_ITER (hh, v->state->lifetimes, l, next)
		lifetime_delete(v->state, l);
	free(v->state);
	v->state = NULL;
}

/* --- tracks --- */

/* Return the number of a track, which differs from those of other traces. */
static __u64 track_uuid(const struct view *v, enum track_kind kind, __u64 a, __u64 b)
{
	const __u64 parts[] = { v->wall_ns, v->zero_ns, kind, a, b };
	__u64 uuid = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		uuid = (uuid ^ parts[i]) * 0x9e3779b97f4a7c15; /* any odd number with mixed bits */
		uuid ^= uuid >> 32;
	}
	return uuid;
}

static void describe(struct view *v, enum track_kind kind, const struct perfetto_track *track)
{
	struct perfetto_track t = *track;

	t.rank += ranks[kind];
	perfetto_write_track(&v->state->perfetto, v->out, &t);
}

/* Describe the track of the tool, unless it is. Returns its number. */
static __u64 tool_track(struct view *v)
{
	const struct perfetto_track t = { .uuid = track_uuid(v, TRACK_TOOL, 0, 0),
					  .name = "slubnode-trace" };

	if (!v->state->tool_described)
		describe(v, TRACK_TOOL, &t);
	v->state->tool_described = true;
	return t.uuid;
}

/* The same for the track of caches that are created and destroyed. */
static __u64 caches_track(struct view *v)
{
	const struct perfetto_track t = { .uuid = track_uuid(v, TRACK_CACHES, 0, 0),
					  .parent = tool_track(v),
					  .name = "caches" };

	if (!v->state->caches_described)
		describe(v, TRACK_CACHES, &t);
	v->state->caches_described = true;
	return t.uuid;
}

/* The same for the track of a node. Returns its states. */
static struct states *node_states(struct view *v, int nid)
{
	struct states *s = &v->state->nodes[nid].states;
	char name[32];

	if (s->track)
		return s;
	s->track = track_uuid(v, TRACK_NODE, nid, 0);
	snprintf(name, sizeof(name), "node %d", nid);
	describe(v, TRACK_NODE,
		 &(struct perfetto_track){ s->track, tool_track(v), name, UNIT_NONE, nid });
	return s;
}

/* Find the track of a cache's structures on a node, or add it. Returns NULL when out of memory. */
static struct lifetime *lifetime_of(struct view *v, const struct transition *t)
{
	struct view_state *s = v->state;
	const struct lifetime_key key = { t->cache, t->nid };
	struct lifetime *l;

	HASH_FIND(hh, s->lifetimes, &key, sizeof(key), l);
	if (l)
		return l;
	l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->key = key;
	HASH_ADD(hh, s->lifetimes, key, sizeof(l->key), l);
	if (!l->hh.tbl) {
		free(l);
		return NULL;
	}
	l->states.track = track_uuid(v, TRACK_STRUCTURE, t->nid, ++s->lifetime_count);
	describe(v, TRACK_STRUCTURE,
		 &(struct perfetto_track){ .uuid = l->states.track,
					   .parent = node_states(v, t->nid)->track,
					   .name = t->cache_name });
	return l;
}

/* --- slices --- */

static void put_event(struct view *v, const struct perfetto_event *e)
{
	perfetto_write_event(&v->state->perfetto, v->out, e);
}

/* End the slice that is open. Returns the time. */
static __u64 states_end(struct view *v, struct states *s, __u64 time_ns)
{
	if (time_ns < s->last_ns)
		time_ns = s->last_ns;
	s->last_ns = time_ns;
	if (s->open)
		put_event(v, &(struct perfetto_event){
				     .type = EVENT_END, .time_ns = time_ns, .track = s->track });
	s->open = false;
	return time_ns;
}

/* End the slice that is open, and begin another. */
static void states_begin(struct view *v, struct states *s, const struct perfetto_event *event)
{
	struct perfetto_event e = *event;

	e.type = EVENT_BEGIN;
	e.track = s->track;
	e.time_ns = states_end(v, s, e.time_ns);
	s->open = true;
	put_event(v, &e);
}

/* --- the counters of a node --- */

static void put_counter(struct view *v, enum track_kind kind, int nid, __u64 time_ns, __u64 value)
{
	put_event(v, &(struct perfetto_event){ .type = EVENT_COUNTER,
					       .time_ns = time_ns,
					       .track = track_uuid(v, kind, nid, 0),
					       .value = value });
}

static void describe_counter(struct view *v, enum track_kind kind, int nid, const char *name,
			     enum perfetto_unit unit)
{
	describe(v, kind,
		 &(struct perfetto_track){ track_uuid(v, kind, nid, 0), node_states(v, nid)->track,
					   name, unit, 0 });
}

/* Put the counters that have changed, no earlier than the events by which they did. */
static void put_counters(struct view *v, const struct ledger_node *n, __u64 time_ns)
{
	struct node_track *node = &v->state->nodes[n->nid];
	__u64 held = n->counts.retained_now, bytes = n->counts.retained_charged;

	if (time_ns < node->changed_ns)
		time_ns = node->changed_ns;
	if (!node->counted) {
		describe_counter(v, TRACK_HELD, n->nid, "held structures", UNIT_COUNT);
		describe_counter(v, TRACK_HELD_BYTES, n->nid, "held bytes", UNIT_BYTES);
	}
	if (!node->counted || held != node->held)
		put_counter(v, TRACK_HELD, n->nid, time_ns, held);
	if (!node->counted || bytes != node->held_bytes)
		put_counter(v, TRACK_HELD_BYTES, n->nid, time_ns, bytes);
	node->counted = true;
	node->held = held;
	node->held_bytes = bytes;
}

/* The arguments of a function that is called for each node or structure. */
struct call {
	struct view *v;
	__u64 time_ns;
	int nid; /* -1: all nodes that have a track */
};

static int put_counters_of(void *call, const struct ledger_node *n)
{
	const struct call *c = call;

	if (c->nid == n->nid || (c->nid < 0 && c->v->state->nodes[n->nid].states.track))
		put_counters(c->v, n, c->time_ns);
	return 0;
}

/* --- the start --- */

static int begin_node(void *call, const struct ledger_node *n)
{
	const struct call *c = call;
	bool known = n->has_memory || n->movable_only || ledger_counts_any(&n->counts);

	/* An event of the initial scan comes first. */
	if (!known || c->v->state->nodes[n->nid].states.track)
		return 0;
	states_begin(c->v, node_states(c->v, n->nid),
		     &(struct perfetto_event){ .time_ns = c->time_ns,
					       .category = "present",
					       .name = n->has_memory     ? "memory"
						       : n->movable_only ? "movable memory"
									 : "no memory" });
	return 0;
}

#define PRESENT(name, kind, member) FIELD(struct transition, name, kind, member)

static const struct field present_fields[] = {
	PRESENT("node", SIGNED, nid),
	PRESENT("cache", TEXT, cache_name),
	PRESENT("cache_address", ADDRESS, cache),
	PRESENT("address", ADDRESS, address),
	PRESENT("barn", ADDRESS, barn),
	PRESENT("requested_bytes", NUMBER, requested),
	PRESENT("charged_bytes", NUMBER, charged),
	{},
};

/* Begin the slice of a structure that exists at the start. */
static int begin_structure(void *call, const struct transition *t)
{
	const struct call *c = call;
	struct lifetime *l = lifetime_of(c->v, t);

	if (!l)
		return -ENOMEM;
	if (l->states.open)
		return 0;
	l->address = t->address;
	states_begin(c->v, &l->states,
		     &(struct perfetto_event){ .time_ns = c->time_ns,
					       .category = "present",
					       .name = t->kind == T_RETAINED ? "retained" : "live",
					       .fields = present_fields,
					       .object = t });
	return 0;
}

static void trace_perfetto_start(struct view *v, const struct facts *f)
{
	const struct session_record *r = f->session;
	const struct perfetto_clocks clocks = { r->head.time_ns, r->boot_ns, r->wall_ns };
	struct call call = { v, r->head.time_ns, -1 };
	struct ledger *ledger = model_ledger(v->model);

	perfetto_write_clocks(&v->state->perfetto, v->out, &clocks);
	perfetto_write_system(&v->state->perfetto, v->out, r->kernel);
	put_event(v, &(struct perfetto_event){ .type = EVENT_INSTANT,
					       .time_ns = r->head.time_ns,
					       .track = tool_track(v),
					       .category = "start",
					       .name = "start",
					       .fields = start_fields,
					       .object = f });
	ledger_each_node(ledger, begin_node, &call);
	ledger_each_structure(ledger, begin_structure, &call);
	ledger_each_node(ledger, put_counters_of, &call);
}

/* --- transitions --- */

/* Return whether a structure is another one than that of the slice that is open. */
static bool is_another(const struct lifetime *l, const struct transition *t)
{
	return (t->kind == T_FREED || t->kind == T_LEAKED) && l->states.open &&
	       l->address != t->address;
}

static void put_structure(struct view *v, const struct transition *t)
{
	struct lifetime *l = lifetime_of(v, t);
	struct perfetto_event e = { .type = EVENT_INSTANT,
				    .time_ns = t->time_ns,
				    .track = l ? l->states.track : node_states(v, t->nid)->track,
				    .category = "structure",
				    .name = transition_kind_name(t->kind),
				    .fields = transition_fields,
				    .object = t };

	v->state->nodes[t->nid].changed_ns = t->time_ns;
	if (!l || is_another(l, t)) {
		put_event(v, &e);
		return;
	}
	l->address = t->address;
	states_begin(v, &l->states, &e);
}

static void put_node(struct view *v, const struct transition *t)
{
	const struct perfetto_event e = { .time_ns = t->time_ns,
					  .category = "node",
					  .name = node_transition_name(t->node),
					  .fields = transition_fields,
					  .object = t };

	states_begin(v, node_states(v, t->nid), &e);
}

/* End the tracks of a cache: another one may get its address. */
static void end_cache(struct view *v, const struct transition *t)
{
	struct lifetime *l, *next;

	HASH_ITER (hh, v->state->lifetimes, l, next) {
		if (l->key.cache != t->cache)
			continue;
		states_end(v, &l->states, t->time_ns);
		lifetime_delete(v->state, l);
	}
}

static void put_cache(struct view *v, const struct transition *t)
{
	put_event(v, &(struct perfetto_event){ .type = EVENT_INSTANT,
					       .time_ns = t->time_ns,
					       .track = caches_track(v),
					       .category = "cache",
					       .name = transition_kind_name(t->kind),
					       .fields = transition_fields,
					       .object = t });
	if (t->kind == T_CACHE_DESTROYED)
		end_cache(v, t);
}

static void trace_perfetto_transition(struct view *v, const struct transition *t)
{
	if (t->kind < T_STRUCTURE_KINDS)
		put_structure(v, t);
	else if (t->kind == T_NODE)
		put_node(v, t);
	else
		put_cache(v, t);
}

static void trace_perfetto_change(struct view *v, const struct node_change *c)
{
	struct call call = { v, c->time_ns, c->nid };

	if (v->model)
		ledger_each_node(model_ledger(v->model), put_counters_of, &call);
}

/* --- findings --- */

/*
 * Describe a track for one finding. Perfetto shows tracks with the same parent and name as one. On
 * a track that findings shared, a slice could end in place of another that began at the same time.
 * Returns its number.
 */
static __u64 finding_track(struct view *v, const struct finding *f)
{
	char name[64] = "canary";
	const struct perfetto_track t = {
		.uuid = track_uuid(v, TRACK_FINDING, f->nid, ++v->state->finding_count),
		.parent = node_states(v, f->nid)->track,
		.name = name,
	};

	if (f->task)
		snprintf(name, sizeof(name), "%s[%u]", f->task->comm, f->task->tid);
	describe(v, TRACK_FINDING, &t);
	return t.uuid;
}

/* Put the free before an access, with the task that freed the structure and its stack. */
static void put_free(struct view *v, const struct finding *f, __u64 track, __u64 flow)
{
	if (f->freer && f->freer->time_ns)
		put_event(v, &(struct perfetto_event){ .type = EVENT_INSTANT,
						       .time_ns = f->freed_ns,
						       .track = track,
						       .category = "free",
						       .name = "freed",
						       .flow = flow,
						       .frames = f->freer_frames,
						       .frame_count = f->freer_stack_len,
						       .fields = process_fields,
						       .object = f->freer });
}

static void trace_perfetto_finding(struct view *v, const struct finding *f)
{
	struct perfetto_event e = { .type = EVENT_INSTANT,
				    .time_ns = f->time_ns,
				    .track = finding_track(v, f),
				    .category = "finding",
				    .frames = f->frames,
				    .frame_count = f->stack_len,
				    .fields = finding_fields,
				    .object = f };
	char name[96];

	snprintf(name, sizeof(name), "%s: %s", finding_strength_name(f->strength),
		 f->function && *f->function ? f->function : finding_tier_name(f->tier));
	e.name = name;
	e.flow = e.track;
	if (f->tier == TIER_WINDOW) {
		e.type = EVENT_BEGIN;
		e.time_ns = f->entered_ns;
	}
	put_event(v, &e);
	put_free(v, f, e.track, e.flow);
	if (f->tier == TIER_WINDOW)
		put_event(v, &(struct perfetto_event){
				     .type = EVENT_END, .time_ns = f->time_ns, .track = e.track });
}

static void trace_perfetto_offline(struct view *v, const struct offline_failure *f)
{
	put_event(v, &(struct perfetto_event){ .type = EVENT_INSTANT,
					       .time_ns = f->time_ns,
					       .track = f->nid >= 0 ? node_states(v, f->nid)->track
								    : tool_track(v),
					       .category = "offline-failed",
					       .name = "offline failed",
					       .fields = offline_failure_fields,
					       .object = f });
}

static void trace_perfetto_lost(struct view *v, __u64 count, __u64 time_ns)
{
	put_event(v, &(struct perfetto_event){ .type = EVENT_INSTANT,
					       .time_ns = time_ns,
					       .track = tool_track(v),
					       .category = "lost",
					       .name = "events lost",
					       .fields = loss_fields,
					       .object = &(struct loss){ time_ns, count } });
}

/* --- the end --- */

static const struct field caveat_fields[] = {
	FIELD(struct caveat, "reason", CHARS, reason),
	FIELD(struct caveat, "hint", TEXT, hint),
	{},
};

static void put_caveats(struct view *v, const struct model *m, __u64 time_ns)
{
	struct caveats caveats;

	model_caveats(m, &caveats);
	for (unsigned int i = 0; i < caveats.count; i++)
		if (!caveats.list[i].verdict_only)
			put_event(v, &(struct perfetto_event){ .type = EVENT_INSTANT,
							       .time_ns = time_ns,
							       .track = tool_track(v),
							       .category = "caveat",
							       .name = "inconclusive",
							       .fields = caveat_fields,
							       .object = &caveats.list[i] });
}

static void trace_perfetto_summary(struct view *v, const struct model *m, __u64 time_ns)
{
	struct call call = { v, time_ns, -1 };
	struct trace_summary s;

	trace_summary(&s, v, m, time_ns);
	ledger_each_node(model_ledger(m), put_counters_of, &call);
	put_caveats(v, m, time_ns);
	put_event(v, &(struct perfetto_event){ .type = EVENT_INSTANT,
					       .time_ns = time_ns,
					       .track = tool_track(v),
					       .category = "answer",
					       .name = s.sentence,
					       .fields = answer_fields,
					       .object = &s });
}

const struct view_ops view_perfetto = {
	.packet = protobuf_field_len,
	.open = trace_perfetto_open,
	.close = trace_perfetto_close,
	.start = trace_perfetto_start,
	.transition = trace_perfetto_transition,
	.change = trace_perfetto_change,
	.finding = trace_perfetto_finding,
	.offline_failed = trace_perfetto_offline,
	.lost = trace_perfetto_lost,
	.summary = trace_perfetto_summary,
};
