// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/read_line.h"
#include "kernel/btf_fit.h"

/* The types whose layouts the programs use (vmlinux/vmlinux.h). */
static const struct {
	const char *name;
	__u32 kind;
} used[] = {
	{ "kmem_cache", BTF_KIND_STRUCT },
	{ "kmem_cache_node", BTF_KIND_STRUCT },
	{ "kmem_cache_cpu", BTF_KIND_STRUCT },
	{ "kmem_cache_per_node_ptrs", BTF_KIND_STRUCT },
	{ "node_barn", BTF_KIND_STRUCT },
	{ "slab_sheaf", BTF_KIND_STRUCT },
	{ "slab", BTF_KIND_STRUCT },
	{ "page", BTF_KIND_STRUCT },
	{ "memory_notify", BTF_KIND_STRUCT },
	{ "node_notify", BTF_KIND_STRUCT },
	{ "task_struct", BTF_KIND_STRUCT },
	{ "pid", BTF_KIND_STRUCT },
	{ "memory_block_state", BTF_KIND_ENUM },
	{ "pageflags", BTF_KIND_ENUM },
	{ "pagetype", BTF_KIND_ENUM },
};

int btf_fit_want(struct btf_subset *wanted)
{
	int err = 0;

	for (size_t i = 0; i < sizeof(used) / sizeof(*used) && !err; i++)
		err = btf_subset_want(wanted, used[i].name);
	return err;
}

static const struct btf_type *find(const struct btf *btf, const char *name, __u32 kind)
{
	int id = btf__find_by_name_kind(btf, name, kind);

	return id > 0 ? btf__type_by_id(btf, id) : NULL;
}

static const char *name_at(const struct btf *btf, __u32 offset)
{
	return btf__name_by_offset(btf, offset) ?: "";
}

/* --- against the kernel's own BTF --- */

static bool same_enum(const struct btf *a, const struct btf_type *in_a, const struct btf *b,
		      const struct btf_type *in_b)
{
	for (__u32 i = 0; i < btf_vlen(in_a); i++) {
		const struct btf_enum *x = btf_enum(in_a) + i, *y = btf_enum(in_b) + i;

		if (x->val != y->val || strcmp(name_at(a, x->name_off), name_at(b, y->name_off)))
			return false;
	}
	return true;
}

static bool same_members(const struct btf *a, const struct btf_type *in_a, const struct btf *b,
			 const struct btf_type *in_b, unsigned int depth);

/* Compare the members at an index; those of unnamed unions and structures belong to it. */
static bool same_member(const struct btf *a, const struct btf_type *in_a, const struct btf *b,
			const struct btf_type *in_b, __u32 i, unsigned int depth)
{
	const struct btf_member *x = btf_members(in_a) + i, *y = btf_members(in_b) + i;
	const char *name = name_at(a, x->name_off);
	const struct btf_type *of_x = btf__type_by_id(a, x->type);
	const struct btf_type *of_y = btf__type_by_id(b, y->type);

	if (strcmp(name, name_at(b, y->name_off)) || x->offset != y->offset ||
	    btf__resolve_size(a, x->type) != btf__resolve_size(b, y->type))
		return false;
	if (*name || !btf_is_composite(of_x))
		return true;
	return btf_is_composite(of_y) && same_members(a, of_x, b, of_y, depth + 1);
}

static bool same_members(const struct btf *a, const struct btf_type *in_a, const struct btf *b,
			 const struct btf_type *in_b, unsigned int depth)
{
	if (in_a->size != in_b->size || btf_vlen(in_a) != btf_vlen(in_b))
		return false;
	for (__u32 i = 0; i < btf_vlen(in_a) && depth < 16; i++)
		if (!same_member(a, in_a, b, in_b, i, depth))
			return false;
	return true;
}

