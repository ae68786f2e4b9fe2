// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>
#include "model/transition.h"

enum transition_cause transition_cause_of(enum node_transition t)
{
	switch (t) {
	case NODE_GOING_ONLINE:
	case NODE_ONLINE: return CAUSE_ONLINE;
	case NODE_CANCEL_ONLINE: return CAUSE_CANCEL_ONLINE;
	default: return CAUSE_OFFLINE;
	}
}

static const char *name_at(const char *const *names, size_t nr, size_t i)
{
	return i < nr && names[i] ? names[i] : "unknown";
}

#define NAME_AT(names, i) name_at(names, sizeof(names) / sizeof((names)[0]), i)

const char *transition_kind_name(enum transition_kind kind)
{
	static const char *const names[] = {
		[T_ALLOCATED] = "allocated",
		[T_RETAINED] = "retained",
		[T_REUSED] = "reused",
		[T_FREED] = "freed",
		[T_LEAKED] = "leaked",
		[T_LATE] = "late",
		[T_SAME_ADDRESS] = "same-address",
		[T_DANGLING] = "dangling",
		[T_MISSING] = "missing",
		[T_NODE] = "node",
		[T_CACHE_CREATED] = "cache-created",
		[T_CACHE_DESTROYED] = "cache-destroyed",
		[T_CACHE_ALIASED] = "cache-aliased",
		[T_CACHE_UNALIASED] = "cache-unaliased",
		[T_CACHE_RENAMED] = "cache-renamed",
	};

	return NAME_AT(names, kind);
}

const char *node_transition_name(enum node_transition t)
{
	static const char *const names[] = {
		[NODE_STATE] = "state",
		[NODE_GOING_ONLINE] = "going-online",
		[NODE_ONLINE] = "online",
		[NODE_CANCEL_ONLINE] = "cancel-online",
		[NODE_GOING_OFFLINE] = "going-offline",
		[NODE_OFFLINE] = "offline",
		[NODE_CANCEL_OFFLINE] = "cancel-offline",
	};

	return NAME_AT(names, t);
}

const char *transition_cause_name(enum transition_cause cause)
{
	static const char *const names[] = {
		[CAUSE_NONE] = "none",
		[CAUSE_ONLINE] = "online",
		[CAUSE_CANCEL_ONLINE] = "cancel-online",
		[CAUSE_OFFLINE] = "offline",
		[CAUSE_CREATE] = "create",
		[CAUSE_DESTROY] = "destroy",
		[CAUSE_OUTSIDE] = "outside",
	};

	return NAME_AT(names, cause);
}
