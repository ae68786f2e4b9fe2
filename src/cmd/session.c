// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "detect/detector.h"
#include "cmd/exit_status.h"
#include "model/findings.h"
#include "model/kmalloc.h"
#include "model/record.h"
#include "base/msg.h"
#include "base/node_set.h"
#include "cmd/session.h"
#include "trace/poller.h"

#define PENDING_PATIENCE_MS 200 /* between looks for structures that were dropped */
#define LAST_LOOKS          6
#define LOST_PATIENCE_MS    1000 /* between looks at the counter of lost events */

struct session {
	struct session_options options;
	struct tracer *tracer;
	struct ledger *ledger;
	struct findings *findings;
	struct detector *detector; /* NULL: accesses are not looked for */
	struct ledger_sizes sizes;
	struct kmalloc kmalloc;
	unsigned int caches;      /* by the last complete walk */
	__u64 dropped, skipped;   /* that the ledger knows of */
	bool verify;              /* a node has changed: hold the ledger against the kernel */
	struct trace_start start; /* for the view, at the first turn */
	struct utsname kernel;
	char node_lists[3][256];
	bool started;
	FILE *held_back; /* what the view writes before its start, or NULL */
	char *held_text; /* its text, until the start */
	size_t held_len;
	int epoll;              /* over the ring buffer and the uevents */
	struct node_set memory; /* nodes with memory that counts, at the start */
	struct poller *poller;  /* where nothing is attached, or NULL */
	__u64 next_look_ns;     /* for structures that were dropped */
	bool looked;            /* the last walk reached its end */
	bool complete;          /* so it did when all was over */
};

/* What a structure takes: the slot of the cache that it comes from. */
static void learn_sizes(struct session *r, const struct cache_record *e)
{
	struct ledger_sizes *s = &r->sizes;

	kmalloc_learn(&r->kmalloc, e->name, e->object_size, e->size);
	if (!strcmp(e->name, "kmem_cache_node"))
		s->structure_charged = e->size;
	s->barn_charged = kmalloc_charged(&r->kmalloc, s->barn_requested);
	ledger_set_sizes(r->ledger, s);
}

static bool ends_a_transition(const struct node_record *e)
{
	return e->phase == PHASE_END && e->nid >= 0 &&
	       (e->transition == NODE_ONLINE || e->transition == NODE_OFFLINE ||
		e->transition == NODE_CANCEL_ONLINE || e->transition == NODE_CANCEL_OFFLINE);
}

/* The view, writing to where it may now; see take_in_held_back(). */
static struct view writer(const struct session *r)
{
	struct view view = *r->options.view;

	if (r->held_back)
		view.out = r->held_back;
	return view;
}

/* Counters only grow; what came since the last look is told. */
static int tell_lost(struct session *r, __u64 dropped, __u64 skipped)
{
	struct lost_record e = {
		.head = { .type = RECORD_LOST, .time_ns = clock_now() },
		.dropped = dropped - r->dropped,
		.skipped = skipped - r->skipped,
	};
	struct view view = writer(r);

	if (!e.dropped && !e.skipped)
		return 0;
	r->dropped = dropped;
	r->skipped = skipped;
	r->verify = true;
	view.ops->lost(&view, e.dropped + e.skipped, e.head.time_ns);
	return ledger_feed(r->ledger, &e.head);
}

/* A reader that went away, a full disk: no use to go on. */
static int flush(struct session *r)
{
	FILE *out = r->options.view->out;

	if (fflush(out))
		return -errno;
	return ferror(out) ? -EIO : 0; /* an earlier write failed; its errno is lost */
}

static int tell_all_lost(struct session *r)
{
	return tell_lost(r, tracer_dropped(r->tracer), tracer_skipped(r->tracer));
}

static int feed(void *context, const struct record *e, size_t len)
{
	const struct record *checked = record_check(e, len);
	struct session *r = context;
	int err = 0;

	if (len >= sizeof(struct cache_record) && e->type == RECORD_CACHE)
		learn_sizes(r, (const struct cache_record *)e);
	if (len >= sizeof(struct node_record) && e->type == RECORD_NODE &&
	    ends_a_transition((const struct node_record *)e))
		r->verify = true;
	if (!checked || e->type < RECORD_ACCESS)
		err = ledger_feed(r->ledger, checked);
	if ((!err || err == -EINVAL) && r->detector)
		err = detector_feed(r->detector, e, len) ?: err;
	return err == -EINVAL ? 0 : err; /* malformed: counted, not fatal */
}

