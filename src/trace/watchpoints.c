// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/cpu_set.h"
#include "base/deadline.h"
#include "base/msg.h"
#include "trace/heartbeats.h"
#include "trace/pace.h"
#include "trace/perf_event.h"
#include "trace/uevents.h"
#include "trace/watchpoints.h"

#define NOWHERE    8 /* nothing is mapped there: below vm.mmap_min_addr */
#define WORD       8
#define TRUSTED_NS 1000000 /* after a shorter time no event is called dead */
/* A CPU that comes online is noticed in less; its unwatched time is not known exactly. */
#define NOTICED_NS   1000000000
#define TOLERANCE_NS 10000000

/* One debug register of one CPU. */
struct breakpoint {
	struct perf_event event;
	__u64 since_ns; /* accounted until then */
	__u64 ahead_ns; /* ran after since_ns, because it was read a little later */
	bool dead;      /* the event should have run and did not */
};

struct aim {
	__u64 word; /* 0: the register is unused */
	bool freed; /* the word belongs to a freed structure */
};

struct watchpoints {
	struct tracer *tracer;
	unsigned int cpus; /* the largest CPU number plus one */
	unsigned int registers;
	struct breakpoint *breakpoints; /* register r on CPU c: [r * cpus + c] */
	struct heartbeats *heartbeats;
	int uevents;              /* -1: only the list of CPUs shows that one went or came */
	struct cpu_set online;    /* at the last accounting */
	struct cpu_set went;      /* went offline since the events were last opened */
	struct cpu_set unwatched; /* were online and did not watch */
	struct aim aims[WATCHPOINTS_REGISTERS];
	__u64 next;                  /* index of the first word of the next turn */
	__u64 turn_ends_ns, turn_ns; /* its end and length; DEADLINE_NONE, 0: there are no turns */
	__u64 accounted_ns;          /* time of the last accounting */
	__u64 freed_words;           /* to be watched since then */
	__u64 watched_ns; /* freed words that were watched since then, summed over the CPUs */
	struct watchpoints_stats stats;
};

static struct perf_event_attr breakpoint_at(__u64 word)
{
	return (struct perf_event_attr){
		.type = PERF_TYPE_BREAKPOINT,
		.size = sizeof(struct perf_event_attr),
		.read_format = PERF_EVENT_READ_FORMAT,
		.bp_type = HW_BREAKPOINT_RW,
		.bp_addr = word ?: NOWHERE,
		.bp_len = HW_BREAKPOINT_LEN_8,
		.sample_period = 1,
		.pinned = 1,
		.disabled = !word,
	};
}

static struct breakpoint *breakpoint_of(struct watchpoints *w, unsigned int r, unsigned int cpu)
{
	return &w->breakpoints[(size_t)r * w->cpus + cpu];
}

/* --- opening --- */

/* Open register r on a CPU, aimed where it aims on the others. Returns 0 or a negative errno. */
static int open_breakpoint(struct watchpoints *w, unsigned int r, unsigned int cpu)
{
	struct perf_event_attr attr = breakpoint_at(w->aims[r].word);
	struct breakpoint *b = breakpoint_of(w, r, cpu);

	b->dead = false;
	return perf_event_open(&b->event, w->tracer, PERF_WATCHPOINT, &attr, cpu);
}

static void close_cpu(struct watchpoints *w, unsigned int cpu)
{
	for (unsigned int r = 0; r < WATCHPOINTS_REGISTERS; r++)
		perf_event_close(&breakpoint_of(w, r, cpu)->event);
	heartbeats_close(w->heartbeats, cpu);
}

static bool is_online(unsigned int cpu)
{
	struct cpu_set online;

	return cpu_set_read(&online, "online") || online.has[cpu];
}

/* Open a register on all CPUs that are online, or on none. Returns 0 or a negative errno. */
static int open_register(struct watchpoints *w, unsigned int r)
{
	int err = 0;

	for (unsigned int cpu = 0; cpu < w->cpus && !err; cpu++) {
		if (!w->online.has[cpu])
			continue;
		err = open_breakpoint(w, r, cpu);
		if (err && !is_online(cpu))
			err = 0; /* it went offline a moment ago */
	}
	for (unsigned int cpu = 0; cpu < w->cpus && err; cpu++)
		perf_event_close(&breakpoint_of(w, r, cpu)->event);
	return err;
}

