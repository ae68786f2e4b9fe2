// SPDX-License-Identifier: GPL-2.0-only
/* Text of `report': the answer, and tables that fit the terminal. */
#include <stdlib.h>
#include <string.h>
#include "base/columns.h"
#include "base/terminal.h"
#include "base/text.h"
#include "output/counts.h"
#include "output/report_answer_text.h"
#include "output/report_view.h"

#define NAME_ROOM    (4 * CACHE_NAME_LEN + 1)
#define LABEL_WIDTH  18 /* of node and state */
#define NAME_LEAST   12 /* columns for the name of a cache */
#define NAME_MOST    32
#define NODES_WIDTH  10 /* of a list of nodes, with the blanks before it */
#define PINNED_WIDTH 11
#define PAGE_BYTES   4096

/* The report that is being printed. */
struct page {
	FILE *out;
	const struct report *r, *before;
	const struct report_style *style;
	struct columns columns; /* of both tables */
	unsigned int columns_max;
	bool pinned, homes; /* these columns are shown, too */
};

static const char *report_color(const struct page *p, const char *code)
{
	return p->style->color ? code : "";
}

#define CHANGED "\033[33m"
#define BOLD    "\033[1m"
#define PLAIN   "\033[0m"

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

/* --- the table of the nodes --- */

/* Choose the columns that have a value, as far as they fit. */
static void choose_columns(struct page *p)
{
	unsigned int room = p->columns_max - LABEL_WIDTH;
	unsigned int used;

	p->columns.fields = report_counts_fields;
	p->columns.exact = p->style->exact;
	columns_see(&p->columns, &p->r->total);
	columns_fit(&p->columns, room);
	used = columns_width(&p->columns);
	p->pinned = p->r->pinned_pages && used + PINNED_WIDTH <= room;
	used += p->pinned ? PINNED_WIDTH : 0;
	p->homes = p->r->home_count && used + NODES_WIDTH <= room;
}

static void put_pinned(const struct page *p, __u64 pages)
{
	char text[BYTES_ROOM] = "0";

	if (!p->pinned)
		return;
	if (p->style->exact)
		snprintf(text, sizeof(text), "%llu", pages * PAGE_BYTES);
	else if (pages)
		text_bytes(text, pages * PAGE_BYTES);
	fprintf(p->out, "%*s", PINNED_WIDTH, text);
}

/* Print the nodes on whose memory the structures lie: "0", or "0 (200), 2 (5)". */
static void put_homes(const struct page *p, const struct report_node *n)
{
	unsigned int count = 0, put = 0;

	if (!p->homes || !n->counts.structures)
		return;
	for (unsigned int home = 0; home < n->home_count; home++)
		count += n->homes[home] != 0;
	count += n->unknown_home != 0;
	for (unsigned int home = 0; home < n->home_count; home++) {
		if (!n->homes[home])
			continue;
		fprintf(p->out, "%s%u", put++ ? ", " : "  ", home);
		if (count > 1)
			fprintf(p->out, " (%llu)", n->homes[home]);
	}
	if (n->unknown_home)
		fprintf(p->out, "%sunknown (%llu)", put ? ", " : "  ", n->unknown_home);
}

/* Print by how much the counts of a row grew since the report before. */
static void put_change(const struct page *p, const struct report_counts *now,
		       const struct report_counts *then, int indent)
{
	char *text = NULL;
	size_t len = 0;
	FILE *line = open_memstream(&text, &len);
	bool changed;

	if (!line)
		return;
	changed = columns_change(line, &p->columns, now, then, indent);
	fclose(line);
	if (changed)
		fprintf(p->out, "%s%s%s\n", report_color(p, CHANGED), text, report_color(p, PLAIN));
	free(text);
}

static void put_report_node(const struct page *p, const struct report_node *n)
{
	static const struct report_counts none;
	const struct report_node *then = p->before ? find_node(p->before, n->nid) : NULL;

	fprintf(p->out, "%-4d %-*s", n->nid, LABEL_WIDTH - 5, state_of(n));
	columns_row(p->out, &p->columns, &n->counts);
	put_pinned(p, n->pinned_pages);
	put_homes(p, n);
	fputc('\n', p->out);
	if (p->before)
		put_change(p, &n->counts, then ? &then->counts : &none, LABEL_WIDTH);
}

static void put_report_total(const struct page *p)
{
	fprintf(p->out, "%-*s", LABEL_WIDTH, "all");
	columns_row(p->out, &p->columns, &p->r->total);
	put_pinned(p, p->r->pinned_pages);
	fputc('\n', p->out);
	if (p->before)
		put_change(p, &p->r->total, &p->before->total, LABEL_WIDTH);
}

