// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "kernel/btf_subset.h"

#define FLAVOUR    "___"
#define PREFIXES   4096 /* a power of two */
#define NAME_CHARS 3    /* that a prefix has */

/* A name without the suffix of its flavour. */
struct wanted {
	struct wanted *next; /* of the same prefix */
	size_t len;
	char name[];
};

struct bytes {
	char *data;
	size_t len, room;
};

struct btf_subset {
	struct wanted *wanted[PREFIXES]; /* by the hash of their prefix, which most names lack */

	/* The BTF to take from. */
	const char *types, *strings;
	size_t types_len, strings_len;
	__u32 *offsets; /* of types, by id; the first is void's */
	__u32 count;    /* with void */

	/* The subset. */
	__u32 *new_ids; /* by id; 0: not in the subset */
	__u32 *taken;   /* ids in the subset, by new id; the first is void's */
	__u32 taken_count;
	struct bytes new_types, new_strings;
	int err; /* the first error, 0 or a negative errno */
};

/* --- names --- */

/* Return the length of a name without the suffix of its flavour, as libbpf calculates it. */
static size_t essential_len(const char *name)
{
	size_t len = strlen(name), sep = strlen(FLAVOUR);

	for (size_t i = len; i-- > 0;)
		if (i + sep + 1 < len && !strncmp(name + i + 1, FLAVOUR, sep) && name[i] != '_' &&
		    name[i + sep + 1] != '_')
			return i + 1;
	return len;
}

static __u32 prefix_hash(char a, char b, char c)
{
	return ((__u32)(__u8)a ^ (__u32)(__u8)b << 3 ^ (__u32)(__u8)c << 6) % PREFIXES;
}

static __u32 prefix_of(const char *name)
{
	char b = name[0] ? name[1] : 0;

	return prefix_hash(name[0], b, b ? name[2] : 0);
}

/* Check for a name or a flavour of it. */
static bool is_wanted(const struct wanted *w, const char *name)
{
	return !strncmp(name, w->name, w->len) && (!name[w->len] || essential_len(name) == w->len);
}

static const struct wanted *find_wanted(const struct btf_subset *s, const char *name)
{
	const struct wanted *w = s->wanted[prefix_of(name)];

	while (w && !is_wanted(w, name))
		w = w->next;
	return w;
}

/* Want a name of this length whose prefix has this hash. Returns 0 or -ENOMEM. */
static int want_prefix(struct btf_subset *s, __u32 prefix, const char *name, size_t len)
{
	struct wanted *w = calloc(1, sizeof(*w) + len + 1);

	if (!w)
		return -ENOMEM;
	w->next = s->wanted[prefix];
	w->len = len;
	memcpy(w->name, name, len);
	s->wanted[prefix] = w;
	return 0;
}

int btf_subset_want(struct btf_subset *s, const char *name)
{
	size_t len = essential_len(name);
	char a = name[0], b = len > 1 ? name[1] : 0;

	if (find_wanted(s, name))
		return 0;
	if (len >= NAME_CHARS)
		return want_prefix(s, prefix_of(name), name, len);
	/* A flavour of a shorter name has other characters there. */
	return want_prefix(s, prefix_hash(a, b, 0), name, len)
		       ?: want_prefix(s, prefix_hash(a, b ?: '_', '_'), name, len);
}

/* Check for a kind of type that CO-RE searches by its name. */
static bool is_relocated(const struct btf_type *type)
{
	return btf_is_composite(type) || btf_is_any_enum(type) || btf_is_typedef(type) ||
	       btf_is_int(type) || btf_is_float(type) || btf_is_fwd(type);
}

int btf_subset_want_names(struct btf_subset *s, const struct btf *btf)
{
	int err = 0;

	for (__u32 id = 1; id < btf__type_cnt(btf) && !err; id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);
		const char *name = btf__name_by_offset(btf, type->name_off);

		if (is_relocated(type) && name && *name)
			err = btf_subset_want(s, name);
	}
	return err;
}

struct btf_subset *btf_subset_new(void)
{
	return calloc(1, sizeof(struct btf_subset));
}

