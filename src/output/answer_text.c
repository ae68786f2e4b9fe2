// SPDX-License-Identifier: GPL-2.0-only
#include "base/text.h"
#include "output/answer_text.h"

/* The text that is being written. */
struct sentence {
	char *text;
	const struct answer *a;
};

#define ADD(s, ...) text_append((s)->text, ANSWER_ROOM, __VA_ARGS__)

/* Write "node 1" or "nodes 1-3". */
static void put_answer_nodes(struct sentence *s, const char *nodes)
{
	ADD(s, "node%s %s", text_names_several(nodes) ? "s" : "", nodes);
}

static void put_bytes(struct sentence *s, __u64 bytes)
{
	char text[BYTES_ROOM];

	ADD(s, "%s", text_bytes(text, bytes));
}

/* --- was anything unsafe? --- */

static void put_unsafe(struct sentence *s)
{
	const struct finding_row *row = s->a->worst;
	const __u64 *counts = s->a->behaviour.findings;
	char words[512], escaped[4 * sizeof(words)];
	enum finding_strength strength = counts[STRENGTH_CONFIRMED]  ? STRENGTH_CONFIRMED
					 : counts[STRENGTH_EXPOSURE] ? STRENGTH_EXPOSURE
								     : STRENGTH_SUSPECT;
	const struct finding_words w = {
		.tier = row ? row->tier : TIER_CALL,
		.strength = strength,
		.count = counts[strength],
		.function = row ? row->function : "",
		.comm = row ? row->comm : "",
		.cache_name = row ? row->cache_name : "an unknown cache",
		.other_places = s->a->other_places,
	};

	findings_describe(words, sizeof(words), &w);
	ADD(s, "%s", escape_text(escaped, sizeof(escaped), words));
	if (strength == STRENGTH_CONFIRMED && counts[STRENGTH_EXPOSURE])
		ADD(s, "; %llu reader%s in flight across a free", counts[STRENGTH_EXPOSURE],
		    counts[STRENGTH_EXPOSURE] == 1 ? " was" : "s were");
	ADD(s, ".");
}

static void put_dangling(struct sentence *s)
{
	__u64 count = s->a->behaviour.dangling;

	if (count == 1)
		ADD(s, "1 structure was freed while its cache still points to it.");
	else
		ADD(s, "%llu structures were freed while their caches still point to them.", count);
}

static void put_leaked(struct sentence *s)
{
	__u64 count = s->a->behaviour.leaked;

	ADD(s, "%llu structure%s leaked, ", count, text_plural(count));
	put_bytes(s, s->a->leaked_bytes);
	ADD(s, count == 1 ? ": no cache points to it, and it was not freed."
			  : ": no cache points to them, and they were not freed.");
}

static void put_missing(struct sentence *s)
{
	__u64 count = s->a->behaviour.missing;

	if (count == 1)
		ADD(s, "1 structure is missing: a cache has none for a node with memory.");
	else
		ADD(s, "%llu structures are missing: caches have none for a node with memory.",
		    count);
}

static void put_inconclusive(struct sentence *s)
{
	char escaped[4 * sizeof(s->a->reason)];

	ADD(s, "Inconclusive: %s", escape_text(escaped, sizeof(escaped), s->a->reason));
	if (s->a->other_reasons)
		ADD(s, "; and %u other reason%s", s->a->other_reasons,
		    text_plural(s->a->other_reasons));
	ADD(s, ".");
}

/* Write the share of the freed words that was watched. It is cut, so that 100 % means all. */
static void put_coverage(struct sentence *s)
{
	unsigned int tenths = (unsigned int)(s->a->watched * 1000);

	if (!s->a->accesses_sought)
		ADD(s, "; accesses to the freed structures were not looked for.");
	else if (s->a->watched <= 0)
		ADD(s, "; none of the freed words was watched.");
	else if (!tenths)
		ADD(s, "; less than 0.1 %% of the freed words were watched.");
	else
		ADD(s, "; %u.%u %% of the freed words were watched.", tenths / 10, tenths % 10);
}

static void put_safety(struct sentence *s)
{
	switch (s->a->kind) {
	case OUTCOME_UNSAFE:
	case OUTCOME_SUSPECT: put_unsafe(s); break;
	case OUTCOME_DANGLING: put_dangling(s); break;
	case OUTCOME_LEAKED: put_leaked(s); break;
	case OUTCOME_MISSING: put_missing(s); break;
	case OUTCOME_INCONCLUSIVE: put_inconclusive(s); break;
	case OUTCOME_NOTHING: break;
	default:
		ADD(s, "Nothing unsafe was seen");
		if (s->a->kind == OUTCOME_PARTLY_COVERED)
			put_coverage(s);
		else
			ADD(s, ".");
	}
}

/* --- what did the kernel do? --- */

