# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# MEM_CANCEL_ONLINE and MEM_CANCEL_OFFLINE, caused by the kernel's own error injection: up
# to Linux 5.11 a cancelled online frees the structures that it has allocated; since Linux
# 5.12 they stay.
# kernels: 5.10 6.1 7.x (5.10 frees; 7.x has node notifiers; 6.12 is as 6.1)
# alone: node 1 must never have had memory
# timeout: 60
# needs: modules memory-notifier-error-inject
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
detect=none

caches=$(cache_count)

trace_start online.json
inject_error MEM_GOING_ONLINE -12
ok $? "MEM_GOING_ONLINE is made to fail"
! node_online 1 2>/dev/null
ok $? "the online fails"
! node_has_memory 1
ok $? "the node has no memory"
inject_error MEM_GOING_ONLINE 0
trace_stop
status_is $? 0 "exit status"
is "$(fact node.1.cancelled_onlines)" 1 "one online was cancelled"
is "$(fact node.1.onlines)" 0 "none succeeded"
is "$(fact node.1.allocated)" "$caches" "allocated on the way"
if kernel_frees; then
	is "$(fact count.freed.cancel-online)" "$caches" "freed by the cancelled online"
	is "$(fact node.1.freed)" "$caches" "all of them"
	is "$(fact node.1.retained)" 0 "none retained"
else
	is "$(fact count.retained.cancel-online)" "$caches" \
		"retained by the cancelled online"
	is "$(fact node.1.freed)" 0 "none freed"
	is "$(fact node.1.retained_now)" "$caches" "all are held"
fi
is "$(fact events.node)" "going-online cancel-online" "the node's transitions"
check_trust

node_online 1
ok $? "without the error node 1 comes online"
trace_start offline.json
# Take all blocks but one offline: only the last block removes the node's last memory.
last=$(node_blocks 1 | head -n 1)
for block in $(node_blocks 1 | sed 1d); do
	write_offline "$block"
	ok $? "block $block goes offline"
done
inject_error MEM_GOING_OFFLINE -12
! write_offline "$last"
ok $? "block $last does not go offline"
node_has_memory 1
ok $? "the node still has memory"
inject_error MEM_GOING_OFFLINE 0
trace_stop
status_is $? 0 "exit status"
is "$(fact node.1.cancelled_offlines)" 1 "one offline was cancelled"
is "$(fact node.1.offlines)" 0 "none succeeded"
is "$(fact count.allocated)$(fact count.freed)$(fact count.retained)$(fact count.reused)" \
	nonenonenonenone \
	"a cancelled offline changes nothing"
is "$(fact node.1.live_now)" "$caches" "all are live"
check_trust
done_testing
