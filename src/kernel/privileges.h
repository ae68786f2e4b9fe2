/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLUBNODE_PRIVILEGES_H
#define SLUBNODE_PRIVILEGES_H

/*
 * What would make the load fail, named before it does: capabilities
 * (CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN), lockdown. 0, or
 * EXIT_CANNOT_RUN and it has been said.
 */
int privileges_check(void);

#endif /* SLUBNODE_PRIVILEGES_H */