/* A part of a list: "freed 100", or "100 are used again". */
struct part {
	const char *before;
	__u64 count;
	const char *after, *after_one;
};

/* Write the parts that count anything as "freed 100, kept 80 and leaked 7". */
static void put_parts(struct sentence *s, const struct part *parts, unsigned int nr)
{
	unsigned int all = 0, put = 0;

	for (unsigned int i = 0; i < nr; i++)
		all += parts[i].count != 0;
	for (unsigned int i = 0; i < nr; i++) {
		const struct part *p = &parts[i];

		if (!p->count)
			continue;
		if (put)
			ADD(s, put + 1 == all ? " and " : ", ");
		ADD(s, "%s%llu%s", p->before ?: "", p->count,
		    (p->count == 1 ? p->after_one : p->after) ?: "");
		put++;
	}
}

static void put_removal(struct sentence *s)
{
	const struct behaviour *b = &s->a->behaviour;
	const struct part fates[] = {
		{ .before = "freed ", .count = b->freed },
		{ .before = "kept ", .count = b->retained },
		{ .before = "leaked ", .count = s->a->leaked_away },
		{ .before = "left dangling ", .count = s->a->dangling_away },
	};
	const char *verb = b->freed ? "freed" : "kept";
	__u64 total = fates[0].count + fates[1].count + fates[2].count + fates[3].count;

	if (b->freed != total && b->retained != total)
		ADD(s, "Of the %llu structures of ", total);
	else if (total == 1)
		ADD(s, "This kernel %s the one structure of ", verb);
	else
		ADD(s, "This kernel %s all %llu structures of ", verb, total);
	put_answer_nodes(s, b->removed);
	if (b->freed != total && b->retained != total) {
		ADD(s, " this kernel ");
		put_parts(s, fates, sizeof(fates) / sizeof(fates[0]));
	}
	if (b->removals > 1 && !text_names_several(b->removed))
		ADD(s, " in %llu removals", b->removals);
}

/* Write what nodes without memory hold. */
static void put_away(struct sentence *s)
{
	const struct answer *a = s->a;
	bool many = text_names_several(a->gone);

	if (a->some_not_gone) {
		ADD(s, "; ");
		put_answer_nodes(s, a->gone);
	} else {
		ADD(s, many ? "; the nodes" : "; the node");
	}
	ADD(s, many ? " have %s" : " has %s",
	    !a->gone_movable   ? "no memory"
	    : !a->gone_without ? "only movable memory"
			       : "only movable memory or none");
	if (!a->held)
		return;
	if (a->held == a->behaviour.retained && a->kind == OUTCOME_HELD)
		ADD(s, a->held == 1 ? ", and it holds " : ", and they hold ");
	else
		ADD(s, ", and %llu structure%s ", a->held, a->held == 1 ? " holds" : "s hold");
	put_bytes(s, a->held_bytes);
}

/* Write that all nodes are back, and what became of what was kept. */
static void put_back(struct sentence *s)
{
	const struct behaviour *b = &s->a->behaviour;
	bool many = text_names_several(b->removed);
	const struct part parts[] = {
		{ .count = b->reused, .after = " are used again", .after_one = " is used again" },
		{ .count = b->same_address,
		  .after = " have their old address",
		  .after_one = " has its old address" },
		{ .count = b->retained_now,
		  .after = " are still held",
		  .after_one = " is still held" },
	};

	ADD(s, many ? "; the nodes are back" : "; the node is back");
	if (b->freed && !b->retained) {
		ADD(s, " with new ones");
	} else if (b->retained && !b->freed && !b->retained_now && b->reused >= b->retained) {
		ADD(s, many ? " and use them all" : " and uses them all");
	} else if (b->reused | b->same_address | b->retained_now) {
		ADD(s, ": ");
		put_parts(s, parts, sizeof(parts) / sizeof(parts[0]));
	}
}

/* Write what the kernel did with the structures of nodes that lost their memory. */
static void put_removed(struct sentence *s)
{
	const struct behaviour *b = &s->a->behaviour;

	if (!(b->freed | b->retained | s->a->leaked_away | s->a->dangling_away))
		return;
	ADD(s, *s->text ? " " : "");
	put_removal(s);
	if (s->a->back)
		put_back(s);
	else
		put_away(s);
	ADD(s, ".");
	if (s->a->begin_unseen)
		ADD(s, " The removal had begun before the trace, or its beginning was lost.");
	if (b->late)
		ADD(s,
		    b->late == 1
			    ? " %llu structure was allocated while its node had no memory."
			    : " %llu structures were allocated while their node had no memory.",
		    b->late);
}