static int open_heartbeats(struct watchpoints *w)
{
	int err = 0;

	for (unsigned int cpu = 0; cpu < w->cpus && !err; cpu++)
		err = w->online.has[cpu] ? heartbeats_open(w->heartbeats, cpu) : 0;
	return err;
}

/* Learn the numbers of the CPUs, and make room for their events. Returns 0 or a negative errno. */
static int watchpoints_prepare(struct watchpoints *w)
{
	struct cpu_set possible;
	int err = cpu_set_read(&possible, "possible") ?: cpu_set_read(&w->online, "online");

	if (err)
		return err;
	w->cpus = cpu_set_end(&possible);
	w->breakpoints = calloc((size_t)WATCHPOINTS_REGISTERS * w->cpus, sizeof(*w->breakpoints));
	w->heartbeats = heartbeats_new(w->tracer, w->cpus);
	if (!w->breakpoints || !w->heartbeats)
		return -ENOMEM;
	for (unsigned int i = 0; i < WATCHPOINTS_REGISTERS * w->cpus; i++)
		w->breakpoints[i].event = PERF_EVENT_CLOSED;
	w->uevents = uevents_open();
	if (w->uevents < 0)
		msg_verbose("cannot receive uevents: %s", strerror(-w->uevents));
	return 0;
}

/* Return why a register could not be opened. */
static const char *watchpoints_reason(int err)
{
	if (err == -ENOSPC || err == -EBUSY)
		return "other users of perf or a debugger hold them";
	if (err == -EPERM || err == -EACCES)
		return "not permitted: needs CAP_SYS_ADMIN or a lower kernel.perf_event_paranoid";
	if (err == -ENODEV || err == -EOPNOTSUPP || err == -ENOENT)
		return "this CPU has none that perf can use";
	return strerror(-err);
}

static int open_registers(struct watchpoints *w, char *why, size_t room)
{
	int err = 0;

	while (w->registers < WATCHPOINTS_REGISTERS && !err) {
		err = open_register(w, w->registers);
		w->registers += !err;
	}
	if (err)
		snprintf(why, room, "%u of %d debug registers: %s", w->registers,
			 WATCHPOINTS_REGISTERS, watchpoints_reason(err));
	return w->registers ? 0 : err;
}

int watchpoints_open(struct watchpoints **watchpoints, struct tracer *tracer, char *why,
		     size_t room)
{
	struct watchpoints *w = calloc(1, sizeof(*w));
	int err;

	*watchpoints = NULL;
	*why = 0;
	if (!w) {
		snprintf(why, room, "out of memory");
		return -ENOMEM;
	}
	w->tracer = tracer;
	w->uevents = -1;
	w->turn_ends_ns = DEADLINE_NONE;
	err = watchpoints_prepare(w);
	if (err)
		snprintf(why, room, "the list of CPUs: %s", strerror(-err));
	else
		err = open_registers(w, why, room);
	if (err) {
		watchpoints_close(w);
		return err;
	}
	err = open_heartbeats(w);
	if (err)
		msg_verbose("no heartbeat, so no access is confirmed by its order: %s",
			    strerror(-err));
	w->stats.registers = w->registers;
	*watchpoints = w;
	return 0;
}

void watchpoints_close(struct watchpoints *w)
{
	if (!w)
		return;
	for (unsigned int cpu = 0; cpu < w->cpus && w->breakpoints && w->heartbeats; cpu++)
		close_cpu(w, cpu);
	if (w->uevents >= 0)
		close(w->uevents);
	free(w->breakpoints);
	heartbeats_free(w->heartbeats);
	free(w);
}

/* --- accounting --- */

/*
 * Account what register r of a CPU has watched until now. The kernel knows how long the event
 * ran, which is less than the time that has passed if the CPU was offline or the event was lost.
 * Returns the time for which a freed word was to be watched there and was not.
 */
