/* SPDX-License-Identifier: GPL-2.0-only */
/* The options that all commands share. */
#ifndef SLUBNODE_OPTIONS_H
#define SLUBNODE_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include "base/filter.h"
#include "output/trace_view.h"

enum format { FORMAT_TEXT, FORMAT_JSON };
enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct options {
	struct filter filter;
	enum format format;
	enum color_when color;
	const char *output;   /* NULL: standard output */
	const char *btf_file; /* NULL: the kernel's own */
};

/*
 * Parses them, before the command or after it; child of each command's parser,
 * with a struct options as its input.
 */
extern const struct argp options_argp;

/* The same as the children of a command's parser. */
extern const struct argp_child options_children[];

/*
 * A command: returns an exit code. argv[0] is "slubnode-trace COMMAND".
 */
struct command {
	const char *name;
	const char *summary;
	int (*run)(struct options *options, int argc, char **argv);
};

extern const struct command command_trace;
extern const struct command command_report;
extern const struct command command_check;
extern const struct command command_probes;

/* Report an invalid argument of an option, and a hint; end the program. */
void options_invalid(struct argp_state *state, const char *what, const char *arg,
		     const char *option, const char *hint);

/* Find the argument of an option in a list of words. Returns its index; if it is none, ends the
 * program. */
int options_choose(struct argp_state *state, const char *option, const char *word,
		   const char *const words[]);

/* Parse the argument of an option, a number above 0. Returns it; if it is invalid, ends the
 * program. */
double options_duration(struct argp_state *state, const char *option, const char *arg,
			const char *hint);

/* The same in seconds. */
double options_seconds(struct argp_state *state, const char *option, const char *arg);

/* The view that the options ask for. 0 or a negative errno; it has been said. */
int options_open_view(const struct options *options, struct view *view);
/* Flushes and closes; 0 or the negative errno of a write that failed. */
int options_close_view(struct view *view);

#endif /* SLUBNODE_OPTIONS_H */
