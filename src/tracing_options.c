// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include "options.h"
#include "tracing_options.h"

enum { KEY_ATTACH = 0x200, KEY_RING };

static const struct argp_option tracing_options[] = {
	{ "duration", 'd', "SECONDS", 0, "End after so long; fractions are fine", 0 },
	{ "attach", KEY_ATTACH, "WAY", 0,
	  "auto (the default), fentry, kprobe, or none: "
	  "look at intervals",
	  0 },
	{ "ring-buffer", KEY_RING, "KIB", 0,
	  "Size of the ring buffer, rounded up to a power "
	  "of two (default: what the caches and nodes need, 8192 at least)",
	  0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static const char *const attach_words[] = {
	[ATTACH_AUTO] = "auto",
	[ATTACH_FENTRY] = "fentry",
	[ATTACH_KPROBE] = "kprobe",
	[ATTACH_NOTHING] = "none",
	NULL,
};

static unsigned int parse_ring(struct argp_state *state, const char *arg)
{
	unsigned int bytes = 4096;
	char *end;
	unsigned long kib = strtoul(arg, &end, 10);

	if (end == arg || *end || !kib || kib > 1 << 20)
		argp_error(state, "--ring-buffer: '%s' is no number of KiB up to 1048576", arg);
	while (bytes < kib << 10)
		bytes <<= 1;
	return bytes;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct tracing_options *t = state->input;

	switch (key) {
	case 'd': t->duration = options_seconds(state, "--duration", arg); return 0;
	case KEY_ATTACH: t->attach = options_choose(state, "--attach", arg, attach_words); return 0;
	case KEY_RING: t->ring_bytes = parse_ring(state, arg); return 0;
	case ARGP_KEY_ARG:
		t->cmd = state->argv + state->next - 1;
		state->next = state->argc; /* the rest is CMD's */
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp tracing_options_argp = { .options = tracing_options, .parser = parse };
