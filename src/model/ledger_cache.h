/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Caches are created, found by walks and destroyed. The kernel reuses their
 * addresses, so a cache is identified by its address and its incarnation.
 */
#ifndef SLUBNODE_LEDGER_CACHE_H
#define SLUBNODE_LEDGER_CACHE_H

#include "model/ledger_state.h"

/* Interpret a record of a cache. Returns 0 or -ENOMEM. */
int cache_feed(struct ledger *l, const struct cache_record *e);

/* Compare the caches with a complete walk over all caches; `e' is its end. */
void cache_walked(struct ledger *l, const struct walk *w, const struct record *e);

#endif /* SLUBNODE_LEDGER_CACHE_H */
