// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/deadline.h"
#include "base/msg.h"
#include "base/node_set.h"
#include "base/progress.h"
#include "cmd/exit_status.h"
#include "cmd/recording_output.h"
#include "cmd/session.h"
#include "cmd/session_facts.h"
#include "cmd/session_offlines.h"
#include "trace/node_states.h"
#include "trace/pace.h"
#include "trace/poller.h"

#define LOST_NS    1000000000 /* until the next walk, if records of a walk were lost */
#define WAITING_NS 50000000   /* while an access waits to be judged */
#define UNREAD_NS  1000000    /* while another CPU writes a record that the next ones wait for */
#define LAST_WALKS 6

struct session {
	struct session_options options;
	struct tracer *tracer;
	struct model *model;
	struct detector *detector; /* NULL: accesses are not looked for */
	struct session_record record;
	struct facts facts; /* after the initial scan */
	bool started;       /* the observer has the facts */
	unsigned int caches;
	__u64 dropped, skipped; /* records that were reported to the model as lost */
	bool verify;            /* a walk is due: the ledger is compared with the kernel */
	__u64 walked_ns;        /* the end of the last walk */
	bool walk_lost;         /* records of it were lost */
	int epoll;              /* over the ring buffer and the uevents */
	struct node_states states;
	struct node_set barns_used;  /* nodes whose barns their CPUs use */
	enum stopped stopped;        /* a switch of the kernel was off after a change of memory */
	struct offline_nodes failed; /* offlines of these have failed */
	struct poller *poller;       /* where nothing is attached; otherwise NULL */
};

/* --- the records --- */

/* Feed a record of the session to the model. Returns 0 or a negative errno. */
static int session_feed(void *context, const struct record *r)
{
	struct session *s = context;
	int err;

	recording_output_record(s->options.recording, r);
	err = model_feed(s->model, r);
	return err == -EINVAL ? 0 : err; /* it was counted */
}

/*
 * Report the records lost since the last call; the tracer's counters are cumulative.
 * Returns 0 or a negative errno.
 */
static int session_feed_lost(struct session *s, __u64 dropped, __u64 skipped)
{
	struct lost_record r = {
		.head = { .type = RECORD_LOST, .time_ns = clock_now() },
		.dropped = dropped - s->dropped,
		.skipped = skipped - s->skipped,
	};

	if (!r.dropped && !r.skipped)
		return 0;
	s->dropped = dropped;
	s->skipped = skipped;
	s->verify = true;
	return session_feed(s, &r.head);
}

static int session_feed_all_lost(struct session *s)
{
	return session_feed_lost(s, tracer_dropped(s->tracer), tracer_skipped(s->tracer));
}

/* Report the same but for the skipped runs, which are dear to read: the next turn reports them. */
static int session_feed_dropped(struct session *s)
{
	return session_feed_lost(s, tracer_dropped(s->tracer), s->skipped);
}

/* Report bytes of the ring buffer that were not a record. */
static int session_feed_malformed(struct session *s)
{
	struct lost_record r = {
		.head = { .type = RECORD_LOST, .time_ns = clock_now() },
		.malformed = 1,
	};

	return session_feed(s, &r.head);
}

static bool session_ends_change(const struct record *record)
{
	const struct node_record *r = (const void *)record;

	return record->type == RECORD_NODE && r->phase == PHASE_END && r->nid >= 0 &&
	       (r->transition == NODE_ONLINE || r->transition == NODE_OFFLINE ||
		r->transition == NODE_CANCEL_ONLINE || r->transition == NODE_CANCEL_OFFLINE);
}

/*
 * Pass a record of the programs on. Where nothing is attached, the poller compares the
 * walks. Returns 0 or a negative errno.
 */
static int session_pass(struct session *s, const struct record *r)
{
	int err;

	if (s->poller)
		return poller_record(s->poller, r);
	if (!s->detector)
		return session_feed(s, r);
	err = detector_before(s->detector, r);
	if (err)
		return err;
	err = session_feed(s, r);
	return err ? err : detector_after(s->detector, r);
}

/* Return true if a failed offline and the slabs on its node are reported or recorded. */
static bool wants_slabs(const struct session_options *o)
{
	return o->observer->model.offline_failed || o->recording->writer;
}

