// SPDX-License-Identifier: GPL-2.0-only
/*
 * Print what BPF uses in this kernel, one object a line:
 *
 *	program NAME RUNS NANOSECONDS ID	(with kernel.bpf_stats_enabled)
 *	map NAME BYTES				(as charged by the kernel)
 *	ring NAME BYTES				(written to a ring buffer by now)
 */
#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void print_program(int fd)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	if (!bpf_obj_get_info_by_fd(fd, &info, &len))
		printf("program %s %llu %llu %u\n", info.name, info.run_cnt, info.run_time_ns,
		       info.id);
}

/* Return the bytes of a map, which only fdinfo shows. */
static unsigned long long map_bytes(int fd)
{
	unsigned long long bytes = 0;
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	if (!f) {
		perror(path);
		exit(1);
	}
	while (fgets(line, sizeof(line), f) && sscanf(line, "memlock: %llu", &bytes) != 1)
		;
	fclose(f);
	return bytes;
}

/* Return the position of the producer of a ring buffer, which has the second page of the map. */
static unsigned long written_bytes(int ring)
{
	long size = sysconf(_SC_PAGESIZE);
	unsigned long *page = mmap(NULL, size, PROT_READ, MAP_SHARED, ring, size), bytes;

	if (page == MAP_FAILED) {
		perror("cannot map a ring buffer");
		exit(1);
	}
	bytes = *page;
	munmap(page, size);
	return bytes;
}

static void print_map(int fd)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return;
	printf("map %s %llu\n", info.name, map_bytes(fd));
	if (info.type == BPF_MAP_TYPE_RINGBUF)
		printf("ring %s %lu\n", info.name, written_bytes(fd));
}

/* Print all objects of a kind. An object that is freed meanwhile has no descriptor. */
static void print_all(int (*next)(__u32, __u32 *), int (*open)(__u32), void (*print)(int))
{
	__u32 id = 0;
	int fd;

	while (!next(id, &id)) {
		fd = open(id);
		if (fd < 0)
			continue;
		print(fd);
		close(fd);
	}
}

int main(void)
{
	print_all(bpf_prog_get_next_id, bpf_prog_get_fd_by_id, print_program);
	print_all(bpf_map_get_next_id, bpf_map_get_fd_by_id, print_map);
	return 0;
}