static int on_event(void *context, const struct record *e, size_t len)
{
	struct session *r = context;
	/* The ledger must know of a gap before it sees what came after. */
	int err = tell_lost(r, tracer_dropped(r->tracer), r->skipped);

	if (err)
		return err;
	return r->poller ? poller_record(r->poller, e, len) : feed(r, e, len);
}

static void on_transition(void *context, const struct transition *t)
{
	struct session *r = context;
	struct view view = writer(r);

	view.ops->transition(&view, t);
}

static void on_finding(void *context, const struct finding *f)
{
	struct session *r = context;
	struct view view = writer(r);

	view.ops->finding(&view, f);
}

static bool wants(void *context, const char *cache_name, int nid)
{
	const struct session *r = context;

	return filter_wants(r->options.filter, cache_name, nid);
}

static int feed_node_state(struct session *r, int nid, bool counts, bool any)
{
	struct node_record e = {
		.head = { .type = RECORD_NODE, .time_ns = clock_now() },
		.transition = NODE_STATE,
		.phase = PHASE_END,
		.nid = nid,
		.any_nid = any ? nid : -1,
		.has_memory = counts,
	};

	return ledger_feed(r->ledger, &e.head);
}

static int feed_node_states(struct session *r)
{
	struct trace_start *s = &r->start;
	struct node_set possible, any, counts, movable = {};
	int err = node_set_read(&possible, "possible");

	if (!err)
		err = node_set_read(&any, "has_memory");
	if (!err)
		err = node_set_read(&counts, tracer_memory_that_counts(r->tracer));
	for (int nid = 0; !err && nid < MAX_NODES; nid++) {
		movable.has[nid] = any.has[nid] && !counts.has[nid];
		if (possible.has[nid])
			err = feed_node_state(r, nid, counts.has[nid], any.has[nid]);
	}
	r->memory = counts;
	s->nodes = node_set_format(&possible, r->node_lists[0], sizeof(r->node_lists[0]));
	s->memory = node_set_format(&counts, r->node_lists[1], sizeof(r->node_lists[1]));
	s->movable = node_set_format(&movable, r->node_lists[2], sizeof(r->node_lists[2]));
	return err;
}

static const char *ways(const struct plan *plan)
{
	bool used[WAYS] = {};

	for (unsigned int role = 0; role < LIFETIME_ROLES; role++)
		used[plan->probes[role].way] = true;
	if (used[WAY_FENTRY])
		return used[WAY_KPROBE] ? "fentry+kprobe" : "fentry";
	return used[WAY_KPROBE] ? "kprobe" : "none";
}

/* What is there when the tracing begins: after the attaching, so that nothing is missed. */
static int take_in(struct session *r)
{
	struct trace_start *s = &r->start;
	const struct ledger_counts *counts;
	int err;

	uname(&r->kernel);
	*s = (struct trace_start){
		.kernel = r->kernel.release,
		.time_ns = clock_now(),
		.wall_ns = clock_ns(CLOCK_REALTIME),
		.probes = ways(tracer_plan(r->tracer)),
		.walk = tracer_walk_way(r->tracer),
	};
	err = feed_node_states(r);
	if (err) {
		msg_error("cannot read /sys/devices/system/node: %s", strerror(-err));
		return EXIT_CANNOT_RUN;
	}
	if (tracer_sampled(r->tracer) &&
	    poller_open(&r->poller, r->tracer, &(struct difference_ops){ r, feed }, &r->memory)) {
		msg_error("out of memory");
		return EXIT_CANNOT_RUN;
	}
	r->options.view->zero_ns = s->time_ns;
	err = tracer_walk(r->tracer, WALK_INITIAL, &r->caches);
	if (err) {
		msg_error("cannot walk the caches: %s", strerror(-err));
		return err == -EAGAIN ? EXIT_INCONCLUSIVE : EXIT_CANNOT_RUN;
	}
	counts = ledger_totals(r->ledger);
	s->caches = r->caches;
	s->structures = counts->live_now + counts->retained_now;
	return 0;
}

/*
 * A view begins with the start, which is known after the initial scan: the
 * transitions of the scan are held back until then.
 */
static int take_in_held_back(struct session *r)
{
	int code;

	r->held_back = open_memstream(&r->held_text, &r->held_len);
	if (!r->held_back) {
		msg_error("out of memory");
		return EXIT_CANNOT_RUN;
	}
	code = take_in(r);
	fclose(r->held_back);
	r->held_back = NULL;
	return code;
}

