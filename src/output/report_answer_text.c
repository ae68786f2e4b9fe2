// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include "base/text.h"
#include "model/slabs.h"
#include "output/report_answer_text.h"

#define ADD(...) text_append(text, REPORT_ANSWER_ROOM, __VA_ARGS__)

/* Write "Node 1 has" or "Nodes 1-2 have". */
static void add_nodes_have(char *text, const char *nodes)
{
	if (*text)
		ADD(". ");
	ADD(text_names_several(nodes) ? "Nodes %s have" : "Node %s has", nodes);
}

static void add_missing(char *text, const struct report_answer *a)
{
	add_nodes_have(text, a->missing);
	if (a->missing_count == 1)
		ADD(" memory, and a cache has no structure for it");
	else
		ADD(" memory, and %llu structures are missing for %s", a->missing_count,
		    text_names_several(a->missing) ? "them" : "it");
}

static const char *memory_words(enum report_movable movable)
{
	return movable == MOVABLE_ALL    ? "only movable memory"
	       : movable == MOVABLE_SOME ? "no memory that counts"
					 : "no memory";
}

#define EXACT_ROOM (BYTES_ROOM + 8)

static const char *bytes_text(char to[EXACT_ROOM], __u64 bytes, bool exact)
{
	if (!exact)
		return text_bytes(to, bytes);
	snprintf(to, EXACT_ROOM, "%llu bytes", bytes);
	return to;
}

static void add_held(char *text, const struct report_answer *a, bool exact)
{
	const char *them = text_names_several(a->holding) ? "them" : "it";
	char bytes[EXACT_ROOM];

	add_nodes_have(text, a->holding);
	ADD(" %s; ", memory_words(a->holding_movable));
	if (a->held)
		ADD("%llu cache%s %llu structure%s for %s, ", a->caches,
		    a->caches == 1 ? " holds" : "s hold", a->held, text_plural(a->held), them);
	else
		ADD("%llu barn%s held for %s, ", a->barns, a->barns == 1 ? " is" : "s are", them);
	ADD("%s", bytes_text(bytes, a->bytes, exact));
	if (*a->homes)
		ADD(", on node%s %s", text_names_several(a->homes) ? "s" : "", a->homes);
}

/* Write "6.1 MiB, of which 2.0 MiB are reclaimable". */
static void add_slab_bytes(char *text, const struct slab_list *l, bool exact)
{
	char bytes[EXACT_ROOM];

	ADD("%s, ", bytes_text(bytes, l->bytes, exact));
	if (!l->reclaimable_bytes)
		ADD("not reclaimable");
	else if (l->reclaimable_bytes == l->bytes)
		ADD("reclaimable");
	else
		ADD("of which %s are reclaimable", bytes_text(bytes, l->reclaimable_bytes, exact));
}

static void add_slabs(char *text, const struct report_answer *a, bool exact)
{
	const struct slab_list *l = a->slabs;
	const char *them = text_names_several(a->slabs_of) ? "them" : "it";

	add_nodes_have(text, a->slabs_of);
	ADD(" memory; ");
	if (l->slabs < 0) {
		ADD("this kernel does not count the slabs on %s (CONFIG_SLUB_DEBUG)", them);
		return;
	}
	if (!l->slabs) {
		ADD("no cache has slabs on %s", them);
		return;
	}
	ADD("%zu cache%s %lld slab%s on %s, ", l->caches, l->caches == 1 ? " has" : "s have",
	    l->slabs, text_plural(l->slabs), them);
	add_slab_bytes(text, l, exact);
}

const char *report_answer_text(char text[REPORT_ANSWER_ROOM], const struct report_answer *a,
			       bool exact)
{
	*text = 0;
	if (*a->missing)
		add_missing(text, a);
	if (*a->holding) {
		add_held(text, a, exact);
	} else if (*a->empty) {
		add_nodes_have(text, a->empty);
		ADD(" %s, and nothing is held for %s", memory_words(a->empty_movable),
		    text_names_several(a->empty) ? "them" : "it");
	} else if (!*a->slabs_of && a->kind == REPORT_NOT_SELECTED) {
		ADD("No selected node is without memory: nothing is held");
	} else if (!*a->slabs_of && a->kind == REPORT_ALL_MEMORY) {
		ADD("Every node has memory: nothing is held");
	}
	if (*a->slabs_of)
		add_slabs(text, a, exact);
	return text;
}
