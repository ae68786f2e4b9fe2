// SPDX-License-Identifier: GPL-2.0-only
/* The links of a plan: attach its programs, count what they miss, and remove them. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include "trace/kprobe_session.h"
#include "trace/late_detach.h"
#include "trace/plan.h"

/* Attach a program of a role, at the return or at the entry. Returns 0 or a negative errno. */
static int attach_one(struct plan *plan, unsigned int role, bool at_return)
{
	const struct bpf_program *program = plan->programs[role][at_return];
	const struct probe *probe = &plan->probes[role];
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .retprobe = at_return,
		    .bpf_cookie = plan->cookies ? probe->cookie : 0);
	struct bpf_link *link;

	link = probe->way == WAY_KPROBE
		       ? bpf_program__attach_kprobe_opts(program, probe->symbol, &opts)
		       : bpf_program__attach_trace(program);
	plan->links[role][at_return] = link;
	return link ? 0 : -errno;
}

/* Attach the return probe first, so that no entry is recorded without its return. */
static int attach_role(struct plan *plan, unsigned int role)
{
	int err = 0;

	for (int i = 1; i >= 0 && !err; i--)
		if (plan->programs[role][i] && !plan->links[role][i])
			err = attach_one(plan, role, i);
	return err;
}

static bool share_session(const struct plan *plan, unsigned int role, unsigned int other)
{
	return plan->probes[role].way == WAY_SESSION && plan->probes[other].way == WAY_SESSION &&
	       plan->programs[role][0] == plan->programs[other][0];
}

/*
 * Repeat the functions of a session until it has as many return addresses as a kretprobe, which has
 * at least ten: up to Linux 6.13 the kernel gives it two for each CPU and each function in its
 * list, and misses a call that finds none. Returns the number of targets.
 */
static unsigned int repeat_targets(struct kprobe_session_target *targets, unsigned int count)
{
	int cpus = libbpf_num_possible_cpus();
	unsigned int wanted = cpus > 0 ? 10 / (2 * cpus) + 1 : 1, all = count;

	for (; all < wanted; all++)
		targets[all] = targets[all - count];
	return all;
}

/* Attach a session to the functions of the roles that share it, from `first' to before `end'. */
static struct kprobe_session *attach_session(const struct plan *plan, unsigned int first,
					     unsigned int end)
{
	struct kprobe_session_target targets[KPROBE_SESSION_TARGETS];
	unsigned int count = 0;

	for (unsigned int role = first; role < end; role++) {
		const struct probe *probe = &plan->probes[role];

		if (share_session(plan, first, role))
			targets[count++] = (struct kprobe_session_target){ probe->symbol,
									   probe->address,
									   probe->cookie };
	}
	if (plan->few_returns)
		count = repeat_targets(targets, count);
	return kprobe_session_attach(plan->programs[first][0], targets, count);
}

/* Attach the session of a role and of those after it that share it. Returns 0 or a negative errno. */
static int attach_sessions(struct plan *plan, unsigned int first)
{
	struct kprobe_session *session = attach_session(plan, first, ROLES);

	if (!session)
		return -errno;
	for (unsigned int role = first; role < ROLES; role++)
		if (share_session(plan, first, role))
			plan->sessions[role] = session;
	return 0;
}

static void detach_session(struct plan *plan, unsigned int role)
{
	struct kprobe_session *session = plan->sessions[role];

	kprobe_session_detach(session);
	for (; role < ROLES; role++)
		if (plan->sessions[role] == session)
			plan->sessions[role] = NULL;
}

static void detach_role(struct plan *plan, unsigned int role)
{
	detach_session(plan, role);
	for (unsigned int i = 0; i < 2; i++) {
		bpf_link__destroy(plan->links[role][i]);
		plan->links[role][i] = NULL;
	}
}

/*
 * A session has not been attached, by `error': choose another way for those of its roles whose
 * function alone cannot be attached. If each of them can, choose another way for all.
 */
