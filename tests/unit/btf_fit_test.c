// SPDX-License-Identifier: GPL-2.0-only
/* A BTF from a file against the kernel's own, and against the sizes that SLUB reports. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "kernel/btf_fit.h"

static char sys[] = "/tmp/btf_fit.XXXXXX";
static char why[160];

/* What differs between two kernels. */
struct layout {
	__u32 node_bytes; /* of struct kmem_cache_node */
	__u32 list_at;    /* offset of `list' in struct kmem_cache, in a nameless structure */
	__u32 removed;    /* value of an enumerator */
	int pages;        /* struct page exists */
};

static const struct layout usual = { .node_bytes = 64, .list_at = 8, .removed = 2, .pages = 1 };

static struct btf *make_btf(const struct layout *l)
{
	struct btf *btf = btf__new_empty();
	int word = btf__add_int(btf, "long", 8, 0), nameless, pointer, nodes;

	pointer = btf__add_ptr(btf, word);
	nodes = btf__add_array(btf, word, pointer, 1024);
	nameless = btf__add_struct(btf, "", 32);
	btf__add_field(btf, "list", word, l->list_at * 8, 0);
	btf__add_struct(btf, "kmem_cache", 32 + 1024 * 8);
	btf__add_field(btf, "", nameless, 0, 0);
	btf__add_field(btf, "node", nodes, (__u32)32 * 8, 0);
	btf__add_struct(btf, "kmem_cache_node", l->node_bytes);
	btf__add_field(btf, "nr_partial", word, 0, 0);
	btf__add_enum(btf, "memory_block_state", 4);
	btf__add_enum_value(btf, "MEM_OFFLINE", l->removed);
	if (l->pages)
		btf__add_struct(btf, "page", 64);
	return btf;
}

static void write_file(const char *name, const void *data, size_t len)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", sys, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	fclose(file);
}

static int setup(void **state)
{
	char command[256];

	(void)state;
	if (!mkdtemp(sys))
		return -1;
	snprintf(command, sizeof(command),
		 "mkdir -p %s/kernel/btf %s/kernel/slab/kmem_cache %s/kernel/slab/kmem_cache_node",
		 sys, sys, sys);
	return system(command);
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", sys);
	return system(command);
}

static int check_layout(struct layout l, unsigned int nodes)
{
	struct btf *btf = make_btf(&l);
	int err = btf_fit_check(btf, sys, nodes, why, sizeof(why));

	btf__free(btf);
	return err;
}

static void nothing_to_compare_with(void **state)
{
	(void)state;
	assert_int_equal(check_layout(usual, 2), 0);
}

static void the_sizes_of_slub(void **state)
{
	(void)state;
	write_file("kernel/slab/kmem_cache_node/object_size", "64\n", 3);
	write_file("kernel/slab/kmem_cache/object_size", "48\n", 3);
	assert_int_equal(check_layout(usual, 2), 0);
	assert_int_equal(check_layout(usual, 3), -ESTALE);
	assert_string_equal(
		why,
		"an object of the cache kmem_cache has 56 bytes by the file and 48 in the kernel");
	assert_int_equal(check_layout((struct layout){ 72, 8, 2, 1 }, 2), -ESTALE);
	assert_non_null(strstr(why, "kmem_cache_node has 72 bytes"));
}

static void the_kernels_own(void **state)
{
	struct btf *own = make_btf(&usual);
	const void *data;
	__u32 len;

	(void)state;
	data = btf__raw_data(own, &len);
	write_file("kernel/btf/vmlinux", data, len);
	btf__free(own);
	assert_int_equal(check_layout(usual, 3), 0); /* the sizes are not needed */
	assert_int_equal(check_layout((struct layout){ 72, 8, 2, 1 }, 2), -ESTALE);
	assert_non_null(strstr(why, "struct kmem_cache_node"));
	assert_int_equal(check_layout((struct layout){ 64, 16, 2, 1 }, 2), -ESTALE);
	assert_non_null(strstr(why, "struct kmem_cache is not"));
	assert_int_equal(check_layout((struct layout){ 64, 8, 3, 1 }, 2), -ESTALE);
	assert_non_null(strstr(why, "enum memory_block_state"));
	assert_int_equal(check_layout((struct layout){ 64, 8, 2, 0 }, 2), -ESTALE);
	assert_non_null(strstr(why, "struct page"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_to_compare_with),
		cmocka_unit_test(the_sizes_of_slub),
		cmocka_unit_test(the_kernels_own),
	};

	return cmocka_run_group_tests_name("BTF that fits", tests, setup, teardown);
}
