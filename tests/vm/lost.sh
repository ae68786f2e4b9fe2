# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# A ring buffer is too small: the tool counts and reports the loss, its exit status is 3,
# and it claims nothing false.
# kernels: 6.12 (the ring buffer is the tool's, not the kernel's)
# timeout: 60
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
detect=none

node_online 1
trace_start lost.json --ring-buffer 4
ok $? "attached"
# Walks pause while their records are read, so the tool must not read.
kill -STOP $trace_pid
for _ in 1 2 3 4 5; do
	node_offline 1 && node_online 1 || break
done
kill -CONT $trace_pid
trace_stop
status_is $? 3 "inconclusive"
[ "$(fact lost)" -gt 0 ]
ok $? "lost events are counted ($(fact lost))"
[ "$(fact count.lost 0)" -gt 0 ]
ok $? "lost events are reported at once"
is "$(fact total.leaked)" 0 "no leak is claimed"
grep -q 'inconclusive' lost.json.err
ok $? "standard error contains the reason"
done_testing
