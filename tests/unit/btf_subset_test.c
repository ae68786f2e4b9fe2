// SPDX-License-Identifier: GPL-2.0-only
/* Which types a subset has, and that CO-RE would resolve the same in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/btf.h>
#include <cmocka.h>
#include <errno.h>
#include "kernel/btf_subset.h"

#define KERNEL_BTF "/sys/kernel/btf/vmlinux"

static struct btf *whole, *part;
static struct btf_small small;

static int add_struct(const char *name, int size)
{
	return btf__add_struct(whole, name, size);
}

static void field(const char *name, int type, int offset)
{
	assert_int_equal(btf__add_field(whole, name, type, 8 * offset, 0), 0);
}

/* The types of a small kernel. */
static void make_whole(void)
{
	int u32, u64, list, other, pointer, link, array, union_, inner, proto;

	u32 = btf__add_int(whole, "unsigned int", 4, 0);
	u64 = btf__add_int(whole, "long unsigned int", 8, 0);
	other = add_struct("huge", 4096);
	field("unused", u64, 0);
	pointer = btf__add_ptr(whole, other);
	link = btf__add_ptr(whole, btf__type_cnt(whole) + 1);
	list = add_struct("list_head", 16);
	field("next", link, 0);
	field("prev", link, 8);
	array = btf__add_array(whole, u32, list, 4);
	union_ = btf__add_union(whole, NULL, 8);
	field("flags", u64, 0);
	field("page", pointer, 0);
	inner = btf__add_const(whole, btf__add_typedef(whole, "list_t", list));
	add_struct("wanted", 96);
	field("lists", array, 0);
	field("huge", pointer, 64);
	field(NULL, union_, 72);
	field("list", inner, 80);
	add_struct("wanted", 8); /* another file may have its own */
	field("number", u32, 4);
	add_struct("wanted_not", 8);
	add_struct("pid___old", 4);
	add_struct("io___old", 4); /* shorter than a prefix */
	add_struct("io___", 4);    /* no flavour */
	add_struct("pids", 4);
	btf__add_enum(whole, "state", 4);
	btf__add_enum_value(whole, "STATE_ON", 7);
	proto = btf__add_func_proto(whole, u32);
	btf__add_func_param(whole, "s", pointer);
	btf__add_func(whole, "called", BTF_FUNC_STATIC, proto);
	btf__add_func(whole, "not_called", BTF_FUNC_STATIC, proto);
}

static void make_part(const char *const *names, const void *raw, size_t len)
{
	struct btf_subset *s = btf_subset_new();

	assert_non_null(s);
	for (; *names; names++)
		assert_int_equal(btf_subset_want(s, *names), 0);
	assert_int_equal(btf_subset_make(s, raw, len, &small), 0);
	btf_subset_free(s);
	part = btf__new(small.raw, small.len);
	assert_non_null(part);
}

static const char *name_of(const struct btf *btf, __u32 offset)
{
	return btf__name_by_offset(btf, offset);
}

static bool is_pointer(const struct btf *btf, __u32 id)
{
	return btf_is_ptr(btf__type_by_id(btf, id));
}

static void same_members(const struct btf_type *a, const struct btf_type *b)
{
	for (int i = 0; i < btf_vlen(a); i++) {
		const struct btf_member *x = btf_members(a) + i, *y = btf_members(b) + i;

		assert_string_equal(name_of(whole, x->name_off), name_of(part, y->name_off));
		assert_int_equal(x->offset, y->offset);
		assert_int_equal(btf__resolve_size(whole, x->type),
				 btf__resolve_size(part, y->type));
		assert_int_equal(is_pointer(whole, x->type), is_pointer(part, y->type));
	}
}

static void same_enumerators(const struct btf_type *a, const struct btf_type *b)
{
	for (int i = 0; i < btf_vlen(a); i++) {
		const struct btf_enum *x = btf_enum(a) + i, *y = btf_enum(b) + i;

		assert_string_equal(name_of(whole, x->name_off), name_of(part, y->name_off));
		assert_int_equal(x->val, y->val);
	}
}

/* Compare each type of the subset with the one that it was taken from. */
static void same_types(void)
{
	for (__u32 id = 1; id < btf__type_cnt(part); id++) {
		const struct btf_type *a = btf__type_by_id(whole, small.ids[id]);
		const struct btf_type *b = btf__type_by_id(part, id);

		assert_int_equal(a->info, b->info);
		assert_string_equal(name_of(whole, a->name_off), name_of(part, b->name_off));
		if (btf_is_composite(a))
			same_members(a, b);
		if (btf_is_enum(a))
			same_enumerators(a, b);
		if (btf_is_composite(a) || btf_is_any_enum(a) || btf_is_int(a))
			assert_int_equal(a->size, b->size);
	}
}

/* Count the types of a name in one of both. */
static unsigned int count(const struct btf *btf, const char *name)
{
	unsigned int found = 0;

	for (__u32 id = 1; id < btf__type_cnt(btf); id++)
		found += !strcmp(name_of(btf, btf__type_by_id(btf, id)->name_off), name);
	return found;
}

