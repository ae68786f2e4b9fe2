# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# With 3,000 more caches, and 16 nodes of which several are removed, report and trace show
# all structures.
# kernels: 5.10 7.x (without the iterator and with it)
# timeout: 120
# nodes: 16
# dimm: 256
# memory: 1024
# needs: built many_caches
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
detect=none

removed="3 7 8 15"

insmod /lib/modules/*/many_caches.ko count=3000
ok $? "3,000 caches"
caches=$(cache_count)
[ "$caches" -gt 3000 ]
ok $? "$caches by /proc/slabinfo"
slubnode-trace -v --json report --all >report.json 2>err
is $? 0 "report --all"
is "$(jq .caches report.json)" "$caches" "all caches"
is "$(jq .structures report.json)" "$caches" "a structure of each on node 0"
note "$(grep 'the walk over' err)"

each() { for nid in $removed; do "$1" "$nid" || return 1; done; }
each node_online
ok $? "nodes $removed come online"
trace_start many.json --node 3,15 --cache 'many_*'
ok $? "attached"
each node_offline
ok $? "nodes $removed go offline"
trace_stop
status_is $? 0 "exit status"
for nid in 3 15; do
	if kernel_frees; then
		is "$(fact node.$nid.freed)" 3000 "node $nid: 3,000 structures freed"
	else
		is "$(fact node.$nid.retained)" 3000 "node $nid: 3,000 structures retained"
	fi
done
is "$(fact lost)" 0 "no event lost"
is "$(fact trust.disagreements)" 0 "the ledger and the walks agree"

# The records of a walk take more than 15 times the ring buffer.
trace_start paused.json --ring-buffer 64
ok $? "attached with a small ring buffer"
trace_stop
status_is $? 0 "exit status"
is "$(sed -n '1s/.*"caches":\([0-9]*\).*/\1/p' paused.json)" "$caches" "the initial scan has all caches"
is "$(fact lost)" 0 "walks pause: no record lost"
is "$(fact trust.disagreements)" 0 "the ledger and the walks agree"

slubnode-trace -v --json report --by-cache >report.json 2>err
is $? 0 "report"
note "$(grep 'the walk over' err)"
is "$(jq '.nodes | length' report.json)" 15 "15 nodes without memory"
if kernel_frees; then
	is "$(jq .total.structures report.json)" 0 "nothing is retained"
else
	is "$(jq -c '[.nodes[] | select(.structures > 0) | .node]' report.json)" "[3,7,8,15]" \
		"four of them have structures"
	is "$(jq -c '[.nodes[].structures] | unique' report.json)" "[0,$caches]" "structures of every cache"
	is "$(jq '.by_cache | length' report.json)" "$caches" "by cache too"
	is "$(jq -r '.by_cache[0].nodes' report.json)" 3,7-8,15 "each cache has structures on all four"
	is "$(jq .structures report.json)" "$(knode_objects)" \
		"the number of structures is that of /proc/slabinfo"
fi
done_testing
