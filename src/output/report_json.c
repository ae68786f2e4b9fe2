// SPDX-License-Identifier: GPL-2.0-only
/* JSON Lines of `report': one object for each report; slubnode-trace-json(5). */
#include "base/json.h"
#include "output/counts.h"
#include "output/report_answer_text.h"
#include "output/schema.h"
#include "output/report_view.h"

/* Print the number of structures with the number of a node as its name, unless it is 0. */
static void put_structures(struct json *j, unsigned int nid, __u64 structures)
{
	char name[16];

	if (!structures)
		return;
	snprintf(name, sizeof(name), "%u", nid);
	json_name(j, name);
	json_number(j, structures);
}

/* Count structures by home: {"0": structures, ...}; "unknown": of those whose home is not known. */
static void report_json_homes(struct json *j, const void *node)
{
	const struct report_node *n = node;

	json_open(j, '{');
	for (unsigned int home = 0; home < n->home_count; home++)
		put_structures(j, home, n->homes[home]);
	if (n->unknown_home) {
		json_name(j, "unknown");
		json_number(j, n->unknown_home);
	}
	json_close(j, '}');
}

static const struct field node_fields[] = {
	FIELD(struct report_node, "node", SIGNED, nid),
	FIELD(struct report_node, "has_memory", BOOL, has_memory),
	FIELD(struct report_node, "movable_only", BOOL, movable_only),
	FIELD(struct report_node, "counts", PART, counts, .fields = report_counts_fields),
	FIELD(struct report_node, "pinned_pages", NUMBER, pinned_pages),
	FIELD_PUT_JSON("homes", report_json_homes),
	{},
};

static void report_json_nodes(struct json *j, const void *report)
{
	const struct report *r = report;

	json_open(j, '[');
	for (size_t i = 0; i < r->node_count; i++)
		json_object(j, node_fields, &r->nodes[i]);
	json_close(j, ']');
}

static void report_json_cache_nodes(struct json *j, const void *cache)
{
	const struct report_cache *c = cache;
	char nodes[4096];

	json_text(j, node_set_format(&c->nodes, nodes, sizeof(nodes)));
}

static const struct field cache_head_fields[] = {
	FIELD(struct snapshot_cache, "cache", CHARS, name),
	FIELD(struct snapshot_cache, "cache_address", ADDRESS, address),
	{},
};

static const struct field cache_fields[] = {
	FIELD(struct report_cache, "cache", PART, cache, .pointer = true,
	      .fields = cache_head_fields),
	FIELD_PUT_JSON("nodes", report_json_cache_nodes),
	FIELD(struct report_cache, "counts", PART, counts, .fields = report_counts_fields),
	{},
};

static void report_json_caches(struct json *j, const void *report)
{
	const struct report *r = report;

	json_open(j, '[');
	for (size_t i = 0; i < r->cache_count; i++)
		json_object(j, cache_fields, &r->caches[i]);
	json_close(j, ']');
}

static const struct field snapshot_fields[] = {
	FIELD(struct snapshot, "kernel", CHARS, kernel),
	FIELD(struct snapshot, "wall_ns", NUMBER, wall_ns),
	FIELD(struct snapshot, "caches", NUMBER, cache_count),
	FIELD(struct snapshot, "structures", NUMBER, allocated_count),
	FIELD(struct snapshot, "walk", TEXT, walk),
	FIELD(struct snapshot, "walk_ns", NUMBER, walk_ns),
	FIELD(struct snapshot, "pgdat_bytes", NUMBER, pgdat_bytes),
	{},
};

static const struct field total_fields[] = {
	FIELD(struct report, "total", PART, total, .fields = report_counts_fields),
	FIELD(struct report, "pinned_pages", NUMBER, pinned_pages),
	{},
};

/* Count the missing structures by node: {"0": structures, ...}. */
static void report_json_missing(struct json *j, const void *report)
{
	const struct report *r = report;

	json_open(j, '{');
	for (unsigned int nid = 0; nid < MAX_NODES; nid++)
		put_structures(j, nid, r->missing[nid]);
	json_close(j, '}');
}

static bool report_json_has_slabs(const void *report)
{
	return node_set_end(&((const struct report *)report)->snapshot->slabs_of);
}

static bool report_json_by_cache(const void *report)
{
	return ((const struct report *)report)->by_cache;
}

static void report_json_outcome(struct json *j, const void *report)
{
	json_text(j, report_outcome_name(((const struct report *)report)->answer.kind));
}

static void report_json_sentence(struct json *j, const void *report)
{
	char text[REPORT_ANSWER_ROOM];

	json_text(j, report_answer_text(text, &((const struct report *)report)->answer, false));
}

static const struct field report_fields[] = {
	FIELD_TYPE("report"),
	FIELD_SCHEMA,
	FIELD_PUT_JSON("outcome", report_json_outcome),
	FIELD_PUT_JSON("sentence", report_json_sentence),
	FIELD(struct report, "snapshot", PART, snapshot, .pointer = true,
	      .fields = snapshot_fields),
	FIELD_PUT_JSON("nodes", report_json_nodes),
	{ FIELD_NAMED("total"), .kind = FIELD_OBJECT, .fields = total_fields },
	FIELD_PUT_JSON("missing", report_json_missing),
	FIELD(struct report, "slabs", OBJECT, slabs, .fields = slab_list_fields,
	      .present = report_json_has_slabs),
	FIELD_PUT_JSON("by_cache", report_json_caches, .present = report_json_by_cache),
	FIELD(struct report, "caches_hidden", NUMBER, caches_hidden,
	      .present = report_json_by_cache),
	{},
};

void report_json(FILE *out, const struct report *r)
{
	json_line_of(out, report_fields, r);
}
