// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/msg.h"
#include "trace/watchpoints.h"

#define HEARTBEAT_NS 10000000 /* 100 heartbeats a second */
#define NOWHERE      8        /* nothing is mapped there: below vm.mmap_min_addr */
#define WORD         8

/* A perf event on one CPU, and the link to the program that runs at its overflows. */
struct perf_event {
	int fd;
	struct bpf_link *link;
	__u64 since_ns; /* breakpoints: watched since then, and not yet accounted */
};

struct aim {
	__u64 word; /* 0: the register is unused */
	bool freed; /* the word belongs to a freed structure */
};

struct watchpoints {
	struct tracer *tracer;
	unsigned int cpus, registers;
	struct perf_event *breakpoints; /* register r on CPU c: [r * cpus + c] */
	struct perf_event *heartbeats;  /* by CPU */
	bool heartbeat_on;
	struct aim aims[WATCHPOINTS_REGISTERS];
	__u64 next; /* index of the first word of the next turn */
	__u64 turn_ends_ns;
	__u64 accounted_ns;   /* time of the last accounting */
	__u64 freed_words;    /* to be watched since then */
	__u64 watched_cpu_ns; /* freed words that were watched, summed over the CPUs */
	struct watchpoints_stats stats;
};

static struct perf_event_attr breakpoint_at(__u64 word)
{
	return (struct perf_event_attr){
		.type = PERF_TYPE_BREAKPOINT,
		.size = sizeof(struct perf_event_attr),
		.bp_type = HW_BREAKPOINT_RW,
		.bp_addr = word ?: NOWHERE,
		.bp_len = HW_BREAKPOINT_LEN_8,
		.sample_period = 1,
		.pinned = 1,
		.disabled = !word,
	};
}

static int open_event(struct perf_event_attr *attr, int cpu)
{
	int fd = syscall(SYS_perf_event_open, attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static void close_perf_event(struct perf_event *s)
{
	bpf_link__destroy(s->link);
	if (s->fd >= 0 && !s->link)
		close(s->fd); /* otherwise the link has closed it */
	s->link = NULL;
	s->fd = -1;
}

static int open_perf_event(struct perf_event *s, struct tracer *t, enum perf_program which,
			   struct perf_event_attr *attr, int cpu)
{
	int err;

	s->fd = open_event(attr, cpu);
	if (s->fd < 0)
		return s->fd;
	s->link = tracer_attach_perf_event(t, which, s->fd);
	if (!s->link) {
		err = -errno;
		close_perf_event(s);
		return err;
	}
	ioctl(s->fd, PERF_EVENT_IOC_DISABLE, 0); /* attaching has enabled it */
	return 0;
}

/* Open a register on all CPUs, or on none. Returns 0 or a negative errno. */
static int open_register(struct watchpoints *w, unsigned int index)
{
	struct perf_event *events = &w->breakpoints[(size_t)index * w->cpus];
	struct perf_event_attr attr = breakpoint_at(0);
	int err;

	for (unsigned int cpu = 0; cpu < w->cpus; cpu++) {
		err = open_perf_event(&events[cpu], w->tracer, PERF_WATCHPOINT, &attr, cpu);
		if (err)
			goto close;
	}
	return 0;
close:
	for (unsigned int cpu = 0; cpu < w->cpus; cpu++)
		close_perf_event(&events[cpu]);
	return err;
}

static int open_heartbeats(struct watchpoints *w)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = HEARTBEAT_NS,
		.disabled = 1,
	};

	for (unsigned int cpu = 0; cpu < w->cpus; cpu++) {
		int err =
			open_perf_event(&w->heartbeats[cpu], w->tracer, PERF_HEARTBEAT, &attr, cpu);

		if (err)
			return err;
	}
	return 0;
}