static void btf_subset_clear(struct btf_subset *s)
{
	free(s->offsets);
	free(s->new_ids);
	free(s->taken);
	free(s->new_types.data);
	free(s->new_strings.data);
	s->offsets = s->new_ids = s->taken = NULL;
	s->new_types = s->new_strings = (struct bytes){};
	s->count = s->taken_count = 0;
	s->err = 0;
}

void btf_subset_free(struct btf_subset *s)
{
	if (!s)
		return;
	for (unsigned int i = 0; i < PREFIXES; i++) {
		while (s->wanted[i]) {
			struct wanted *w = s->wanted[i];

			s->wanted[i] = w->next;
			free(w);
		}
	}
	btf_subset_clear(s);
	free(s);
}

/* --- the BTF to take from --- */

static int find_sections(struct btf_subset *s, const void *raw, size_t len)
{
	const struct btf_header *h = raw;

	if (len < sizeof(*h) || h->magic != BTF_MAGIC || h->hdr_len > len ||
	    h->hdr_len % sizeof(__u32) || h->type_off % sizeof(__u32) ||
	    (__u64)h->hdr_len + h->type_off + h->type_len > len ||
	    (__u64)h->hdr_len + h->str_off + h->str_len > len)
		return -EINVAL;
	s->types = (const char *)raw + h->hdr_len + h->type_off;
	s->types_len = h->type_len;
	s->strings = (const char *)raw + h->hdr_len + h->str_off;
	s->strings_len = h->str_len;
	return !h->str_len || s->strings[h->str_len - 1] ? -EINVAL : 0;
}

/* Return the bytes that follow the struct btf_type, or a number too large for a kind unknown. */
static size_t extra_bytes(const struct btf_type *type)
{
	size_t vlen = btf_vlen(type);

	switch (btf_kind(type)) {
	case BTF_KIND_INT: return sizeof(__u32);
	case BTF_KIND_ARRAY: return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION: return vlen * sizeof(struct btf_member);
	case BTF_KIND_ENUM: return vlen * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64: return vlen * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO: return vlen * sizeof(struct btf_param);
	case BTF_KIND_VAR: return sizeof(struct btf_var);
	case BTF_KIND_DATASEC: return vlen * sizeof(struct btf_var_secinfo);
	case BTF_KIND_DECL_TAG: return sizeof(struct btf_decl_tag);
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG: return 0;
	}
	return (size_t)1 << 32;
}

static const struct btf_type *type_at(const struct btf_subset *s, size_t offset)
{
	return (const void *)(s->types + offset);
}

/* Find where each type begins. Returns 0 or a negative errno. */
static int index_types(struct btf_subset *s)
{
	size_t most = s->types_len / sizeof(struct btf_type) + 1, at = 0;

	s->offsets = malloc(most * sizeof(*s->offsets));
	if (!s->offsets)
		return -ENOMEM;
	s->offsets[0] = 0;
	for (s->count = 1; at < s->types_len; s->count++) {
		size_t left = s->types_len - at, len = sizeof(struct btf_type);

		if (left < len)
			return -EINVAL;
		len += extra_bytes(type_at(s, at));
		if (left < len)
			return -EINVAL;
		s->offsets[s->count] = at;
		at += len;
	}
	s->new_ids = calloc(s->count, sizeof(*s->new_ids));
	s->taken = calloc(s->count, sizeof(*s->taken));
	s->taken_count = 1;
	return s->new_ids && s->taken ? 0 : -ENOMEM;
}

/* --- the subset --- */

static void append(struct btf_subset *s, struct bytes *to, const void *data, size_t len)
{
	if (to->len + len > to->room) {
		size_t room = 2 * (to->len + len);
		char *more = realloc(to->data, room);

		if (!more) {
			s->err = -ENOMEM;
			return;
		}
		to->data = more;
		to->room = room;
	}
	memcpy(to->data + to->len, data, len);
	to->len += len;
}

/* Add a type to the subset. Returns its new id. */
static __u32 take(struct btf_subset *s, __u32 id)
{
	if (id >= s->count) {
		s->err = -EINVAL;
		return 0;
	}
	if (id && !s->new_ids[id]) {
		s->new_ids[id] = s->taken_count;
		s->taken[s->taken_count++] = id;
	}
	return s->new_ids[id];
}