static __u64 account_one(struct watchpoints *w, unsigned int r, unsigned int cpu, __u64 now_ns)
{
	struct breakpoint *b = breakpoint_of(w, r, cpu);
	__u64 passed = now_ns > b->since_ns ? now_ns - b->since_ns : 0;
	__u64 ran = perf_event_ran(&b->event) + b->ahead_ns;

	b->ahead_ns = ran > passed ? ran - passed : 0;
	ran -= b->ahead_ns;
	b->since_ns = now_ns;
	if (!w->aims[r].word)
		return 0;
	b->dead = b->event.fd >= 0 && passed > TRUSTED_NS && ran < passed / 2;
	if (!w->aims[r].freed)
		return 0;
	w->watched_ns += ran;
	return passed - ran;
}

/* Return true if events of the CPU were closed or dead since the last accounting. */
static bool lacks_events(struct watchpoints *w, unsigned int cpu)
{
	for (unsigned int r = 0; r < w->registers; r++)
		if (breakpoint_of(w, r, cpu)->event.fd < 0 || breakpoint_of(w, r, cpu)->dead)
			return true;
	return w->went.has[cpu];
}

/*
 * Return for how long a CPU was online of the time since the last accounting, at most. A CPU that
 * went counts for all of it, and one that came for the time in which that is noticed.
 */
static __u64 online_ns(const struct watchpoints *w, unsigned int cpu, __u64 since, bool online)
{
	if (w->online.has[cpu])
		return since;
	return online ? deadline_first(since, NOTICED_NS) : 0;
}

/*
 * Account one CPU, which was online for `since'. The clock of perf differs a little from ours,
 * hence the tolerance.
 */
static void account_cpu(struct watchpoints *w, unsigned int cpu, __u64 now_ns, __u64 since)
{
	__u64 tolerance = deadline_first(since / 64, since / 2048 + TOLERANCE_NS), most = 0;

	for (unsigned int r = 0; r < w->registers; r++) {
		__u64 unwatched = account_one(w, r, cpu, now_ns);

		most = unwatched > most ? unwatched : most;
	}
	most = deadline_first(most, since);
	if (most <= tolerance || !lacks_events(w, cpu))
		return;
	w->stats.unwatched_ns += most;
	w->unwatched.has[cpu] = 1;
	w->stats.cpus_unwatched = cpu_set_count(&w->unwatched);
}

/* Account the time since the last call: freed words, and those of them that were watched. */
static void watchpoints_account(struct watchpoints *w, __u64 now_ns)
{
	__u64 since = w->accounted_ns ? now_ns - w->accounted_ns : 0, all_ns = 0;
	struct cpu_set online = w->online;

	if (cpu_set_read(&online, "online"))
		online = w->online;
	for (unsigned int cpu = 0; cpu < w->cpus; cpu++) {
		__u64 ns = online_ns(w, cpu, since, online.has[cpu]);

		account_cpu(w, cpu, now_ns, online.has[cpu] ? ns : 0);
		all_ns += ns;
	}
	w->stats.freed_word_ns += since * w->freed_words;
	w->stats.watched_word_ns += all_ns ? (double)w->watched_ns * (double)since / (double)all_ns
					   : 0;
	w->watched_ns = 0;
	w->accounted_ns = now_ns;
	w->online = online;
}

/* --- CPUs that go and come --- */

int watchpoints_fd(const struct watchpoints *w)
{
	return w->uevents < 0 ? -1 : w->uevents;
}

bool watchpoints_cpus_changed(struct watchpoints *w)
{
	return w->uevents >= 0 && uevents_of_cpus(w->uevents, &w->went);
}

/* Open the events of a CPU that are closed. */
static void reopen_cpu(struct watchpoints *w, unsigned int cpu)
{
	unsigned int opened = 0;
	int err = 0;

	for (unsigned int r = 0; r < w->registers; r++) {
		int one;

		if (breakpoint_of(w, r, cpu)->event.fd >= 0)
			continue;
		one = open_breakpoint(w, r, cpu);
		opened += !one;
		err = err ?: one;
	}
	heartbeats_open(w->heartbeats, cpu);
	if (err)
		msg_verbose("CPU %u is not watched: %s", cpu, watchpoints_reason(err));
	else if (opened)
		msg_verbose("CPU %u is watched again", cpu);
}

static void close_dead(struct watchpoints *w, unsigned int cpu)
{
	for (unsigned int r = 0; r < w->registers; r++)
		if (breakpoint_of(w, r, cpu)->dead)
			perf_event_close(&breakpoint_of(w, r, cpu)->event);
}

/*
 * Close the events of CPUs that went offline, which hold their registers, and open those of CPUs
 * that came back.
 */
