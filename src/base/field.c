// SPDX-License-Identifier: GPL-2.0-only
#include "base/field.h"

const char *field_text(const struct field *f, const void *object)
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

const void *field_nested(const struct field *f, const void *object)
{
	const void *at = field_at(f, object);

	return f->pointer ? *(const void *const *)at : at;
}

bool field_is_empty(const struct field *f, const void *object)
{
	switch (f->kind) {
	case FIELD_NUMBER:
	case FIELD_HEX:
	case FIELD_ADDRESS: return !field_number(f, object);
	case FIELD_SIGNED: return field_number(f, object) < 0;
	case FIELD_BOOL: return !*(const bool *)field_at(f, object);
	case FIELD_TEXT:
	case FIELD_CHARS:
	case FIELD_NAME: return !*field_text(f, object);
	default: return false;
	}
}

bool field_is_omitted(const struct field *f, const void *object)
{
	if (f->present && !f->present(object))
		return true;
	if (f->pointer && !field_nested(f, object))
		return true;
	return f->empty == EMPTY_OMITTED && field_is_empty(f, object);
}
