/* SPDX-License-Identifier: GPL-2.0-only */
/* The comparison of the ledger with a walk by their digests (bpf/digest.h). */
#ifndef SLUBNODE_LEDGER_DIGEST_H
#define SLUBNODE_LEDGER_DIGEST_H

#include "model/ledger_state.h"

/*
 * Return true if a walk that has ended saw exactly the caches and node pointers that the ledger
 * knows, all structures were allocated, and no record was lost.
 */
bool digest_agrees(const struct ledger *l, const struct walk_record *e);

/* Note that a walk that agrees saw all caches and structures, as its records would have shown. */
void digest_confirm(struct ledger *l, const struct walk *w);

#endif /* SLUBNODE_LEDGER_DIGEST_H */
