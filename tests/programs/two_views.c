// SPDX-License-Identifier: GPL-2.0-only
/*
 * two_views JSON PERFETTO CACHE CMD...: runs CMD in a session, and writes what happens to two
 * files, as JSON Lines and as a trace for Perfetto, so that both have the same run. The debug
 * registers watch structures of CACHE.
 */
#include <stdio.h>
#include <unistd.h>
#include "base/msg.h"
#include "cmd/run.h"
#include "cmd/session.h"
#include "output/trace_view.h"

#define VIEWS 2

struct two_views {
	struct view view[VIEWS];
	/* What comes before the facts. */
	FILE *file[VIEWS];
	char *early[VIEWS];
	size_t early_len[VIEWS];
	struct session *session;
};

static void on_session(void *context, const struct session_record *r)
{
	struct two_views *two = context;

	for (int i = 0; i < VIEWS; i++) {
		two->view[i].zero_ns = r->head.time_ns;
		two->view[i].wall_ns = r->wall_ns;
	}
}

static void on_start(void *context, const struct facts *f)
{
	struct two_views *two = context;

	for (int i = 0; i < VIEWS; i++) {
		struct view *v = &two->view[i];

		fclose(v->out);
		v->out = two->file[i];
		v->model = session_model(two->session);
		v->ops->start(v, f);
		fwrite(two->early[i], 1, two->early_len[i], v->out);
	}
}

static void on_transition(void *context, const struct transition *t)
{
	struct two_views *two = context;

	for (int i = 0; i < VIEWS; i++) {
		two->view[i].ops->transition(&two->view[i], t);
		fflush(two->view[i].out); /* CMD looks for events */
	}
}

static void on_finding(void *context, const struct finding *f)
{
	struct two_views *two = context;

	for (int i = 0; i < VIEWS; i++) {
		two->view[i].ops->finding(&two->view[i], f);
		fflush(two->view[i].out);
	}
}

static void on_lost(void *context, const struct lost_record *r)
{
	struct two_views *two = context;

	for (int i = 0; i < VIEWS; i++)
		if (r->dropped + r->skipped)
			two->view[i].ops->lost(&two->view[i], r->dropped + r->skipped,
					       r->head.time_ns);
}

static void on_change(void *context, const struct node_change *c)
{
	struct two_views *two = context;

	for (int i = 0; i < VIEWS; i++)
		if (two->view[i].ops->change)
			two->view[i].ops->change(&two->view[i], c);
}

static int two_views_open(struct two_views *two, char *const paths[VIEWS])
{
	static const struct view_ops *const ops[VIEWS] = { &view_json, &view_perfetto };

	for (int i = 0; i < VIEWS; i++) {
		struct view *v = &two->view[i];

		v->ops = ops[i];
		two->file[i] = fopen(paths[i], "we");
		v->out = open_memstream(&two->early[i], &two->early_len[i]);
		if (!two->file[i] || !v->out || (v->ops->open && v->ops->open(v)))
			return -1;
	}
	return 0;
}

static int two_views_close(struct two_views *two, __u64 end_ns)
{
	int err = 0;

	for (int i = 0; i < VIEWS; i++) {
		struct view *v = &two->view[i];

		v->ops->summary(v, session_model(two->session), end_ns);
		err |= fclose(v->out);
	}
	return err;
}

static int two_views_run(struct two_views *two, const char *cache, char **cmd)
{
	const struct filter filter = {};
	const char *field = "nr_partial";
	const struct detection_options detection = {
		.watch_caches = &cache,
		.watch_cache_count = 1,
		.watch_fields = &field,
		.watch_field_count = 1,
		.sweep_s = 0.5,
	};
	const struct session_observer observer = {
		.model = { two, on_session, on_transition, on_finding, on_lost, on_change },
		.start = on_start,
	};
	struct run run = {
		.cmd = cmd, .cmd_out = STDERR_FILENO, .out = STDOUT_FILENO, .failure = -1
	};
	struct outcome outcome;
	int err;

	if (run_open(&run))
		return -1;
	if (session_open(&two->session, &(struct session_options){
						.observer = &observer,
						.filter = &filter,
						.detection = &detection,
					}))
		return -1;
	err = run_loop(&run, two->session);
	session_finish(two->session, err, &outcome);
	err |= two_views_close(two, outcome.end_ns);
	session_close(two->session);
	run_close(&run);
	return err || run_cmd_failed(&run) ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct two_views two = {};

	if (argc < 5)
		return 2;
	msg_hook_libbpf();
	if (two_views_open(&two, argv + 1) || two_views_run(&two, argv[3], argv + 4)) {
		fprintf(stderr, "two_views: failed\n");
		return 1;
	}
	return 0;
}
