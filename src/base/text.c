// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <string.h>
#include "base/text.h"

const char *escape_text(char *to, size_t room, const char *from)
{
	size_t at = 0;

	for (; *from && at + 5 <= room; from++) {
		unsigned char c = *from;

		if (c >= ' ' && c < 0x7f)
			to[at++] = c;
		else
			at += snprintf(to + at, room - at, "\\x%02x", c);
	}
	to[at] = 0;
	return to;
}

void text_append(char *text, size_t room, const char *format, ...)
{
	size_t at = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + at, room - at, format, args);
	va_end(args);
}

const char *text_bytes(char to[BYTES_ROOM], __u64 bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double value = (double)bytes / 1024;
	unsigned int unit = 0;

	if (bytes < 1024) {
		snprintf(to, BYTES_ROOM, "%llu byte%s", bytes, text_plural(bytes));
		return to;
	}
	for (; value >= 1024 && unit < 3; unit++)
		value /= 1024;
	snprintf(to, BYTES_ROOM, "%.1f %s", value, units[unit]);
	return to;
}

const char *text_plural(__u64 count)
{
	return count == 1 ? "" : "s";
}

void text_wrap(FILE *out, const char *text, unsigned int at, unsigned int indent,
	       unsigned int width)
{
	bool first = true; /* word of its line */

	while (*text) {
		unsigned int len = strcspn(text, " ");

		if (!first && at + 1 + len > width) {
			fprintf(out, "\n%*s", (int)indent, "");
			at = indent;
			first = true;
		}
		fprintf(out, "%s%.*s", first ? "" : " ", (int)len, text);
		at += len + !first;
		first = false;
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

void text_columns_head(FILE *out, const struct field *fields)
{
	for (const struct field *f = fields; f->name; f++)
		if (f->head)
			fprintf(out, "%*s", f->width, f->head);
}

void text_columns(FILE *out, const struct field *fields, const void *object)
{
	for (const struct field *f = fields; f->name; f++) {
		long long value;

		if (!f->head)
			continue;
		value = field_number(f, object);
		if (f->kind == FIELD_SIGNED && value < 0)
			fprintf(out, "%*s", f->width, "-");
		else
			fprintf(out, "%*lld", f->width, value);
	}
}

void text_columns_change(FILE *out, const struct field *fields, const void *object,
			 const void *before, int indent)
{
	int blanks = indent;
	bool changed = false;

	for (const struct field *f = fields; f->name; f++) {
		long long change;

		if (!f->head)
			continue;
		change = field_number(f, object) - field_number(f, before);
		blanks += f->width;
		if (!change || (f->kind == FIELD_SIGNED && field_number(f, before) < 0))
			continue;
		fprintf(out, "%+*lld", blanks, change);
		blanks = 0;
		changed = true;
	}
	if (changed)
		fputc('\n', out);
}
