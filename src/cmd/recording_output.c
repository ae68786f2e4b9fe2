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
	o->latest = o->limit ? latest_new() : NULL;
	err = o->limit && !o->latest ? -ENOMEM : recorder_open(&o->recorder, o->file, o->limit);
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

int recording_output_begin(struct recording_output *o)
{
	int err = o && o->recorder ? recorder_begin(o->recorder, &o->head) : 0;

	if (err)
		msg_error("cannot write the recording %s: %s", o->file, strerror(-err));
	return err;
}

void recording_output_record(const struct recording_output *o, const struct record *r)
{
	if (!o || !o->recorder)
		return;
	recorder_record(o->recorder, r);
	if (o->latest)
		latest_feed(o->latest, r);
}

void recording_output_start(const struct recording_output *o)
{
	if (o && o->recorder)
		recorder_start(o->recorder);
}

void recording_output_run(const struct recording_output *o, const struct recording_run *run)
{
	if (o->recorder)
		recorder_run(o->recorder, run);
}

static int add_of_state(void *recorder, const struct record *r)
{
	recorder_record(recorder, r);
	return 0;
}

bool recording_output_turn(const struct recording_output *o, bool waiting)
{
	if (!o || !o->latest || !recorder_wants_state(o->recorder))
		return false;
	if (waiting || !latest_is_settled(o->latest))
		return !waiting;
	recorder_state_begin(o->recorder);
	latest_emit(o->latest, add_of_state, o->recorder);
	recorder_start(o->recorder);
	recorder_state_end(o->recorder);
	return false;
}

int recording_output_close(struct recording_output *o, int code)
{
	int err = recorder_close(o->recorder);

	o->recorder = NULL;
	latest_free(o->latest);
	o->latest = NULL;
	if (!err)
		return code;
	msg_error("the recording %s is not whole: %s", o->file,
		  err == -ENOBUFS ? "the disk was too slow" : strerror(-err));
	return code == EXIT_FINE ? EXIT_INCONCLUSIVE : code;
}
