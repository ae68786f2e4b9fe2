// SPDX-License-Identifier: GPL-2.0-only
#include "base/json.h"
#include "model/ledger.h"
#include "model/report.h"
#include "model/behaviour.h"
#include "output/counts.h"

#define COUNT(name, member, ...) FIELD(struct ledger_counts, name, NUMBER, member, ##__VA_ARGS__)

const struct field ledger_counts_fields[] = {
	COUNT("allocated", allocated, .head = "ALLOCATED", .width = 10),
	COUNT("freed", freed, .head = "FREED", .width = 8),
	COUNT("retained", retained, .head = "RETAINED", .width = 9),
	COUNT("reused", reused, .head = "REUSED", .width = 8),
	COUNT("leaked", leaked, .head = "LEAKED", .width = 7),
	COUNT("late", late, .head = "LATE", .width = 6),
	COUNT("same_address", same_address),
	COUNT("dangling", dangling),
	COUNT("missing", missing),
	COUNT("live_now", live_now),
	COUNT("retained_now", retained_now, .head = "HELD", .width = 8),
	COUNT("barns_retained_now", barns_retained_now),
	COUNT("retained_requested_bytes", retained_requested),
	COUNT("retained_charged_bytes", retained_charged, .head = "MEMORY", .width = 11,
	      .bytes = true),
	COUNT("leaked_requested_bytes", leaked_requested),
	COUNT("leaked_charged_bytes", leaked_charged),
	{},
};

#undef COUNT
#define COUNT(name, kind, member, ...)                                                             \
	FIELD(struct report_counts, name, kind, member, ##__VA_ARGS__)

const struct field report_counts_fields[] = {
	COUNT("structures", NUMBER, structures, .head = "STRUCTURES", .width = 11),
	COUNT("held", NUMBER, held),
	COUNT("late", SIGNED, late, .empty = EMPTY_NULL, .head = "LATE", .width = 6),
	COUNT("barns", NUMBER, barns, .head = "BARNS", .width = 7),
	COUNT("barns_in_use", NUMBER, barns_in_use),
	COUNT("sheaves", NUMBER, sheaves, .head = "SHEAVES", .width = 8),
	COUNT("requested_bytes", NUMBER, requested, .head = "SIZE", .width = 11, .bytes = true),
	COUNT("charged_bytes", NUMBER, charged, .head = "IN SLABS", .width = 11, .bytes = true),
	{},
};

#define BEHAVIOUR(name, kind, member) FIELD(struct behaviour, name, kind, member)

const struct field behaviour_fields[] = {
	BEHAVIOUR("removals", NUMBER, removals),
	BEHAVIOUR("returns", NUMBER, returns),
	BEHAVIOUR("nodes_removed", CHARS, removed),
	BEHAVIOUR("freed", NUMBER, freed),
	BEHAVIOUR("retained", NUMBER, retained),
	BEHAVIOUR("reused", NUMBER, reused),
	BEHAVIOUR("allocated", NUMBER, allocated),
	BEHAVIOUR("leaked", NUMBER, leaked),
	BEHAVIOUR("late", NUMBER, late),
	BEHAVIOUR("same_address", NUMBER, same_address),
	BEHAVIOUR("dangling", NUMBER, dangling),
	BEHAVIOUR("missing", NUMBER, missing),
	BEHAVIOUR("peak_structures", NUMBER, peak_structures),
	BEHAVIOUR("peak_charged_bytes", NUMBER, peak_bytes),
	BEHAVIOUR("retained_now", NUMBER, retained_now),
	BEHAVIOUR("retained_now_charged_bytes", NUMBER, retained_now_bytes),
	BEHAVIOUR("confirmed", NUMBER, findings[STRENGTH_CONFIRMED]),
	BEHAVIOUR("exposures", NUMBER, findings[STRENGTH_EXPOSURE]),
	BEHAVIOUR("suspects", NUMBER, findings[STRENGTH_SUSPECT]),
	{},
};

#define SLABS(name, kind, member, ...) FIELD(struct cache_slabs, name, kind, member, ##__VA_ARGS__)

const struct field cache_slabs_fields[] = {
	SLABS("cache", CHARS, name),
	SLABS("cache_address", ADDRESS, cache),
	SLABS("node", SIGNED, nid),
	SLABS("slabs", SIGNED, slabs, .empty = EMPTY_NULL, .head = "SLABS", .width = 9),
	SLABS("partial", NUMBER, partial, .head = "PARTIAL", .width = 9),
	SLABS("bytes", SIGNED, bytes, .empty = EMPTY_NULL, .head = "SIZE", .width = 12,
	      .bytes = true),
	SLABS("reclaimable", BOOL, reclaimable),
	{},
};

static void slab_list_json_caches(struct json *j, const void *list)
{
	const struct slab_list *l = list;

	json_open(j, '[');
	for (size_t i = 0; i < l->shown; i++)
		json_object(j, cache_slabs_fields, &l->list[i]);
	json_close(j, ']');
}

static void slab_list_json_hidden(struct json *j, const void *list)
{
	const struct slab_list *l = list;

	json_number(j, l->count - l->shown);
}

const struct field slab_list_fields[] = {
	FIELD(struct slab_list, "caches", NUMBER, caches),
	FIELD(struct slab_list, "slabs", SIGNED, slabs, .empty = EMPTY_NULL),
	FIELD(struct slab_list, "partial", NUMBER, partial),
	FIELD(struct slab_list, "bytes", SIGNED, bytes, .empty = EMPTY_NULL),
	FIELD(struct slab_list, "reclaimable_bytes", SIGNED, reclaimable_bytes,
	      .empty = EMPTY_NULL),
	FIELD_PUT_JSON("by_cache", slab_list_json_caches),
	FIELD_PUT_JSON("hidden", slab_list_json_hidden),
	{},
};
