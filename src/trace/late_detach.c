// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <linux/mount.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "trace/late_detach.h"

int late_detach_begin(void)
{
	int context = (int)syscall(SYS_fsopen, "bpf", FSOPEN_CLOEXEC), bpffs = -1;

	if (context < 0)
		return -1;
	if (!syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		bpffs = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
	close(context);
	return bpffs;
}

void late_detach_keep(int bpffs, int link)
{
	char path[64];

	if (bpffs < 0)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d/%d", bpffs, link);
	bpf_obj_pin(link, path);
}

void late_detach_end(int bpffs)
{
	if (bpffs >= 0)
		close(bpffs); /* the mount and its files are gone */
}