/* Complete the record of a failed offline, and pass it on. Returns 0 or a negative errno. */
static int session_pass_offline(struct session *s, const struct offline_record *r)
{
	struct offline_record complete = *r;

	if (!wants_slabs(&s->options))
		return 0;
	offline_nodes_note(&s->failed, &s->states.blocks, &complete);
	return session_feed(s, &complete.head);
}

/* Handle a record of the programs; NULL was not a record. Returns 0 or a negative errno. */
static int session_on_record(void *context, const struct record *r)
{
	struct session *s = context;
	/* The loss comes first, because the gap lies before this record. */
	int err = session_feed_dropped(s);

	if (err || !r)
		return err ? err : session_feed_malformed(s);
	s->verify |= session_ends_change(r);
	if (r->type == RECORD_OFFLINE)
		return session_pass_offline(s, (const void *)r);
	return session_pass(s, r);
}

/*
 * Feed the coverage of the detector, and then the time, by which the model judges the
 * accesses that wait. Returns 0 or a negative errno.
 */
static int session_feed_clock(struct session *s)
{
	struct record clock = { .type = RECORD_CLOCK };
	int err = 0;

	if (s->detector)
		err = detector_report(s->detector, model_waiting(s->model));
	clock.time_ns = clock_now();
	return err ? err : session_feed(s, &clock);
}

/* --- the start --- */

static int session_feed_facts(struct session *s)
{
	session_facts(&s->record, s->tracer, &s->options);
	return session_feed(s, &s->record.head);
}

static int session_feed_tiers(struct session *s)
{
	for (unsigned int tier = 0; tier < TIERS; tier++) {
		struct tier_record r =
			s->detector ? detector_tier(s->detector, tier)
				    : detector_tier_without(s->tracer, s->options.detection, tier);
		int err = session_feed(s, &r.head);

		if (err)
			return err;
	}
	return 0;
}

/*
 * Feed the nodes whose barns came into use by their CPUs, or fell out of it, since the last call.
 * Returns 0 or a negative errno.
 */
static int session_feed_barns(struct session *s)
{
	struct barns_record r = { .head.type = RECORD_BARNS };
	struct node_set used;
	int err;

	if (!tracer_types(s->tracer)->per_node_barns)
		return 0;
	err = node_set_read(&used, "has_cpu");
	for (r.nid = 0; !err && r.nid < MAX_NODES; r.nid++) {
		if (used.has[r.nid] == s->barns_used.has[r.nid])
			continue;
		r.head.time_ns = clock_now();
		r.in_use = used.has[r.nid];
		s->barns_used.has[r.nid] = r.in_use != 0;
		err = session_feed(s, &r.head);
	}
	return err;
}

/* Feed the states of the nodes at the start. Returns 0 or a negative errno. */
static int session_feed_nodes(struct session *s)
{
	int err;

	node_states_init(&s->states, tracer_memory_that_counts(s->tracer));
	if (!s->record.differences_only)
		node_states_follow(&s->states);
	err = node_states_look(&s->states);
	return err ? err : node_states_emit(&s->states, session_feed, s);
}

/* Warn of patterns that match no cache. No error, because a cache may come. */
static void warn_unmatched(const struct session *s, const char *const *globs, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (!model_matches(s->model, globs[i]))
			msg_warn("no cache matches '%s' now", globs[i]);
}

/*
 * Scan all caches. Everything is attached by now, so no change is missed. Returns 0 or
 * an exit status, after an error message.
 */
static int initial_scan(struct session *s)
{
	int err = tracer_walk(s->tracer, WALK_INITIAL, &s->caches);
	if (err) {
		msg_error("cannot walk the caches: %s", strerror(-err));
		return err == -EAGAIN ? EXIT_INCONCLUSIVE : EXIT_CANNOT_RUN;
	}
	model_facts(s->model, &s->facts);
	warn_unmatched(s, s->options.filter->globs, s->options.filter->glob_count);
	return 0;
}

