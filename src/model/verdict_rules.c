// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "model/verdict_rules.h"

struct assertion *verdict_assertion(struct bench *b, const char *name, const char *claim)
{
	struct assertion *a = &b->v->assertions[b->v->count++];

	a->name = name;
	a->claim = claim;
	a->coverage = -1;
	return a;
}

void verdict_rule(struct assertion *a, enum result result, const char *format, ...)
{
	va_list args;

	a->result = result;
	va_start(args, format);
	vsnprintf(a->reason, sizeof(a->reason), format, args);
	va_end(args);
}

void verdict_hint(struct assertion *a, const char *hint)
{
	snprintf(a->hint, sizeof(a->hint), "%s", hint);
}

void verdict_append(char *text, size_t room, const char *more)
{
	size_t at = strlen(text);

	snprintf(text + at, room - at, "%s%s", at ? "; " : "", more);
}

static bool rule_caveats_if(struct assertion *a, bool caveats)
{
	if (caveats)
		verdict_rule(a, RESULT_INCONCLUSIVE,
			     "none was seen, but the recording is incomplete (see `recording')");
	return caveats;
}

bool rule_caveats(struct bench *b, struct assertion *a)
{
	return rule_caveats_if(a, caveats_of_all(b->in->caveats));
}

bool rule_state_caveats(struct bench *b, struct assertion *a)
{
	return rule_caveats_if(a, caveats_of_states(b->in->caveats));
}

static const char idle_hint[] = "remove the memory of a node during the run, or use --allow-idle";
const char unwatched_hint[] =
	"bring the node online with online_kernel before the run, or select more caches and nodes";

bool rule_idle(struct bench *b, struct assertion *a)
{
	enum result result = b->in->options->allow_idle ? RESULT_SKIP : RESULT_INCONCLUSIVE;

	if (!b->idle)
		return false;
	if (b->unwatched)
		verdict_rule(a, result,
			     "the removed memory (node %s) had no structure that was watched",
			     b->v->behaviour.removed);
	else
		verdict_rule(a, result, "no node lost its memory during the run");
	if (result == RESULT_INCONCLUSIVE)
		verdict_hint(a, b->unwatched ? unwatched_hint : idle_hint);
	return true;
}
