// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "recording/head.h"

#define TEXT(key)                                                                                  \
	{                                                                                          \
#key, offsetof(struct recording_head, key),                                        \
			sizeof(((struct recording_head *)0)->key)                                  \
	}
#define NUMBER(key)                                                                                \
	{                                                                                          \
#key, offsetof(struct recording_head, key), 0                                      \
	}

static const struct head_key {
	const char *name;
	size_t offset;
	size_t room; /* of a text; 0: a number */
} keys[] = {
	TEXT(format),
	TEXT(tool),
	TEXT(command),
	TEXT(kernel),
	TEXT(build),
	TEXT(machine),
	TEXT(host),
	TEXT(boot_id),
	TEXT(cmd),
	NUMBER(monotonic_ns),
	NUMBER(boottime_ns),
	NUMBER(realtime_ns),
	NUMBER(node_bytes),
	NUMBER(barn_bytes),
	NUMBER(sheaf_bytes),
	NUMBER(pgdat_bytes),
	NUMBER(late_possible),
	NUMBER(hidden),
};

#define KEYS (sizeof(keys) / sizeof(*keys))

void head_set_format(struct recording_head *h, unsigned int major, unsigned int minor)
{
	snprintf(h->format, sizeof(h->format), "%u.%u", major, minor);
}

static void put_value(FILE *out, const char *value)
{
	for (; *value; value++)
		if ((unsigned char)*value >= ' ')
			fputc(*value, out);
	fputc('\n', out);
}

void head_print(FILE *out, const struct recording_head *h)
{
	for (size_t i = 0; i < KEYS; i++) {
		const char *value = (const char *)h + keys[i].offset;

		fprintf(out, "%s=", keys[i].name);
		if (keys[i].room)
			put_value(out, value);
		else
			fprintf(out, "%llu\n", *(const __u64 *)value);
	}
	for (unsigned int i = 0; i < h->option_count; i++) {
		fputs("option=", out);
		put_value(out, h->options[i]);
	}
}

/* Take a line of the text. Returns 0 or -EINVAL. */
static int head_take(struct recording_head *h, const char *name, const char *value)
{
	for (size_t i = 0; i < KEYS; i++) {
		char *to = (char *)h + keys[i].offset, *end;

		if (strcmp(name, keys[i].name))
			continue;
		if (keys[i].room) {
			snprintf(to, keys[i].room, "%s", value);
			return 0;
		}
		*(__u64 *)to = strtoumax(value, &end, 10);
		return *value && !*end ? 0 : -EINVAL;
	}
	if (strcmp(name, "option"))
		return 0;
	if (h->option_count == HEAD_OPTIONS)
		return -EINVAL;
	h->options[h->option_count++] = value;
	return 0;
}

int head_parse(struct recording_head *h, const char *text, size_t len)
{
	char *line, *next;

	memset(h, 0, sizeof(*h));
	h->text = malloc(len + 1);
	if (!h->text)
		return -ENOMEM;
	memcpy(h->text, text, len);
	h->text[len] = 0;
	/* The values may come to a terminal. */
	for (char *c = h->text; *c; c++)
		if (((unsigned char)*c < ' ' && *c != '\n') || *c == 0x7f)
			*c = '?';
	for (next = h->text; (line = strsep(&next, "\n")) && *line;) {
		char *name = strsep(&line, "=");

		if (!line || head_take(h, name, line)) {
			head_free(h);
			return -EINVAL;
		}
	}
	return 0;
}

void head_free(struct recording_head *h)
{
	free(h->text);
	memset(h, 0, sizeof(*h));
}
