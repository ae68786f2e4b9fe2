// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cmd/exit_status.h"
#include "base/json.h"
#include "base/msg.h"
#include "cmd/options.h"

enum { KEY_NODE = 0x100, KEY_CACHE, KEY_FORMAT, KEY_JSON, KEY_COLOR, KEY_BTF };

static const struct argp_option options[] = {
	{ "node", KEY_NODE, "LIST", 0, "Only these nodes, such as 1 or 0-3,8", 1 },
	{ "cache", KEY_CACHE, "GLOB", 0,
	  "Only caches whose name matches, such as 'kmalloc-*'; "
	  "may be given again",
	  1 },
	{ "format", KEY_FORMAT, "FORMAT", 0, "text (the default) or json (JSON Lines)", 2 },
	{ "json", KEY_JSON, NULL, 0, "The same as --format json", 2 },
	{ "output", 'o', "FILE", 0, "Write there instead of to standard output", 2 },
	{ "color", KEY_COLOR, "WHEN", 0, "auto (the default: on a terminal), always, never", 2 },
	{ "btf", KEY_BTF, "FILE", 0, "The kernel's BTF, where it has none of its own", 3 },
	{ "verbose", 'v', NULL, 0, "Say how it is done, with libbpf's and the kernel's words", 3 },
	{ "quiet", 'q', NULL, 0, "Say nothing but errors on standard error", 3 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

int options_choose(struct argp_state *state, const char *option, const char *word,
		   const char *const words[])
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(word, words[i]))
			return i;
	argp_error(state, "%s: there is no '%s'", option, word);
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const char *const formats[] = { "text", "json", NULL };
	static const char *const colors[] = { "auto", "always", "never", NULL };
	struct options *o = state->input;

	switch (key) {
	case KEY_NODE:
		if (filter_add_nodes(&o->filter, arg))
			argp_error(state, "--node: '%s' is no list of nodes such as 0-3,8", arg);
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

const struct argp options_argp = { .options = options, .parser = parse };

const struct argp_child options_children[] = {
	{ &options_argp, 0, "Options of all commands:", 0 },
	{ NULL, 0, NULL, 0 },
};

double options_seconds(struct argp_state *state, const char *option, const char *arg)
{
	char *end;
	double seconds = strtod(arg, &end);

	if (end == arg || *end || !isfinite(seconds) || seconds <= 0 || seconds > 1e9)
		argp_error(state, "%s: '%s' is no number of seconds", option, arg);
	return seconds;
}

int options_open_view(const struct options *o, struct view *view)
{
	FILE *out = o->output ? fopen(o->output, "we") : stdout;

	if (!out) {
		int err = -errno;

		msg_error("cannot write %s: %s", o->output, strerror(-err));
		return err;
	}
	view->ops = o->format == FORMAT_JSON ? &view_json : &view_text;
	view->out = out;
	view->color = o->color == COLOR_ALWAYS ||
		      (o->color == COLOR_AUTO && isatty(fileno(out)) && !getenv("NO_COLOR"));
	return 0;
}

int options_close_view(struct view *view)
{
	int err = ferror(view->out) ? -EIO : json_failed() ? -ENOMEM : 0;

	if (view->out == stdout ? fflush(stdout) : fclose(view->out))
		err = -errno;
	if (err)
		msg_error("writing failed: %s", strerror(-err));
	return err;
}
