// SPDX-License-Identifier: GPL-2.0-only
/*
 * second_model CMD...: runs CMD in a session with all tiers, and keeps every record
 * that enters the model. A second model is fed with these records alone, and both
 * models write their transitions, findings, losses, summary, caveats and verdict as
 * JSON. The result, in TAP, is whether both texts are equal to the last byte. Each free is
 * written to the file "freed", so that CMD can access a freed structure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/msg.h"
#include "cmd/recording_output.h"
#include "cmd/run.h"
#include "cmd/session.h"
#include "model/evidence.h"
#include "model/record.h"
#include "output/check.h"
#include "output/trace_view.h"

/* The answer of a model, as text. */
struct printed {
	struct view view;
	struct evidence *evidence;
	FILE *freed; /* "CACHE ADDRESS" for each free, as it happens; NULL: none */
	char *text;
	size_t len;
};

/* What entered the first model: the records, one behind the other. */
struct stream {
	struct printed answer; /* the first model's */
	FILE *file;
	char *bytes;
	size_t len;
	unsigned int types[RECORD_TYPES];
};

static void on_session(void *context, const struct session_record *r)
{
	((struct printed *)context)->view.zero_ns = r->head.time_ns;
}

static void on_transition(void *context, const struct transition *t)
{
	struct printed *a = context;

	evidence_take(a->evidence, t);
	a->view.ops->transition(&a->view, t);
	if (a->freed && t->kind == T_FREED) {
		fprintf(a->freed, "%s 0x%llx\n", t->cache_name, t->address);
		fflush(a->freed);
	}
}

static void on_finding(void *context, const struct finding *f)
{
	struct printed *a = context;

	a->view.ops->finding(&a->view, f);
}

static void on_lost(void *context, const struct lost_record *r)
{
	struct printed *a = context;

	fprintf(a->view.out, "lost %llu %llu %llu\n", r->dropped, r->skipped, r->malformed);
}

static void on_record(void *context, const struct record *r)
{
	struct stream *s = context; /* the answer is its first member */

	s->types[r->type]++;
	fwrite(r, record_len(r), 1, s->file);
}

static int answer_open(struct printed *a)
{
	a->view.ops = &view_json;
	a->view.out = open_memstream(&a->text, &a->len);
	a->evidence = evidence_new();
	return a->view.out && a->evidence ? 0 : -1;
}

/* Write what is known at the end. */
static void answer_close(struct printed *a, const struct model *m, const struct verdict_options *o,
			 __u64 end_ns)
{
	struct check_report report = { .conclusion = "" };
	struct caveats caveats;

	model_caveats(m, &caveats);
	verdict_make(&report.verdict, &(struct verdict_input){
					      .options = o,
					      .evidence = a->evidence,
					      .ledger = model_ledger(m),
					      .findings = model_findings(m),
					      .coverage = model_coverage(m),
					      .caveats = &caveats,
				      });
	a->view.ops->summary(&a->view, m, end_ns);
	for (unsigned int i = 0; i < caveats.count; i++)
		fprintf(a->view.out, "%s\n", caveats.list[i].reason);
	check_write_json(a->view.out, &report, report.verdict.conclusion);
	fclose(a->view.out);
	evidence_free(a->evidence);
}

static int point(bool passed, const char *name)
{
	static unsigned int number;

	printf("%sok %u - %s\n", passed ? "" : "not ", ++number, name);
	return !passed;
}

/* Print the first line in which two texts differ. */
static void print_difference(const char *a, const char *b)
{
	size_t line = 0;

	while (*a && *a == *b) {
		line = *a == '\n' ? 0 : line + 1;
		a++;
		b++;
	}
	a -= line;
	b -= line;
	printf("# first model:  %.*s\n# second model: %.*s\n", (int)strcspn(a, "\n"), a,
	       (int)strcspn(b, "\n"), b);
}

/* Feed a model with bytes, as a reader of a recording would. Returns how many were no record. */
static unsigned int feed_stream(struct model *m, const char *bytes, size_t len)
{
	unsigned int errors = 0;

	while (len) {
		const struct record *r = record_check(bytes, len);

		if (!r || model_feed(m, r))
			return errors + 1;
		bytes += record_len(r);
		len -= record_len(r);
	}
	return errors;
}

static int first_model(struct stream *s, const struct filter *filter,
		       const struct verdict_options *verdict, char **cmd, __u64 *end_ns)
{
	const struct detection_options all = {};
	const struct session_observer observer = {
		.model = { s, on_session, on_transition, on_finding, on_lost, NULL },
		.context = s,
		.record = on_record,
	};
	struct run run = {
		.cmd = cmd, .cmd_out = STDERR_FILENO, .out = STDOUT_FILENO, .failure = -1
	};
	struct session *session;
	struct outcome outcome;
	int err;

	if (run_open(&run))
		return -1;
	if (session_open(&session, &(struct session_options){
					   .observer = &observer,
					   .filter = filter,
					   .detection = &all,
					   .recording = &(struct recording_output){},
				   }))
		return -1;
	err = run_loop(&run, session);
	session_finish(session, err, &outcome);
	*end_ns = outcome.end_ns;
	answer_close(&s->answer, session_model(session), verdict, *end_ns);
	session_close(session);
	run_close(&run);
	return err || run_cmd_failed(&run) ? -1 : 0;
}

int main(int argc, char **argv)
{
	const struct verdict_options verdict = { .expect = EXPECT_RETAIN };
	const struct filter filter = {};
	struct stream s = {};
	struct printed second = {};
	struct model *m;
	__u64 end_ns = 0;
	int failed = 0;

	if (argc < 2 || answer_open(&s.answer) || answer_open(&second))
		return 2;
	s.answer.freed = fopen("freed", "we");
	msg_hook_libbpf();
	s.file = open_memstream(&s.bytes, &s.len);
	failed += point(!first_model(&s, &filter, &verdict, argv + 1, &end_ns), "the live run");
	fclose(s.file);
	m = model_new(&filter, &(struct model_observer){ &second, on_session, on_transition,
							 on_finding, on_lost, NULL, NULL });
	failed += point(!feed_stream(m, s.bytes, s.len), "each record is one");
	answer_close(&second, m, &verdict, end_ns);
	printf("# %zu bytes of records, %zu bytes of answer\n", s.len, second.len);
	for (unsigned int type = 1; type < RECORD_TYPES; type++)
		printf("# records of type %u: %u\n", type, s.types[type]);
	failed += point(s.types[RECORD_NODE] && s.types[RECORD_STRUCTURE] &&
				s.types[RECORD_FREED] && s.types[RECORD_COVERAGE] &&
				s.types[RECORD_CLOCK] && s.types[RECORD_END],
			"the stream has records of the kernel and of user space");
	failed += point(strstr(s.answer.text, "\"type\":\"structure\""), "there are transitions");
	failed += point(strstr(s.answer.text, "\"type\":\"finding\""), "there are findings");
	failed += point(strstr(s.answer.text, "\"type\":\"verdict\""), "there is a verdict");
	if (point(!strcmp(s.answer.text, second.text), "a second model gives the same answer")) {
		print_difference(s.answer.text, second.text);
		failed++;
	}
	printf("1..7\n");
	return failed != 0;
}
