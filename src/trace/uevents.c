// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "trace/uevents.h"

#define KERNEL_GROUP 1 /* lib/kobject_uevent.c: the kernel's own uevents */
#define UEVENT       4096

int uevents_open(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_KOBJECT_UEVENT);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd < 0 ? -errno : fd;
}

/*
 * Read the next uevent. A uevent is a string such as "offline@/devices/system/memory/memory40",
 * and NUL-separated variables. Returns false if none has arrived; *lost is set if uevents were
 * lost because the socket's buffer was full.
 */
static bool uevent_next(int fd, char *text, size_t room, bool *lost)
{
	ssize_t len = recv(fd, text, room - 1, 0);

	text[len > 0 ? len : 0] = 0;
	if (len < 0 && errno == ENOBUFS)
		*lost = true;
	return len > 0 || (len < 0 && errno == ENOBUFS);
}

bool uevents_of_memory(int fd)
{
	bool memory = false;
	char text[UEVENT];

	while (uevent_next(fd, text, sizeof(text), &memory))
		memory |= strstr(text, "@/devices/system/memory/") != NULL;
	return memory;
}

bool uevents_each(int fd, void (*fn)(void *context, const char *text), void *context)
{
	bool lost = false;
	char text[UEVENT];

	while (uevent_next(fd, text, sizeof(text), &lost))
		fn(context, text);
	return !lost;
}

bool uevent_of_cpu(const char *text, struct cpu_set *offline)
{
	unsigned int cpu;
	char action[16];
	int end = 0;

	if (sscanf(text, "%15[a-z]@/devices/system/cpu/cpu%u%n", action, &cpu, &end) != 2 ||
	    text[end] || cpu >= MAX_CPUS)
		return false;
	if (!strcmp(action, "offline") || !strcmp(action, "remove"))
		offline->has[cpu] = 1;
	return true;
}

bool uevents_of_cpus(int fd, struct cpu_set *offline)
{
	bool cpus = false, lost = false;
	char text[UEVENT];

	while (uevent_next(fd, text, sizeof(text), &lost))
		cpus |= uevent_of_cpu(text, offline);
	if (lost)
		memset(offline->has, 1, sizeof(offline->has));
	return cpus || lost;
}