static void put_added(struct sentence *s)
{
	const struct answer *a = s->a;
	const struct part parts[] = {
		{ .count = a->allocated,
		  .after = " structures were allocated for it",
		  .after_one = " structure was allocated for it" },
		{ .count = a->behaviour.reused,
		  .after = " structures that were held for it are used again",
		  .after_one = " structure that was held for it is used again" },
		{ .count = a->behaviour.same_address,
		  .after = " structures have their old address",
		  .after_one = " structure has its old address" },
	};

	ADD(s, text_names_several(a->added) ? " Nodes %s got memory" : " Node %s got memory",
	    a->added);
	if (a->allocated | a->behaviour.reused | a->behaviour.same_address) {
		ADD(s, "; ");
		put_parts(s, parts, sizeof(parts) / sizeof(parts[0]));
	}
	ADD(s, ".");
}

/* --- why was there nothing to see? --- */

/* Write "Block 40 of node 1 went offline, 3 remain; SLUB acts when the last one goes". */
static void put_blocks(struct sentence *s)
{
	const struct blocks_record *r = s->a->blocks;
	char text[BLOCKS_ROOM];

	ADD(s, "No node lost its memory: %s.", answer_blocks(text, r));
}

static void put_unchanged(struct sentence *s)
{
	const struct answer *a = s->a;
	__u64 held = a->behaviour.retained_now;

	ADD(s, a->by_node ? "No memory of the selected nodes was removed or added."
			  : "No memory was removed or added.");
	if (!*a->absent && !*a->movable) {
		ADD(s, a->by_node ? " They have memory: nothing is held."
				  : " Every node has memory: nothing is held.");
		return;
	}
	if (*a->movable)
		ADD(s, " Node%s %s %s only movable memory, and so no structures.",
		    text_names_several(a->movable) ? "s" : "", a->movable,
		    text_names_several(a->movable) ? "have" : "has");
	if (!*a->absent)
		return;
	ADD(s, " Node%s %s %s no memory", text_names_several(a->absent) ? "s" : "", a->absent,
	    text_names_several(a->absent) ? "have" : "has");
	if (held)
		ADD(s, ", and %llu structure%s held for %s, ", held, held == 1 ? " is" : "s are",
		    text_names_several(a->absent) ? "them" : "it");
	else
		ADD(s, ", and nothing is held for %s",
		    text_names_several(a->absent) ? "them" : "it");
	if (held)
		put_bytes(s, a->behaviour.retained_now_bytes);
	ADD(s, ".");
}

static void put_nothing(struct sentence *s)
{
	const struct answer *a = s->a;

	switch (a->nothing) {
	case NOTHING_UNFINISHED:
		ADD(s, "The removal of ");
		put_answer_nodes(s, a->unfinished);
		ADD(s, " had not ended when the trace did.");
		break;
	case NOTHING_BLOCKS: put_blocks(s); break;
	case NOTHING_MOVABLE:
		ADD(s, "The memory of ");
		put_answer_nodes(s, a->movable_changed);
		ADD(s, " is movable only, and this kernel has no structures for it.");
		break;
	case NOTHING_SELECTED:
		ADD(s, "The removed memory (");
		put_answer_nodes(s, a->behaviour.removed);
		ADD(s, ") had no structure that was watched.");
		break;
	case NOTHING_CANCELLED:
		ADD(s, "The removal of ");
		put_answer_nodes(s, a->cancelled);
		ADD(s, " was cancelled, and no structure changed.");
		break;
	case NOTHING_CHANGED: put_unchanged(s); break;
	}
}

const char *answer_blocks(char text[BLOCKS_ROOM], const struct blocks_record *r)
{
	*text = 0;
	if (r->gone == 1)
		text_append(text, BLOCKS_ROOM, "block %llu", r->first_gone);
	else if (r->last_gone - r->first_gone + 1 == r->gone)
		text_append(text, BLOCKS_ROOM, "blocks %llu-%llu", r->first_gone, r->last_gone);
	else
		text_append(text, BLOCKS_ROOM, "%u blocks (%llu to %llu)", r->gone, r->first_gone,
			    r->last_gone);
	text_append(text, BLOCKS_ROOM,
		    " of node %d went offline, %u remain%s; SLUB acts when the last one goes",
		    r->nid, r->online, r->online == 1 ? "s" : "");
	return text;
}

const char *answer_text(char text[ANSWER_ROOM], const struct answer *a)
{
	struct sentence s = { .text = text, .a = a };

	*text = 0;
	put_safety(&s);
	put_removed(&s);
	if (a->kind == OUTCOME_ADDED)
		put_added(&s);
	if (a->kind == OUTCOME_NOTHING)
		put_nothing(&s);
	if (a->freed_with_caches)
		ADD(&s, " %llu structure%s freed with %s.", a->freed_with_caches,
		    a->freed_with_caches == 1 ? " was" : "s were",
		    a->freed_with_caches == 1 ? "its cache" : "their caches");
	return text;
}
