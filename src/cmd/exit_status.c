// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/exit_status.h"

/* Of tools/testing/selftests/kselftest.h, and of LTP's include/tst_res_flags.h. */
enum { KSFT_FAIL = 1, KSFT_SKIP = 4, LTP_TFAIL = 1, LTP_TBROK = 2, LTP_TCONF = 32 };

int exit_status_for(enum exit_codes codes, int status)
{
	static const int others[][EXIT_CMD_FAILED + 1] = {
		[EXIT_CODES_KSELFTEST] = {
			[EXIT_FINDING] = KSFT_FAIL,
			/* 2 and 3 are an expected failure and an unexpected pass. */
			[EXIT_USAGE] = KSFT_FAIL,
			[EXIT_INCONCLUSIVE] = KSFT_FAIL,
			[EXIT_CANNOT_RUN] = KSFT_SKIP,
			[EXIT_CMD_FAILED] = KSFT_FAIL,
		},
		[EXIT_CODES_LTP] = {
			[EXIT_FINDING] = LTP_TFAIL,
			[EXIT_USAGE] = LTP_TBROK,
			[EXIT_INCONCLUSIVE] = LTP_TBROK,
			[EXIT_CANNOT_RUN] = LTP_TCONF,
			[EXIT_CMD_FAILED] = LTP_TFAIL,
		},
	};

	return codes == EXIT_CODES_OURS ? status : others[codes][status];
}