static void taken(void **state)
{
	static const char *const names[] = { "wanted___flavour", "pid",    "state", "io",
					     "called",           "absent", NULL };
	const void *raw;
	__u32 len;

	(void)state;
	make_whole();
	raw = btf__raw_data(whole, &len);
	assert_non_null(raw);
	make_part(names, raw, len);
	same_types();
	/* All candidates of a name, and the flavours of a wanted name. */
	assert_int_equal(count(part, "wanted"), 2);
	assert_int_equal(count(part, "pid___old"), 1);
	assert_int_equal(count(part, "io___old"), 1);
	assert_int_equal(count(part, "io___"), 0);
	assert_int_equal(count(part, "pids"), 0);
	assert_int_equal(count(part, "list_head"), 1); /* a member of a wanted type */
	assert_int_equal(count(part, "state"), 1);
	assert_int_equal(count(part, "called"), 1);
	assert_int_equal(count(part, "not_called"), 0);
	assert_int_equal(count(part, "wanted_not"), 0);
	assert_int_equal(count(part, "huge"), 0); /* only pointers to it */
}

static void refused(void **state)
{
	struct btf_subset *s = btf_subset_new();
	struct btf_header h = { .magic = BTF_MAGIC, .version = 1, .hdr_len = sizeof(h) };
	static const char strings[] = "\0anything";
	_Alignas(__u64) char raw[sizeof(h) + sizeof(struct btf_type) + 1] = {};
	struct btf_type *type = (void *)(raw + sizeof(h));
	struct {
		struct btf_header h;
		struct btf_type type;
		struct btf_member member;
		char strings[sizeof(strings)];
	} one = { .h = h };

	(void)state;
	assert_non_null(s);
	assert_int_equal(btf_subset_want(s, "anything"), 0);
	h.type_len = h.str_off = sizeof(*type);
	h.str_len = 1;
	memcpy(raw, &h, sizeof(h));
	assert_int_equal(btf_subset_make(s, raw, sizeof(h) - 1, &small), -EINVAL);
	assert_int_equal(btf_subset_make(s, raw, sizeof(h) + sizeof(*type), &small), -EINVAL);
	/* A kind that is not known, more members than there is room, and a name outside. */
	type->info = 31U << 24;
	assert_int_equal(btf_subset_make(s, raw, sizeof(raw), &small), -EINVAL);
	type->info = BTF_KIND_STRUCT << 24 | 1;
	assert_int_equal(btf_subset_make(s, raw, sizeof(raw), &small), -EINVAL);
	type->info = BTF_KIND_STRUCT << 24;
	type->name_off = 1;
	assert_int_equal(btf_subset_make(s, raw, sizeof(raw), &small), -EINVAL);
	/* A member whose type, then whose name is outside, and strings without an end. */
	one.h.type_len = one.h.str_off = sizeof(one.type) + sizeof(one.member);
	one.h.str_len = sizeof(strings);
	one.type = (struct btf_type){ .name_off = 1, .info = BTF_KIND_STRUCT << 24 | 1 };
	memcpy(one.strings, strings, sizeof(strings));
	one.member.type = 99;
	assert_int_equal(btf_subset_make(s, &one, sizeof(one), &small), -EINVAL);
	one.member.type = 0;
	one.member.name_off = 99;
	assert_int_equal(btf_subset_make(s, &one, sizeof(one), &small), -EINVAL);
	one.member.name_off = 0;
	one.strings[sizeof(strings) - 1] = 'x';
	assert_int_equal(btf_subset_make(s, &one, sizeof(one), &small), -EINVAL);
	one.strings[sizeof(strings) - 1] = 0;
	assert_int_equal(btf_subset_make(s, &one, sizeof(one), &small), 0);
	free(small.raw);
	free(small.ids);
	small = (struct btf_small){};
	btf_subset_free(s);
}

/* The machine's own BTF, where it can be read. */
static void of_this_kernel(void **state)
{
	static const char *const names[] = { "task_struct", "page", "kmem_cache", "pglist_data",
					     "zone_type",   "pid",  NULL };
	const void *raw;
	__u32 len;

	(void)state;
	btf__free(whole);
	whole = btf__parse(KERNEL_BTF, NULL);
	if (!whole)
		skip();
	raw = btf__raw_data(whole, &len);
	assert_non_null(raw);
	make_part(names, raw, len);
	same_types();
	for (const char *const *name = names; *name; name++)
		assert_int_equal(count(part, *name), count(whole, *name));
}

static int setup(void **state)
{
	(void)state;
	whole = btf__new_empty();
	return whole ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	btf__free(whole);
	btf__free(part);
	free(small.raw);
	free(small.ids);
	part = NULL;
	small = (struct btf_small){};
	return 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = { TEST(taken), TEST(refused), TEST(of_this_kernel) };

	return cmocka_run_group_tests_name("btf_subset", tests, NULL, NULL);
}
