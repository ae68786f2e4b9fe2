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

/* Return the length of the UTF-8 character that begins here; 0: there is none. */
static size_t utf8_len(const unsigned char *s)
{
	/* These first bytes could begin a code that is too long, a surrogate, or too large. */
	unsigned char low = *s == 0xe0 ? 0xa0 : *s == 0xf0 ? 0x90 : 0x80;
	unsigned char high = *s == 0xed ? 0x9f : *s == 0xf4 ? 0x8f : 0xbf;
	size_t len = *s < 0x80 ? 1 : *s < 0xc2 ? 0 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : 4;

	if (*s > 0xf4 || (len > 1 && (s[1] < low || s[1] > high)))
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

bool is_utf8(const char *bytes)
{
	while (*bytes) {
		size_t len = utf8_len((const unsigned char *)bytes);

		if (!len)
			return false;
		bytes += len;
	}
	return true;
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

bool text_names_several(const char *list)
{
	return strpbrk(list, ",-");
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

		if (!first && width && at + 1 + len > width) {
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

static bool is_shown(const struct columns *c, const struct field *f)
{
	return c->shown & 1U << (f - c->fields);
}

/* Return the next field from `f' on whose column is shown; NULL after the last. */
static const struct field *next_shown(const struct columns *c, const struct field *f)
{
	while (f->name && !is_shown(c, f))
		f++;
	return f->name ? f : NULL;
}

void columns_see(struct columns *c, const void *object)
{
	for (const struct field *f = c->fields; f->name; f++) {
		long long value = f->head ? field_number(f, object) : 0;

		if (value > 0 || (value && f->kind != FIELD_SIGNED))
			c->shown |= 1U << (f - c->fields);
	}
}

unsigned int columns_width(const struct columns *c)
{
	unsigned int width = 0;

	for (const struct field *f = next_shown(c, c->fields); f; f = next_shown(c, f + 1))
		width += f->width;
	return width;
}

void columns_fit(struct columns *c, unsigned int room)
{
	for (unsigned int i = 32; i-- > 0 && columns_width(c) > room;)
		c->shown &= ~(1U << i);
}

void columns_head(FILE *out, const struct columns *c)
{
	for (const struct field *f = next_shown(c, c->fields); f; f = next_shown(c, f + 1))
		fprintf(out, "%*s", f->width, f->head);
}

/* Write a value, or by how much it grew, as its column shows it. Returns `to'. */
static const char *column_text(char to[BYTES_ROOM + 1], const struct columns *c,
			       const struct field *f, long long value, bool change)
{
	const char *sign = value < 0 ? "-" : change ? "+" : "";
	__u64 size = value < 0 ? -(__u64)value : (__u64)value;
	char bytes[BYTES_ROOM];

	if (f->kind == FIELD_SIGNED && value < 0 && !change)
		snprintf(to, BYTES_ROOM + 1, "-");
	else if (f->bytes && !c->exact)
		snprintf(to, BYTES_ROOM + 1, "%s%s", sign, size ? text_bytes(bytes, size) : "0");
	else
		snprintf(to, BYTES_ROOM + 1, "%s%llu", sign, size);
	return to;
}

void columns_row(FILE *out, const struct columns *c, const void *object)
{
	char text[BYTES_ROOM + 1];

	for (const struct field *f = next_shown(c, c->fields); f; f = next_shown(c, f + 1))
		fprintf(out, "%*s", f->width,
			column_text(text, c, f, field_number(f, object), false));
}

bool columns_change(FILE *out, const struct columns *c, const void *object, const void *before,
		    int indent)
{
	char text[BYTES_ROOM + 1];
	bool changed = false;

	for (const struct field *f = next_shown(c, c->fields); f; f = next_shown(c, f + 1)) {
		long long change = field_number(f, object) - field_number(f, before);

		indent += f->width;
		if (!change || (f->kind == FIELD_SIGNED && field_number(f, before) < 0))
			continue;
		fprintf(out, "%*s", indent, column_text(text, c, f, change, true));
		indent = 0;
		changed = true;
	}
	return changed;
}
