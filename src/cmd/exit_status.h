/* SPDX-License-Identifier: GPL-2.0-only */
/* The exit statuses, the same for every command; see slubnode-trace(8). */
#ifndef SLUBNODE_EXIT_STATUS_H
#define SLUBNODE_EXIT_STATUS_H

enum exit_status {
	EXIT_FINE = 0,
	EXIT_FINDING = 1,
	EXIT_USAGE = 2,
	EXIT_INCONCLUSIVE = 3, /* events lost, a needed probe missing */
	EXIT_CANNOT_RUN = 4,   /* no privilege, no BTF, lockdown ... */
	EXIT_CMD_FAILED = 5,   /* the command after -- failed */
};

/* The statuses of other test suites; see --exit-codes. */
enum exit_codes { EXIT_CODES_OURS, EXIT_CODES_KSELFTEST, EXIT_CODES_LTP };

/* Return an exit status as one of another test suite. */
int exit_status_for(enum exit_codes codes, int status);

#endif /* SLUBNODE_EXIT_STATUS_H */
