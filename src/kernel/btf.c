// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "kernel/btf.h"

#define KERNEL_BTF "/sys/kernel/btf/vmlinux"

const char *kernel_btf_path(const char *file)
{
	if (file)
		return file;
	return access(KERNEL_BTF, R_OK) ? NULL : KERNEL_BTF;
}

int kernel_btf_load(struct btf **btf, const char *file)
{
	int err;

	if (file && access(file, R_OK))
		return -errno;
	*btf = file ? btf__parse(file, NULL) : btf__load_vmlinux_btf();
	err = *btf ? 0 : -errno;
	/* libbpf has errors of its own, from LIBBPF_ERRNO__LIBELF on; ESRCH: no place has one. */
	if (err == -ESRCH)
		return -ENOENT;
	return err <= -__LIBBPF_ERRNO__START || (file && err == -ENOENT) ? -ENOEXEC : err;
}

static const struct btf_type *find_struct(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);

	return id > 0 ? btf__type_by_id(btf, id) : NULL;
}

static __u32 size_of(const struct btf *btf, const char *name)
{
	const struct btf_type *type = find_struct(btf, name);

	return type ? type->size : 0;
}

static bool has_member(const struct btf *btf, const char *structure, const char *member)
{
	const struct btf_type *type = find_struct(btf, structure);

	for (unsigned int i = 0; type && i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), member))
			return true;
	return false;
}

static void read_fields(struct kernel_types *types, const struct btf *btf)
{
	const struct btf_type *type = find_struct(btf, "kmem_cache_node");

	if (!type)
		return;
	types->node_bytes = type->size;
	for (unsigned int i = 0; i < btf_vlen(type) && i < KERNEL_FIELDS_MAX; i++) {
		const struct btf_member *m = btf_members(type) + i;
		struct kernel_field *f = &types->fields[types->field_count++];
		__s64 size = btf__resolve_size(btf, m->type);

		snprintf(f->name, sizeof(f->name), "%s", btf__name_by_offset(btf, m->name_off));
		f->offset = btf_member_bit_offset(type, i) / 8;
		f->size = size > 0 ? size : 0;
	}
}

/*
 * Find NODES_SHIFT: the per-node array of struct kmem_cache has MAX_NUMNODES entries,
 * 1 << NODES_SHIFT. Returns 0 if it is not known.
 */
static unsigned int read_node_bits(const struct btf *btf)
{
	const struct btf_type *cache = find_struct(btf, "kmem_cache");

	for (unsigned int i = 0; cache && i < btf_vlen(cache); i++) {
		const struct btf_member *m = btf_members(cache) + i;
		const char *name = btf__name_by_offset(btf, m->name_off);
		const struct btf_type *type = btf__type_by_id(btf, m->type);

		/* node[] up to Linux 7.0, per_node[] since 7.1 */
		if ((!strcmp(name, "node") || !strcmp(name, "per_node")) && btf_is_array(type) &&
		    btf_array(type)->nelems > 1)
			return __builtin_ctz(btf_array(type)->nelems);
	}
	return 0;
}

void kernel_types_read(struct kernel_types *types, const struct btf *btf)
{
	memset(types, 0, sizeof(*types));
	read_fields(types, btf);
	types->barn_bytes = size_of(btf, "node_barn");
	types->sheaf_bytes = size_of(btf, "slab_sheaf");
	types->pgdat_bytes = size_of(btf, "pglist_data");
	types->per_node_barns = find_struct(btf, "kmem_cache_per_node_ptrs");
	types->node_notifier = find_struct(btf, "node_notify");
	types->iterator = find_struct(btf, "bpf_iter__kmem_cache");
	types->kasan = has_member(btf, "kmem_cache", "kasan_info");
	/* "bpf: Count the number of times recursion was prevented" counts what is skipped. */
	types->trampolines_skip = has_member(btf, "bpf_prog_stats", "misses");
	/* "bpf: Allow to specify user-provided bpf_cookie for BPF perf links", where it is kept. */
	types->attach_cookies = find_struct(btf, "bpf_trace_run_ctx");
	/* "bpf: Add missed value to kprobe perf link info" made the structure that large. */
	types->counts_missed = size_of(btf, "bpf_link_info") >= KPROBE_LINK_INFO_BYTES;
	types->node_bits = read_node_bits(btf);
	types->cpumask_bits = 8 * size_of(btf, "cpumask");
}
