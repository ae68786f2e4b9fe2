// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/capability.h>
#include "base/msg.h"
#include "base/read_line.h"
#include "kernel/privileges.h"

static bool has_capability(cap_value_t value)
{
	cap_flag_value_t set = CAP_CLEAR;
	cap_t caps = cap_get_proc();

	if (!caps)
		return false;
	cap_get_flag(caps, value, CAP_EFFECTIVE, &set);
	cap_free(caps);
	return set == CAP_SET;
}

/* Return true if the kernel is locked down ("none integrity [confidentiality]") against reads. */
static bool locked_down(void)
{
	char line[128];

	read_line("/sys/kernel/security/lockdown", line, sizeof(line));
	return strstr(line, "[confidentiality]");
}

int privileges_check(void)
{
	bool admin = has_capability(CAP_SYS_ADMIN);

	if (!admin && !(has_capability(CAP_BPF) && has_capability(CAP_PERFMON))) {
		msg_error("cannot load BPF programs: missing%s%s",
			  has_capability(CAP_BPF) ? "" : " CAP_BPF",
			  has_capability(CAP_PERFMON) ? "" : " CAP_PERFMON");
		msg_hint(
			"run it as root (sudo slubnode-trace ...), or give the binary CAP_BPF, CAP_PERFMON and CAP_SYSLOG (up to Linux 5.10 also CAP_SYS_RESOURCE)");
		return -EPERM;
	}
	if (locked_down()) {
		msg_error(
			"cannot read the kernel's memory by BPF: the kernel is locked down (confidentiality)");
		msg_hint(
			"boot with lockdown=integrity or none; under Secure Boot the distribution decides");
		return -EPERM;
	}
	return 0;
}
