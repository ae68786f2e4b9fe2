// SPDX-License-Identifier: GPL-2.0-only
/* The walks over all caches: by the iterator, or along slab_caches. */
#include <bpf/bpf.h>
#include <errno.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "trace/maps.h"
#include "trace/tracer_state.h"
#include "trace/workers.h"

#define WALK_TRIES 50
#define WALK_NS    10000000000ULL /* after it, no further try begins */

const char *tracer_walk_way(const struct tracer *t)
{
	return t->plan.iterator ? "iterator" : t->plan.slab_caches ? "list" : NULL;
}

/*
 * Read from the iterator until its end. A read returns a byte where the walk pauses, so that the
 * records are read.
 */
static int read_iterator(struct tracer *t, int fd)
{
	char pause;
	int err = 0;

	while (!err) {
		ssize_t got = read(fd, &pause, sizeof(pause));

		if (!got)
			return 0;
		if (got > 0)
			err = tracer_read(t);
		else if (errno != EAGAIN && errno != EINTR)
			err = -errno;
	}
	return err;
}

static int run_iterator(struct tracer *t)
{
	int fd = bpf_iter_create(bpf_link__fd(t->iterator)), err;

	if (fd < 0)
		return fd;
	t->skeleton->bss->walk_id = 0; /* 0 makes the program begin a walk */
	err = read_iterator(t, fd);
	close(fd);
	return err;
}

/* Walk along slab_caches, and read the records where the walk pauses. */
static int run_list(struct tracer *t)
{
	volatile const __u32 *paused = &t->skeleton->bss->walk_paused;
	int err;

	t->skeleton->bss->walk_paused = 0;
	do {
		err = tracer_run(t->skeleton->progs.walk_list);
		if (!err && *paused)
			err = tracer_read(t);
	} while (!err && *paused);
	return err;
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

/*
 * Read until the end of the walk, or all records that have arrived, because the end may have been
 * lost. A record that another CPU has reserved stops a read until it is submitted, so the read is
 * repeated; the number of tries is limited. Returns 0 or a negative errno.
 */
static int read_to_end(struct tracer *t)
{
	unsigned long end = tracer_written(t);
	unsigned int try = 0;

	do {
		int err = tracer_read(t);

		if (err || t->ended_walk == t->skeleton->bss->walk_id)
			return err;
		if (!t->read_is_over) {
			try++;
			pause_ms(1);
		}
	} while (try < WALK_TRIES && !tracer_has_read(t, end));
	return 0;
}

void tracer_seek_none(struct tracer *t)
{
	t->skeleton->bss->sought_count = 0;
}

int tracer_seek(struct tracer *t, const struct sought_object *sought)
{
	const struct bpf_map *map = t->skeleton->maps.sought;
	__u32 *count = &t->skeleton->bss->sought_count;
	int err;

	if (*count >= bpf_map__max_entries(map))
		return -ENOSPC;
	err = bpf_map_update_elem(bpf_map__fd(map), count, sought, BPF_ANY);
	if (!err)
		++*count;
	return err;
}

/*
 * Note the calls of ___slab_alloc() whose program was skipped or which the kernel missed: each may
 * have allocated a structure.
 */
static void note_missed_allocations(struct tracer *t)
{
	int fds[2 * ROLES]; /* that of the entry first */

	if (plan_fds(&t->plan, ROLE_READ_ALLOC, ROLE_READ_ALLOC + 1, fds))
		t->skeleton->bss->missed_allocations =
			program_skips(fds[0]) +
			plan_missed(&t->plan, ROLE_READ_ALLOC, ROLE_READ_ALLOC + 1);
}

/*
 * Make room for the slabs that a walk counts. A system call on a map raises the CPU's
 * bpf_prog_active (bpf_disable_instrumentation(), include/linux/bpf.h, since Linux 5.7). While
 * the tool is preempted in one, the kernel skips each kprobe program on that CPU. So the map is
 * emptied only when it is half full.
 */
static void forget_counted_slabs(struct slubnode *skeleton)
{
	if (skeleton->bss->counted_slabs_held <
	    bpf_map__max_entries(skeleton->maps.counted_slabs) / 2)
		return;
	maps_empty(skeleton->maps.counted_slabs);
	skeleton->bss->counted_slabs_held = 0;
}

/* A walk that is wanted. */
struct walk {
	enum walk_reason reason;
	bool digest_only;
	int nid; /* WALK_SLABS: the node; otherwise -1 */
};

static int walk_all(struct tracer *t, const struct walk *walk, unsigned int *visited)
{
	struct slubnode__bss *bss = t->skeleton->bss;
	__u64 end_ns = clock_now() + WALK_NS;

	workers_revalidate(t->skeleton); /* a walk counts only while nobody works */
	for (unsigned int try = 0; try < WALK_TRIES && clock_now() < end_ns; try++) {
		int err;

		forget_counted_slabs(t->skeleton);
		note_missed_allocations(t);
		bss->walk_reason = walk->reason;
		bss->walk_digest_only = walk->digest_only;
		bss->walk_nid = walk->nid;
		err = t->plan.iterator ? run_iterator(t) : run_list(t);
		if (err)
			return err;
		err = read_to_end(t);
		if (err)
			return err;
		*visited = bss->walk_visited;
		if (bss->walk_complete)
			return 0;
		pause_ms(1);
	}
	return -EAGAIN;
}

int tracer_walk(struct tracer *t, enum walk_reason reason, unsigned int *visited)
{
	return walk_all(t, &(struct walk){ .reason = reason, .nid = -1 }, visited);
}

int tracer_walk_digest(struct tracer *t, unsigned int *visited)
{
	const struct walk walk = { .reason = WALK_VERIFY, .digest_only = true, .nid = -1 };

	return walk_all(t, &walk, visited);
}

int tracer_walk_slabs(struct tracer *t, int nid)
{
	const struct walk walk = { .reason = WALK_SLABS, .nid = nid };
	unsigned int visited;

	return walk_all(t, &walk, &visited);
}

__u64 tracer_walk_ns(const struct tracer *t)
{
	return t->skeleton->bss->walk_ns;
}
