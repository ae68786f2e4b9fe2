/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables of counts that several formats share. */
#ifndef SLUBNODE_COUNTS_H
#define SLUBNODE_COUNTS_H

#include "base/field.h"

extern const struct field ledger_counts_fields[]; /* struct ledger_counts */
extern const struct field report_counts_fields[]; /* struct report_counts */
extern const struct field behaviour_fields[];     /* struct behaviour */
extern const struct field cache_slabs_fields[];   /* struct cache_slabs */
extern const struct field slab_list_fields[];     /* struct slab_list */

#endif /* SLUBNODE_COUNTS_H */
