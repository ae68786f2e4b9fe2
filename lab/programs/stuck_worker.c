// SPDX-License-Identifier: GPL-2.0-only
/*
 * Make slubnode-trace believe that a thread is in a function of SLUB's own work, as if the
 * kernel had skipped the program at its return:
 *
 *	stuck_worker TID	write an entry for the thread into the map slub_workers
 *	stuck_worker		print the tids that the map contains
 */
#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* bpf/freed.bpf.h: struct slub_work */
struct slub_work {
	__u64 begin_ns, seen, frame;
	__u32 running, allocating;
};

/* Find the newest map of that name: one of a trace that has ended may still be there. */
static int find_map(const char *name)
{
	int found = -1;
	__u32 id = 0;

	while (!bpf_map_get_next_id(id, &id)) {
		struct bpf_map_info info = {};
		__u32 len = sizeof(info);
		int fd = bpf_map_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (bpf_obj_get_info_by_fd(fd, &info, &len) || strcmp(info.name, name)) {
			close(fd);
			continue;
		}
		if (found >= 0)
			close(found);
		found = fd;
	}
	return found;
}

int main(int argc, char **argv)
{
	/* A minute after the boot, the time is over a minute ago. */
	struct slub_work work = { .begin_ns = 1, .frame = 1 };
	int fd = find_map("slub_workers");
	__u32 tid;

	if (fd < 0)
		return 1;
	if (argc > 1) {
		tid = atoi(argv[1]);
		return bpf_map_update_elem(fd, &tid, &work, BPF_ANY) != 0;
	}
	for (int err = bpf_map_get_next_key(fd, NULL, &tid); !err;
	     err = bpf_map_get_next_key(fd, &tid, &tid))
		printf("%u\n", tid);
	return 0;
}
