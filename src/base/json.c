// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>
#include <string.h>
#include "base/json.h"
#include "base/text.h"

/* --- the bytes --- */

static void flush(struct json *j)
{
	fwrite(j->text, 1, j->len, j->out);
	j->len = 0;
}

static inline void put_bytes(struct json *j, const char *bytes, size_t len)
{
	if (len > sizeof(j->text) - j->len)
		flush(j);
	if (len > sizeof(j->text)) {
		fwrite(bytes, 1, len, j->out);
		return;
	}
	memcpy(j->text + j->len, bytes, len);
	j->len += len;
}

static inline void put_char(struct json *j, char c)
{
	if (j->len == sizeof(j->text))
		flush(j);
	j->text[j->len++] = c;
}

void json_begin(struct json *j, FILE *out)
{
	j->out = out;
	j->comma = false;
	j->len = 0;
}

void json_end(struct json *j)
{
	put_char(j, '\n');
	flush(j);
}

/* --- values --- */

/* Separate the next name or value from the one before it, if there is one. */
static inline void put_comma(struct json *j)
{
	if (j->comma)
		put_char(j, ',');
	j->comma = true;
}

static void put_value(struct json *j, const char *bytes, size_t len)
{
	put_comma(j);
	put_bytes(j, bytes, len);
}

void json_open(struct json *j, char bracket)
{
	put_comma(j);
	put_char(j, bracket);
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	put_char(j, bracket);
	j->comma = true;
}

static inline void put_name(struct json *j, const char *name, size_t len)
{
	char *to;

	if (len + strlen(",\"\":") > sizeof(j->text) - j->len)
		flush(j);
	to = j->text + j->len;
	if (j->comma)
		*to++ = ',';
	*to++ = '"';
	to = mempcpy(to, name, len);
	*to++ = '"';
	*to++ = ':';
	j->len = (size_t)(to - j->text);
	j->comma = false;
}

void json_name(struct json *j, const char *name)
{
	put_name(j, name, strlen(name));
}

#define DIGITS_ROOM 24

/* Write the digits of a number before `end'. Returns their beginning. */
static char *digits_before(char *end, __u64 value)
{
	do {
		*--end = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	return end;
}

void json_number(struct json *j, __u64 value)
{
	char digits[DIGITS_ROOM], *end = digits + DIGITS_ROOM, *first = digits_before(end, value);

	put_value(j, first, (size_t)(end - first));
}

void json_signed(struct json *j, long long value)
{
	char digits[DIGITS_ROOM], *end = digits + DIGITS_ROOM, *first;

	first = digits_before(end, value < 0 ? -(__u64)value : (__u64)value);
	if (value < 0)
		*--first = '-';
	put_value(j, first, (size_t)(end - first));
}

static void put_hex(struct json *j, __u64 value)
{
	char digits[DIGITS_ROOM], *end = digits + DIGITS_ROOM, *first = end;

	*--first = '"';
	do {
		*--first = "0123456789abcdef"[value & 15];
		value >>= 4;
	} while (value);
	*--first = 'x';
	*--first = '0';
	*--first = '"';
	put_value(j, first, (size_t)(end - first));
}

/* The program never calls setlocale(), so the decimal point is a point. */
void json_real(struct json *j, double value)
{
	char text[32];

	if (!isfinite(value)) {
		json_null(j);
		return;
	}
	snprintf(text, sizeof(text), "%.17g", value);
	put_value(j, text, strlen(text));
	if (!strpbrk(text, ".e"))
		put_bytes(j, ".0", 2);
}

void json_bool(struct json *j, bool value)
{
	if (value)
		put_value(j, "true", 4);
	else
		put_value(j, "false", 5);
}

void json_null(struct json *j)
{
	put_value(j, "null", 4);
}

/* --- strings --- */

/*
 * Return how many of these bytes are ASCII and stand for themselves. '<' does not, so that a line
 * can stand in a script element of HTML, which only a '<' can end.
 */
static size_t plain_len(const char *bytes)
{
	static const bool plain[256] = {
		[' '] = true,         ['!'] = true,         ['#' ... ';'] = true,
		['=' ... '['] = true, [']' ... '~'] = true,
	};
	const char *end = bytes;

	while (plain[(unsigned char)*end])
		end++;
	return (size_t)(end - bytes);
}

/* Print a character that plain_len() does not count. */
static void put_special(struct json *j, unsigned char c, bool utf8)
{
	static const char special[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *at = strchr(special, c);
	char text[8];

	if (!utf8 && (c < ' ' || c >= 0x7f))
		snprintf(text, sizeof(text), "\\\\x%02x", c);
	else if (at)
		snprintf(text, sizeof(text), "\\%c", letters[at - special]);
	else
		snprintf(text, sizeof(text), c < ' ' || c == '<' ? "\\u%04X" : "%c", c);
	put_bytes(j, text, strlen(text));
}

/* Print a string from its first special character on. */
static void put_rest(struct json *j, const char *bytes)
{
	bool utf8 = is_utf8(bytes);

	while (*bytes) {
		size_t len;

		put_special(j, (unsigned char)*bytes++, utf8);
		len = plain_len(bytes);
		put_bytes(j, bytes, len);
		bytes += len;
	}
}

void json_text(struct json *j, const char *bytes)
{
	size_t len = plain_len(bytes);

	put_comma(j);
	put_char(j, '"');
	put_bytes(j, bytes, len);
	if (bytes[len])
		put_rest(j, bytes + len);
	put_char(j, '"');
}

void json_texts(struct json *j, const char *const *texts, size_t count)
{
	json_open(j, '[');
	for (size_t i = 0; i < count; i++)
		json_text(j, texts[i]);
	json_close(j, ']');
}

/* --- tables of fields --- */

static void put_field(struct json *j, const struct field *f, const void *object)
{
	put_name(j, f->name, f->name_len);
	if ((f->empty == EMPTY_NULL || f->kind == FIELD_ADDRESS) && field_is_empty(f, object)) {
		json_null(j);
		return;
	}
	switch (f->kind) {
	case FIELD_NUMBER: json_number(j, (__u64)field_number(f, object)); break;
	case FIELD_SIGNED: json_signed(j, field_number(f, object)); break;
	case FIELD_BOOL: json_bool(j, *(const bool *)field_at(f, object)); break;
	case FIELD_HEX:
	case FIELD_ADDRESS: put_hex(j, (__u64)field_number(f, object)); break;
	case FIELD_OBJECT: json_object(j, f->fields, field_nested(f, object)); break;
	case FIELD_JSON: f->put_json(j, object); break;
	default: json_text(j, field_text(f, object));
	}
}

void json_fields(struct json *j, const struct field *fields, const void *object)
{
	for (const struct field *f = fields; f->name; f++) {
		if (field_is_omitted(f, object))
			continue;
		if (f->kind == FIELD_PART)
			json_fields(j, f->fields, field_nested(f, object));
		else
			put_field(j, f, object);
	}
}

void json_object(struct json *j, const struct field *fields, const void *object)
{
	json_open(j, '{');
	json_fields(j, fields, object);
	json_close(j, '}');
}

void json_line_of(FILE *out, const struct field *fields, const void *object)
{
	struct json j;

	json_begin(&j, out);
	json_object(&j, fields, object);
	json_end(&j);
}