/* Write the start, but not before a turn: if CMD cannot be started, none comes. */
static void write_start(struct session *r)
{
	struct view *view = r->options.view;

	if (r->started)
		return;
	r->started = true;
	view->ops->start(view, &r->start);
	fwrite(r->held_text, 1, r->held_len, view->out);
}

static int watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int open_sources(struct session *r)
{
	int err;

	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (r->epoll < 0)
		return -errno;
	err = watch(r->epoll, tracer_fd(r->tracer));
	if (err || !r->poller || poller_fd(r->poller) < 0)
		return err;
	return watch(r->epoll, poller_fd(r->poller));
}

static bool asked_for(const struct detection_options *o)
{
	for (unsigned int tier = 0; tier < TIERS; tier++)
		if (!o->off[tier])
			return true;
	return false;
}

/* Only now is it known what can be attached. */
static int open_detector(struct session *r)
{
	struct detector_parts parts = {
		.tracer = r->tracer,
		.ledger = r->ledger,
		.findings = r->findings,
		.filter = r->options.filter,
		.options = r->options.detection,
		.ops = { r, on_finding },
	};

	if (tracer_sampled(r->tracer) || !asked_for(r->options.detection))
		return 0;
	r->detector = detector_open(&parts);
	if (r->detector)
		return 0;
	msg_error("out of memory");
	return EXIT_CANNOT_RUN;
}

int session_open(struct session **session, const struct session_options *options)
{
	struct session *r = calloc(1, sizeof(*r));
	struct ledger_ops ops = { r, on_transition, wants };
	struct tracer_options tracer = {
		.btf_file = options->btf_file,
		.attach = options->attach,
		.ring_bytes = options->ring_bytes,
		.detect = asked_for(options->detection),
		.event = on_event,
		.context = r,
	};
	int code = EXIT_CANNOT_RUN, err;

	*session = NULL;
	if (r) {
		r->options = *options;
		r->epoll = -1;
		r->ledger = ledger_new(&ops, &r->sizes);
		r->findings = findings_new();
	}
	if (!r || !r->ledger || !r->findings)
		msg_error("out of memory");
	else
		code = tracer_open(&r->tracer, &tracer) ? EXIT_CANNOT_RUN : 0;
	if (!code) {
		r->sizes.structure_requested = tracer_types(r->tracer)->node_bytes;
		r->sizes.barn_requested = tracer_types(r->tracer)->barn_bytes;
		code = open_detector(r);
	}
	if (!code)
		code = take_in_held_back(r);
	if (!code && (err = open_sources(r))) {
		msg_error("cannot wait for events: %s", strerror(-err));
		code = EXIT_CANNOT_RUN;
	}
	if (code) {
		session_close(r);
		return code;
	}
	*session = r;
	return 0;
}

void session_close(struct session *r)
{
	if (!r)
		return;
	detector_close(r->detector);
	tracer_close(r->tracer);
	ledger_free(r->ledger);
	findings_free(r->findings);
	poller_close(r->poller);
	if (r->epoll >= 0)
		close(r->epoll);
	free(r->held_text);
	free(r);
}

struct ledger *session_ledger(const struct session *r)
{
	return r->ledger;
}

const struct findings *session_findings(const struct session *r)
{
	return r->findings;
}

const char *session_tier_missing(const struct session *r, enum finding_tier tier)
{
	if (r->options.detection->off[tier])
		return "not asked for";
	if (!r->detector)
		return detector_tier_missing(r->tracer, tier);
	return detector_detection(r->detector).missing[tier];
}

bool session_sampled(const struct session *r)
{
	return tracer_sampled(r->tracer);
}

const struct plan *session_plan(const struct session *r)
{
	return tracer_plan(r->tracer);
}

double session_watched(const struct session *r)
{
	struct watch_stats watch = {};

	if (r->detector)
		watch = detector_detection(r->detector).watch;
	if (!watch.freed_word_ns)
		return -1;
	return (double)watch.watched_word_ns / (double)watch.freed_word_ns;
}

__u64 session_unseen(const struct session *r)
{
	struct tracer_freed freed = tracer_freed(r->tracer);

	return freed.lost_accesses + freed.dropped;
}

bool session_complete(const struct session *r)
{
	return r->complete;
}

int session_fd(const struct session *r)
{
	return r->epoll;
}

int session_patience(const struct session *r)
{
	int patience;

	if (tracer_sampled(r->tracer))
		return POLL_INTERVAL_MS;
	patience = ledger_trust(r->ledger)->pending ? PENDING_PATIENCE_MS : LOST_PATIENCE_MS;
	if (r->detector && detector_patience(r->detector) < patience)
		patience = detector_patience(r->detector);
	return patience;
}

