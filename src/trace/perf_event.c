// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/libbpf.h>
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "trace/perf_event.h"

int perf_event_open(struct perf_event *e, struct tracer *t, enum perf_program which,
		    struct perf_event_attr *attr, unsigned int cpu)
{
	int err;

	*e = PERF_EVENT_CLOSED;
	e->fd = syscall(SYS_perf_event_open, attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (e->fd < 0)
		return -errno;
	e->link = tracer_attach_perf_event(t, which, e->fd);
	if (!e->link) {
		err = -errno;
		perf_event_close(e);
		return err;
	}
	if (attr->disabled)
		ioctl(e->fd, PERF_EVENT_IOC_DISABLE, 0); /* attaching has enabled it */
	return 0;
}

void perf_event_close(struct perf_event *e)
{
	bpf_link__destroy(e->link);
	if (e->fd >= 0 && !e->link)
		close(e->fd); /* otherwise the link has closed it */
	*e = PERF_EVENT_CLOSED;
}

__u64 perf_event_ran(struct perf_event *e)
{
	struct {
		__u64 value, enabled_ns, running_ns;
	} times;
	__u64 ran;

	/* An event that the kernel could not keep on its CPU reads as end of file. */
	if (e->fd < 0 || read(e->fd, &times, sizeof(times)) != sizeof(times))
		return 0;
	ran = times.running_ns - e->ran_ns;
	e->ran_ns = times.running_ns;
	return ran;
}
