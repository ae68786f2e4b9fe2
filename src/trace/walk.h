/* SPDX-License-Identifier: GPL-2.0-only */
/* One walk over all caches and nodes, taken in whole; nothing need be traced. */
#ifndef SLUBNODE_SNAPSHOT_H
#define SLUBNODE_SNAPSHOT_H

#include "model/snapshot.h"

struct snapshots;

/* Load what it takes. 0, or an exit code and the reason has been said. */
int snapshots_open(struct snapshots **snapshots, const char *btf_file);
void snapshots_close(struct snapshots *s);

/*
 * Take one; again with more room if a walk did not fit. 0, or an exit code
 * (EXIT_INCONCLUSIVE: no walk reached its end) and the reason has been said.
 */
int snapshot_take(struct snapshots *s, struct snapshot *snapshot);
void snapshot_free(struct snapshot *snapshot);

#endif /* SLUBNODE_SNAPSHOT_H */
