// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "base/text.h"
#include "output/report_answer_text.h"

#define ADD(...) text_append(text, REPORT_ANSWER_ROOM, __VA_ARGS__)

/* Return whether a list such as "1" or "1-3,8" names several nodes. */
static bool are_several(const char *nodes)
{
	return strpbrk(nodes, ",-");
}

/* Write "Node 1 has" or "Nodes 1-2 have". */
static void add_nodes_have(char *text, const char *nodes)
{
	if (*text)
		ADD(". ");
	ADD(are_several(nodes) ? "Nodes %s have" : "Node %s has", nodes);
}

static void add_missing(char *text, const struct report_answer *a)
{
	add_nodes_have(text, a->missing);
	if (a->missing_count == 1)
		ADD(" memory, and a cache has no structure for it");
	else
		ADD(" memory, and %llu structures are missing for %s", a->missing_count,
		    are_several(a->missing) ? "them" : "it");
}

static const char *memory_words(enum report_movable movable)
{
	return movable == MOVABLE_ALL    ? "only movable memory"
	       : movable == MOVABLE_SOME ? "no memory that counts"
					 : "no memory";
}

static void add_held(char *text, const struct report_answer *a, bool exact)
{
	const char *them = are_several(a->holding) ? "them" : "it";
	char bytes[BYTES_ROOM];

	add_nodes_have(text, a->holding);
	ADD(" %s; ", memory_words(a->holding_movable));
	if (a->held)
		ADD("%llu cache%s %llu structure%s for %s, ", a->caches,
		    a->caches == 1 ? " holds" : "s hold", a->held, text_plural(a->held), them);
	else
		ADD("%llu barn%s held for %s, ", a->barns, a->barns == 1 ? " is" : "s are", them);
	if (exact)
		ADD("%llu bytes", a->bytes);
	else
		ADD("%s", text_bytes(bytes, a->bytes));
	if (*a->homes)
		ADD(", on node%s %s", are_several(a->homes) ? "s" : "", a->homes);
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
		    are_several(a->empty) ? "them" : "it");
	} else if (a->kind == REPORT_NOT_SELECTED) {
		ADD("No selected node is without memory: nothing is held");
	} else if (a->kind == REPORT_ALL_MEMORY) {
		ADD("Every node has memory: nothing is held");
	}
	return text;
}
