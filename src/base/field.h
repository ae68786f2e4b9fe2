/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables of fields. One row gives the name of a field in JSON, the place of its
 * value in the object, and the heading of its column in text, so that both
 * formats show the same value. The row that ends a table has no name.
 */
#ifndef SLUBNODE_FIELD_H
#define SLUBNODE_FIELD_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

struct json;

enum field_kind {
	FIELD_NUMBER,   /* unsigned, 4 or 8 bytes; empty: 0 */
	FIELD_SIGNED,   /* signed, 4 or 8 bytes; empty: negative */
	FIELD_BOOL,     /* empty: false */
	FIELD_TEXT,     /* const char *; empty: "" or NULL */
	FIELD_CHARS,    /* char []; empty: "" */
	FIELD_HEX,      /* __u64, printed as "0x..."; empty: 0 */
	FIELD_ADDRESS,  /* the same, but 0 is printed as null */
	FIELD_OBJECT,   /* a nested object, which `fields' describes */
	FIELD_PART,     /* a nested object, whose fields become fields of this one */
	FIELD_CONSTANT, /* `constant', for every object */
	FIELD_NAME,     /* the text that get_text() returns; empty: "" or NULL */
	FIELD_JSON,     /* the JSON value that put_json() prints */
};

/* The value that JSON prints for a field that is empty. */
enum field_empty { EMPTY_VALUE, EMPTY_NULL, EMPTY_OMITTED };

struct field {
	const char *name;
	size_t name_len; /* FIELD_NAMED() sets both */
	enum field_kind kind;
	enum field_empty empty;
	size_t offset, size;
	bool pointer;                        /* OBJECT, PART: a pointer; NULL: it is omitted */
	bool (*present)(const void *object); /* false: it is omitted; NULL: it is present */
	union {
		const struct field *fields;
		const char *constant;
		const char *(*get_text)(const void *object);
		void (*put_json)(struct json *j, const void *object); /* one value */
	};
	const char *head; /* of its column; NULL: it has no column */
	int width;        /* of its column, with the blank before it */
	bool bytes;       /* the value is a number of bytes, which text prints with a unit */
};

#define FIELD_NAMED(field_name) .name = field_name, .name_len = sizeof(field_name) - 1

/* A row for a member of a struct; more members of struct field may follow. */
#define FIELD(object, field_name, field_kind, member, ...)                                         \
	{                                                                                          \
		.kind = FIELD_##field_kind, .offset = offsetof(object, member),                    \
		.size = sizeof(((object *)0)->member), FIELD_NAMED(field_name), ##__VA_ARGS__      \
	}

/* Rows for a text that a function of the object returns, and a JSON value that one prints. */
#define FIELD_GET_TEXT(field_name, function, ...)                                                  \
	{                                                                                          \
		FIELD_NAMED(field_name), .kind = FIELD_NAME, .get_text = function, ##__VA_ARGS__   \
	}

#define FIELD_PUT_JSON(field_name, function, ...)                                                  \
	{                                                                                          \
		FIELD_NAMED(field_name), .kind = FIELD_JSON, .put_json = function, ##__VA_ARGS__   \
	}

#define FIELD_TYPE(type)                                                                           \
	{                                                                                          \
		FIELD_NAMED("type"), .kind = FIELD_CONSTANT, .constant = type                      \
	}

static inline const void *field_at(const struct field *f, const void *object)
{
	return (const char *)object + f->offset;
}

/* Read a NUMBER, SIGNED, HEX or ADDRESS. Returns its value, with the sign extended. */
static inline long long field_number(const struct field *f, const void *object)
{
	const void *at = field_at(f, object);

	if (f->size == sizeof(__u64))
		return *(const long long *)at;
	if (f->kind == FIELD_SIGNED)
		return *(const int *)at;
	return *(const unsigned int *)at;
}

/* Read a TEXT, CHARS, NAME or CONSTANT. Returns its text, "" if there is none. */
const char *field_text(const struct field *f, const void *object);

/* Return the nested object of an OBJECT or a PART. */
const void *field_nested(const struct field *f, const void *object);

/* Return whether the value is empty, as enum field_kind says. */
bool field_is_empty(const struct field *f, const void *object);

/* Return whether the object has no such field. */
bool field_is_omitted(const struct field *f, const void *object);

#endif /* SLUBNODE_FIELD_H */
