// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "trace/uevents.h"

#define KERNEL_GROUP 1 /* lib/kobject_uevent.c: the kernel's own uevents */

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
 * Look for memory blocks in the uevents. A uevent is a string such as
 * "offline@/devices/system/memory/memory40", and NUL-separated variables.
 */
bool uevents_of_memory(int fd)
{
	static const char path[] = "@/devices/system/memory/";
	bool memory = false;
	char text[4096];
	ssize_t len;

	for (;;) {
		len = recv(fd, text, sizeof(text) - 1, 0);
		if (len < 0 && errno == ENOBUFS)
			memory = true; /* uevents were lost: the socket's buffer was full */
		else if (len <= 0)
			return memory;
		else if (text[len] = 0, strstr(text, path))
			memory = true;
	}
}
