// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include "kernel/fields.h"

int fields_read(struct fields *f, const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, "kmem_cache_node", BTF_KIND_STRUCT);
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, id) : NULL;

	memset(f, 0, sizeof(*f));
	if (!type)
		return -ENOENT;
	f->size = type->size;
	for (unsigned int i = 0; i < btf_vlen(type) && f->count < FIELDS_MAX; i++) {
		const struct btf_member *m = btf_members(type) + i;
		__s64 size = btf__resolve_size(btf, m->type);

		f->field[f->count++] = (struct field){
			.name = btf__name_by_offset(btf, m->name_off),
			.offset = btf_member_bit_offset(type, i) / 8,
			.size = size > 0 ? size : 0,
		};
	}
	return 0;
}

const char *fields_name(const struct fields *f, unsigned int offset)
{
	for (unsigned int i = 0; i < f->count; i++)
		if (offset >= f->field[i].offset && offset < f->field[i].offset + f->field[i].size)
			return f->field[i].name;
	return "";
}

__u32 fields_words(const struct fields *f, const char *name)
{
	__u32 words = 0;

	for (unsigned int i = 0; i < f->count; i++) {
		const struct field *field = &f->field[i];

		if (strcmp(field->name, name))
			continue;
		for (unsigned int at = field->offset & ~7U; at < field->offset + field->size;
		     at += 8)
			words |= 1U << at / 8;
	}
	return words;
}
