/* SPDX-License-Identifier: GPL-2.0-only */
/* The options that all commands share. */
#ifndef SLUBNODE_OPTIONS_H
#define SLUBNODE_OPTIONS_H

#include <argp.h>
#include <linux/types.h>
#include <stdbool.h>
#include "base/filter.h"
#include "cmd/option_list.h"
#include "output/trace_view.h"

/* The formats: all commands have the first two, and `trace' has all of them. */
enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_HTML, FORMAT_PERFETTO, FORMATS };
enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct options {
	const struct command *command; /* NULL: the options before it are parsed */
	struct filter filter;
	enum format format;
	enum color_when color;
	const char *output;   /* NULL: standard output */
	const char *btf_file; /* NULL: the kernel's own */
	const char *input;    /* a recording; NULL: this machine */
	bool of_command;      /* the command's own arguments are parsed */
	struct option_list given;
};

/*
 * The parser of these options, before the command or after it. It is a child of each
 * command's parser, and its input is a struct options.
 */
extern const struct argp options_argp;

/* The same parser, as the list of children of a command's parser. */
extern const struct argp_child options_children[];

/* A command of the program. */
struct command {
	const char *name;
	const char *summary;
	bool all_formats; /* it has all formats, not only text and JSON */
	/* Called with argv[0] "slubnode-trace COMMAND". Returns an exit status. */
	int (*run)(struct options *options, int argc, char **argv);
};

extern const struct command command_trace;
extern const struct command command_report;
extern const struct command command_check;
extern const struct command command_probes;
extern const struct command command_bugreport;

/* Report wrong usage, and a hint. Ends the program. */
void options_error(const struct argp_state *state, const char *hint, const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

/* Report an invalid argument of an option, and a hint. Ends the program. */
void options_invalid(const struct argp_state *state, const char *what, const char *arg,
		     const char *option, const char *hint) __attribute__((noreturn));

/*
 * Find the argument of an option in a list of words. Ends the program if it is none of
 * them. Returns its index.
 */
int options_choose(const struct argp_state *state, const char *option, const char *word,
		   const char *const words[]);

/*
 * Parse the argument of an option, a length of time above 0. A number without a unit is seconds,
 * or invalid. Ends the program if it is invalid. Returns the seconds.
 */
double options_seconds(const struct argp_state *state, const char *option, const char *arg);
double options_seconds_with_unit(const struct argp_state *state, const char *option,
				 const char *arg);

/*
 * Parse the argument of an option, a number of bytes; a number without a suffix is multiplied by
 * `bare'. Ends the program if it is invalid. Returns the bytes.
 */
__u64 options_bytes(const struct argp_state *state, const char *option, const char *arg,
		    __u64 bare);

/* The flags of argp_parse(): the options of help are among ours. */
#define OPTIONS_FLAGS (ARGP_IN_ORDER | ARGP_NO_HELP)

/* Select the writer of a format and the colors for a view, whose output is a terminal or not. */
void options_select_view(const struct options *options, enum format format, struct view *view,
			 bool terminal);

#endif /* SLUBNODE_OPTIONS_H */