static void watchpoints_follow(struct watchpoints *w)
{
	for (unsigned int cpu = 0; cpu < w->cpus; cpu++) {
		if (!w->online.has[cpu] || w->went.has[cpu])
			close_cpu(w, cpu);
		close_dead(w, cpu);
		if (w->online.has[cpu])
			reopen_cpu(w, cpu);
	}
	memset(&w->went, 0, sizeof(w->went));
}

/* --- aiming --- */

/* Point register r of a CPU at a word. Returns 0 or a negative errno; the event is then closed. */
static int watchpoints_point_one(struct watchpoints *w, unsigned int r, unsigned int cpu,
				 __u64 word)
{
	struct perf_event_attr attr = breakpoint_at(word);
	struct perf_event *e = &breakpoint_of(w, r, cpu)->event;
	int err;

	if (e->fd < 0)
		return 0;
	if (!word)
		return ioctl(e->fd, PERF_EVENT_IOC_DISABLE, 0) ? -errno : 0;
	if (!ioctl(e->fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr) &&
	    !ioctl(e->fd, PERF_EVENT_IOC_ENABLE, 0))
		return 0;
	err = -errno;
	perf_event_close(e);
	return err;
}

/* Point register r at a word (0: at none), CPU by CPU. Returns 0 or a negative errno. */
static int watchpoints_point(struct watchpoints *w, unsigned int r, struct aim aim)
{
	int err = 0;

	if (w->aims[r].word == aim.word) {
		w->aims[r].freed = aim.freed;
		return 0;
	}
	for (unsigned int cpu = 0; cpu < w->cpus; cpu++) {
		int one;

		account_one(w, r, cpu, clock_now());
		one = watchpoints_point_one(w, r, cpu, aim.word);
		breakpoint_of(w, r, cpu)->since_ns = clock_now();
		breakpoint_of(w, r, cpu)->ahead_ns = 0;
		err = err ?: one;
	}
	w->aims[r] = aim;
	return err;
}

static const struct watchpoints_target *target_of(const struct watchpoints_aims *aims, __u64 word)
{
	__u64 end = (__u64)WORD * (32 - __builtin_clz(aims->words));

	for (size_t i = 0; i < aims->count; i++) {
		const struct watchpoints_target *t = &aims->targets[i];

		if (word >= t->address && word < t->address + end)
			return t;
	}
	return NULL;
}

static unsigned int words_per_target(const struct watchpoints_aims *aims)
{
	return __builtin_popcount(aims->words);
}

/* Return the n-th word of all targets; the words of one target follow each other. */
static struct aim nth_aim(const struct watchpoints_aims *aims, __u64 n)
{
	const struct watchpoints_target *t = &aims->targets[n / words_per_target(aims)];
	unsigned int skip = n % words_per_target(aims), word = 0;

	for (;; word++)
		if (aims->words & 1U << word && !skip--)
			break;
	return (struct aim){ .word = t->address + WORD * (__u64)word, .freed = t->freed };
}

/*
 * Update the state of the words that the registers watch. Returns false if one of them is
 * not among the targets any more.
 */
static bool update_aims(struct watchpoints *w, const struct watchpoints_aims *aims)
{
	bool all = true;

	for (unsigned int r = 0; r < w->registers; r++) {
		const struct watchpoints_target *t;

		if (!w->aims[r].word)
			continue;
		t = target_of(aims, w->aims[r].word);
		w->aims[r].freed = t && t->freed;
		all &= t != NULL;
	}
	return all;
}

static unsigned int aims_in_use(const struct watchpoints *w)
{
	unsigned int count = 0;

	for (unsigned int r = 0; r < w->registers; r++)
		count += w->aims[r].word != 0;
	return count;
}

static unsigned int aims_at_freed(const struct watchpoints *w)
{
	unsigned int count = 0;

	for (unsigned int r = 0; r < w->registers; r++)
		count += w->aims[r].word && w->aims[r].freed;
	return count;
}

/*
 * Leave a register where it is if it watches a word of the next turn, and take the word out of the
 * turn; otherwise two registers would watch the word for a while, and both would be accounted.
 */
