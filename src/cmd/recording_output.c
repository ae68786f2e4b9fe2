// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/msg.h"
#include "cmd/exit_status.h"
#include "cmd/recording_output.h"

int recording_output_open(struct recording_output *o, const char *command, const char *cmd)
{
	int err;

	if (!o->file)
		return 0;
	err = recorder_open(&o->recorder, o->file, o->limit);
	if (err) {
		msg_error("cannot record to %s: %s", o->file,
			  err == -ENODEV ? "it is not a regular file" : strerror(-err));
		return EXIT_USAGE;
	}
	snprintf(o->head.command, sizeof(o->head.command), "%s", command);
	snprintf(o->head.cmd, sizeof(o->head.cmd), "%s", cmd ?: "");
	option_list_to_head(o->options, &o->head);
	return 0;
}

void recording_output_run(const struct recording_output *o, const struct run *run, int error)
{
	const struct recording_run r = {
		.error = error,
		.cmd_error = run->cmd_error,
		.cmd_started = run->cmd_started,
		.cmd_ended = run->cmd_ended,
		.cmd_status = run->cmd_status,
	};

	if (o->recorder)
		recorder_run(o->recorder, &r);
}

int recording_output_close(struct recording_output *o, int code)
{
	int err = recorder_close(o->recorder);

	o->recorder = NULL;
	if (!err)
		return code;
	msg_error("the recording %s is not whole: %s", o->file,
		  err == -ENOBUFS ? "the disk was too slow" : strerror(-err));
	return code == EXIT_FINE ? EXIT_INCONCLUSIVE : code;
}
