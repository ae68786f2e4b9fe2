/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small BTF with some types of a large one. A kernel has more than 100,000 types, libbpf
 * searches them one by one for each name, and the tool uses a few hundred.
 */
#ifndef SLUBNODE_KERNEL_BTF_SUBSET_H
#define SLUBNODE_KERNEL_BTF_SUBSET_H

#include <bpf/btf.h>
#include <linux/types.h>
#include <stddef.h>

struct btf_subset;

/* Return NULL when out of memory. */
struct btf_subset *btf_subset_new(void);
void btf_subset_free(struct btf_subset *s);

/*
 * Want all types and functions of a name. A flavour (NAME___SUFFIX) wants those of NAME, as CO-RE
 * does. The name is copied. Returns 0 or -ENOMEM.
 */
int btf_subset_want(struct btf_subset *s, const char *name);

/* Want the names of all types of another BTF that CO-RE searches. Returns 0 or -ENOMEM. */
int btf_subset_want_names(struct btf_subset *s, const struct btf *btf);

/* A subset. `ids' has the ids of its types in the whole BTF, by their ids in the subset. */
struct btf_small {
	void *raw;
	size_t len;
	__u32 *ids;
};

/*
 * Make the subset of a raw BTF: the wanted types and functions, and the types that they contain.
 * A pointer is one to void in it. CO-RE resolves fields, sizes and values of enumerations in it
 * as in the whole BTF, because it matches fields by their names, follows no pointer, and searches
 * candidates by their names. The caller frees raw and ids. Returns 0, -EINVAL if the BTF is
 * malformed, or -ENOMEM.
 */
int btf_subset_make(struct btf_subset *s, const void *raw, size_t len, struct btf_small *small);

#endif /* SLUBNODE_KERNEL_BTF_SUBSET_H */
