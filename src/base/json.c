// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "base/json.h"
#include "base/text.h"

#define ESCAPED_MAX 2048

static bool failed;

bool json_failed(void)
{
	return failed;
}

void json_line(FILE *out, json_t *object)
{
	if (!object || json_dumpf(object, out, JSON_COMPACT))
		failed = true;
	if (!object)
		return;
	fputc('\n', out);
	json_decref(object);
}

json_t *json_text(const char *bytes)
{
	json_t *string = json_string(bytes);
	char escaped[ESCAPED_MAX];

	return string ? string : json_string(escape_text(escaped, sizeof(escaped), bytes));
}

json_t *json_texts(const char *const *texts, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_text(texts[i]));
	return array;
}

json_t *json_hex(__u64 value)
{
	char hex[32];

	snprintf(hex, sizeof(hex), "0x%llx", value);
	return json_string(hex);
}

json_t *json_number(__u64 value)
{
	return json_integer((json_int_t)value);
}

static const char *text_of(const struct field *f, const void *object)
{
	const void *at = field_at(f, object);
	const char *text;

	switch (f->kind) {
	case FIELD_TEXT: text = *(const char *const *)at; break;
	case FIELD_CHARS: text = at; break;
	case FIELD_NAME: text = f->get_text(object); break;
	default: text = f->constant;
	}
	return text ? text : "";
}

static const void *nested_of(const struct field *f, const void *object)
{
	const void *at = field_at(f, object);

	return f->pointer ? *(const void *const *)at : at;
}

static bool is_empty(const struct field *f, const void *object)
{
	switch (f->kind) {
	case FIELD_NUMBER:
	case FIELD_HEX:
	case FIELD_ADDRESS: return !field_number(f, object);
	case FIELD_SIGNED: return field_number(f, object) < 0;
	case FIELD_BOOL: return !*(const bool *)field_at(f, object);
	case FIELD_TEXT:
	case FIELD_CHARS:
	case FIELD_NAME: return !*text_of(f, object);
	default: return false;
	}
}

static bool is_omitted(const struct field *f, const void *object)
{
	if (f->present && !f->present(object))
		return true;
	if (f->pointer && !nested_of(f, object))
		return true;
	return f->empty == EMPTY_OMITTED && is_empty(f, object);
}

static json_t *value_of(const struct field *f, const void *object)
{
	if ((f->empty == EMPTY_NULL || f->kind == FIELD_ADDRESS) && is_empty(f, object))
		return json_null();
	switch (f->kind) {
	case FIELD_NUMBER:
	case FIELD_SIGNED: return json_integer(field_number(f, object));
	case FIELD_BOOL: return json_boolean(*(const bool *)field_at(f, object));
	case FIELD_HEX:
	case FIELD_ADDRESS: return json_hex((__u64)field_number(f, object));
	case FIELD_OBJECT: return json_object_of(f->fields, nested_of(f, object));
	case FIELD_JSON: return f->get_json(object);
	default: return json_text(text_of(f, object));
	}
}

static int add_fields(json_t *to, const struct field *fields, const void *object)
{
	for (const struct field *f = fields; f->name; f++) {
		int err;

		if (is_omitted(f, object))
			continue;
		if (f->kind == FIELD_PART)
			err = add_fields(to, f->fields, nested_of(f, object));
		else
			err = json_object_set_new(to, f->name, value_of(f, object));
		if (err)
			return err;
	}
	return 0;
}

json_t *json_object_of(const struct field *fields, const void *object)
{
	json_t *o = json_object();

	if (o && add_fields(o, fields, object)) {
		json_decref(o);
		return NULL;
	}
	return o;
}

void json_line_of(FILE *out, const struct field *fields, const void *object)
{
	json_line(out, json_object_of(fields, object));
}

int json_append_of(json_t *array, const struct field *fields, const void *object)
{
	if (json_array_append_new(array, json_object_of(fields, object)))
		failed = true;
	return 0;
}
