// SPDX-License-Identifier: GPL-2.0-only
/* The command bugreport: a recording without secrets, and what there is to know of the machine. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/msg.h"
#include "base/progress.h"
#include "base/read_line.h"
#include "cmd/exit_status.h"
#include "cmd/options.h"
#include "cmd/output.h"
#include "cmd/tar.h"
#include "recording/mask.h"

#define DIRECTORY "slubnode-bugreport/"

struct bugreport {
	struct options *options;
	struct mask mask;
	FILE *out;
	__u64 wall_ns;
	bool cut; /* the recording is not whole */
};

enum { KEY_NO_TASKS = 0x300 };

static const struct argp_option bugreport_options[] = {
	{ "no-tasks", KEY_NO_TASKS, NULL, 0,
	  "Leave out the names of tasks, of the command and of the host", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static error_t bugreport_parse(int key, char *arg, struct argp_state *state)
{
	struct bugreport *b = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT: state->child_inputs[0] = b->options; return 0;
	case KEY_NO_TASKS: b->mask.no_tasks = true; return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* --- the files --- */

/* Add what a descriptor has from its beginning, which is closed. Returns 0 or a negative errno. */
static int add_descriptor(struct bugreport *b, const char *name, int fd)
{
	char part[4096], *bytes = NULL;
	ssize_t count = 0;
	size_t len = 0;
	FILE *all;
	int err;

	if (fd < 0)
		return -errno;
	all = open_memstream(&bytes, &len);
	while (all && (count = read(fd, part, sizeof(part))) > 0)
		fwrite(part, 1, (size_t)count, all);
	err = !all ? -ENOMEM : count < 0 ? -errno : 0;
	close(fd);
	if (all && fclose(all))
		err = -ENOMEM;
	if (!err)
		tar_add(b->out, name, bytes, len, b->wall_ns);
	free(bytes);
	return err;
}

/* Copy the recording without its secrets. Returns 0 or a negative errno. */
static int copy_recording(struct bugreport *b, struct recording *from, const char *file)
{
	struct recording_head head = *recording_head(from);
	struct recording_writer *to;
	int err = recording_writer_open(&to, file, 0), closed;

	if (err)
		return err;
	if (b->mask.no_tasks) {
		strcpy(head.host, "localhost");
		if (*head.cmd)
			strcpy(head.cmd, "CMD");
	}
	err = recording_writer_begin(to, &head);
	if (!err)
		err = mask_recording(&b->mask, from, to);
	closed = recording_writer_close(to);
	if (err != -ENODATA)
		return err ? err : closed;
	b->cut = true;
	msg_warn("the recording %s is not whole: %s", b->options->input, recording_why(from));
	return closed;
}

static int add_recording(struct bugreport *b, struct recording *from)
{
	int fd = memfd_create("recording", MFD_CLOEXEC), err;
	char file[32];

	if (fd < 0)
		return -errno;
	snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	err = copy_recording(b, from, file);
	if (err) {
		close(fd);
		return err;
	}
	lseek(fd, 0, SEEK_SET);
	return add_descriptor(b, DIRECTORY "recording.slub", fd);
}

/* Add the output of this program for an argument. Its exit status is not of interest. */
static void add_output(struct bugreport *b, const char *name, const char *argument)
{
	int fd = memfd_create("output", MFD_CLOEXEC);
	pid_t pid = fd < 0 ? -1 : fork();

	if (!pid) {
		if (dup2(fd, STDOUT_FILENO) >= 0 && dup2(fd, STDERR_FILENO) >= 0)
			execl("/proc/self/exe", "slubnode-trace", argument, NULL);
		_exit(EXIT_CANNOT_RUN);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	if (pid < 0 || add_descriptor(b, name, fd))
		msg_warn("cannot add the output of `slubnode-trace %s'", argument);
}

static void add_config(struct bugreport *b, const char *release)
{
	char file[128];

	snprintf(file, sizeof(file), "/boot/config-%s", release);
	if (!add_descriptor(b, DIRECTORY "config.gz",
			    open("/proc/config.gz", O_RDONLY | O_CLOEXEC)) ||
	    !add_descriptor(b, DIRECTORY "config", open(file, O_RDONLY | O_CLOEXEC)))
		return;
	msg_warn("the configuration of the kernel is neither in /proc/config.gz nor in /boot");
}

static void add_release(struct bugreport *b, const struct recording_head *head)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return;
	fprintf(out, "kernel: %s %s %s\nrecorded by: slubnode-trace %s\n", head->kernel,
		head->build, head->machine, head->tool);
	fclose(out);
	tar_add(b->out, DIRECTORY "release.txt", text, len, b->wall_ns);
	free(text);
}

/* --- the command --- */

/* Write the archive. Returns 0 or a negative errno. */
static int bugreport_write(struct bugreport *b, struct recording *from)
{
	const struct recording_head *head = recording_head(from);
	char boot_id[40];
	int err = add_recording(b, from);

	if (err)
		return err;
	add_release(b, head);
	read_line("/proc/sys/kernel/random/boot_id", boot_id, sizeof(boot_id));
	if (!strcmp(boot_id, head->boot_id)) {
		add_output(b, DIRECTORY "probes.txt", "probes");
		add_config(b, head->kernel);
	} else {
		msg_warn(
			"the recording is not of this boot: what can be attached, and the configuration, are left out");
	}
	tar_end(b->out);
	return fflush(b->out) ? -errno : 0;
}

/* Delete what the archive had, and let only the user read it. Returns 0 or a negative errno. */
static int bugreport_begin(const struct bugreport *b)
{
	int fd = fileno(b->out);
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return 0;
	return fchmod(fd, 0600) || ftruncate(fd, 0) ? -errno : 0;
}

/* Open the recording, and write. Returns an exit status. */
static int bugreport_from(struct bugreport *b)
{
	int fd = strcmp(b->options->input, "-") ? open(b->options->input, O_RDONLY | O_CLOEXEC)
						: STDIN_FILENO;
	int err = fd < 0 ? -errno : 0, code = EXIT_USAGE;
	struct recording *from = NULL;

	if (!err)
		err = recording_open(&from, fd);
	if (err) {
		msg_error("cannot read the recording %s: %s", b->options->input,
			  from && *recording_why(from) ? recording_why(from) : strerror(-err));
	} else {
		err = bugreport_begin(b) ?: bugreport_write(b, from);
		if (err)
			msg_error("cannot write the report: %s", strerror(-err));
		code = err || b->cut ? EXIT_INCONCLUSIVE : EXIT_FINE;
	}
	recording_close(from);
	if (fd > STDIN_FILENO)
		close(fd);
	return code;
}

/* Open the archive, and write it. Returns an exit status. */
static int bugreport_to_file(struct bugreport *b)
{
	const char *name = b->options->output;
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600), code;

	b->out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!b->out) {
		msg_error("cannot write %s: %s", name, strerror(errno));
		return EXIT_USAGE;
	}
	code = output_check_input(fd, "--output", b->options->input) ?: bugreport_from(b);
	if (fclose(b->out) && code == EXIT_FINE) {
		msg_error("cannot write %s: %s", name, strerror(errno));
		code = EXIT_INCONCLUSIVE;
	}
	return code;
}

static int bugreport_run(struct options *options, int argc, char **argv)
{
	const struct argp argp = {
		.options = bugreport_options,
		.parser = bugreport_parse,
		.doc = "Pack a recording, the output of probes, the release and the configuration of the kernel into a tar archive. Addresses of the kernel are shifted by a random constant, which is not kept.\v"
		       "Examples:\n"
		       "  slubnode-trace bugreport -i run.slub -o report.tar\n"
		       "  slubnode-trace bugreport --no-tasks -i run.slub -o report.tar",
		.children = options_children,
	};
	struct bugreport b = { .options = options, .wall_ns = clock_ns(CLOCK_REALTIME) };

	if (argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &b))
		return EXIT_USAGE;
	if (!options->input || !options->output) {
		msg_error("bugreport needs --input and --output");
		msg_hint("record a run with `slubnode-trace trace --record FILE'");
		return EXIT_USAGE;
	}
	if (options->format != FORMAT_TEXT || options->filter.by_node ||
	    options->filter.glob_count) {
		msg_error("bugreport takes no --format, --node or --cache");
		msg_hint("it copies a recording as a whole");
		return EXIT_USAGE;
	}
	if (getrandom(&b.mask.shift, sizeof(b.mask.shift), 0) != sizeof(b.mask.shift) ||
	    getrandom(&b.mask.key, sizeof(b.mask.key), 0) != sizeof(b.mask.key)) {
		msg_error("cannot get random numbers: %s", strerror(errno));
		return EXIT_CANNOT_RUN;
	}
	return bugreport_to_file(&b);
}

const struct command command_bugreport = {
	.name = "bugreport",
	.summary = "pack a recording without its secrets, to be sent to others",
	.run = bugreport_run,
};
