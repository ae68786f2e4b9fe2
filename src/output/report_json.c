// SPDX-License-Identifier: GPL-2.0-only
/* JSON Lines of `report': one object for each report; slubnode-trace-json(5). */
#include "base/json.h"
#include "output/counts.h"
#include "output/report_view.h"

/*
 * Count structures by home: {"0": structures, ...}; "unknown" counts those whose home
 * is not known. Returns a new reference.
 */
static json_t *report_json_homes(const void *node)
{
	const struct report_node *n = node;
	json_t *o = json_object();
	char key[16];

	for (unsigned int home = 0; home < n->home_count; home++) {
		if (!n->homes[home])
			continue;
		snprintf(key, sizeof(key), "%u", home);
		json_object_set_new(o, key, json_number(n->homes[home]));
	}
	if (n->unknown_home)
		json_object_set_new(o, "unknown", json_number(n->unknown_home));
	return o;
}

static const struct field node_fields[] = {
	FIELD(struct report_node, "node", SIGNED, nid),
	FIELD(struct report_node, "has_memory", BOOL, has_memory),
	FIELD(struct report_node, "movable_only", BOOL, movable_only),
	FIELD(struct report_node, "counts", PART, counts, .fields = report_counts_fields),
	FIELD(struct report_node, "pinned_pages", NUMBER, pinned_pages),
	FIELD_GET_JSON("homes", report_json_homes),
	{},
};

static json_t *report_json_nodes(const void *report)
{
	const struct report *r = report;
	json_t *nodes = json_array();

	for (size_t i = 0; i < r->node_count; i++)
		json_append_of(nodes, node_fields, &r->nodes[i]);
	return nodes;
}

static json_t *report_json_cache_nodes(const void *cache)
{
	const struct report_cache *c = cache;
	char nodes[4096];

	return json_string(node_set_format(&c->nodes, nodes, sizeof(nodes)));
}

static const struct field cache_head_fields[] = {
	FIELD(struct snapshot_cache, "cache", CHARS, name),
	FIELD(struct snapshot_cache, "cache_address", ADDRESS, address),
	{},
};

static const struct field cache_fields[] = {
	FIELD(struct report_cache, "cache", PART, cache, .pointer = true,
	      .fields = cache_head_fields),
	FIELD_GET_JSON("nodes", report_json_cache_nodes),
	FIELD(struct report_cache, "counts", PART, counts, .fields = report_counts_fields),
	{},
};

static json_t *report_json_caches(const void *report)
{
	const struct report *r = report;
	json_t *caches = json_array();

	for (size_t i = 0; i < r->cache_count; i++)
		json_append_of(caches, cache_fields, &r->caches[i]);
	return caches;
}

static const struct field snapshot_fields[] = {
	FIELD(struct snapshot, "kernel", CHARS, kernel),
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

/* Count the missing structures by node: {"0": structures, ...}. Returns a new reference. */
static json_t *report_json_missing(const void *report)
{
	const struct report *r = report;
	json_t *o = json_object();
	char key[16];

	for (unsigned int nid = 0; nid < MAX_NODES; nid++) {
		if (!r->missing[nid])
			continue;
		snprintf(key, sizeof(key), "%u", nid);
		json_object_set_new(o, key, json_number(r->missing[nid]));
	}
	return o;
}

static bool report_json_by_cache(const void *report)
{
	return ((const struct report *)report)->by_cache;
}

static const struct field report_fields[] = {
	FIELD_TYPE("report"),
	FIELD(struct report, "snapshot", PART, snapshot, .pointer = true,
	      .fields = snapshot_fields),
	FIELD_GET_JSON("nodes", report_json_nodes),
	{ .name = "total", .kind = FIELD_OBJECT, .fields = total_fields },
	FIELD_GET_JSON("missing", report_json_missing),
	FIELD_GET_JSON("by_cache", report_json_caches, .present = report_json_by_cache),
	FIELD(struct report, "caches_hidden", NUMBER, caches_hidden,
	      .present = report_json_by_cache),
	{},
};

void report_json(FILE *out, const struct report *r)
{
	json_line_of(out, report_fields, r);
}
