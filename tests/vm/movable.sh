# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# Up to Linux 6.16 a node that has only movable memory has no structures, and the tool
# reports this; since Linux 6.17 it has structures.
# kernels: 6.12 7.x (before node notifiers and with them)
# alone: node 1 must never have had memory
# timeout: 60
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
detect=none

trace_start movable.json
node_online 1 online_movable
ok $? "node 1 comes online, movable"
caches=$(cache_count)
trace_stop
status_is $? 0 "exit status"
if has_node_notify; then
	is "$(fact node.1.allocated)" "$caches" "a structure for each cache"
	is "$(fact node.1.movable_only)" false "any memory counts here"
else
	is "$(fact node.1.allocated)" 0 "no structures"
	is "$(fact node.1.movable_only)" true "movable only"
	is "$(fact count.movable_only)" 2 "both transitions report it"
fi
slubnode-trace trace -d 0.1 >out 2>/dev/null
is "$(grep -c 'movable only: node 1$' out)" "$(has_node_notify && echo 0 || echo 1)" \
	"the text reports it at the start"
if has_node_notify; then
	answer="Every node has memory: nothing is held."
else
	answer="Node 1 has only movable memory, and so no structures."
fi
is "$(tail -n 1 out)" "No memory was removed or added. $answer" "the text reports it at the end"
node_offline 1
slubnode-trace trace --detect none -- sh -c '. /lab/lib.sh; node_online 1 online_movable' >out 2>/dev/null
has_node_notify || answer="The memory of node 1 is movable only, and this kernel has no structures for it."
has_node_notify || is "$(tail -n 1 out)" "$answer" "a return of movable memory is explained"
check_trust
done_testing