static void put_report_nodes(const struct page *p)
{
	fprintf(p->out, "\n%s%-4s %-*s", report_color(p, BOLD), "NODE", LABEL_WIDTH - 5, "STATE");
	columns_head(p->out, &p->columns);
	if (p->pinned)
		fprintf(p->out, "%*s", PINNED_WIDTH, "PINNED");
	if (p->homes)
		fputs("  ON NODE", p->out);
	fprintf(p->out, "%s\n", report_color(p, PLAIN));
	for (size_t i = 0; i < p->r->node_count; i++)
		put_report_node(p, &p->r->nodes[i]);
	if (p->r->node_count > 1)
		put_report_total(p);
}

/* --- the table of the caches --- */

/* Cut a text that does not fit its column, with a + at its end. Returns the text. */
static const char *report_text_fit(char *text, size_t width)
{
	if (strlen(text) > width)
		strcpy(text + width - 1, "+");
	return text;
}

static void put_report_cache(const struct page *p, const struct columns *columns, int width,
			     const struct report_cache *c)
{
	char name[NAME_ROOM], nodes[4096];

	escape_text(name, sizeof(name), c->cache->name);
	node_set_format(&c->nodes, nodes, sizeof(nodes));
	fprintf(p->out, "%-*s", width, report_text_fit(name, width));
	columns_row(p->out, columns, &c->counts);
	fprintf(p->out, "  %s\n", report_text_fit(nodes, NODES_WIDTH - 2));
}

static void put_report_caches(const struct page *p)
{
	struct columns columns = p->columns;
	int width;

	columns_fit(&columns, p->columns_max - NAME_LEAST - NODES_WIDTH);
	width = p->columns_max - columns_width(&columns) - NODES_WIDTH;
	if (width > NAME_MOST)
		width = NAME_MOST;
	fprintf(p->out, "\n%s%-*s", report_color(p, BOLD), width, "CACHE");
	columns_head(p->out, &columns);
	fprintf(p->out, "  FOR NODE%s\n", report_color(p, PLAIN));
	for (size_t i = 0; i < p->r->cache_count; i++)
		put_report_cache(p, &columns, width, &p->r->caches[i]);
	if (p->r->caches_hidden)
		fprintf(p->out, "and %zu more\n", p->r->caches_hidden);
}

/* --- the table of the slabs --- */

#define ON_NODE_WIDTH     9
#define RECLAIMABLE_WIDTH 13

static bool are_several_nodes(const struct node_set *set)
{
	unsigned int count = 0;

	for (int nid = 0; nid < MAX_NODES; nid++)
		count += set->has[nid];
	return count > 1;
}

static void put_cache_slabs(const struct page *p, const struct columns *columns, int width,
			    const struct cache_slabs *c)
{
	char name[NAME_ROOM];

	escape_text(name, sizeof(name), c->name);
	fprintf(p->out, "%-*s", width, report_text_fit(name, width));
	columns_row(p->out, columns, c);
	fprintf(p->out, "%*s", RECLAIMABLE_WIDTH, c->reclaimable ? "yes" : "no");
	if (are_several_nodes(&p->r->snapshot->slabs_of))
		fprintf(p->out, "%*d", ON_NODE_WIDTH, c->nid);
	fputc('\n', p->out);
}

static void put_slabs_total(const struct page *p, const struct columns *columns, int width)
{
	const struct slab_list *l = &p->r->slabs;
	const struct cache_slabs total = { .slabs = l->slabs,
					   .partial = l->partial,
					   .bytes = l->bytes };

	fprintf(p->out, "%-*s", width, "all");
	columns_row(p->out, columns, &total);
	fputc('\n', p->out);
}

/* Print the slabs on nodes with memory that were asked for. */
static void put_slabs(const struct page *p)
{
	const struct slab_list *l = &p->r->slabs;
	struct columns columns = { .fields = cache_slabs_fields, .exact = p->style->exact };
	bool nodes = are_several_nodes(&p->r->snapshot->slabs_of);
	int width;

	if (!l->count)
		return;
	for (size_t i = 0; i < l->count; i++)
		columns_see(&columns, &l->list[i]);
	width = p->columns_max - columns_width(&columns) - RECLAIMABLE_WIDTH -
		(nodes ? ON_NODE_WIDTH : 0);
	if (width > NAME_MOST)
		width = NAME_MOST;
	if (width < NAME_LEAST)
		width = NAME_LEAST;
	fprintf(p->out, "\n%s%-*s", report_color(p, BOLD), width, "CACHE");
	columns_head(p->out, &columns);
	fprintf(p->out, "%*s", RECLAIMABLE_WIDTH, "RECLAIMABLE");
	if (nodes)
		fprintf(p->out, "%*s", ON_NODE_WIDTH, "ON NODE");
	fprintf(p->out, "%s\n", report_color(p, PLAIN));
	for (size_t i = 0; i < l->shown; i++)
		put_cache_slabs(p, &columns, width, &l->list[i]);
	if (l->shown < l->count)
		fprintf(p->out, "and %zu more\n", l->count - l->shown);
	put_slabs_total(p, &columns, width);
}

