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
