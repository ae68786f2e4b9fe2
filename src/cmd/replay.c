// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/msg.h"
#include "base/progress.h"
#include "cmd/exit_status.h"
#include "cmd/replay.h"
#include "model/record.h"

struct replay {
	const char *file;
	int fd;
	struct recording *recording;
	struct model *model;
	const struct session_observer *observer;
	struct run *run;
	char *cmd[2];
	__u64 zero_ns, wall_ns; /* both clocks, when the session began */
	__u64 last_ns;          /* of the last record */
	__u32 *emptied;         /* by node, before the recording begins in the middle of the run */
	bool started, ended;
	int error;
};

static int cannot_read(const struct replay *r, const char *why)
{
	msg_error("cannot read the recording %s: %s", r->file, why);
	return EXIT_USAGE;
}

int replay_open(struct replay **replay, const char *file)
{
	struct replay *r = calloc(1, sizeof(*r));
	int code = 0, err;

	*replay = NULL;
	if (r)
		r->emptied = calloc(RECORD_NODES, sizeof(*r->emptied));
	if (!r || !r->emptied) {
		msg_error("out of memory");
		free(r);
		return EXIT_CANNOT_RUN;
	}
	r->file = file;
	r->fd = strcmp(file, "-") ? open(file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (r->fd < 0) {
		code = cannot_read(r, strerror(errno));
	} else {
		err = recording_open(&r->recording, r->fd);
		if (err)
			code = cannot_read(r, r->recording ? recording_why(r->recording)
							   : strerror(-err));
	}
	if (code) {
		replay_close(r);
		return code;
	}
	*replay = r;
	return 0;
}

void replay_close(struct replay *r)
{
	if (!r)
		return;
	model_free(r->model);
	free(r->emptied);
	recording_close(r->recording);
	if (r->fd > STDIN_FILENO)
		close(r->fd);
	free(r);
}

const struct recording_head *replay_head(const struct replay *r)
{
	return recording_head(r->recording);
}

struct model *replay_model(const struct replay *r)
{
	return r->model;
}

/* --- records --- */

static void replay_start(struct replay *r)
{
	const struct session_observer *o = r->observer;
	struct facts facts;

	if (r->started)
		return;
	r->started = true;
	if (recording_is_partial(r->recording))
		msg_warn("the recording begins in the middle of the run");
	model_facts(r->model, &facts);
	if (o->start)
		o->start(o->context, &facts);
}

/* Note what the replay itself needs of a record. */
static void replay_note(struct replay *r, const struct record *record)
{
	if (record->type == RECORD_SESSION) {
		r->zero_ns = record->time_ns;
		r->wall_ns = ((const struct session_record *)record)->wall_ns;
	}
	if (record->time_ns > r->last_ns)
		r->last_ns = record->time_ns;
	r->ended |= record->type == RECORD_END;
}

/*
 * Count the removals of a node since the recording begins, as those that it has records of. Returns
 * the record to feed.
 */
static struct blocks_record replay_blocks(struct replay *r, const struct blocks_record *from)
{
	struct blocks_record to = *from;

	if (recording_is_partial(r->recording) && !r->started)
		r->emptied[to.nid] = to.emptied;
	to.emptied -= r->emptied[to.nid];
	return to;
}

/* Feed a record as session_feed() does. Returns 0 or a negative errno. */
static int replay_feed(struct replay *r, const struct record *record)
{
	const struct session_observer *o = r->observer;
	union {
		struct end_record end;
		struct blocks_record blocks;
	} copy;
	int err;

	replay_note(r, record);
	if (record->type == RECORD_END) {
		copy.end = *(const struct end_record *)record;
		copy.end.partial = recording_is_partial(r->recording);
		record = &copy.end.head;
	} else if (record->type == RECORD_BLOCKS) {
		copy.blocks = replay_blocks(r, (const void *)record);
		record = &copy.blocks.head;
	}
	if (o->record)
		o->record(o->context, record);
	err = model_feed(r->model, record);
	if (err && err != -EINVAL)
		return err;
	return record->type == RECORD_CLOCK && o->turn_over ? o->turn_over(o->context) : 0;
}

static int replay_malformed(struct replay *r)
{
	const struct lost_record lost = {
		.head = { .type = RECORD_LOST, .time_ns = r->last_ns },
		.malformed = 1,
	};

	return replay_feed(r, &lost.head);
}

static void replay_take_run(struct replay *r, const struct recording_run *from)
{
	r->error = from->error;
	r->run->cmd_error = from->cmd_error;
	r->run->cmd_started = from->cmd_started;
	r->run->cmd_ended = from->cmd_ended;
	r->run->cmd_status = from->cmd_status;
}

static int replay_entry(struct replay *r, const struct recording_entry *e)
{
	switch (e->kind) {
	case ENTRY_START: replay_start(r); return 0;
	case ENTRY_RUN: replay_take_run(r, &e->run); return 0;
	default: return e->record ? replay_feed(r, e->record) : replay_malformed(r);
	}
}

/* --- the end --- */

/* Report how much of the run the file has. */
static void hint_time(const struct replay *r)
{
	time_t seconds = (time_t)((r->wall_ns + (r->last_ns - r->zero_ns)) / 1000000000);
	struct tm tm = {};
	char text[32] = "";

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	if (r->zero_ns)
		msg_hint("it has the run until %s", text);
	else
		msg_hint("it has nothing of the run");
}

/* Feed the end of the records. Returns 0 or a negative errno. */
static int replay_end(struct replay *r, int error)
{
	const struct end_record end = {
		.head = { .type = RECORD_END, .time_ns = r->last_ns },
		.error = error,
	};

	r->run->cmd = NULL; /* how it ended is not known */
	return replay_feed(r, &end.head);
}

/* Report that the file is not whole. Returns 0 or a negative errno. */
static int replay_broken(struct replay *r, const char *why)
{
	msg_error("the recording %s is not whole: %s", r->file, why);
	hint_time(r);
	return replay_end(r, CAVEATS_CUT);
}

/* Play all entries. Returns 0 or a negative errno. */
static int replay_entries(struct replay *r)
{
	struct recording_entry entry;
	int more, err = 0;

	while ((more = recording_next(r->recording, &entry)) > 0) {
		err = replay_entry(r, &entry);
		if (err || r->run->stop)
			return err;
	}
	if (more)
		return replay_broken(r, recording_why(r->recording));
	if (!r->ended && !r->run->cmd_error)
		return replay_broken(r, "it lacks the end of the run");
	return 0;
}

int replay_begin(struct replay *r, const struct session_observer *observer,
		 const struct filter *filter)
{
	r->observer = observer;
	r->model = model_new(filter, &observer->model);
	if (r->model)
		return 0;
	msg_error("out of memory");
	return EXIT_CANNOT_RUN;
}

int replay_run(struct replay *r, struct run *run, struct outcome *outcome)
{
	const struct recording_head *head = replay_head(r);
	int err;

	*run = (struct run){ .out = -1, .failure = -1 };
	r->cmd[0] = (char *)head->cmd;
	run->cmd = *head->cmd ? r->cmd : NULL;
	r->run = run;
	/* The lines that are printed meanwhile show the progress themselves. */
	if (msg_level() >= MSG_NORMAL && !r->observer->turn_over)
		progress_begin("reading the recording");
	err = replay_entries(r);
	progress_end();
	if (err) {
		msg_error("cannot replay %s: %s", r->file, strerror(-err));
		replay_end(r, err); /* the model reports the missing records as a caveat */
	} else if (run->cmd_error) {
		msg_error("%s was not started: %s", head->cmd, strerror(-run->cmd_error));
	} else {
		replay_start(r);
	}
	outcome_make(outcome, r->model, r->last_ns);
	return err ? err : r->error;
}