/* Add a string to the subset. Returns its new offset. */
static __u32 take_string(struct btf_subset *s, __u32 offset)
{
	__u32 at = s->new_strings.len;

	if (offset >= s->strings_len) {
		s->err = -EINVAL;
		return 0;
	}
	if (!s->strings[offset])
		return 0;
	append(s, &s->new_strings, s->strings + offset, strlen(s->strings + offset) + 1);
	return at;
}

static bool has_name(const struct btf_type *type)
{
	switch (btf_kind(type)) {
	case BTF_KIND_INT:
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT: return true;
	}
	return false;
}

static void take_wanted(struct btf_subset *s)
{
	for (__u32 id = 1; id < s->count && !s->err; id++) {
		const struct btf_type *type = type_at(s, s->offsets[id]);
		const char *name = s->strings + type->name_off;

		if (!type->name_off || !has_name(type))
			continue;
		if (type->name_off >= s->strings_len)
			s->err = -EINVAL;
		else if (find_wanted(s, name))
			take(s, id);
	}
}

/* Renumber the types and strings that a type of the subset names. */
static void renumber(struct btf_subset *s, struct btf_type *type)
{
	__u32 vlen = btf_vlen(type);

	type->name_off = take_string(s, type->name_off);
	switch (btf_kind(type)) {
	case BTF_KIND_PTR: type->type = 0; return;
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_TYPE_TAG: type->type = take(s, type->type); return;
	case BTF_KIND_ARRAY:
		btf_array(type)->type = take(s, btf_array(type)->type);
		btf_array(type)->index_type = take(s, btf_array(type)->index_type);
		return;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (struct btf_member *m = btf_members(type); vlen--; m++) {
			m->name_off = take_string(s, m->name_off);
			m->type = take(s, m->type);
		}
		return;
	case BTF_KIND_ENUM:
		for (struct btf_enum *e = btf_enum(type); vlen--; e++)
			e->name_off = take_string(s, e->name_off);
		return;
	case BTF_KIND_ENUM64:
		for (struct btf_enum64 *e = btf_enum64(type); vlen--; e++)
			e->name_off = take_string(s, e->name_off);
		return;
	case BTF_KIND_FUNC_PROTO:
		type->type = take(s, type->type);
		for (struct btf_param *p = btf_params(type); vlen--; p++) {
			p->name_off = take_string(s, p->name_off);
			p->type = take(s, p->type);
		}
	}
}

/* Copy the types that were taken; those that they contain are taken meanwhile. */
static void copy_taken(struct btf_subset *s)
{
	for (__u32 id = 1; id < s->taken_count && !s->err; id++) {
		const struct btf_type *type = type_at(s, s->offsets[s->taken[id]]);
		size_t at = s->new_types.len;

		append(s, &s->new_types, type, sizeof(*type) + extra_bytes(type));
		if (!s->err)
			renumber(s, (struct btf_type *)(s->new_types.data + at));
	}
}

/* Join the header and both sections. Returns 0 or -ENOMEM. */
static int join(struct btf_subset *s, struct btf_small *small)
{
	struct btf_header h = {
		.magic = BTF_MAGIC,
		.version = 1,
		.hdr_len = sizeof(h),
		.type_len = s->new_types.len,
		.str_off = s->new_types.len,
		.str_len = s->new_strings.len,
	};
	char *raw = malloc(sizeof(h) + h.type_len + h.str_len);

	if (!raw)
		return -ENOMEM;
	memcpy(raw, &h, sizeof(h));
	if (h.type_len)
		memcpy(raw + sizeof(h), s->new_types.data, h.type_len);
	memcpy(raw + sizeof(h) + h.type_len, s->new_strings.data, h.str_len);
	*small = (struct btf_small){ raw, sizeof(h) + h.type_len + h.str_len, s->taken };
	s->taken = NULL;
	return 0;
}

int btf_subset_make(struct btf_subset *s, const void *raw, size_t len, struct btf_small *small)
{
	int err;

	s->err = find_sections(s, raw, len) ?: index_types(s);
	if (!s->err) {
		append(s, &s->new_strings, "", 1);
		take_wanted(s);
		copy_taken(s);
	}
	err = s->err ?: join(s, small);
	btf_subset_clear(s);
	return err;
}
