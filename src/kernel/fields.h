/* SPDX-License-Identifier: GPL-2.0-only */
/* The fields of struct kmem_cache_node, by BTF. */
#ifndef SLUBNODE_FIELDS_H
#define SLUBNODE_FIELDS_H

#include <bpf/btf.h>
#include <linux/types.h>

#define FIELDS_MAX 32

struct fields {
	unsigned int count;
	unsigned int size; /* bytes of the structure */
	struct field {
		const char *name; /* the BTF's */
		unsigned int offset, size;
	} field[FIELDS_MAX];
};

/* 0 or -ENOENT. The names live as long as the BTF. */
int fields_read(struct fields *f, const struct btf *btf);

/* The name of the field at an offset in bytes; "" none. */
const char *fields_name(const struct fields *f, unsigned int offset);

/* Which words (bit n: bytes 8n to 8n+7) the field covers; 0: there is none of that name. */
__u32 fields_words(const struct fields *f, const char *name);

#endif /* SLUBNODE_FIELDS_H */
