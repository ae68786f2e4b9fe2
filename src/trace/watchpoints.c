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

#define HEARTBEAT_NS 10000000 /* 100 a second */
#define NOWHERE      8        /* below the lowest address that can be mapped */
#define WORD         8

/* A perf event and the program that runs at its samples. */
struct perf_event {
	int fd;
	struct bpf_link *link;
	__u64 since_ns; /* of a breakpoint: watched, and not accounted for yet */
};

struct aim {
	__u64 word; /* 0: the register is free */
	bool freed; /* of a freed structure */
};

struct watch {
	struct tracer *tracer;
	unsigned int cpus, registers;
	struct perf_event *breakpoints; /* register r on CPU c: [r * cpus + c] */
	struct perf_event *heartbeats;  /* by CPU */
	bool beating;
	struct aim aims[WATCH_REGISTERS];
	__u64 next; /* the first word of the next turn, among all */
	__u64 turn_ends_ns;
	__u64 accounted_ns;   /* until then */
	__u64 freed_words;    /* since then */
	__u64 watched_cpu_ns; /* of freed words, summed over the CPUs */
	struct watch_stats stats;
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
		close(s->fd); /* else it is the link's */
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

/* One register of all CPUs, or of none. */
static int open_register(struct watch *w, unsigned int index)
{
	struct perf_event_attr attr = breakpoint_at(0);
	int err = 0;

	for (unsigned int cpu = 0; cpu < w->cpus && !err; cpu++)
		err = open_perf_event(&w->breakpoints[index * w->cpus + cpu], w->tracer,
				      PERF_WATCHPOINT, &attr, cpu);
	for (unsigned int cpu = 0; cpu < w->cpus && err; cpu++)
		close_perf_event(&w->breakpoints[index * w->cpus + cpu]);
	return err;
}

static int open_heartbeats(struct watch *w)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = HEARTBEAT_NS,
		.disabled = 1,
	};
	int err = 0;

	for (unsigned int cpu = 0; cpu < w->cpus && !err; cpu++)
		err = open_perf_event(&w->heartbeats[cpu], w->tracer, PERF_HEARTBEAT, &attr, cpu);
	return err;
}

static struct watch *watch_new(struct tracer *tracer)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->tracer = tracer;
	w->cpus = sysconf(_SC_NPROCESSORS_ONLN);
	w->breakpoints = calloc((size_t)WATCH_REGISTERS * w->cpus, sizeof(*w->breakpoints));
	w->heartbeats = calloc(w->cpus, sizeof(*w->heartbeats));
	if (!w->breakpoints || !w->heartbeats) {
		free(w->breakpoints);
		free(w->heartbeats);
		free(w);
		return NULL;
	}
	for (unsigned int i = 0; i < WATCH_REGISTERS * w->cpus; i++)
		w->breakpoints[i].fd = -1;
	for (unsigned int i = 0; i < w->cpus; i++)
		w->heartbeats[i].fd = -1;
	return w;
}

static const char *reason(int err)
{
	if (err == -ENOSPC || err == -EBUSY)
		return "other users of perf or a debugger hold them";
	if (err == -EPERM || err == -EACCES)
		return "not permitted; CAP_SYS_ADMIN, and kernel.perf_event_paranoid";
	if (err == -ENODEV || err == -EOPNOTSUPP || err == -ENOENT)
		return "this CPU has none that perf can use";
	return strerror(-err);
}

int watch_open(struct watch **watch, struct tracer *tracer, char *why, size_t room)
{
	struct watch *w = watch_new(tracer);
	int err = 0;

	*watch = NULL;
	*why = 0;
	if (!w) {
		snprintf(why, room, "out of memory");
		return -ENOMEM;
	}
	while (w->registers < WATCH_REGISTERS && !err) {
		err = open_register(w, w->registers);
		w->registers += !err;
	}
	if (err)
		snprintf(why, room, "%u of %d debug registers: %s", w->registers, WATCH_REGISTERS,
			 reason(err));
	if (w->registers && (err = open_heartbeats(w)))
		msg_verbose("no heartbeat: %s", strerror(-err)); /* nothing is proven by order */
	if (!w->registers) {
		watch_close(w);
		return err;
	}
	w->stats.registers = w->registers;
	w->stats.cpus = w->cpus;
	*watch = w;
	return 0;
}

void watch_close(struct watch *w)
{
	if (!w)
		return;
	for (unsigned int i = 0; i < WATCH_REGISTERS * w->cpus; i++)
		close_perf_event(&w->breakpoints[i]);
	for (unsigned int i = 0; i < w->cpus; i++)
		close_perf_event(&w->heartbeats[i]);
	free(w->breakpoints);
	free(w->heartbeats);
	free(w);
}

void watch_heartbeat(struct watch *w, bool on)
{
	if (w->beating == on)
		return;
	w->beating = on;
	for (unsigned int cpu = 0; cpu < w->cpus; cpu++)
		if (w->heartbeats[cpu].fd >= 0)
			ioctl(w->heartbeats[cpu].fd,
			      on ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, 0);
}

/* What register r of a CPU has watched until now. */
static void account_one(struct watch *w, unsigned int r, unsigned int cpu, __u64 now_ns)
{
	struct perf_event *s = &w->breakpoints[r * w->cpus + cpu];

	if (w->aims[r].word && w->aims[r].freed && now_ns > s->since_ns)
		w->watched_cpu_ns += now_ns - s->since_ns;
	s->since_ns = now_ns;
}

