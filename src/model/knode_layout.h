/* SPDX-License-Identifier: GPL-2.0-only */
/* The fields of struct kmem_cache_node by offset and by name (struct knode_layout). */
#ifndef SLUBNODE_KNODE_LAYOUT_H
#define SLUBNODE_KNODE_LAYOUT_H

#include <stdbool.h>
#include "bpf/records.h"

/* Return the name of the field at an offset in bytes; "" when there is none. */
const char *knode_field_at(const struct knode_layout *layout, __u64 offset);

/* Return the words that a field covers (bit n: bytes 8n to 8n+7); 0 when there is none. */
__u32 knode_field_words(const struct knode_layout *layout, const char *name);

/* Return whether the kernel counts the slabs of a node (CONFIG_SLUB_DEBUG). */
bool knode_counts_slabs(const struct knode_layout *layout);

#endif /* SLUBNODE_KNODE_LAYOUT_H */
