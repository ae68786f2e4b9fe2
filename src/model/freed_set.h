/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model's copy of the freed set: the incarnations of node structures that are
 * free at the moment. RECORD_FREED adds to it and removes from it
 * (bpf/freed.bpf.c keeps the original).
 */
#ifndef SLUBNODE_FREED_SET_H
#define SLUBNODE_FREED_SET_H

#include <stdbool.h>
#include "bpf/records.h"

struct freed_set;

/* Return NULL when out of memory. */
struct freed_set *freed_set_new(void);
void freed_set_free(struct freed_set *set);

/* Add or remove a structure. Returns 0 or -ENOMEM. */
int freed_set_feed(struct freed_set *set, const struct freed_record *r);

/* Return whether this incarnation (address and time of its free) is in the set. */
bool freed_set_has(const struct freed_set *set, const struct freed *freed);

#endif /* SLUBNODE_FREED_SET_H */
