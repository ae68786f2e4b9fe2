// SPDX-License-Identifier: GPL-2.0-only
/* Text of `report': tables of at most 80 columns. */
#include <string.h>
#include "base/text.h"
#include "output/counts.h"
#include "output/report_view.h"

#define HOMES_A_ROW 7
#define NAME_ROOM   (4 * CACHE_NAME_LEN + 1)
#define LABEL_WIDTH 18 /* of node and state */

static const char *state_of(const struct report_node *n)
{
	if (n->has_memory)
		return "memory";
	return n->movable_only ? "movable only" : "no memory";
}

static const struct report_node *find_node(const struct report *r, int nid)
{
	for (size_t i = 0; i < r->node_count; i++)
		if (r->nodes[i].nid == nid)
			return &r->nodes[i];
	return NULL;
}

static void put_report_node(FILE *out, const struct report_node *n, const struct report *before)
{
	static const struct report_counts none;
	const struct report_node *then;

	fprintf(out, "%4d %-13s", n->nid, state_of(n));
	text_columns(out, report_counts_fields, &n->counts);
	fprintf(out, " %7llu\n", n->pinned_pages);
	if (!before)
		return;
	then = find_node(before, n->nid);
	text_columns_change(out, report_counts_fields, &n->counts, then ? &then->counts : &none,
			    LABEL_WIDTH);
}

static void put_report_nodes(FILE *out, const struct report *r, const struct report *before)
{
	fprintf(out, "%4s %-13s", "NODE", "STATE");
	text_columns_head(out, report_counts_fields);
	fputs("  PINNED\n", out);
	for (size_t i = 0; i < r->node_count; i++)
		put_report_node(out, &r->nodes[i], before);
	fprintf(out, "%4s %-13s", "all", "");
	text_columns(out, report_counts_fields, &r->total);
	fprintf(out, " %7llu\n", r->pinned_pages);
	if (before)
		text_columns_change(out, report_counts_fields, &r->total, &before->total,
				    LABEL_WIDTH);
}

/* Print a row for each node and a column for each node on whose memory its structures lie. */
static void put_homes(FILE *out, const struct report *r)
{
	for (unsigned int first = 0; first < r->home_count; first += HOMES_A_ROW) {
		unsigned int end = first + HOMES_A_ROW;

		if (end > r->home_count)
			end = r->home_count;
		fputs("\nNODE  SITS ON", out);
		for (unsigned int home = first; home < end; home++)
			fprintf(out, " %7u", home);
		fprintf(out, " %7s\n", "unknown");
		for (size_t i = 0; i < r->node_count; i++) {
			const struct report_node *n = &r->nodes[i];

			if (!n->counts.structures)
				continue;
			fprintf(out, "%4d         ", n->nid);
			for (unsigned int home = first; home < end; home++)
				fprintf(out, " %7llu", n->homes[home]);
			fprintf(out, " %7llu\n", n->unknown_home);
		}
	}
}

static void put_no_homes(FILE *out, const struct snapshot *s)
{
	fprintf(out,
		"\nThe nodes on whose memory they lie are not known: kallsyms %s\n"
		"page_offset_base and vmemmap_base.\n",
		s->hidden ? "hides (kernel.kptr_restrict)" : "does not list");
}

static void put_barns_in_use(FILE *out, const struct report *r)
{
	for (size_t i = 0; i < r->node_count; i++) {
		const struct report_node *n = &r->nodes[i];

		if (n->counts.barns_in_use)
			fprintf(out,
				"\nNode %d's CPUs use its %llu barns: they and their sheaves are not counted.\n",
				n->nid, n->counts.barns_in_use);
	}
}

/* Cut a text that does not fit its column, with a + at its end. Returns the text. */
static const char *report_text_fit(char *text, size_t width)
{
	if (strlen(text) > width)
		strcpy(text + width - 1, "+");
	return text;
}

static void put_report_cache(FILE *out, const struct report_cache *c)
{
	char name[NAME_ROOM], nodes[4096];

	escape_text(name, sizeof(name), c->cache->name);
	node_set_format(&c->nodes, nodes, sizeof(nodes));
	fprintf(out, "%-20s", report_text_fit(name, 20));
	text_columns(out, report_counts_fields, &c->counts);
	fprintf(out, "  %s\n", report_text_fit(nodes, 8));
}

static void put_report_caches(FILE *out, const struct report *r)
{
	fprintf(out, "\n%-20s", "CACHE");
	text_columns_head(out, report_counts_fields);
	fputs("  NODES\n", out);
	for (size_t i = 0; i < r->cache_count; i++)
		put_report_cache(out, &r->caches[i]);
	if (r->caches_hidden)
		fprintf(out, "and %zu more\n", r->caches_hidden);
}

static void put_legend(FILE *out, const struct report *r)
{
	fprintf(out,
		"\nREQUESTED, CHARGED: bytes; PINNED: pages. A node's pglist_data, for\n"
		"comparison, takes %llu bytes.\n",
		r->snapshot->pgdat_bytes);
	if (r->total.late < 0)
		fputs("LATE: one report cannot show it; `trace' and --watch do.\n", out);
}

static void put_missing(FILE *out, const struct report *r)
{
	for (unsigned int nid = 0; nid < MAX_NODES; nid++)
		if (r->missing[nid])
			fprintf(out,
				"Missing: node %u has memory, and %llu caches have no structure for it\n",
				nid, r->missing[nid]);
}

void report_text(FILE *out, const struct report *r, const struct report *before)
{
	const struct snapshot *s = r->snapshot;

	fprintf(out, "Linux %s: %zu caches, %zu node structures\n", s->kernel, s->cache_count,
		s->allocated_count);
	put_missing(out, r);
	if (!r->node_count) {
		fputs("\nNo node that was asked for is possible here and without memory: nothing is\n"
		      "held. (--all shows those with memory, too.)\n",
		      out);
		return;
	}
	fprintf(out, "Held, because their node has no memory: %llu structures\n\n", r->total.held);
	put_report_nodes(out, r, before);
	if (r->home_count && r->total.structures)
		put_homes(out, r);
	else if (r->total.structures)
		put_no_homes(out, s);
	put_barns_in_use(out, r);
	if (r->by_cache)
		put_report_caches(out, r);
	put_legend(out, r);
}
