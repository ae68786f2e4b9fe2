// SPDX-License-Identifier: GPL-2.0-only
#include "base/columns.h"
#include "base/text.h"

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
