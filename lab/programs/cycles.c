// SPDX-License-Identifier: GPL-2.0-only
/*
 * Take the memory of a node offline and online again, N times, and print the times of each
 * change in nanoseconds, CHANGE being offline or online:
 *
 *	cycles NODE online_kernel|online_movable N [PID]
 *
 *	CHANGE ELAPSED CPU OF_PID
 *
 * CPU is the time of this process, which makes the change, without its waits. Process PID, a
 * tracer, is stopped during the change, because it would use another CPU on a machine that has
 * several. OF_PID is its CPU time in the half second after that, in which it reads what was
 * recorded. All blocks of the node are one change.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BLOCKS 64

static int blocks[BLOCKS]; /* the numbers of the node's memory blocks, ascending */
static int nr_blocks;
static const char *tool; /* the process whose CPU time is printed */

static long long now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static DIR *open_directory(const char *path)
{
	DIR *dir = opendir(path);

	if (!dir) {
		perror(path);
		exit(1);
	}
	return dir;
}

static void find_blocks(const char *node)
{
	struct dirent *entry;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%s", node);
	dir = open_directory(path);
	while ((entry = readdir(dir)) && nr_blocks < BLOCKS)
		nr_blocks += sscanf(entry->d_name, "memory%d", &blocks[nr_blocks]) == 1;
	closedir(dir);
	qsort(blocks, nr_blocks, sizeof(*blocks), compare);
}

/* Return the CPU time of the threads of the tool. */
static long long tool_cpu(void)
{
	char path[300];
	struct dirent *entry;
	long long sum = 0, cpu;
	DIR *dir;

	if (!tool)
		return 0;
	snprintf(path, sizeof(path), "/proc/%s/task", tool);
	dir = open_directory(path);
	while ((entry = readdir(dir))) {
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%s/task/%s/schedstat", tool, entry->d_name);
		f = *entry->d_name == '.' ? NULL : fopen(path, "re");
		if (!f)
			continue;
		if (fscanf(f, "%lld", &cpu) == 1)
			sum += cpu;
		fclose(f);
	}
	closedir(dir);
	return sum;
}

/* Write the state of a block. A busy block is tried again. Returns 0, or -1 with errno. */
static int set_state(int block, const char *state)
{
	char path[64];
	int fd, i, ret = -1;

	snprintf(path, sizeof(path), "/sys/devices/system/memory/memory%d/state", block);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	for (i = 0; i < 10 && ret < 0; i++) {
		ret = write(fd, state, strlen(state)) < 0 ? -1 : 0;
		if (ret < 0 && errno != EBUSY && errno != EAGAIN)
			break;
	}
	close(fd);
	return ret;
}

static void signal_tool(int signal)
{
	if (tool && kill(atoi(tool), signal)) {
		perror("cycles: kill");
		exit(1);
	}
}

static void change(const char *name, const char *state, int descending)
{
	long long elapsed, cpu, of_tool;
	int i;

	of_tool = tool_cpu();
	signal_tool(SIGSTOP);
	elapsed = now(CLOCK_MONOTONIC);
	cpu = now(CLOCK_PROCESS_CPUTIME_ID);
	for (i = 0; i < nr_blocks; i++) {
		int block = blocks[descending ? nr_blocks - 1 - i : i];

		if (set_state(block, state)) {
			fprintf(stderr, "cycles: memory block %d: %s: %s\n", block, state,
				strerror(errno));
			exit(1);
		}
	}
	cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	elapsed = now(CLOCK_MONOTONIC) - elapsed;
	signal_tool(SIGCONT);
	usleep(500000);
	printf("%s %lld %lld %lld\n", name, elapsed, cpu, tool_cpu() - of_tool);
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 4) {
		fprintf(stderr, "usage: cycles NODE online_kernel|online_movable N [PID]\n");
		return 2;
	}
	tool = argv[4];
	find_blocks(argv[1]);
	if (!nr_blocks) {
		fprintf(stderr, "cycles: node %s has no memory\n", argv[1]);
		return 1;
	}
	for (i = 0; i < atoi(argv[3]); i++) {
		change("offline", "offline", 1);
		change("online", argv[2], 0);
	}
	return 0;
}