/* --- what is not in the tables --- */

static void put_line(const struct page *p, const char *text)
{
	text_wrap(p->out, text, 0, 0, p->style->columns);
}

static void put_barns_in_use(const struct page *p)
{
	char text[160];

	for (size_t i = 0; i < p->r->node_count; i++) {
		const struct report_node *n = &p->r->nodes[i];

		if (!n->counts.barns_in_use)
			continue;
		snprintf(
			text, sizeof(text),
			"Node %d's CPUs use its %llu barns: they and their sheaves are not counted.",
			n->nid, n->counts.barns_in_use);
		fputc('\n', p->out);
		put_line(p, text);
	}
}

static void put_no_homes(const struct page *p)
{
	char text[160];

	snprintf(
		text, sizeof(text),
		"The nodes on whose memory they lie are not known: kallsyms %s page_offset_base and vmemmap_base.",
		p->r->snapshot->hidden ? "hides (kernel.kptr_restrict)" : "does not list");
	fputc('\n', p->out);
	put_line(p, text);
}

/* Explain the columns whose headings do not do it. */
static void put_legend(const struct page *p)
{
	fputc('\n', p->out);
	put_line(p, "SIZE: of the structures. IN SLABS: the memory that they take in their slabs.");
	if (p->pinned)
		put_line(
			p,
			"PINNED: pages that nothing else uses, and that they keep from being freed.");
	if (p->homes)
		put_line(p, "ON NODE: the node on whose memory they lie.");
}

/* Explain what the slabs on a node do not show. */
static void put_slabs_legend(const struct page *p)
{
	if (!node_set_end(&p->r->snapshot->slabs_of))
		return;
	fputc('\n', p->out);
	if (p->r->slabs.count && p->r->snapshot->slabs_counted)
		put_line(p, "SIZE: if all slabs of a cache have its preferred size.");
	put_line(p, "Pages that are no slabs are not shown; they can keep a node online, too.");
}

static void put_answer(const struct page *p)
{
	const struct snapshot *s = p->r->snapshot;
	char answer[REPORT_ANSWER_ROOM], text[160];

	fputs(report_color(p, BOLD), p->out);
	put_line(p, report_answer_text(answer, &p->r->answer, p->style->exact));
	fputs(report_color(p, PLAIN), p->out);
	snprintf(text, sizeof(text), "Linux %s: %zu caches, %zu node structures", s->kernel,
		 s->cache_count, s->allocated_count);
	put_line(p, text);
}

static void put_page(struct page *p)
{
	p->columns_max = p->style->columns ?: TABLE_COLUMNS;
	put_answer(p);
	if (!p->r->total.structures && !p->r->total.barns && !p->before) {
		put_barns_in_use(p);
		put_slabs(p);
		put_slabs_legend(p);
		return;
	}
	choose_columns(p);
	put_report_nodes(p);
	if (!p->r->home_count && p->r->total.structures)
		put_no_homes(p);
	put_barns_in_use(p);
	if (p->r->by_cache)
		put_report_caches(p);
	put_slabs(p);
	put_legend(p);
	put_slabs_legend(p);
}

/* Print the lines that fit, and how many do not. */
static void put_lines(FILE *out, const char *text, unsigned int rows)
{
	unsigned int lines = 0;
	const char *at = text;

	for (const char *c = text; *c; c++) {
		lines += *c == '\n';
		if (lines + 1 == rows && *c == '\n')
			at = c + 1; /* where the last row begins */
	}
	if (!rows || lines < rows) {
		fputs(text, out);
		return;
	}
	fwrite(text, 1, at - text, out);
	/* No new line, which would scroll the first line away. */
	fprintf(out, "and %u more lines", lines + 1 - rows);
}

void report_text(FILE *out, const struct report *r, const struct report *before,
		 const struct report_style *style)
{
	char *text = NULL;
	size_t len = 0;
	struct page page = { .r = r, .before = before, .style = style };

	page.out = open_memstream(&text, &len);
	if (!page.out)
		return;
	put_page(&page);
	fclose(page.out);
	put_lines(out, text, style->rows);
	free(text);
}
