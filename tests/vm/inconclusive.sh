# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# check: each reason for an inconclusive result, a CMD that fails, and a check that is killed.
# kernels: 6.12 (the test is of the tool and not of the kernel)
# timeout: 120
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/check.sh
. /lab/check.sh

node_online 1

check 5 "CMD that fails" --detect none --expect $does -- sh -c 'sh cycle.sh; exit 9'
reports command 'ended with status 9'

# Inconclusive is not a pass.
check 3 "idle" -- true
result removal inconclusive
result no-leak inconclusive
reports removal 'allow-idle'
check 0 "idle, and allowed" --detect none --allow-idle --expect $does -- true
result removal skip
result expect-$does skip
check 3 "events lost" --detect none --ring-buffer 4 --expect $does -- sh cycle.sh
result recording inconclusive
reports recording 'events were lost.*--ring-buffer'
result no-leak inconclusive
check 3 "no probe" --attach none --expect $does -- sh cycle.sh
result recording inconclusive
reports recording 'no probe is attached (by --attach none)'

# After SIGKILL nothing is attached any more, and CMD continues.
before=$(grep -c . /sys/kernel/tracing/enabled_functions)
slubnode-trace check -q -- sh -c 'echo $$ >pid; exec sleep 301' >/dev/null 2>&1 &
tool=$!
wait_for 60 test -s pid
[ "$(grep -c . /sys/kernel/tracing/enabled_functions)" -gt "$before" ]
ok $? "something is attached"
kill -KILL $tool
detached() { [ "$(grep -c . /sys/kernel/tracing/enabled_functions)" -eq "$before" ]; }
wait_for 10 detached
ok $? "SIGKILL: nothing remains attached"
kill "$(cat pid)"
ok $? "SIGKILL: CMD continues"
done_testing