static bool same_type(const struct btf *a, const struct btf_type *in_a, const struct btf *b,
		      const struct btf_type *in_b)
{
	if (!in_a || !in_b)
		return in_a == in_b;
	if (btf_is_composite(in_a))
		return same_members(a, in_a, b, in_b, 0);
	return btf_vlen(in_a) == btf_vlen(in_b) && same_enum(a, in_a, b, in_b);
}

/* Compare the types that the programs use. Returns 0 or -ESTALE. */
static int compare_types(const struct btf *btf, const struct btf *own, char *why, size_t room)
{
	for (size_t i = 0; i < sizeof(used) / sizeof(*used); i++) {
		const char *name = used[i].name;

		if (same_type(btf, find(btf, name, used[i].kind), own,
			      find(own, name, used[i].kind)))
			continue;
		snprintf(why, room, "%s %s is not as in %s",
			 used[i].kind == BTF_KIND_ENUM ? "enum" : "struct", name,
			 "/sys/kernel/btf/vmlinux");
		return -ESTALE;
	}
	return 0;
}

/* --- against the sizes that SLUB reports --- */

/* Read the size of the objects of a cache. Returns 0 if it is not known. */
static unsigned long object_size(const char *sys, const char *cache)
{
	char path[PATH_MAX], size[32];

	snprintf(path, sizeof(path), "%s/kernel/slab/%s/object_size", sys, cache);
	read_line(path, size, sizeof(size));
	return strtoul(size, NULL, 10);
}

/*
 * Calculate the size that create_boot_cache() gives to objects of the cache kmem_cache: up
 * to the last possible node in its per-node array, the last member. Returns 0 if it is not
 * known.
 */
static unsigned long boot_cache_size(const struct btf *btf, unsigned int nodes)
{
	const struct btf_type *cache = find(btf, "kmem_cache", BTF_KIND_STRUCT);

	for (__u32 i = 0; cache && i < btf_vlen(cache); i++) {
		const struct btf_member *m = btf_members(cache) + i;
		const char *name = name_at(btf, m->name_off);
		const struct btf_type *type = btf__type_by_id(btf, m->type);

		/* node[] up to Linux 7.0, per_node[] since 7.1 */
		if ((strcmp(name, "node") && strcmp(name, "per_node")) || !btf_is_array(type))
			continue;
		return btf_member_bit_offset(cache, i) / 8 +
		       nodes * (unsigned long)btf__resolve_size(btf, btf_array(type)->type);
	}
	return 0;
}

static unsigned long struct_size(const struct btf *btf, const char *name)
{
	const struct btf_type *type = find(btf, name, BTF_KIND_STRUCT);

	return type ? type->size : 0;
}

/* Compare a size with that of the kernel, unless the latter is not known. Returns 0 or -ESTALE. */
static int compare_size(const char *cache, unsigned long by_btf, unsigned long by_kernel, char *why,
			size_t room)
{
	if (!by_kernel || by_btf == by_kernel)
		return 0;
	snprintf(why, room,
		 "an object of the cache %s has %lu bytes by the file and %lu in the kernel", cache,
		 by_btf, by_kernel);
	return -ESTALE;
}

static int compare_sizes(const struct btf *btf, const char *sys, unsigned int nodes, char *why,
			 size_t room)
{
	int err = compare_size("kmem_cache_node", struct_size(btf, "kmem_cache_node"),
			       object_size(sys, "kmem_cache_node"), why, room);

	return err ? err
		   : compare_size("kmem_cache", boot_cache_size(btf, nodes),
				  object_size(sys, "kmem_cache"), why, room);
}

int btf_fit_check(const struct btf *btf, const char *sys, unsigned int nodes, char *why,
		  size_t room)
{
	char path[PATH_MAX];
	struct btf *own;
	int err;

	snprintf(path, sizeof(path), "%s/kernel/btf/vmlinux", sys);
	own = btf__parse(path, NULL);
	if (!own)
		return compare_sizes(btf, sys, nodes, why, room);
	err = compare_types(btf, own, why, room);
	btf__free(own);
	return err;
}