static struct watchpoints *watchpoints_new(struct tracer *tracer)
{
	struct watchpoints *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->tracer = tracer;
	w->cpus = sysconf(_SC_NPROCESSORS_ONLN);
	w->breakpoints = calloc((size_t)WATCHPOINTS_REGISTERS * w->cpus, sizeof(*w->breakpoints));
	w->heartbeats = calloc(w->cpus, sizeof(*w->heartbeats));
	if (!w->breakpoints || !w->heartbeats) {
		free(w->breakpoints);
		free(w->heartbeats);
		free(w);
		return NULL;
	}
	for (unsigned int i = 0; i < WATCHPOINTS_REGISTERS * w->cpus; i++)
		w->breakpoints[i].fd = -1;
	for (unsigned int i = 0; i < w->cpus; i++)
		w->heartbeats[i].fd = -1;
	return w;
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

int watchpoints_open(struct watchpoints **watchpoints, struct tracer *tracer, char *why,
		     size_t room)
{
	struct watchpoints *w = watchpoints_new(tracer);
	int err = 0;

	*watchpoints = NULL;
	*why = 0;
	if (!w) {
		snprintf(why, room, "out of memory");
		return -ENOMEM;
	}
	while (w->registers < WATCHPOINTS_REGISTERS && !err) {
		err = open_register(w, w->registers);
		w->registers += !err;
	}
	if (err)
		snprintf(why, room, "%u of %d debug registers: %s", w->registers,
			 WATCHPOINTS_REGISTERS, watchpoints_reason(err));
	if (!w->registers) {
		watchpoints_close(w);
		return err;
	}
	err = open_heartbeats(w);
	if (err)
		msg_verbose("no heartbeat, so no access is confirmed by its order: %s",
			    strerror(-err));
	w->stats.registers = w->registers;
	w->stats.cpus = w->cpus;
	*watchpoints = w;
	return 0;
}

void watchpoints_close(struct watchpoints *w)
{
	if (!w)
		return;
	for (unsigned int i = 0; i < WATCHPOINTS_REGISTERS * w->cpus; i++)
		close_perf_event(&w->breakpoints[i]);
	for (unsigned int i = 0; i < w->cpus; i++)
		close_perf_event(&w->heartbeats[i]);
	free(w->breakpoints);
	free(w->heartbeats);
	free(w);
}

void watchpoints_heartbeat(struct watchpoints *w, bool on)
{
	if (w->heartbeat_on == on)
		return;
	w->heartbeat_on = on;
	for (unsigned int cpu = 0; cpu < w->cpus; cpu++)
		if (w->heartbeats[cpu].fd >= 0)
			ioctl(w->heartbeats[cpu].fd,
			      on ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, 0);
}

/* Account what register r of a CPU has watched until now. */
static void watchpoints_account_one(struct watchpoints *w, unsigned int r, unsigned int cpu,
				    __u64 now_ns)
{
	struct perf_event *s = &w->breakpoints[r * w->cpus + cpu];

	if (w->aims[r].word && w->aims[r].freed && now_ns > s->since_ns)
		w->watched_cpu_ns += now_ns - s->since_ns;
	s->since_ns = now_ns;
}

/* Account the time since the last call: freed words, and those of them that were watched. */
static void watchpoints_account(struct watchpoints *w, __u64 now_ns)
{
	__u64 since = w->accounted_ns ? now_ns - w->accounted_ns : 0;

	w->accounted_ns = now_ns;
	w->stats.freed_word_ns += since * w->freed_words;
	for (unsigned int r = 0; r < w->registers; r++)
		for (unsigned int cpu = 0; cpu < w->cpus; cpu++)
			watchpoints_account_one(w, r, cpu, now_ns);
	/* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): a machine has a CPU */
	w->stats.watched_word_ns = w->watched_cpu_ns / w->cpus;
}

static int watchpoints_point_one(struct watchpoints *w, unsigned int r, unsigned int cpu,
				 __u64 word)
{
	struct perf_event_attr attr = breakpoint_at(word);
	int fd = w->breakpoints[r * w->cpus + cpu].fd;

	if (!word)
		return ioctl(fd, PERF_EVENT_IOC_DISABLE, 0) ? -errno : 0;
	if (ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr) ||
	    ioctl(fd, PERF_EVENT_IOC_ENABLE, 0))
		return -errno;
	return 0;
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

		watchpoints_account_one(w, r, cpu, clock_now());
		one = watchpoints_point_one(w, r, cpu, aim.word);
		w->breakpoints[r * w->cpus + cpu].since_ns = clock_now();
		err = err ?: one;
	}
	w->aims[r] = err ? (struct aim){} : aim;
	return err;
}

static const struct watchpoints_target *target_of(const struct watchpoints_target *targets,
						  size_t count, __u32 words, __u64 word)
{
	__u64 end = (__u64)WORD * (32 - __builtin_clz(words));

	for (size_t i = 0; i < count; i++)
		if (word >= targets[i].address && word < targets[i].address + end)
			return &targets[i];
	return NULL;
}

/* Return the n-th word of all targets; the words of one target follow each other. */
static struct aim nth_aim(const struct watchpoints_target *targets, __u32 words, unsigned int per,
			  __u64 n)
{
	const struct watchpoints_target *t = &targets[n / per];
	unsigned int skip = n % per, word = 0;

	for (;; word++)
		if (words & 1U << word && !skip--)
			break;
	return (struct aim){ .word = t->address + WORD * (__u64)word, .freed = t->freed };
}

/*
 * Update the state of the words that the registers watch. Returns false if one of them is
 * not among the targets any more.
 */
static bool update_aims(struct watchpoints *w, const struct watchpoints_target *targets,
			size_t count, __u32 words)
{
	bool all = true;

	for (unsigned int r = 0; r < w->registers; r++) {
		const struct watchpoints_target *t;

		if (!w->aims[r].word)
			continue;
		t = target_of(targets, count, words, w->aims[r].word);
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
static int take_turn(struct watchpoints *w, const struct watchpoints_target *targets, size_t count,
		     __u32 words)
{
	unsigned int per = __builtin_popcount(words), next = 0;
	struct aim turn[WATCHPOINTS_REGISTERS + 1] = {}; /* the last one stays empty */
	bool idle[WATCHPOINTS_REGISTERS] = {};
	__u64 all = count * per;
	int err = 0;

	w->stats.turns++;
	for (unsigned int i = 0; i < w->registers && i < all; i++)
		turn[i] = nth_aim(targets, words, per, (w->next + i) % all);
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

int watchpoints_aim(struct watchpoints *w, const struct watchpoints_target *targets, size_t count,
		    __u32 words, __u64 now_ns, __u64 turn_ns)
{
	__u64 all = count * __builtin_popcount(words);
	bool there;
	int err = 0;

	watchpoints_account(w, clock_now());
	there = update_aims(w, targets, count, words);
	w->freed_words = 0;
	for (size_t i = 0; i < count; i++)
		w->freed_words += targets[i].freed ? __builtin_popcount(words) : 0;
	/* Aim again if the targets have changed or, where not all words fit, after the turn. */
	if (!there || aims_in_use(w) < (all < w->registers ? all : w->registers) ||
	    (all > w->registers && now_ns >= w->turn_ends_ns)) {
		err = take_turn(w, targets, count, words);
		w->turn_ends_ns = now_ns + turn_ns;
	}
	return err;
}

struct watchpoints_stats watchpoints_stats(const struct watchpoints *w)
{
	return w->stats;
}