/* Open the detector, if accesses are looked for. Returns 0 or -ENOMEM. */
static int open_detector(struct session *s)
{
	struct detector_parts parts = {
		.tracer = s->tracer,
		.ledger = model_ledger(s->model),
		.filter = s->options.filter,
		.options = s->options.detection,
		.layout = &s->record.layout,
		.emit = session_feed,
		.context = s,
	};

	if (!s->record.accesses_sought)
		return 0;
	s->detector = detector_open(&parts);
	return s->detector ? 0 : -ENOMEM;
}

static int open_poller(struct session *s)
{
	const struct difference_ops ops = { s, session_feed };

	return poller_open(&s->poller, s->tracer, &ops, &s->states.memory);
}

static int session_watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int session_open_sources(struct session *s)
{
	int err;

	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0)
		return -errno;
	err = session_watch(s->epoll, tracer_fd(s->tracer));
	if (!err && s->detector && detector_fd(s->detector) >= 0)
		err = session_watch(s->epoll, detector_fd(s->detector));
	if (!err && !s->poller && s->states.uevents >= 0)
		err = session_watch(s->epoll, s->states.uevents);
	if (err || !s->poller || poller_fd(s->poller) < 0)
		return err;
	return session_watch(s->epoll, poller_fd(s->poller));
}

/* Feed the facts that are known before the first event. Returns 0 or a negative errno. */
static int session_prepare(struct session *s)
{
	int err = session_feed_facts(s);

	if (err)
		return err;
	err = open_detector(s);
	if (err)
		return err;
	err = session_feed_tiers(s);
	if (err)
		return err;
	err = session_feed_nodes(s) ?: session_feed_barns(s);
	if (err)
		return err;
	err = s->record.differences_only ? open_poller(s) : 0;
	return err ? err : session_open_sources(s);
}

/* Prepare, and scan the caches. Returns 0 or an exit status, after an error message. */
static int session_begin(struct session *s)
{
	int err;

	session_head(&s->options.recording->head, s->tracer);
	if (recording_output_begin(s->options.recording))
		return EXIT_CANNOT_RUN;
	err = session_prepare(s);

	if (!err)
		return initial_scan(s);
	msg_error("cannot begin: %s", strerror(-err));
	return EXIT_CANNOT_RUN;
}

int session_open(struct session **session, const struct session_options *options)
{
	struct session *s = calloc(1, sizeof(*s));
	struct tracer_options tracer = {
		.btf_file = options->btf_file,
		.attach = options->attach,
		.ring_bytes = options->ring_bytes,
		.detect = accesses_sought(options->detection),
		.slabs = wants_slabs(options),
		.record = session_on_record,
		.context = s,
	};
	int code;

	*session = NULL;
	if (s) {
		s->options = *options;
		s->epoll = s->states.uevents = -1;
		s->model = model_new(options->filter, &options->observer->model);
	}
	if (!s || !s->model) {
		msg_error("out of memory");
		session_close(s);
		return EXIT_CANNOT_RUN;
	}
	if (msg_level() >= MSG_NORMAL)
		progress_begin("loading and attaching the BPF programs");
	code = tracer_open(&s->tracer, &tracer) ? EXIT_CANNOT_RUN : 0;
	progress_end();
	if (!code)
		session_describe(tracer_plan(s->tracer));
	if (!code)
		code = session_require_running(s->tracer);
	if (!code)
		code = session_begin(s);
	if (code) {
		session_close(s);
		return code;
	}
	*session = s;
	return 0;
}

void session_close(struct session *s)
{
	if (!s)
		return;
	detector_close(s->detector);
	tracer_close(s->tracer);
	model_free(s->model);
	poller_close(s->poller);
	node_states_close(&s->states);
	if (s->epoll >= 0)
		close(s->epoll);
	free(s);
}

struct model *session_model(const struct session *s)
{
	return s->model;
}

/* --- turns --- */

static bool session_pending(const struct session *s)
{
	return ledger_trust(model_ledger(s->model))->pending;
}

int session_fd(const struct session *s)
{
	return s->epoll;
}

/*
 * Return when the next walk is due: soon after structures were dropped, less often later. One
 * whose own records are lost is not repeated at once.
 */
