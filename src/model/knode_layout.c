// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "model/knode_layout.h"

const char *knode_field_at(const struct knode_layout *layout, __u64 offset)
{
	for (__u32 i = 0; i < layout->count; i++) {
		const struct knode_field *f = &layout->field[i];

		if (offset >= f->offset && offset - f->offset < f->size)
			return f->name;
	}
	return "";
}

__u32 knode_field_words(const struct knode_layout *layout, const char *name)
{
	__u32 words = 0;

	for (__u32 i = 0; i < layout->count; i++) {
		const struct knode_field *f = &layout->field[i];

		if (strcmp(f->name, name))
			continue;
		for (__u32 at = f->offset & ~7U; at < f->offset + f->size; at += 8)
			words |= 1U << at / 8;
	}
	return words;
}

bool knode_counts_slabs(const struct knode_layout *layout)
{
	for (__u32 i = 0; i < layout->count; i++)
		if (!strcmp(layout->field[i].name, "nr_slabs"))
			return true;
	return false;
}
