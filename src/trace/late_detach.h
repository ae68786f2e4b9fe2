/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Links whose removal does not keep the tool from ending. The removal of a trampoline or of a
 * kprobe waits for grace periods of RCU, for one after the other, and a close() or an exit that
 * drops the last reference to a link waits with it. If a file of bpffs has the last reference, a
 * thread of the kernel removes the link.
 */
#ifndef SLUBNODE_LATE_DETACH_H
#define SLUBNODE_LATE_DETACH_H

/*
 * Mount a bpffs that no other process sees. Returns its descriptor, or -1 if it cannot be mounted:
 * without CAP_SYS_ADMIN, or before Linux 5.2.
 */
int late_detach_begin(void);

/* Keep a link beyond its descriptor. A link that cannot be kept is removed when it is closed. */
void late_detach_keep(int bpffs, int link);

/* Let the kernel remove the links that were kept. Their programs run until then. */
void late_detach_end(int bpffs);

#endif /* SLUBNODE_LATE_DETACH_H */