/* The time since the last call goes to what was freed, and watched, in it. */
static void account(struct watch *w, __u64 now_ns)
{
	__u64 since = w->accounted_ns ? now_ns - w->accounted_ns : 0;

	w->accounted_ns = now_ns;
	w->stats.freed_word_ns += since * w->freed_words;
	for (unsigned int r = 0; r < w->registers; r++)
		for (unsigned int cpu = 0; cpu < w->cpus; cpu++)
			account_one(w, r, cpu, now_ns);
	w->stats.watched_word_ns = w->watched_cpu_ns / w->cpus;
}

static int point_one(struct watch *w, unsigned int r, unsigned int cpu, __u64 word)
{
	struct perf_event_attr attr = breakpoint_at(word);
	int fd = w->breakpoints[r * w->cpus + cpu].fd;

	if (!word)
		return ioctl(fd, PERF_EVENT_IOC_DISABLE, 0) ? -errno : 0;
	return ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr) ||
			       ioctl(fd, PERF_EVENT_IOC_ENABLE, 0)
		       ? -errno
		       : 0;
}

/* Point register r at a word, CPU by CPU; 0: at none. */
static int point(struct watch *w, unsigned int r, struct aim aim)
{
	int err = 0;

	if (w->aims[r].word == aim.word) {
		w->aims[r].freed = aim.freed;
		return 0;
	}
	for (unsigned int cpu = 0; cpu < w->cpus; cpu++) {
		int one;

		account_one(w, r, cpu, clock_now());
		one = point_one(w, r, cpu, aim.word);
		w->breakpoints[r * w->cpus + cpu].since_ns = clock_now();
		err = err ?: one;
	}
	w->aims[r] = err ? (struct aim){} : aim;
	return err;
}

static const struct watch_target *target_of(const struct watch_target *targets, size_t count,
					    __u32 words, __u64 word)
{
	__u64 end = WORD * (32 - __builtin_clz(words));

	for (size_t i = 0; i < count; i++)
		if (word >= targets[i].address && word < targets[i].address + end)
			return &targets[i];
	return NULL;
}

/* The n-th word of all targets, in turns; the words of one target are neighbours. */
static struct aim nth(const struct watch_target *targets, __u32 words, unsigned int per, __u64 n)
{
	const struct watch_target *t = &targets[n / per];
	unsigned int skip = n % per, word = 0;

	for (;; word++)
		if (words & 1U << word && !skip--)
			break;
	return (struct aim){ .word = t->address + WORD * (__u64)word, .freed = t->freed };
}

/* Is what the registers watch still there? Its state may have changed. */
static bool still_there(struct watch *w, const struct watch_target *targets, size_t count,
			__u32 words)
{
	bool all = true;

	for (unsigned int r = 0; r < w->registers; r++) {
		const struct watch_target *t;

		if (!w->aims[r].word)
			continue;
		t = target_of(targets, count, words, w->aims[r].word);
		w->aims[r].freed = t && t->freed;
		all &= t != NULL;
	}
	return all;
}

static unsigned int aimed(const struct watch *w)
{
	unsigned int count = 0;

	for (unsigned int r = 0; r < w->registers; r++)
		count += w->aims[r].word != 0;
	return count;
}

/*
 * A register that watches a word of the turn stays where it is, or the word would
 * be watched twice for a while, and counted so. The word is then done.
 */
static bool stays(struct aim *aim, struct aim *turn)
{
	for (unsigned int i = 0; aim->word && i < WATCH_REGISTERS; i++)
		if (turn[i].word == aim->word) {
			*aim = turn[i];
			turn[i] = (struct aim){};
			return true;
		}
	return false;
}

/* The next words in turn into all registers. */
static int take_turn(struct watch *w, const struct watch_target *targets, size_t count, __u32 words)
{
	unsigned int per = __builtin_popcount(words), next = 0;
	struct aim turn[WATCH_REGISTERS + 1] = {}; /* the last: none */
	bool idle[WATCH_REGISTERS];
	__u64 all = count * per;
	int err = 0;

	w->stats.turns++;
	for (unsigned int i = 0; i < w->registers && i < all; i++)
		turn[i] = nth(targets, words, per, (w->next + i) % all);
	for (unsigned int r = 0; r < w->registers; r++)
		idle[r] = !stays(&w->aims[r], turn);
	for (unsigned int r = 0; r < w->registers; r++) {
		while (next < WATCH_REGISTERS && !turn[next].word)
			next++;
		if (idle[r]) {
			int one = point(w, r, turn[next]);

			err = err ?: one;
			turn[next].word = 0;
		}
	}
	w->next = all > w->registers ? (w->next + w->registers) % all : 0;
	return err;
}

int watch_aim(struct watch *w, const struct watch_target *targets, size_t count, __u32 words,
	      __u64 now_ns, __u64 turn_ns)
{
	__u64 all = count * __builtin_popcount(words);
	bool there;
	int err = 0;

	account(w, clock_now());
	there = still_there(w, targets, count, words);
	w->freed_words = 0;
	for (size_t i = 0; i < count; i++)
		w->freed_words += targets[i].freed ? __builtin_popcount(words) : 0;
	/* More than fit: in turns. Else: when something came or went. */
	if (!there || aimed(w) < (all < w->registers ? all : w->registers) ||
	    (all > w->registers && now_ns >= w->turn_ends_ns)) {
		err = take_turn(w, targets, count, words);
		w->turn_ends_ns = now_ns + turn_ns;
	}
	return err;
}

struct watch_stats watch_stats(const struct watch *w)
{
	return w->stats;
}
