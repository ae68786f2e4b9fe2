// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cmd/exit_status.h"
#include "base/msg.h"
#include "cmd/options.h"

enum { KEY_NODE = 0x100, KEY_CACHE, KEY_FORMAT, KEY_JSON, KEY_COLOR, KEY_BTF };

static const struct argp_option options[] = {
	{ "node", KEY_NODE, "LIST", 0, "Select only the nodes of LIST, such as 1 or 0-3,8", 1 },
	{ "cache", KEY_CACHE, "GLOB", 0,
	  "Select only caches whose name matches, such as 'kmalloc-*'; may be repeated", 1 },
	{ "format", KEY_FORMAT, "FORMAT", 0,
	  "Set the format: text (the default) or json (JSON Lines)", 2 },
	{ "json", KEY_JSON, NULL, 0, "Same as --format json", 2 },
	{ "output", 'o', "FILE", 0, "Write the output to FILE instead of standard output", 2 },
	{ "color", KEY_COLOR, "WHEN", 0,
	  "Use colors: auto (the default: on a terminal), always, or never", 2 },
	{ "btf", KEY_BTF, "FILE", 0,
	  "Read the kernel's BTF from FILE, for kernels without /sys/kernel/btf/vmlinux", 3 },
	{ "verbose", 'v', NULL, 0,
	  "Print details, including messages of libbpf and of the kernel's verifier", 3 },
	{ "quiet", 'q', NULL, 0, "Print only errors on standard error", 3 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

void options_invalid(struct argp_state *state, const char *what, const char *arg,
		     const char *option, const char *hint)
{
	argp_error(state, "invalid %s '%s' for %s\nhint: %s", what, arg, option, hint);
}

int options_choose(struct argp_state *state, const char *option, const char *word,
		   const char *const words[])
{
	char hint[128] = "use one of";

	for (int i = 0; words[i]; i++) {
		if (!strcmp(word, words[i]))
			return i;
		snprintf(hint + strlen(hint), sizeof(hint) - strlen(hint), "%s %s", i ? "," : "",
			 words[i]);
	}
	options_invalid(state, "argument", word, option, hint);
	return 0;
}

static error_t options_parse(int key, char *arg, struct argp_state *state)
{
	static const char *const formats[] = { "text", "json", NULL };
	static const char *const colors[] = { "auto", "always", "never", NULL };
	struct options *o = state->input;

	switch (key) {
	case KEY_NODE:
		if (filter_add_nodes(&o->filter, arg))
			options_invalid(state, "list of nodes", arg, "--node",
					"use node numbers and ranges, such as 1 or 0-3,8");
		return 0;
	case KEY_CACHE: return -filter_add_cache(&o->filter, arg);
	case KEY_FORMAT: o->format = options_choose(state, "--format", arg, formats); return 0;
	case KEY_JSON: o->format = FORMAT_JSON; return 0;
	case KEY_COLOR: o->color = options_choose(state, "--color", arg, colors); return 0;
	case 'o': o->output = arg; return 0;
	case KEY_BTF: o->btf_file = arg; return 0;
	case 'v': msg_set_level(MSG_VERBOSE); return 0;
	case 'q': msg_set_level(MSG_QUIET); return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp options_argp = { .options = options, .parser = options_parse };

const struct argp_child options_children[] = {
	{ &options_argp, 0, "Options of all commands:", 0 },
	{ NULL, 0, NULL, 0 },
};

double options_duration(struct argp_state *state, const char *option, const char *arg,
			const char *hint)
{
	char *end;
	double duration = strtod(arg, &end);

	if (end == arg || *end || !isfinite(duration) || duration <= 0 || duration > 1e9)
		options_invalid(state, "duration", arg, option, hint);
	return duration;
}

double options_seconds(struct argp_state *state, const char *option, const char *arg)
{
	return options_duration(state, option, arg, "use seconds, such as 90 or 0.5");
}

void options_select_view(const struct options *o, struct view *view, bool terminal)
{
	view->ops = o->format == FORMAT_JSON ? &view_json : &view_text;
	view->color = o->color == COLOR_ALWAYS ||
		      (o->color == COLOR_AUTO && terminal && !getenv("NO_COLOR"));
}
