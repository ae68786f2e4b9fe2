/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLUBNODE_PRIVILEGES_H
#define SLUBNODE_PRIVILEGES_H

/*
 * Check what BPF programs need before they are loaded: capabilities (CAP_BPF and
 * CAP_PERFMON, or CAP_SYS_ADMIN), and no lockdown that forbids reading the kernel's memory.
 * Returns 0, or -EPERM after an error message.
 */
int privileges_check(void);

#endif /* SLUBNODE_PRIVILEGES_H */