static void leave_session(struct plan *plan, unsigned int first, int error)
{
	int errors[ROLES] = {};
	bool any = false;

	for (unsigned int role = first; role < ROLES; role++) {
		struct kprobe_session *alone;

		if (!share_session(plan, first, role))
			continue;
		alone = attach_session(plan, role, role + 1);
		errors[role] = alone ? 0 : -errno;
		any |= !alone;
		kprobe_session_detach(alone);
	}
	for (unsigned int role = ROLES; role-- > first;)
		if (any ? errors[role] != 0 : share_session(plan, first, role))
			plan_next(plan, role, any ? errors[role] : error);
}

static bool has_programs(const struct plan *plan, unsigned int role)
{
	return plan->programs[role][0] || plan->programs[role][1];
}

int plan_attach(struct plan *plan)
{
	bool changed = false;

	for (unsigned int role = 0; role < ROLES; role++) {
		bool session = plan->probes[role].way == WAY_SESSION;
		int err;

		if (plan->sessions[role] || !has_programs(plan, role))
			continue;
		err = session ? attach_sessions(plan, role) : attach_role(plan, role);
		if (err && session)
			leave_session(plan, role, err);
		else if (err)
			plan_next(plan, role, err);
		changed |= err;
	}
	if (changed)
		plan_detach(plan);
	return changed ? -EAGAIN : 0;
}

void plan_keep(const struct plan *plan, int bpffs)
{
	const struct kprobe_session *kept = NULL;

	for (unsigned int role = 0; role < ROLES; role++) {
		const struct kprobe_session *session = plan->sessions[role];

		for (unsigned int i = 0; i < 2; i++)
			if (plan->links[role][i])
				late_detach_keep(bpffs, bpf_link__fd(plan->links[role][i]));
		if (session && session != kept)
			late_detach_keep(bpffs, kprobe_session_fd(session));
		kept = session ? session : kept;
	}
}

void plan_detach(struct plan *plan)
{
	for (unsigned int role = 0; role < ROLES; role++)
		detach_role(plan, role);
}

void plan_drop(struct plan *plan)
{
	plan_detach(plan);
	for (unsigned int role = 0; role < ROLES; role++) {
		plan->probes[role].candidate = NULL;
		plan->probes[role].way = WAY_NONE;
	}
	memset(plan->programs, 0, sizeof(plan->programs));
}

static bool contains(const int *fds, unsigned int count, int fd)
{
	while (count)
		if (fds[--count] == fd)
			return true;
	return false;
}

unsigned int plan_fds(const struct plan *plan, unsigned int first, unsigned int end,
		      int fds[2 * ROLES])
{
	unsigned int count = 0;

	for (unsigned int role = first; role < end; role++) {
		for (unsigned int i = 0; i < 2; i++) {
			int fd;

			if (!plan->programs[role][i])
				continue;
			fd = bpf_program__fd(plan->programs[role][i]);
			if (!contains(fds, count, fd))
				fds[count++] = fd;
		}
	}
	return count;
}

/*
 * The information of bpf(2) about a link to a kprobe: struct bpf_link_info as of "bpf: Add missed
 * value to kprobe perf link info" (Linux 6.7). Earlier kernels leave `missed' 0.
 */
struct kprobe_link_info {
	__u32 type, id, prog_id, pad;
	__u32 perf_type, perf_pad;
	__u64 func_name;
	__u32 name_len, offset;
	__u64 addr;
	__u64 missed;
};

static __u64 missed_by(const struct bpf_link *link)
{
	struct kprobe_link_info info = {};
	__u32 len = sizeof(info);

	_Static_assert(sizeof(info) == KPROBE_LINK_INFO_BYTES, "as src/kernel/btf.h has it");
	return link && !bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &len) ? info.missed : 0;
}

__u64 plan_missed(const struct plan *plan, unsigned int first, unsigned int end)
{
	const struct kprobe_session *counted = NULL;
	__u64 missed = 0;

	for (unsigned int role = first; role < end; role++) {
		const struct kprobe_session *session = plan->sessions[role];

		for (unsigned int i = 0; plan->probes[role].way == WAY_KPROBE && i < 2; i++)
			missed += missed_by(plan->links[role][i]);
		/* No role of another session stands between those of one. */
		if (session && session != counted)
			missed += kprobe_session_missed(session);
		if (session)
			counted = session;
	}
	return missed;
}