static bool aim_stays(struct aim *aim, struct aim *turn)
{
	for (unsigned int i = 0; aim->word && i < WATCHPOINTS_REGISTERS; i++)
		if (turn[i].word == aim->word) {
			*aim = turn[i];
			turn[i] = (struct aim){};
			return true;
		}
	return false;
}

/* Point the registers at the words of the next turn. Returns 0 or a negative errno. */
static int take_turn(struct watchpoints *w, const struct watchpoints_aims *aims)
{
	struct aim turn[WATCHPOINTS_REGISTERS + 1] = {}; /* the last one stays empty */
	bool idle[WATCHPOINTS_REGISTERS] = {};
	__u64 all = aims->count * words_per_target(aims);
	unsigned int next = 0;
	int err = 0;

	w->stats.turns++;
	if (w->freed_words <= w->registers)
		w->next = 0; /* where the freed words are */
	for (unsigned int i = 0; i < w->registers && i < all; i++)
		turn[i] = nth_aim(aims, (w->next + i) % all);
	for (unsigned int r = 0; r < w->registers; r++)
		idle[r] = !aim_stays(&w->aims[r], turn);
	for (unsigned int r = 0; r < w->registers; r++) {
		while (next < WATCHPOINTS_REGISTERS && !turn[next].word)
			next++;
		if (idle[r]) {
			int one = watchpoints_point(w, r, turn[next]);

			err = err ?: one;
			turn[next].word = 0;
		}
	}
	w->next = all > w->registers ? (w->next + w->registers) % all : 0;
	return err;
}

/* Count the words to watch. Returns their number, and sets that of the freed ones. */
static __u64 count_words(struct watchpoints *w, const struct watchpoints_aims *aims)
{
	size_t freed = 0;

	while (freed < aims->count && aims->targets[freed].freed)
		freed++;
	w->freed_words = freed * words_per_target(aims);
	return aims->count * words_per_target(aims);
}

/*
 * Find the end of the turn: a free that is newer than its begin shortens it. There is none while
 * all freed words are watched.
 */
static void find_turn_end(struct watchpoints *w, const struct watchpoints_aims *aims, bool begins)
{
	__u64 now_ns = clock_now(), age_ns = now_ns - aims->newest_ns, end_ns;

	w->turn_ns = 0;
	if (w->freed_words == aims_at_freed(w)) {
		w->turn_ends_ns = DEADLINE_NONE;
		return;
	}
	w->turn_ns = aims->turn_ns ?: pace_turn_ns(age_ns, w->freed_words, w->registers);
	end_ns = now_ns + w->turn_ns;
	w->turn_ends_ns = begins ? end_ns : deadline_first(w->turn_ends_ns, end_ns);
}

int watchpoints_aim(struct watchpoints *w, const struct watchpoints_aims *aims)
{
	__u64 all;
	bool there, begins;
	int err = 0;

	watchpoints_account(w, clock_now());
	watchpoints_follow(w);
	there = update_aims(w, aims);
	all = count_words(w, aims);
	/* Aim again if the targets have changed or, where not all words fit, after the turn. */
	begins = !there || aims_in_use(w) < (all < w->registers ? all : w->registers) ||
		 clock_now() >= w->turn_ends_ns;
	if (begins)
		err = take_turn(w, aims);
	find_turn_end(w, aims, begins);
	heartbeats_update(w->heartbeats, w->freed_words < all, aims->proof_ns);
	return err;
}

__u64 watchpoints_next_ns(const struct watchpoints *w)
{
	__u64 next_ns = deadline_first(w->turn_ends_ns, heartbeats_next_ns(w->heartbeats));

	/* Without uevents only looks show that a CPU came online. */
	return w->uevents < 0 && w->freed_words
		       ? deadline_first(next_ns, w->accounted_ns + NOTICED_NS)
		       : next_ns;
}

__u64 watchpoints_turn_ns(const struct watchpoints *w)
{
	return w->turn_ns;
}

/* Return the number of CPUs on which a register is open. */
static unsigned int cpus_open(const struct watchpoints *w)
{
	unsigned int count = 0;

	for (unsigned int cpu = 0; cpu < w->cpus; cpu++)
		count += w->breakpoints[cpu].event.fd >= 0;
	return count;
}

struct watchpoints_stats watchpoints_stats(const struct watchpoints *w)
{
	struct watchpoints_stats stats = w->stats;

	stats.cpus = cpus_open(w);
	return stats;
}
