// SPDX-License-Identifier: GPL-2.0-only
/*
 * two_views JSON PERFETTO CACHE CMD...: runs CMD in a session, and writes what happens to two
 * files, as JSON Lines and as a trace for Perfetto, so that both have the same run. The debug
 * registers watch one word in the structures of CACHE, nr_partial.
 */
#include <stdio.h>
#include <unistd.h>
#include "base/msg.h"
#include "cmd/run.h"
#include "cmd/session.h"
#include "cmd/trace_views.h"

static int add(struct trace_views *views, const struct view_ops *ops, const char *path)
{
	struct trace_view *v = &views->list[views->count++];

	v->view.ops = ops;
	v->out = fopen(path, "we");
	v->early = open_memstream(&v->early_text, &v->early_len);
	return !v->out || !v->early || (ops->open && ops->open(&v->view));
}

/* CMD looks for events in the files. */
static int on_turn_over(void *context)
{
	trace_views_flush(context);
	return 0;
}

static int record(struct trace_views *views, const char *cache, char **cmd)
{
	const char *field = "nr_partial";
	const struct filter filter = {};
	const struct detection_options detection = {
		.watch_caches = &cache,
		.watch_cache_count = 1,
		.watch_fields = &field,
		.watch_field_count = 1,
		.sweep_s = 0.5,
	};
	const struct session_observer observer = {
		.model = { views, trace_views_session, trace_views_transition, trace_views_finding,
			   trace_views_lost, trace_views_change },
		.context = views,
		.start = trace_views_start,
		.turn_over = on_turn_over,
	};
	struct run run = {
		.cmd = cmd, .cmd_out = STDERR_FILENO, .out = STDOUT_FILENO, .failure = -1
	};
	struct session *session;
	struct outcome outcome;
	int err;

	if (run_open(&run))
		return -1;
	if (session_open(&session, &(struct session_options){ .observer = &observer,
							      .filter = &filter,
							      .detection = &detection }))
		return -1;
	trace_views_model(views, session_model(session));
	err = run_loop(&run, session);
	session_finish(session, err, &outcome);
	trace_views_summary(views, session_model(session), outcome.end_ns);
	session_close(session);
	run_close(&run);
	return err || run_cmd_failed(&run) ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct trace_views views = {};
	int err;

	if (argc < 5 || add(&views, &view_json, argv[1]) || add(&views, &view_perfetto, argv[2]))
		return 2;
	msg_hook_libbpf();
	err = record(&views, argv[3], argv + 4);
	for (unsigned int i = 0; i < views.count; i++)
		err |= fclose(views.list[i].out);
	trace_views_close(&views);
	return err != 0;
}
