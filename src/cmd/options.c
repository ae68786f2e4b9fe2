// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/duration.h"
#include "base/msg.h"
#include "base/size.h"
#include "base/terminal.h"
#include "cmd/exit_status.h"
#include "cmd/options.h"

enum { KEY_NODE = 0x100, KEY_CACHE, KEY_FORMAT, KEY_JSON, KEY_COLOR, KEY_BTF, KEY_USAGE };

static const struct argp_option options[] = {
	{ "node", KEY_NODE, "LIST", 0, "Select only the nodes of LIST, such as 1 or 0-3,8", 1 },
	{ "cache", KEY_CACHE, "GLOB", 0,
	  "Select only caches whose name matches, such as 'kmalloc-*'; may be repeated", 1 },
	{ "format", KEY_FORMAT, "FORMAT", 0,
	  "Set the format: text (the default), json (JSON Lines) or, of trace, html or perfetto",
	  2 },
	{ "json", KEY_JSON, NULL, 0, "Same as --format json", 2 },
	{ "input", 'i', "FILE", 0,
	  "Read a recording, written with --record, instead of this machine", 2 },
	{ "output", 'o', "FILE", 0, "Write the output to FILE instead of standard output", 2 },
	{ "color", KEY_COLOR, "WHEN", 0,
	  "Use colors: auto (the default: on a terminal), always, or never", 2 },
	{ "btf", KEY_BTF, "FILE", 0,
	  "Read the kernel's BTF from FILE, for kernels without /sys/kernel/btf/vmlinux", 3 },
	{ "verbose", 'v', NULL, 0,
	  "Print details, including messages of libbpf and of the kernel's verifier", 3 },
	{ "quiet", 'q', NULL, 0,
	  "Print only errors on standard error, and of the text only its last part", 3 },
	{ "help", 'h', NULL, 0, "Print this help; `help COMMAND' prints that of a command", -1 },
	{ NULL, '?', NULL, OPTION_HIDDEN, NULL, -1 },
	{ "usage", KEY_USAGE, NULL, 0, "Print a short usage message", -1 },
	{ "version", 'V', NULL, 0, "Print the versions of the tool and of its parts", -1 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

/* The name of each format, and its view in `trace'. */
static const struct {
	const char *name;
	const struct view_ops *view;
} formats[FORMATS] = {
	[FORMAT_TEXT] = { "text", &view_text },
	[FORMAT_JSON] = { "json", &view_json },
	[FORMAT_HTML] = { "html", &view_html },
	[FORMAT_PERFETTO] = { "perfetto", &view_perfetto },
};

void options_error(const struct argp_state *state, const char *hint, const char *format, ...)
{
	va_list args;

	fprintf(state->err_stream, "%s: ", state->name);
	va_start(args, format);
	vfprintf(state->err_stream, format, args);
	va_end(args);
	fprintf(state->err_stream, "\nhint: %s\n", hint);
	exit(argp_err_exit_status);
}

void options_invalid(const struct argp_state *state, const char *what, const char *arg,
		     const char *option, const char *hint)
{
	options_error(state, hint, "invalid %s '%s' for %s", what, arg, option);
}

#define HELP_COLUMNS 79

/* Print a help text that fits the terminal. Ends the program. */
static void options_help(struct argp_state *state, unsigned int flags)
{
	unsigned int columns = terminal_size(fileno(state->out_stream)).columns;
	unsigned int width = columns ? columns - 1 : HELP_COLUMNS;
	char format[32];

	/* argp refuses a margin that leaves no room for the texts of options, at column 29. */
	snprintf(format, sizeof(format), "rmargin=%u", width < 40 ? 40 : width > 120 ? 120 : width);
	setenv("ARGP_HELP_FMT", format, 0);
	argp_state_help(state, state->out_stream, flags | ARGP_HELP_EXIT_OK);
	exit(EXIT_SUCCESS);
}

int options_choose(const struct argp_state *state, const char *option, const char *word,
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

/* Check that the machine can have the selected nodes. Ends the program otherwise. */
static void options_check_nodes(const struct argp_state *state, const struct options *o)
{
	struct node_set possible;
	char nodes[128], hint[192];

	if (!o->of_command || o->input || !o->filter.by_node ||
	    node_set_read(&possible, "possible"))
		return;
	node_set_format(&possible, nodes, sizeof(nodes));
	snprintf(hint, sizeof(hint), "the possible nodes of this machine are %s", nodes);
	for (unsigned int nid = 0; nid < MAX_NODES; nid++)
		if (o->filter.nodes.has[nid] && !possible.has[nid])
			options_error(state, hint, "there is no node %u", nid);
}

static enum format options_format(const struct argp_state *state, const char *word)
{
	const char *names[FORMATS + 1] = {};

	for (unsigned int i = 0; i < FORMATS; i++)
		names[i] = formats[i].name;
	return options_choose(state, "--format", word, names);
}

/* Check that the command has the selected format, and a place for it. Ends the program otherwise. */
static void options_check_format(const struct argp_state *state, const struct options *o)
{
	const struct view_ops *view = formats[o->format].view;
	const char *name = formats[o->format].name;

	if (!o->command)
		return;
	if (o->format > FORMAT_JSON && !o->command->all_formats)
		options_error(state, "use --format text or json", "%s has no format '%s'",
			      o->command->name, name);
	if ((view->packet || view->page) && !o->output && isatty(STDOUT_FILENO))
		options_error(state, "write it to a file: -o FILE",
			      "%s is %s, and standard output is a terminal", name,
			      view->packet ? "a binary format" : "a page for a browser");
}

static error_t options_parse(int key, char *arg, struct argp_state *state)
{
	static const char *const colors[] = { "auto", "always", "never", NULL };
	struct options *o = state->input;

	option_list_note(&o->given, options, key, arg);
	switch (key) {
	case KEY_NODE:
		if (filter_add_nodes(&o->filter, arg))
			options_invalid(state, "list of nodes", arg, "--node",
					"use node numbers and ranges, such as 1 or 0-3,8");
		return 0;
	case KEY_CACHE: return -filter_add_cache(&o->filter, arg);
	case KEY_FORMAT: o->format = options_format(state, arg); return 0;
	case KEY_JSON: o->format = FORMAT_JSON; return 0;
	case KEY_COLOR: o->color = options_choose(state, "--color", arg, colors); return 0;
	case 'i': o->input = arg; return 0;
	case 'o': o->output = arg; return 0;
	case KEY_BTF: o->btf_file = arg; return 0;
	case 'v': msg_set_level(MSG_VERBOSE); return 0;
	case 'q': msg_set_level(MSG_QUIET); return 0;
	case 'h':
	case '?': options_help(state, ARGP_HELP_STD_HELP); return 0;
	case KEY_USAGE: options_help(state, ARGP_HELP_USAGE); return 0;
	case ARGP_KEY_END:
		options_check_nodes(state, o);
		options_check_format(state, o);
		return 0;
	case 'V': argp_program_version_hook(state->out_stream, state); exit(EXIT_SUCCESS);
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp options_argp = { .options = options, .parser = options_parse };

const struct argp_child options_children[] = {
	{ &options_argp, 0, "Options of all commands:", 2 },
	{ NULL, 0, NULL, 0 },
};

double options_seconds(const struct argp_state *state, const char *option, const char *arg)
{
	double seconds = 0;

	if (duration_parse(arg, false, &seconds))
		options_invalid(state, "duration", arg, option, "use 90, 90s, 5m or 1h");
	return seconds;
}

double options_seconds_with_unit(const struct argp_state *state, const char *option,
				 const char *arg)
{
	double seconds = 0;

	if (duration_parse(arg, true, &seconds))
		options_invalid(state, "duration", arg, option, "use a unit: 100ms, 2s or 1m");
	return seconds;
}

__u64 options_bytes(const struct argp_state *state, const char *option, const char *arg, __u64 bare)
{
	__u64 bytes = 0;

	if (size_parse(arg, bare, &bytes))
		options_invalid(state, "size", arg, option,
				"use 4096B, 64k, 64KiB, 8M or 1G, powers of 1024");
	return bytes;
}

void options_select_view(const struct options *o, enum format format, struct view *view,
			 bool terminal)
{
	const char *no_color = getenv("NO_COLOR");

	view->ops = formats[format].view;
	view->color = o->color == COLOR_ALWAYS ||
		      (o->color == COLOR_AUTO && terminal && !(no_color && *no_color));
}
