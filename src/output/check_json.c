// SPDX-License-Identifier: GPL-2.0-only
/* JSON Lines: an object for each assertion, and the verdict as the last. */
#include "output/check.h"
#include "base/json.h"
#include "version.h"

static json_t *example(const struct example *x)
{
	json_t *o = json_object(), *stack = json_array();

	json_object_set_new(o, "event", json_text(x->event));
	if (*x->cause)
		json_object_set_new(o, "cause", json_text(x->cause));
	if (x->time_ns)
		json_object_set_new(o, "time_ns", json_number(x->time_ns));
	if (x->nid >= 0)
		json_object_set_new(o, "node", json_integer(x->nid));
	if (*x->cache)
		json_object_set_new(o, "cache", json_text(x->cache));
	if (x->address)
		json_object_set_new(o, "address", json_address(x->address));
	if (x->charged)
		json_object_set_new(o, "charged_bytes", json_number(x->charged));
	if (*x->function)
		json_object_set_new(o, "function", json_text(x->function));
	if (*x->source)
		json_object_set_new(o, "source", json_text(x->source));
	if (x->count)
		json_object_set_new(o, "count", json_number(x->count));
	if (*x->comm)
		json_object_set_new(o, "comm", json_text(x->comm));
	if (x->pid)
		json_object_set_new(o, "pid", json_number(x->pid));
	for (__u32 i = 0; i < x->stack_len; i++)
		json_array_append_new(stack, json_text(x->frames[i]));
	if (x->stack_len)
		json_object_set(o, "stack", stack);
	json_decref(stack);
	return o;
}

static void put_assertion(FILE *out, const struct assertion *a)
{
	json_t *o = json_object(), *evidence = json_array();

	for (unsigned int i = 0; i < a->examples.count && i < EXAMPLES_KEPT; i++)
		json_array_append_new(evidence, example(&a->examples.kept[i]));
	json_object_set_new(o, "type", json_string("assertion"));
	json_object_set_new(o, "name", json_string(a->name));
	json_object_set_new(o, "result", json_string(result_name(a->result)));
	json_object_set_new(o, "claim", json_string(a->claim));
	json_object_set_new(o, "reason", json_text(a->reason));
	json_object_set_new(o, "hint", *a->hint ? json_text(a->hint) : json_null());
	json_object_set_new(o, "evidence_count", json_number(a->examples.count));
	json_object_set_new(o, "evidence", evidence);
	json_line(out, o);
}

static json_t *behaviour(const struct behaviour *b)
{
	json_t *o = json_object();

	json_object_set_new(o, "removals", json_number(b->removals));
	json_object_set_new(o, "returns", json_number(b->returns));
	json_object_set_new(o, "nodes_removed", json_string(b->removed));
	json_object_set_new(o, "freed", json_number(b->freed));
	json_object_set_new(o, "retained", json_number(b->retained));
	json_object_set_new(o, "reused", json_number(b->reused));
	json_object_set_new(o, "allocated", json_number(b->allocated));
	json_object_set_new(o, "leaked", json_number(b->leaked));
	json_object_set_new(o, "late", json_number(b->late));
	json_object_set_new(o, "peak_structures", json_number(b->peak_structures));
	json_object_set_new(o, "peak_charged_bytes", json_number(b->peak_bytes));
	json_object_set_new(o, "retained_now", json_number(b->retained_now));
	json_object_set_new(o, "retained_now_charged_bytes", json_number(b->retained_now_bytes));
	json_object_set_new(o, "confirmed", json_number(b->findings[STRENGTH_CONFIRMED]));
	json_object_set_new(o, "exposures", json_number(b->findings[STRENGTH_EXPOSURE]));
	json_object_set_new(o, "suspects", json_number(b->findings[STRENGTH_SUSPECT]));
	return o;
}

void check_write_json(FILE *out, const struct check_report *r)
{
	const struct verdict *v = &r->verdict;
	json_t *o = json_object();

	for (unsigned int i = 0; i < v->count; i++)
		put_assertion(out, &v->assertions[i]);
	json_object_set_new(o, "type", json_string("verdict"));
	json_object_set_new(o, "version", json_string(SLUBNODE_VERSION));
	json_object_set_new(o, "exit_code", json_integer(v->exit_code));
	json_object_set_new(o, "kernel", json_text(r->kernel));
	json_object_set_new(o, "does", json_string(behaviour_name(&v->behaviour)));
	json_object_set_new(o, "behaviour", behaviour(&v->behaviour));
	json_object_set_new(o, "probes", json_string(r->probes));
	json_object_set_new(o, "caches", json_number(r->caches));
	json_object_set_new(o, "structures", json_number(r->structures));
	json_object_set_new(o, "start_ns", json_number(r->start_ns));
	json_object_set_new(o, "end_ns", json_number(r->end_ns));
	for (enum result result = RESULT_PASS; result <= RESULT_SKIP; result++)
		json_object_set_new(o, result_name(result),
				    json_number(verdict_results(v, result)));
	json_line(out, o);
}
