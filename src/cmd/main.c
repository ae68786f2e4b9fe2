// SPDX-License-Identifier: GPL-2.0-only
/* The entry: options that all commands share, and the table of the commands. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "cmd/exit_status.h"
#include "base/msg.h"
#include "base/nearest.h"
#include "cmd/options.h"
#include "cmd/run.h"
#include "version.h"

static const struct command *const commands[] = { &command_trace, &command_check, &command_report,
						  &command_probes, &command_bugreport };
#define COMMANDS (sizeof(commands) / sizeof(*commands))

struct invocation {
	struct options options;
	const struct command *command;
	int at;    /* the command's index in argv */
	bool help; /* `help COMMAND' */
};

/* Print the versions of the tool, of its parts and of the kernel, for argp. */
static void print_version(FILE *stream, struct argp_state *state)
{
	struct utsname name = {};

	(void)state;
	uname(&name);
	fprintf(stream, "slubnode-trace %s\nlibbpf %s\nBPF programs by %s\nkernel %s\n",
		SLUBNODE_VERSION, libbpf_version_string() + 1, SLUBNODE_CLANG, name.release);
}

/* Find a command by its name. Ends the program if there is none. */
static const struct command *find_command(const struct argp_state *state, const char *name)
{
	const char *names[COMMANDS + 2] = { [COMMANDS] = "help" }, *meant;

	for (size_t i = 0; i < COMMANDS; i++) {
		names[i] = commands[i]->name;
		if (!strcmp(name, names[i]))
			return commands[i];
	}
	meant = nearest_word(name, names);
	if (meant)
		options_error(state, "slubnode-trace --help lists the commands",
			      "no command '%s'; did you mean '%s'?", name, meant);
	options_error(state, "slubnode-trace --help lists the commands", "no command '%s'", name);
}

static error_t main_parse(int key, char *arg, struct argp_state *state)
{
	struct invocation *call = state->input;

	switch (key) {
	case ARGP_KEY_INIT: state->child_inputs[0] = &call->options; return 0;
	case ARGP_KEY_ARG:
		if (!call->help && !strcmp(arg, "help")) {
			call->help = true;
			return 0;
		}
		call->command = find_command(state, arg);
		call->at = state->next - 1;
		state->next = state->argc; /* the other arguments belong to the command */
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* Insert the list of commands into --help, for argp. Returns the text, which argp frees. */
static char *help_filter(int key, const char *text, void *input)
{
	char *out = NULL;
	size_t len = 0;
	FILE *stream;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	stream = open_memstream(&out, &len);
	if (!stream)
		return (char *)text;
	fputs("Commands:\n", stream);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(stream, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
	fputs(text, stream);
	fclose(stream);
	return out;
}

static const char doc[] =
	"Trace SLUB's per-node structures (struct kmem_cache_node) while memory is removed from a NUMA node and added again.\v"
	"`slubnode-trace help COMMAND' describes a command.\n\n"
	"Examples:\n"
	"  slubnode-trace report --by-cache            what is held now\n"
	"  slubnode-trace trace                        until Ctrl-C, then the answer\n"
	"  slubnode-trace trace --node 1 -- ./remove   while ./remove runs\n"
	"  slubnode-trace trace --json -d 60           JSON Lines for a minute\n"
	"  slubnode-trace check --tap -- ./remove      a verdict on ./remove\n"
	"  slubnode-trace probes                       what can be traced here\n\n"
	"Exit status: 0 nothing found; 1 a finding; 2 wrong usage; 3 inconclusive; 4 cannot run here; 5 CMD failed.";

/*
 * Occupy those of the descriptors 0 to 2 that are closed, so that no file of ours gets their
 * numbers and what is written to standard output or error. Using them fails as before, and CMD
 * finds them closed. Returns false on an error.
 */
static bool occupy_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int flags = (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC;

		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags) != fd)
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	const struct argp argp = {
		.parser = main_parse,
		.args_doc = "COMMAND [OPTION...]",
		.doc = doc,
		.children = options_children,
		.help_filter = help_filter,
	};
	struct invocation call = {};
	char name[64] = "slubnode-trace", help[] = "--help";
	char *help_argv[] = { name, help, NULL };
	int code;

	if (!occupy_standard_descriptors())
		return EXIT_CANNOT_RUN;
	argp_err_exit_status = EXIT_USAGE;
	argp_program_version_hook = print_version;
	run_keep_signals();
	msg_hook_libbpf();
	if (argc < 2) {
		argp_help(&argp, stdout, ARGP_HELP_STD_HELP & ~ARGP_HELP_EXIT_OK,
			  (char *)"slubnode-trace");
		return EXIT_USAGE;
	}
	if (argp_parse(&argp, argc, argv, OPTIONS_FLAGS, NULL, &call))
		return EXIT_USAGE;
	if (call.help && !call.command)
		argp_parse(&argp, 2, help_argv, OPTIONS_FLAGS, NULL, &call); /* exits */
	if (!call.command) {
		msg_error("no command given");
		msg_hint("see slubnode-trace --help");
		return EXIT_USAGE;
	}
	call.options.command = call.command;
	snprintf(name, sizeof(name), "slubnode-trace %s", call.command->name);
	help_argv[0] = argv[call.at] = name;
	call.options.of_command = true;
	if (call.help)
		return call.command->run(&call.options, 2, help_argv);
	code = call.command->run(&call.options, argc - call.at, argv + call.at);
	filter_free(&call.options.filter);
	option_list_free(&call.options.given);
	return code;
}
