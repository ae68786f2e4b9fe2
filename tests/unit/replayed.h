/* SPDX-License-Identifier: GPL-2.0-only */
/* Replays of a recording by all writers, as text. */
#ifndef REPLAYED_H
#define REPLAYED_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/msg.h"
#include "cmd/exit_status.h"
#include "cmd/replay.h"
#include "model/verdict.h"
#include "output/check.h"
#include "output/trace_view.h"

/* The outcome of a replay, and the output of the writers. */
struct replayed {
	int refused; /* the exit status of a file that was not played; 0: it was */
	bool whole;
	struct outcome outcome;
	struct verdict verdict;
	char *text; /* of the text, TAP, KTAP and JUnit */
	size_t len;
	char *json;
	size_t json_len;
	char *perfetto;
	size_t perfetto_len;
};

/* The views that a replay writes. */
struct replayed_views {
	struct view views[3]; /* text, JSON, Perfetto */
	struct check_report *report;
};

static inline void replayed_session(void *context, const struct session_record *r)
{
	struct replayed_views *v = context;

	for (int i = 0; i < 3; i++) {
		v->views[i].zero_ns = r->head.time_ns;
		v->views[i].wall_ns = r->wall_ns;
	}
}

static inline void replayed_transition(void *context, const struct transition *t)
{
	struct replayed_views *v = context;

	for (int i = 0; i < 3; i++)
		v->views[i].ops->transition(&v->views[i], t);
}

static inline void replayed_finding(void *context, const struct finding *f)
{
	struct replayed_views *v = context;

	for (int i = 0; i < 3; i++)
		v->views[i].ops->finding(&v->views[i], f);
}

static inline void replayed_lost(void *context, const struct lost_record *r)
{
	struct replayed_views *v = context;

	for (int i = 0; i < 3; i++)
		v->views[i].ops->lost(&v->views[i], r->dropped + r->skipped, r->head.time_ns);
}

static inline void replayed_change(void *context, const struct node_change *c)
{
	struct replayed_views *v = context;

	for (int i = 0; i < 3; i++)
		if (v->views[i].ops->change)
			v->views[i].ops->change(&v->views[i], c);
}

static inline void replayed_offline(void *context, const struct offline_failure *f)
{
	struct replayed_views *v = context;

	for (int i = 0; i < 3; i++)
		v->views[i].ops->offline_failed(&v->views[i], f);
}

static inline void replayed_start(void *context, const struct facts *f)
{
	struct replayed_views *v = context;
	struct check_report *r = v->report;

	for (int i = 0; i < 3; i++)
		v->views[i].ops->start(&v->views[i], f);
	snprintf(r->kernel, sizeof(r->kernel), "%s", f->session->kernel);
	snprintf(r->probes, sizeof(r->probes), "%s", f->session->probes);
	r->caches = f->caches;
	r->structures = f->structures;
	r->start_ns = f->session->head.time_ns;
	r->wall_ns = f->session->wall_ns;
}

/* Judge the run, and write the reports of `check'. */
static inline void replayed_judge(struct replayed *x, const struct model *m, const struct run *run,
				  struct check_report *r, FILE *out, FILE *json)
{
	static const struct verdict_options options = { .expect = EXPECT_RETAIN };
	const struct verdict_input in = {
		.options = &options,
		.evidence = model_evidence(m),
		.ledger = model_ledger(m),
		.findings = model_findings(m),
		.coverage = model_coverage(m),
		.caveats = &x->outcome.caveats,
		.cmd = run->cmd ? run->cmd[0] : NULL,
	};
	int status;

	verdict_make(&r->verdict, &in);
	x->verdict = r->verdict;
	r->end_ns = x->outcome.end_ns;
	r->conclusion = "judged";
	status = r->verdict.conclusion == CONCLUSION_PASS ? EXIT_FINE : EXIT_INCONCLUSIVE;
	check_write_text(out, r, status);
	check_write_tap(out, r, status);
	check_write_ktap(out, r, status);
	check_write_json(json, r, status);
	check_write_junit(out, r, status);
}

/* Play a file, and let all writers write. The caller frees the text. */
static inline void replay_all(struct replayed *x, const char *file)
{
	static const struct filter filter;
	struct check_report report = { .conclusion = "", .columns = 80, .host = "host" };
	struct replayed_views v = { .report = &report };
	const struct session_observer observer = {
		.model = { &v, replayed_session, replayed_transition, replayed_finding,
			   replayed_lost, replayed_change, replayed_offline },
		.context = &v,
		.start = replayed_start,
	};
	struct replay *r;
	struct run run;
	FILE *out, *json, *perfetto;

	*x = (struct replayed){};
	x->refused = replay_open(&r, file);
	if (x->refused)
		return;
	out = open_memstream(&x->text, &x->len);
	json = open_memstream(&x->json, &x->json_len);
	perfetto = open_memstream(&x->perfetto, &x->perfetto_len);
	v.views[0] = (struct view){
		.ops = &view_text, .out = out, .columns = 80, .by_cache = true, .verbose = true
	};
	v.views[1] = (struct view){ .ops = &view_json, .out = json };
	v.views[2] = (struct view){ .ops = &view_perfetto, .out = perfetto };
	for (int i = 0; i < 3; i++)
		if (v.views[i].ops->open && v.views[i].ops->open(&v.views[i]))
			abort();
	if (!replay_begin(r, &observer, &filter)) {
		for (int i = 0; i < 3; i++)
			v.views[i].model = replay_model(r);
		replay_run(r, &run, &x->outcome);
		x->whole = !x->outcome.caveats.count ||
			   x->outcome.caveats.list[0].kind != CAVEAT_BROKEN_OFF;
		for (int i = 0; i < 3; i++)
			v.views[i].ops->summary(&v.views[i], replay_model(r), x->outcome.end_ns);
		replayed_judge(x, replay_model(r), &run, &report, out, json);
	}
	for (int i = 0; i < 3; i++)
		if (v.views[i].ops->close)
			v.views[i].ops->close(&v.views[i]);
	fclose(perfetto);
	fclose(out);
	fclose(json);
	replay_close(r);
}

static inline void replayed_free(struct replayed *x)
{
	free(x->text);
	free(x->json);
	free(x->perfetto);
	*x = (struct replayed){};
}

#endif /* REPLAYED_H */
