// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "trace/kprobe_session.h"

struct kprobe_session {
	int fd; /* of the link */
};

#define TRACE_KPROBE_SESSION 56 /* BPF_TRACE_KPROBE_SESSION of include/uapi/linux/bpf.h */

void kprobe_session_prepare(struct bpf_program *program, const int kfuncs[SESSION_KFUNCS])
{
	/* The object is not loaded yet, and libbpf does not touch these instructions. */
	struct bpf_insn *insn = (struct bpf_insn *)bpf_program__insns(program);
	struct bpf_insn *end = insn + bpf_program__insn_cnt(program);

	if (bpf_program__expected_attach_type(program) == TRACE_KPROBE_SESSION)
		return; /* roles share programs */
	bpf_program__set_expected_attach_type(program, TRACE_KPROBE_SESSION);
	for (; insn < end; insn++)
		if (insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_KFUNC_CALL)
			insn->imm = kfuncs[insn->imm];
}

/* Create the link. Returns its descriptor, or -1 with errno. */
static int create_link(const struct bpf_program *program,
		       const struct kprobe_session_target *targets, unsigned int count)
{
	__u64 addresses[KPROBE_SESSION_TARGETS], cookies[KPROBE_SESSION_TARGETS];
	const char *symbols[KPROBE_SESSION_TARGETS];
	bool addresses_known = true;
	union bpf_attr attr = {};

	for (unsigned int i = 0; i < count; i++) {
		symbols[i] = targets[i].symbol;
		addresses[i] = targets[i].address;
		cookies[i] = targets[i].cookie;
		addresses_known &= targets[i].address != 0;
	}
	attr.link_create.prog_fd = bpf_program__fd(program);
	attr.link_create.attach_type = TRACE_KPROBE_SESSION;
	attr.link_create.kprobe_multi.cnt = count;
	attr.link_create.kprobe_multi.cookies = (uintptr_t)cookies;
	/* By name the kernel searches all its symbols. */
	if (addresses_known)
		attr.link_create.kprobe_multi.addrs = (uintptr_t)addresses;
	else
		attr.link_create.kprobe_multi.syms = (uintptr_t)symbols;
	return (int)syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
}

struct kprobe_session *kprobe_session_attach(const struct bpf_program *program,
					     const struct kprobe_session_target *targets,
					     unsigned int count)
{
	struct kprobe_session *session = malloc(sizeof(*session));
	int err = 0;

	if (!session)
		return NULL;
	session->fd = create_link(program, targets, count);
	if (session->fd >= 0)
		return session;
	err = errno;
	free(session);
	errno = err;
	return NULL;
}

int kprobe_session_fd(const struct kprobe_session *session)
{
	return session->fd;
}

void kprobe_session_detach(struct kprobe_session *session)
{
	if (!session)
		return;
	close(session->fd);
	free(session);
}

/* struct bpf_link_info as of "bpf: Add missed value to kprobe multi link info" (Linux 6.7). */
struct kprobe_multi_link_info {
	__u32 type, id, prog_id, pad;
	__u64 addrs;
	__u32 count, flags;
	__u64 missed;
};

__u64 kprobe_session_missed(const struct kprobe_session *session)
{
	struct kprobe_multi_link_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(session->fd, &info, &len) ? 0 : info.missed;
}
