// SPDX-License-Identifier: GPL-2.0-only
/* For programs: one object a report; the fields: slubnode-trace-report(8). */
#include <sys/utsname.h>
#include "base/json.h"
#include "output/report_view.h"

static void set_counts(json_t *o, const struct report_counts *c)
{
	json_object_set_new(o, "structures", json_number(c->structures));
	json_object_set_new(o, "late", c->late < 0 ? json_null() : json_number(c->late));
	json_object_set_new(o, "late_at_most", json_number(c->late_at_most));
	json_object_set_new(o, "barns", json_number(c->barns));
	json_object_set_new(o, "sheaves", json_number(c->sheaves));
	json_object_set_new(o, "requested_bytes", json_number(c->requested));
	json_object_set_new(o, "charged_bytes", json_number(c->charged));
}

/* {"0": structures, ...}; "unknown" for those whose home is not known. */
static json_t *homes_of(const struct report *r, const struct report_node *n)
{
	json_t *o = json_object();
	char key[16];

	for (unsigned int home = 0; home < r->homes; home++) {
		if (!n->homes[home])
			continue;
		snprintf(key, sizeof(key), "%u", home);
		json_object_set_new(o, key, json_number(n->homes[home]));
	}
	if (n->homeless)
		json_object_set_new(o, "unknown", json_number(n->homeless));
	return o;
}

static json_t *nodes_of(const struct report *r)
{
	json_t *nodes = json_array();

	for (size_t i = 0; i < r->node_count; i++) {
		const struct report_node *n = &r->nodes[i];
		json_t *o = json_object();

		json_object_set_new(o, "node", json_integer(n->nid));
		json_object_set_new(o, "has_memory", json_boolean(n->has_memory));
		json_object_set_new(o, "movable_only", json_boolean(n->movable_only));
		set_counts(o, &n->counts);
		json_object_set_new(o, "pinned_pages", json_number(n->pinned_pages));
		json_object_set_new(o, "homes", homes_of(r, n));
		json_array_append_new(nodes, o);
	}
	return nodes;
}

static json_t *caches_of(const struct report *r)
{
	json_t *caches = json_array();
	char nodes[4096];

	for (size_t i = 0; i < r->cache_count; i++) {
		const struct report_cache *c = &r->caches[i];
		json_t *o = json_object();

		json_object_set_new(o, "cache", json_text(c->cache->name));
		json_object_set_new(o, "cache_address", json_address(c->cache->address));
		json_object_set_new(o, "nodes",
				    json_string(node_set_format(&c->nodes, nodes, sizeof(nodes))));
		set_counts(o, &c->counts);
		json_array_append_new(caches, o);
	}
	return caches;
}

void report_json(FILE *out, const struct report *r, bool by_cache)
{
	const struct snapshot *s = r->snapshot;
	struct utsname name = {};
	json_t *o = json_object(), *total = json_object();

	uname(&name);
	set_counts(total, &r->total);
	json_object_set_new(total, "pinned_pages", json_number(r->pinned_pages));
	json_object_set_new(o, "type", json_string("report"));
	json_object_set_new(o, "kernel", json_text(name.release));
	json_object_set_new(o, "caches", json_number(s->cache_count));
	json_object_set_new(o, "structures", json_number(s->structure_count));
	json_object_set_new(o, "walk", json_string(s->walk));
	json_object_set_new(o, "walk_ns", json_number(s->walk_ns));
	json_object_set_new(o, "pgdat_bytes", json_number(s->pgdat_bytes));
	json_object_set_new(o, "nodes", nodes_of(r));
	json_object_set_new(o, "total", total);
	if (by_cache) {
		json_object_set_new(o, "by_cache", caches_of(r));
		json_object_set_new(o, "caches_hidden", json_number(r->caches_hidden));
	}
	json_line(out, o);
}
