/* SPDX-License-Identifier: GPL-2.0-only */
/* The gain and loss of a node's memory: the runs of SLUB's callback. */
#ifndef SLUBNODE_LEDGER_NODE_H
#define SLUBNODE_LEDGER_NODE_H

#include "model/ledger_state.h"

/* Interpret a record of a node. Returns 0 or -ENOMEM. */
int node_feed(struct ledger *l, const struct node_record *e);

/*
 * Compare how often the node lost its last memory block with the removals that were
 * reported. Returns 0 or -ENOMEM.
 */
int node_feed_blocks(struct ledger *l, const struct blocks_record *e);

/* Note whether the CPUs of a node use its barns. Returns 0 or -ENOMEM. */
int node_feed_barns(struct ledger *l, const struct barns_record *e);

#endif /* SLUBNODE_LEDGER_NODE_H */
