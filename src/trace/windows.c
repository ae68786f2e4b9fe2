// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include "base/clock.h"
#include "bpf/records.h"
#include "slubnode.skel.h"
#include "trace/windows.h"

/* No reader that was running when it was attached is expected to run for longer than this. */
#define IN_FLIGHT_NS 1000000000

void windows_size(struct slubnode *skeleton, unsigned int nodes)
{
	size_t bytes = sizeof(struct window) + nodes * sizeof(__u64);

	bpf_map__set_value_size(skeleton->maps.windows, bytes);
	bpf_map__set_value_size(skeleton->maps.blank_window, bytes);
}

void windows_expect_entries(struct slubnode *skeleton)
{
	skeleton->bss->entries_since_ns = clock_now() + IN_FLIGHT_NS;
}

static void drop_one(struct slubnode *skeleton, const struct window_key *key)
{
	/* The reader may return at this moment: whoever deletes the window accounts for it. */
	if (bpf_map_delete_elem(bpf_map__fd(skeleton->maps.windows), key))
		return;
	__atomic_fetch_sub(&skeleton->bss->open_windows, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&skeleton->bss->lost_windows, 1, __ATOMIC_RELAXED);
}

void windows_drop(struct slubnode *skeleton, __u64 longer_ns)
{
	int fd = bpf_map__fd(skeleton->maps.windows);
	struct window *w = malloc(bpf_map__value_size(skeleton->maps.windows));
	struct window_key key, next;
	__u64 now = clock_now();
	bool more = w && !bpf_map_get_next_key(fd, NULL, &next);

	while (more) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		/* The time is still 0 in a window that is being opened. */
		if (!bpf_map_lookup_elem(fd, &key, w) && w->entered_ns &&
		    w->entered_ns + longer_ns < now)
			drop_one(skeleton, &key);
	}
	free(w);
}
