// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "kernel/btf.h"

#define KERNEL_BTF "/sys/kernel/btf/vmlinux"

/* The types that kernel_types_read() looks for. */
static const char *const own_types[] = {
	"kmem_cache",
	"kmem_cache_node",
	"node_barn",
	"slab_sheaf",
	"pglist_data",
	"node_notify",
	"kmem_cache_per_node_ptrs",
	"bpf_iter__kmem_cache",
	"bpf_iter_kmem_cache",
	"bpf_prog_stats",
	"bpf_link_info",
	"bpf_trace_run_ctx",
	"cpumask",
	"fprobe_rethook_node",
	"bpf_session_is_return",
	"bpf_session_cookie",
};

struct kernel_btf {
	const char *file; /* NULL: the kernel's own */
	struct btf *btf;  /* the subset */
	__u32 *ids;       /* of its types in the whole BTF */
	int fd;           /* of a file in memory with the subset; -1: there is none */
	char path[32];    /* of this file */
};

/*
 * Check for RLIMIT_FSIZE, which counts for a file in memory, too. Where it might not fit, libbpf
 * reads the whole BTF.
 */
static bool files_are_limited(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) || limit.rlim_cur != RLIM_INFINITY;
}

struct kernel_btf *kernel_btf_new(const char *file)
{
	struct kernel_btf *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	k->file = file;
	k->fd = files_are_limited() ? -1 : memfd_create("slubnode-trace-btf", MFD_CLOEXEC);
	snprintf(k->path, sizeof(k->path), "/proc/self/fd/%d", k->fd);
	if (k->fd >= 0 && access(k->path, R_OK)) {
		close(k->fd);
		k->fd = -1;
	}
	return k;
}

void kernel_btf_free(struct kernel_btf *k)
{
	if (!k)
		return;
	btf__free(k->btf);
	free(k->ids);
	if (k->fd >= 0)
		close(k->fd);
	free(k);
}

const char *kernel_btf_path(const struct kernel_btf *k)
{
	if (k->fd >= 0)
		return k->path;
	return k->file ?: access(KERNEL_BTF, R_OK) ? NULL : KERNEL_BTF;
}

const struct btf *kernel_btf_types(const struct kernel_btf *k)
{
	return k->btf;
}

/* --- reading it --- */

static int kernel_types_want(struct btf_subset *wanted)
{
	int err = 0;

	for (size_t i = 0; i < sizeof(own_types) / sizeof(*own_types) && !err; i++)
		err = btf_subset_want(wanted, own_types[i]);
	return err;
}

/* Read a whole file. Returns 0 or a negative errno. */
static int read_all(int fd, char *data, size_t len)
{
	while (len) {
		ssize_t got = read(fd, data, len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -EIO;
		data += got;
		len -= got;
	}
	return 0;
}

/*
 * Map the kernel's own BTF: the pages of the kernel since "btf: Allow mmap of vmlinux btf" (Linux
 * 6.16), and otherwise a copy. Returns 0 or a negative errno.
 */
static int map_own(void **raw, size_t *len)
{
	int fd = open(KERNEL_BTF, O_RDONLY | O_CLOEXEC), err = fd < 0 ? -errno : 0;
	struct stat st;

	if (err)
		return err;
	if (fstat(fd, &st)) {
		err = -errno;
		goto out;
	}
	*len = st.st_size;
	*raw = mmap(NULL, *len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (*raw != MAP_FAILED)
		goto out;
	*raw = mmap(NULL, *len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
		    -1, 0);
	err = *raw == MAP_FAILED ? -errno : read_all(fd, *raw, *len);
	if (err && *raw != MAP_FAILED)
		munmap(*raw, *len);
out:
	close(fd);
	return err;
}

static int subset_of_own(struct btf_subset *wanted, struct btf_small *small)
{
	size_t len = 0;
	void *raw = NULL;
	int err = map_own(&raw, &len);

	if (err)
		return err;
	err = btf_subset_make(wanted, raw, len, small);
	munmap(raw, len);
	return err;
}

static int subset_of(struct btf *whole, struct btf_subset *wanted, struct btf_small *small)
{
	const void *raw;
	__u32 len;
	int err;

	if (!whole)
		return -errno;
	raw = btf__raw_data(whole, &len);
	err = raw ? btf_subset_make(wanted, raw, len, small) : -ENOMEM;
	btf__free(whole);
	return err;
}

static int make_subset(const struct kernel_btf *k, struct btf_subset *wanted,
		       struct btf_small *small)
{
	if (k->file)
		return subset_of(btf__parse(k->file, NULL), wanted, small);
	if (access(KERNEL_BTF, R_OK)) /* libbpf searches for an image of the kernel */
		return subset_of(btf__load_vmlinux_btf(), wanted, small);
	return subset_of_own(wanted, small);
}

/* Keep the subset, here and in the file for CO-RE. Returns 0 or a negative errno. */
static int keep_subset(struct kernel_btf *k, const struct btf_small *small)
{
	k->btf = btf__new(small->raw, small->len);
	if (!k->btf)
		return -errno;
	return k->fd >= 0 && write(k->fd, small->raw, small->len) != (ssize_t)small->len ? -EIO : 0;
}

int kernel_btf_load(struct kernel_btf *k, struct btf_subset *wanted)
{
	struct btf_small small = {};
	int err = kernel_types_want(wanted);

	if (!err && k->file && access(k->file, R_OK))
		return -errno;
	err = err ?: make_subset(k, wanted, &small) ?: keep_subset(k, &small);
	free(small.raw);
	k->ids = small.ids;
	/* libbpf has errors of its own, from LIBBPF_ERRNO__LIBELF on; ESRCH: no place has one. */
	if (err == -ESRCH)
		return -ENOENT;
	if (k->file && (err == -ENOENT || err == -EINVAL))
		return -ENOEXEC;
	return err <= -__LIBBPF_ERRNO__START ? -ENOEXEC : err;
}

__u32 kernel_btf_function_id(const struct kernel_btf *k, const char *name)
{
	int id = btf__find_by_name_kind(k->btf, name, BTF_KIND_FUNC);

	return id > 0 ? k->ids[id] : 0;
}

/* --- what it shows --- */

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
	/* "fprobe: Rewrite fprobe on function-graph tracer" removed it. */
	types->few_returns = find_struct(btf, "fprobe_rethook_node");
	types->node_bits = read_node_bits(btf);
	types->cpumask_bits = 8 * size_of(btf, "cpumask");
}

void kernel_types_read_kfuncs(struct kernel_types *types, const struct kernel_btf *k)
{
	__u32 is_return = kernel_btf_function_id(k, "bpf_session_is_return");
	__u32 cookie = kernel_btf_function_id(k, "bpf_session_cookie");

	if (k->file || !is_return || !cookie)
		return;
	types->session_is_return = is_return;
	types->session_cookie = cookie;
}
