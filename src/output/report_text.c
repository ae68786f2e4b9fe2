// SPDX-License-Identifier: GPL-2.0-only
/* For people: tables of at most 80 columns. */
#include <inttypes.h>
#include <string.h>
#include <sys/utsname.h>
#include "output/report_view.h"
#include "base/text.h"
#include "output/trace_view.h"

#define HOMES_A_ROW 7
#define NAME_ROOM   (4 * CACHE_NAME_LEN + 1)

static const char *state_of(const struct report_node *n)
{
	if (n->has_memory)
		return "memory";
	return n->movable_only ? "movable only" : "no memory";
}

/* Those that came under our eyes are known; of others, how many they may be. */
static bool late_known(const struct report_counts *c)
{
	return (c->late < 0 ? 0 : (__u64)c->late) == c->late_at_most;
}

static const char *late_of(const struct report_counts *c, char *text, size_t room)
{
	snprintf(text, room, "%s%llu",
		 late_known(c) ? "" : "<=", (unsigned long long)c->late_at_most);
	return text;
}

static void put_counts(FILE *out, const struct report_counts *c)
{
	char late[32];

	fprintf(out, "%7" PRIu64 " %6s %5" PRIu64 " %7" PRIu64 " %9" PRIu64 " %10" PRIu64,
		(uint64_t)c->structures, late_of(c, late, sizeof(late)), (uint64_t)c->barns,
		(uint64_t)c->sheaves, (uint64_t)c->requested, (uint64_t)c->charged);
}

#define COUNTS_HEAD " STRUCT   LATE BARNS SHEAVES REQUESTED    CHARGED"

static const struct report_node *same_node(const struct report *r, int nid)
{
	for (size_t i = 0; r && i < r->node_count; i++)
		if (r->nodes[i].nid == nid)
			return &r->nodes[i];
	return NULL;
}

/* What has changed since the sample before. */
static void put_difference(FILE *out, const struct report_counts *now,
			   const struct report_counts *before)
{
	long long structures = (long long)(now->structures - before->structures);
	long long charged = (long long)(now->charged - before->charged);

	if (structures || charged)
		fprintf(out, "%18s%+7lld%31s%+11lld\n", "", structures, "", charged);
}

static void put_nodes(FILE *out, const struct report *r, const struct report *before)
{
	fprintf(out, "%4s %-13s" COUNTS_HEAD "  PINNED\n", "NODE", "STATE");
	for (size_t i = 0; i < r->node_count; i++) {
		static const struct report_counts none;
		const struct report_node *n = &r->nodes[i], *then = same_node(before, n->nid);

		fprintf(out, "%4d %-13s", n->nid, state_of(n));
		put_counts(out, &n->counts);
		fprintf(out, " %7" PRIu64 "\n", (uint64_t)n->pinned_pages);
		if (before)
			put_difference(out, &n->counts, then ? &then->counts : &none);
	}
	fprintf(out, "%4s %-13s", "all", "");
	put_counts(out, &r->total);
	fprintf(out, " %7" PRIu64 "\n", (uint64_t)r->pinned_pages);
	if (before)
		put_difference(out, &r->total, &before->total);
}

/* A row a node, a column the node whose memory its structures sit on. */
static void put_homes(FILE *out, const struct report *r)
{
	for (unsigned int first = 0; first < r->homes; first += HOMES_A_ROW) {
		unsigned int end = first + HOMES_A_ROW < r->homes ? first + HOMES_A_ROW : r->homes;

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
				fprintf(out, " %7" PRIu64, (uint64_t)n->homes[home]);
			fprintf(out, " %7" PRIu64 "\n", (uint64_t)n->homeless);
		}
	}
	if (!r->homes && r->total.structures)
		fprintf(out,
			"\nOn which nodes' memory they sit is not known here: kallsyms %s\n"
			"page_offset_base and vmemmap_base.\n",
			r->snapshot->hidden ? "hides (kernel.kptr_restrict)" : "has no");
}

/* What does not fit its column ends in a +. */
static const char *fit(char *text, size_t width)
{
	if (strlen(text) > width)
		strcpy(text + width - 1, "+");
	return text;
}

static void put_cache(FILE *out, const struct report_cache *c)
{
	char name[NAME_ROOM], nodes[4096];

	escape_text(name, sizeof(name), c->cache->name);
	node_set_format(&c->nodes, nodes, sizeof(nodes));
	fprintf(out, "%-20s", fit(name, 20));
	put_counts(out, &c->counts);
	fprintf(out, "  %s\n", fit(nodes, 8));
}

static void put_caches(FILE *out, const struct report *r)
{
	fprintf(out, "\n%-20s" COUNTS_HEAD "  NODES\n", "CACHE");
	for (size_t i = 0; i < r->cache_count; i++)
		put_cache(out, &r->caches[i]);
	if (r->caches_hidden)
		fprintf(out, "and %zu more\n", r->caches_hidden);
}

void report_text(FILE *out, const struct report *r, const struct report *before, bool by_cache)
{
	const struct snapshot *s = r->snapshot;
	struct utsname name = {};

	uname(&name);
	fprintf(out, "Linux %s: %zu caches, %zu node structures\n\n", name.release, s->cache_count,
		s->structure_count);
	if (!r->node_count) {
		fputs("No node that was asked for is possible here and without memory: nothing is\n"
		      "retained. (--all shows those with memory, too.)\n",
		      out);
		return;
	}
	put_nodes(out, r, before);
	put_homes(out, r);
	if (by_cache)
		put_caches(out, r);
	fprintf(out,
		"\nREQUESTED, CHARGED: bytes; PINNED: pages. A node's pglist_data, for\n"
		"comparison, takes %" PRIu64 " bytes.\n",
		(uint64_t)s->pgdat_bytes);
	if (!late_known(&r->total))
		fputs("LATE: no more than so many, the others' caches are as old as the boot. "
		      "`trace'\n"
		      "tells each, --watch those that come from now on.\n",
		      out);
}