static __u64 session_next_walk_ns(const struct session *s)
{
	__u64 drop_ns;

	if (s->verify)
		return s->walk_lost ? s->walked_ns + LOST_NS : DEADLINE_NOW;
	if (!session_pending(s))
		return DEADLINE_NONE;
	drop_ns = ledger_newest_drop(model_ledger(s->model));
	return s->walked_ns + pace_walk_ns(s->walked_ns > drop_ns ? s->walked_ns - drop_ns : 0);
}

/* Return when the next turn is due if nothing happens; DEADLINE_NONE: it is not. */
static __u64 session_next_ns(const struct session *s)
{
	__u64 next_ns = DEADLINE_NONE;

	if (s->poller)
		return poller_next_ns(s->poller);
	if (tracer_unread(s->tracer) || s->states.due)
		next_ns = clock_now() + UNREAD_NS;
	next_ns = deadline_first(next_ns, session_next_walk_ns(s));
	next_ns = deadline_first(next_ns, model_next_ns(s->model));
	if (model_waiting(s->model))
		next_ns = deadline_first(next_ns, clock_now() + WAITING_NS);
	if (s->detector)
		next_ns = deadline_first(next_ns, detector_next_ns(s->detector));
	return next_ns;
}

int session_timeout(const struct session *s)
{
	__u64 next_ns = session_next_ns(s);

	return deadline_timeout(next_ns, clock_now());
}

static int session_seek_one(void *context, const struct ledger_sought *l)
{
	const struct sought_object sought = { .address = l->address,
					      .cache = l->cache,
					      .nid = l->nid };

	return tracer_seek(context, &sought);
}

/*
 * Let the next walk look at the structures that no pointer names. Those beyond the room stay
 * unknown. Returns 0 or a negative errno.
 */
static int session_seek(struct session *s)
{
	int err;

	tracer_seek_none(s->tracer);
	err = ledger_each_sought(model_ledger(s->model), session_seek_one, s->tracer);
	return err == -ENOSPC ? 0 : err;
}

/*
 * Walk, and let the digest alone decide where the last one was that of the ledger. Otherwise the
 * records of all caches and pointers show what differs. Returns as tracer_walk().
 */
static int session_walk(struct session *s)
{
	const struct ledger *l = model_ledger(s->model);

	if (ledger_agrees(l)) {
		int err = tracer_walk_digest(s->tracer, &s->caches) ?: session_feed_all_lost(s);

		if (err || ledger_agrees(l))
			return err;
	}
	return tracer_walk(s->tracer, WALK_VERIFY, &s->caches);
}

/*
 * Compare the ledger with the kernel. An incomplete walk is counted, and claims nothing.
 * Returns 0 or a negative errno.
 */
static int session_verify(struct session *s)
{
	__u64 dropped = s->dropped;
	int err;

	s->verify = false;
	err = session_feed_barns(s) ?: session_seek(s) ?: session_walk(s);
	s->walked_ns = clock_now();
	s->walk_lost = s->dropped != dropped;
	return err == -EAGAIN ? 0 : err;
}

/* Return true if a change asks for a walk, or the last walk for dropped structures is old. */
static bool walk_is_due(const struct session *s)
{
	return s->verify || clock_now() >= session_next_walk_ns(s);
}

/* Poll, where nothing is attached: walks are the only records. Returns 0 or a negative errno. */
static int poll_kernel(struct session *s, bool now)
{
	int err = 0;

	if (now || poller_due(s->poller)) {
		err = session_feed_barns(s)
			      ?: session_seek(s)
			      ?: poller_poll(s->poller, &s->caches);
		/* Another walk looks at the structures that were dropped by this one. */
		if (!err && session_pending(s))
			err = session_seek(s) ?: poller_poll(s->poller, &s->caches);
	}
	if (err && err != -EAGAIN)
		return err;
	return session_feed_all_lost(s);
}

static int read_records(struct session *s)
{
	int err = session_feed_all_lost(s); /* first: the gap lies before the next records */

	if (err)
		return err;
	err = tracer_read(s->tracer);
	return err ? err : session_feed_dropped(s);
}

/*
 * Compare the states of the nodes with those that the programs reported. Returns 0 or a
 * negative errno.
 */