/* An incomplete walk is counted by the ledger and claims nothing. */
static int walked(struct session *r, int err)
{
	r->looked = !err;
	r->next_look_ns = clock_now() + PENDING_PATIENCE_MS * 1000000ULL;
	return err == -EAGAIN ? 0 : err;
}

static int verify(struct session *r)
{
	return walked(r, tracer_walk(r->tracer, WALK_VERIFY, &r->caches));
}

/* Where nothing is attached, walks are all there is. */
static int poll_turn(struct session *r, bool last)
{
	int err = 0;

	if (last || poller_due(r->poller))
		err = walked(r, poller_poll(r->poller, &r->caches));

	if (!err)
		err = tell_all_lost(r);
	return err ? err : flush(r);
}

/* Dropped structures are looked for again and again, but not without a pause. */
static bool verify_is_due(struct session *r)
{
	return r->verify || (ledger_trust(r->ledger)->pending && clock_now() >= r->next_look_ns);
}

static int turn(struct session *r)
{
	int err = tell_all_lost(r); /* before what came after the gap */

	if (!err)
		err = tracer_read(r->tracer);
	if (!err)
		err = tell_all_lost(r);
	if (!err && verify_is_due(r)) {
		r->verify = false;
		err = verify(r);
	}
	if (!err && r->detector)
		err = detector_turn(r->detector);
	return err ? err : flush(r);
}

int session_turn(struct session *r)
{
	write_start(r);
	return tracer_sampled(r->tracer) ? poll_turn(r, false) : turn(r);
}

/* A last look, and more as long as dropped structures are not accounted for. */
static int last_turns(struct session *r)
{
	struct timespec pause = { .tv_nsec = PENDING_PATIENCE_MS * 1000000L };
	bool sampled = tracer_sampled(r->tracer);
	int err = 0;

	for (unsigned int look = 0; look < LAST_LOOKS && !err; look++) {
		if (look && !ledger_trust(r->ledger)->pending && r->looked)
			break;
		if (look > 1)
			nanosleep(&pause, NULL);
		r->verify = true;
		err = sampled ? poll_turn(r, true) : turn(r);
	}
	return err;
}

/* What makes a trace inconclusive is said; whether there was any. */
static bool doubts(const struct session *r, int err)
{
	const struct ledger_trust *trust = ledger_trust(r->ledger);
	__u64 unseen = session_unseen(r);

	if (err)
		msg_error("the last look failed: %s", strerror(-err));
	if (trust->lost)
		msg_warn("inconclusive: %llu events lost (%llu found no room, and a larger "
			 "--ring-buffer may help; %llu the kernel skipped, as a task was cut short "
			 "in the same program on that CPU)",
			 (unsigned long long)trust->lost, (unsigned long long)r->dropped,
			 (unsigned long long)r->skipped);
	if (unseen)
		msg_warn("inconclusive: %llu accesses or freed structures found no room; a larger "
			 "--ring-buffer may help",
			 (unsigned long long)unseen);
	if (trust->disagreements)
		msg_warn("inconclusive: the ledger and the kernel disagreed %llu times",
			 (unsigned long long)trust->disagreements);
	if (trust->pending)
		msg_warn("inconclusive: %llu dropped structures, freed or leaked, who knows",
			 (unsigned long long)trust->pending);
	if (!err && !r->looked)
		msg_warn("inconclusive: the last walks over all caches did not reach their end");
	return err || unseen || trust->lost || trust->disagreements || trust->malformed ||
	       trust->pending || !r->looked;
}

/* How the trace ended: a finding stands, whatever else was not seen. */
static int verdict(const struct session *r, int err)
{
	bool doubtful = doubts(r, err);

	if (ledger_totals(r->ledger)->leaked || findings_total(r->findings))
		return EXIT_FINDING;
	return doubtful ? EXIT_INCONCLUSIVE : EXIT_FINE;
}

int session_finish(struct session *r)
{
	struct detection detection = {};
	int err;
	__u64 now;

	write_start(r);
	err = last_turns(r);
	now = clock_now();
	r->complete = !err && r->looked;
	ledger_finish(r->ledger);
	if (r->detector) {
		if (!err)
			err = detector_finish(r->detector);
		detection = detector_detection(r->detector);
	}
	r->options.view->ops->summary(r->options.view, r->ledger, r->detector ? &detection : NULL,
				      now);
	return verdict(r, err);
}
