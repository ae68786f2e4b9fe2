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
	err = o->limit && !o->latest ? -ENOMEM
				     : recording_writer_open(&o->writer, o->file, o->limit);
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
	int err = o->writer ? recording_writer_begin(o->writer, &o->head) : 0;

	if (err)
		msg_error("cannot write the recording %s: %s", o->file, strerror(-err));
	return err;
}

void recording_output_record(struct recording_output *o, const struct record *r)
{
	if (!o->writer)
		return;
	recording_writer_record(o->writer, r);
	if (o->latest && !o->error)
		o->error = latest_feed(o->latest, r);
}

void recording_output_start(const struct recording_output *o)
{
	if (o->writer)
		recording_writer_start(o->writer);
}

void recording_output_run(const struct recording_output *o, const struct recording_run *run)
{
	if (o->writer)
		recording_writer_run(o->writer, run);
}

static int add_of_state(void *writer, const struct record *r)
{
	recording_writer_record(writer, r);
	return 0;
}

bool recording_output_turn(const struct recording_output *o, bool waiting)
{
	if (!o->latest || o->error || !recording_writer_wants_state(o->writer))
		return false;
	if (waiting || !latest_is_settled(o->latest))
		return !waiting;
	recording_writer_state_begin(o->writer);
	latest_emit(o->latest, add_of_state, o->writer);
	recording_writer_start(o->writer);
	recording_writer_state_end(o->writer);
	return false;
}

int recording_output_close(struct recording_output *o)
{
	int err = recording_writer_close(o->writer) ?: o->error;

	o->writer = NULL;
	latest_free(o->latest);
	o->latest = NULL;
	if (err)
		msg_error("the recording %s is not whole: %s", o->file,
			  err == -ENOBUFS ? "the disk was too slow" : strerror(-err));
	return err;
}
