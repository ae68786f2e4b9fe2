// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "bpf/records.h"
#include "slubnode.skel.h"
#include "trace/workers.h"

#define WORK_NS 60000000000ULL /* longer than any such function takes */

static bool has_ended(__u32 tid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u", tid);
	return access(path, F_OK) && errno == ENOENT;
}

/*
 * Check by its kernel stack that a thread is in none of the functions. The stack is empty while
 * the thread runs. Returns false if that is not known.
 */
static bool is_elsewhere(__u32 tid)
{
	static const char *const functions[] = { "slab_memory_callback", "kmem_cache_create",
						 "kmem_cache_release" };
	char path[32], text[4096];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/stack", tid);
	f = fopen(path, "re");
	if (!f)
		return false;
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = 0;
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (strstr(text, functions[i]))
			return false;
	return len && len < sizeof(text) - 1;
}

static void forget(struct slubnode *skeleton, __u32 tid, const struct slub_work *work)
{
	/* Whoever deletes the entry accounts for it. */
	if (bpf_map_delete_elem(bpf_map__fd(skeleton->maps.slub_workers), &tid))
		return;
	__atomic_fetch_sub(&skeleton->bss->works_running, work->running, __ATOMIC_SEQ_CST);
	__atomic_fetch_sub(&skeleton->bss->allocating, work->allocating, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&skeleton->bss->lost_ends, 1, __ATOMIC_SEQ_CST);
}

void workers_revalidate(struct slubnode *skeleton)
{
	int fd = bpf_map__fd(skeleton->maps.slub_workers);
	struct slub_work work;
	__u32 tid, next;
	bool more = !bpf_map_get_next_key(fd, NULL, &next);

	while (more) {
		tid = next;
		more = !bpf_map_get_next_key(fd, &tid, &next);
		if (bpf_map_lookup_elem(fd, &tid, &work))
			continue;
		if (has_ended(tid) || (work.begin_ns + WORK_NS < clock_now() && is_elsewhere(tid)))
			forget(skeleton, tid, &work);
	}
}