static int session_follow_nodes(struct session *s)
{
	int err = node_states_look(&s->states);
	bool all;

	s->stopped = s->stopped ?: session_stopped(s->tracer);
	if (err)
		return err;
	err = session_feed_all_lost(s)
		      ?: tracer_read_rest(s->tracer, &all)
		      ?: session_feed_dropped(s);
	if (err)
		return err;
	/* A record that is not read yet may be the change: look again in the next turn. */
	s->states.due |= !all;
	return all ? node_states_emit(&s->states, session_feed, s) : 0;
}

/* Read the records, and act upon them. Returns 0 or a negative errno. */
static int read_and_act(struct session *s)
{
	int err = node_states_due(&s->states) ? session_follow_nodes(s) : read_records(s);

	if (err)
		return err;
	err = offline_nodes_walk(&s->failed, s->tracer);
	if (err)
		return err;
	err = walk_is_due(s) ? session_verify(s) : 0;
	if (err || !s->detector)
		return err;
	err = detector_act(s->detector);
	return err ? err : tracer_read(s->tracer);
}

/* Work for one turn; `now' makes the poller poll before it is due. Returns 0 or a negative errno. */
static int session_work(struct session *s, bool now)
{
	const struct session_observer *o = s->options.observer;
	int err = tracer_unattached(s->tracer) ? poll_kernel(s, now) : read_and_act(s);

	if (err)
		return err;
	err = session_feed_clock(s);
	if (err)
		return err;
	s->verify |= recording_output_turn(s->options.recording, model_waiting(s->model));
	return o->turn_over ? o->turn_over(o->context) : 0;
}

/* Report that the initial scan is over. */
static void session_start(struct session *s)
{
	const struct session_observer *o = s->options.observer;

	recording_output_start(s->options.recording);
	if (o->start)
		o->start(o->context, &s->facts);
	s->started = true;
}

int session_turn(struct session *s)
{
	if (!s->started)
		session_start(s);
	return session_work(s, false);
}

/* --- the end --- */

/*
 * Return true if another walk may learn more: the fate of dropped structures is not known,
 * the last walk did not reach its end, or it did not see some structure's state.
 */
static bool session_unsettled(const struct session *s, unsigned int walks)
{
	if (session_pending(s))
		return true;
	if (walks >= LAST_WALKS)
		return false;
	return !model_walk_complete(s->model) || ledger_trust(model_ledger(s->model))->unobserved;
}

/*
 * Walk once more, and again as long as that may learn more and the time has not passed in which
 * a dropped structure shows whether it leaked. Returns 0 or a negative errno.
 */
static int last_turns(struct session *s)
{
	const struct timespec pause = { .tv_nsec = PACE_WALK_NS };
	const __u64 end_ns = clock_now() + LEDGER_LEAK_NS + 2 * PACE_WALK_NS;
	unsigned int walks = 0;
	int err;

	do {
		if (walks > 1)
			nanosleep(&pause, NULL);
		s->verify = true;
		err = session_work(s, true);
		walks++;
	} while (!err && session_unsettled(s, walks) && clock_now() < end_ns);
	return err;
}

/* Let the detector finish, and report its coverage. Returns 0 or a negative errno. */
static int finish_detector(struct session *s)
{
	bool all;
	int err;

	if (!s->detector)
		return 0;
	err = detector_finish(s->detector);
	if (err)
		return err;
	err = tracer_read_rest(s->tracer, &all);
	return err ? err : detector_report(s->detector, true);
}

/* Turn for a last time. Returns 0 or a negative errno. */
static int finish_turns(struct session *s)
{
	int err = last_turns(s);

	if (!err && !s->poller)
		err = session_follow_nodes(s);
	return err ? err : finish_detector(s);
}

void session_finish(struct session *s, int error, struct outcome *outcome)
{
	struct end_record end = { .head.type = RECORD_END, .error = error };
	int err = finish_turns(s);

	if (err) {
		msg_error("cannot take the last walk: %s", strerror(-err));
		end.error = end.error ? end.error : err;
	}
	end.stopped = s->stopped;
	end.head.time_ns = clock_now();
	session_feed(s, &end.head);
	outcome_make(outcome, s->model, end.head.time_ns);
}
