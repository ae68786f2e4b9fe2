# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# What is on the node? A module holds objects on node 1, so that its offline fails: `report' and
# `trace' name the cache. Up to Linux 6.12 the offline works when the module has let go.
# kernels: 5.10 7.x (the slabs are found without the iterator and with it)
# alone: since Linux 6.18 node 1 stays online after online_kernel
# timeout: 120
# needs: built victim
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh
detect=none slabs=40
export COLUMNS=80

# Print a value of the report on node 1, or of the failures in the trace, by a filter of jq.
report() { slubnode-trace --json report --node 1 | jq -r "$1"; }
failures() { grep '"type":"offline-failed"' "$trace_file" | jq -r "$1"; }
of_holder='.slabs.by_cache[] | select(.cache == "holder")'

modprobe victim || exit
victim_create holder # before node 1 is online, so that its structure does not lie there
node_online 1 online_kernel
ok $? "node 1 is online with a normal zone"
is "$(report "$of_holder | .slabs")" "" "holder has no slab on node 1"
victim_fill holder $slabs 1
ok $? "objects on node 1"

# --- report ---

slubnode-trace --json report --node 1 >report.json
is "$(jq "$of_holder | .slabs >= $slabs" report.json)" true "report counts the slabs of holder"
is "$(jq -r "$of_holder | .node, .reclaimable" report.json | tr '\n' ' ')" "1 false " "on node 1, not reclaimable"
is "$(jq '.slabs.bytes == ([.slabs.by_cache[].bytes] | add)' report.json)" true "the bytes add up"
slubnode-trace report --node 1 >report.txt
head -n 1 report.txt | grep -q '^Node 1 has memory; [0-9]* caches\? ha[sve]* [0-9]* slabs on it, '
ok $? "the sentence of report: $(head -n 1 report.txt)"
grep -q '^holder  *[0-9]' report.txt
ok $? "its table names holder"
is "$(awk 'length > 80' report.txt)" "" "it fits 80 columns"
is "$(slubnode-trace report --node 1 --top 1 | grep -c '^and .* more$')" \
	"$([ "$(jq '.slabs.by_cache | length' report.json)" -gt 1 ] && echo 1 || echo 0)" "--top"
slubnode-trace report | head -n 1 | grep -q "^Every node has memory: nothing is held"
ok $? "report without --node is as ever"
# Both count slabs on all nodes.
is "$(slubnode-trace --json report --node 0-1 |
	jq '[.slabs.by_cache[] | select(.cache == "kmem_cache_node") | .slabs] | add')" \
	"$(awk '$1 == "kmem_cache_node" { print $15 }' /proc/slabinfo)" "as many as /proc/slabinfo has"

# --- trace ---

trace_start trace.json
# The block that the objects lie on stays online.
block=
for b in $(node_blocks 1); do
	block_state "$b" offline || { block=$block$b error=$block_error; }
done
[ -e "$sys/node/node1/memory$block" ]
ok $? "a block of node 1 does not go offline: $block, $error"
wait_for 10 grep -q '"type":"offline-failed"' trace.json
ok $? "trace reports it"
# Tries that follow at once are reported together.
for _ in 1 2 3; do block_state "$block" offline; done
trace_stop
status_is $? 0 "exit status"
is "$(failures '.node, .first_block, .last_block, .error, .comm' | head -n 5 | tr '\n' ' ')" \
	"1 $block $block -16 sh " "node, block, error and task"
is "$(failures "$of_holder | .slabs >= $slabs" | head -n 1)" true "it has the slabs of holder"
is "$(failures .count | awk '{ sum += $1 } END { print sum }')" 4 "each of four failures is counted"
[ "$(failures .count | wc -l)" -le 3 ]
ok $? "in $(failures .count | wc -l) events, at most 3"
check_trust
for attach in $(attach_ways); do
	slubnode-trace trace --detect none --attach "$attach" --node 1 -- \
		sh -c "echo offline >$sys/memory/memory$block/state" >trace.txt 2>/dev/null
	tr '\n' ' ' <trace.txt | tr -s ' ' | grep -q \
		"node 1: block $block stays online (EBUSY); slabs on the node:.* holder [0-9]*.*by sh\["
	ok $? "by $attach: $(grep -A3 stays trace.txt | tr '\n' ' ' | tr -s ' ')"
	is "$(grep -c 'Pages that are no slabs' trace.txt)" 1 "by $attach: the text says what it does not show"
	is "$(awk 'length > 80' trace.txt)" "" "by $attach: it fits 80 columns"
done

# check reports no failed offline, but its recording has it.
slubnode-trace check --detect none --allow-idle --record check.rec -- \
	sh -c "echo offline >$sys/memory/memory$block/state" >/dev/null 2>&1
slubnode-trace trace --json -i check.rec >"$trace_file" 2>err
is "$(failures "$of_holder | .slabs >= $slabs" | head -n 1)" true "the recording of check has the slabs of holder"

# --- it lets go ---

victim_destroy holder
is "$(report "$of_holder | .slabs")" "" "holder has gone"
has_node_notify || {
	trace_start gone.json
	node_offline 1
	ok $? "node 1 goes offline"
	trace_stop
	status_is $? 0 "exit status"
	check_trust
}
done_testing
