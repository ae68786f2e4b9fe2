/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kprobe sessions: one link runs one program at the entry and at the return of many functions,
 * since "bpf: Add support for kprobe session attach" (Linux 6.10). libbpf 1.1 does not know them.
 */
#ifndef SLUBNODE_KPROBE_SESSION_H
#define SLUBNODE_KPROBE_SESSION_H

#include <bpf/libbpf.h>
#include "bpf/records.h"

#define KPROBE_SESSION_TARGETS 16 /* functions of one link, at most */

struct kprobe_session_target {
	const char *symbol; /* as the kernel spells it */
	__u64 address;      /* 0: not known */
	__u64 cookie;       /* bpf_get_attach_cookie() returns it */
};

/* Make the program one of a session, before its object is loaded; `kfuncs' are ids in BTF. */
void kprobe_session_prepare(struct bpf_program *program, const int kfuncs[SESSION_KFUNCS]);

/* Attach a program to functions. Returns NULL with errno if that fails. */
struct kprobe_session *kprobe_session_attach(const struct bpf_program *program,
					     const struct kprobe_session_target *targets,
					     unsigned int count);
/* Return the descriptor of the link. */
int kprobe_session_fd(const struct kprobe_session *session);

void kprobe_session_detach(struct kprobe_session *session);

/* Return the calls that the kernel missed before it ran the program. */
__u64 kprobe_session_missed(const struct kprobe_session *session);

#endif /* SLUBNODE_KPROBE_SESSION_H */
