# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# The kselftest where it is skipped, and the results for LAVA.
. "$(dirname "$0")/tap.bash"

run 4 "kselftest: no program" env SLUBNODE_TRACE=/no/such/program contrib/kselftest/slubnode.sh
[[ $(cat "$tmp/out") == $'KTAP version 1\n1..0 # SKIP '* ]]
ok $? "it is skipped with a reason"
# A node that cannot be: this test never takes memory away from the machine that builds.
run 4 "kselftest: no such node" env SLUBNODE_TRACE=true NODE=9999 contrib/kselftest/slubnode.sh
[[ $(cat "$tmp/out") == $'KTAP version 1\n1..0 # SKIP '* ]]
ok $? "it is skipped with a reason"

cat >"$tmp/ktap" <<'E2'
KTAP version 1
1..5
# command: the command succeeds
ok 1 command
not ok 2 no-leak
not ok 3 no-dangling # ERROR 3 events were lost
ok 4 reuse # SKIP nothing was retained
ok 5 removal # 1 removal
E2
run 0 "LAVA: the results" env LAVA_TEST_CASE=echo contrib/lava/ktap-to-lava.sh "$tmp/ktap"
[[ $(<"$tmp/out") == 'command --result pass
no-leak --result fail
no-dangling --result unknown
reuse --result skip
removal --result pass' ]]
ok $? "each has its result"
printf 'KTAP version 1\n1..0 # SKIP no node\n' >"$tmp/ktap"
run 0 "LAVA: a test that is skipped" env LAVA_TEST_CASE=echo contrib/lava/ktap-to-lava.sh "$tmp/ktap"
[[ $(<"$tmp/out") == 'slubnode --result skip' ]]
ok $? "it is reported as skipped"
done_testing
