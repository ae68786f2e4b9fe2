// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/msg.h"
#include "base/read_line.h"
#include "cmd/exit_status.h"
#include "cmd/session_facts.h"
#include "kernel/switches.h"
#include "version.h"

const char *session_attached_by(const struct plan *plan)
{
	enum { FENTRY = 1 << WAY_FENTRY, KPROBE = 1 << WAY_KPROBE, SESSION = 1 << WAY_SESSION };
	static const char *const names[] = {
		[0] = "none",
		[FENTRY] = "fentry",
		[KPROBE] = "kprobe",
		[SESSION] = "kprobe.session",
		[FENTRY | KPROBE] = "fentry+kprobe",
		[FENTRY | SESSION] = "fentry+kprobe.session",
		[KPROBE | SESSION] = "kprobe+kprobe.session",
		[FENTRY | KPROBE | SESSION] = "fentry+kprobe+kprobe.session",
	};
	unsigned int used = 0;

	for (unsigned int role = 0; role < LIFETIME_ROLES; role++)
		used |= 1U << plan->probes[role].way;
	return names[used & ~(1U << WAY_NONE)];
}

void session_describe(const struct plan *plan)
{
	for (unsigned int role = 0; role < ROLES; role++) {
		const struct probe *p = &plan->probes[role];

		if (p->candidate)
			msg_verbose("%s: attached by %s to %s()%s%s", p->info->name,
				    probe_way_name(p->way), p->symbol, *p->why ? "; " : "", p->why);
		else if (*p->why)
			msg_verbose("%s: not attached: %s", p->info->name, p->why);
	}
}

/* Explain why nothing is attached. */
static void put_unattached(const struct plan *plan, enum attach attach, char *text, size_t room)
{
	snprintf(text, room, "%s", attach == ATTACH_NOTHING ? "by --attach none" : "none can be");
	for (unsigned int role = 0; role < ROLES && attach != ATTACH_NOTHING; role++) {
		const struct probe *p = &plan->probes[role];

		if (!p->info->needed || !*p->why)
			continue;
		snprintf(text, room, "%s: %s", p->info->name, p->why);
		return;
	}
}

void host_name(char *name, size_t room)
{
	if (gethostname(name, room) || !*name)
		snprintf(name, room, "localhost");
	name[room - 1] = 0;
}

bool accesses_sought(const struct detection_options *o)
{
	for (unsigned int tier = 0; tier < TIERS; tier++)
		if (!o->off[tier])
			return true;
	return false;
}

void session_facts(struct session_record *r, const struct tracer *t,
		   const struct session_options *options)
{
	struct utsname name = {};

	uname(&name);
	r->head = (struct record){ .type = RECORD_SESSION, .time_ns = clock_now() };
	r->wall_ns = clock_ns(CLOCK_REALTIME);
	r->boot_ns = clock_ns(CLOCK_BOOTTIME);
	r->barn_bytes = tracer_types(t)->barn_bytes;
	r->differences_only = tracer_unattached(t);
	r->pages_followed = detector_pages_followed(t);
	r->accesses_sought = !r->differences_only && accesses_sought(options->detection);
	tracer_layout(t, &r->layout);
	snprintf(r->kernel, sizeof(r->kernel), "%s", name.release);
	snprintf(r->probes, sizeof(r->probes), "%s", session_attached_by(tracer_plan(t)));
	snprintf(r->walk, sizeof(r->walk), "%s", tracer_walk_way(t));
	if (r->differences_only)
		put_unattached(tracer_plan(t), options->attach, r->unattached,
			       sizeof(r->unattached));
}

void session_head(struct recording_head *h, const struct tracer *t)
{
	const struct kernel_types *types = tracer_types(t);
	struct utsname name = {};

	uname(&name);
	snprintf(h->tool, sizeof(h->tool), "%s", SLUBNODE_VERSION);
	snprintf(h->kernel, sizeof(h->kernel), "%s", name.release);
	snprintf(h->build, sizeof(h->build), "%s", name.version);
	snprintf(h->machine, sizeof(h->machine), "%s", name.machine);
	host_name(h->host, sizeof(h->host));
	read_line("/proc/sys/kernel/random/boot_id", h->boot_id, sizeof(h->boot_id));
	h->monotonic_ns = clock_now();
	h->boottime_ns = clock_ns(CLOCK_BOOTTIME);
	h->realtime_ns = clock_ns(CLOCK_REALTIME);
	h->node_bytes = types->node_bytes;
	h->barn_bytes = types->barn_bytes;
	h->sheaf_bytes = types->sheaf_bytes;
	h->pgdat_bytes = types->pgdat_bytes;
	h->late_possible = types->node_notifier;
	h->hidden = tracer_plan(t)->hidden;
}

static bool attached_by_kprobes(const struct tracer *t)
{
	for (unsigned int role = 0; role < ROLES; role++)
		if (tracer_plan(t)->probes[role].way == WAY_KPROBE)
			return true;
	return false;
}

enum stopped session_stopped(const struct tracer *t)
{
	if (ftrace_is_off())
		return STOPPED_FTRACE;
	return attached_by_kprobes(t) && kprobes_are_off() ? STOPPED_KPROBES : STOPPED_NO;
}

int session_require_running(const struct tracer *t)
{
	enum stopped stopped = tracer_unattached(t) ? STOPPED_NO : session_stopped(t);

	if (!stopped)
		return 0;
	msg_error("%s is 0: the kernel does not run attached programs",
		  stopped == STOPPED_FTRACE ? "kernel.ftrace_enabled"
					    : "/sys/kernel/debug/kprobes/enabled");
	msg_hint("set it to 1, or poll with --attach none");
	return EXIT_CANNOT_RUN;
}
