# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# A recording of bounded size, over many cycles: the file stays small, zstd's checksums hold, and the
# replay ends in the state in which the live run ended.
# kernels: 5.10 (the ring is the tool's, not the kernel's)
# timeout: 300 3600
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh

detect=none
cycles=40 size=16k bytes=16384
[ -z "$LONG" ] || cycles=1000 size=256k bytes=262144

node_online 1
trace_start live.json --record ring.rec --record-size $size
node_cycles 1 $cycles
node_offline 1
sleep 1
trace_stop
live=$?
slubnode-trace report --json --all --by-cache >report.live
# The file has the state twice, at its start and where it is cut the next time; it is not cut while a
# change of a node is under way.
structures=$(jq -s 'map(select(.type == "start"))[0].structures' live.json)
[ "$(wc -c <ring.rec)" -le $((bytes + 2 * 24 * structures + 8192)) ]
ok $? "$(wc -c <ring.rec) bytes of recording"
[ ! -e ring.rec.new ]
ok $? "the file was replaced as a whole"

slubnode-trace trace --json -i ring.rec >replayed.json 2>err
is $? $live "exit status $live" || note "$(cat err)"
grep -q 'begins in the middle of the run' err
ok $? "the recording begins in the middle of the run" || note "$(cat err)"
counts() { tail -n 1 "$1" | jq -c '[.nodes[] | [.node, .has_memory, .counts.live_now, .counts.retained_now]]'; }
is "$(counts replayed.json)" "$(counts live.json)" "the state at the end, by node"
offlines() { tail -n 1 "$1" | jq '[.nodes[].offlines] | add'; }
[ "$(offlines replayed.json)" -lt "$(offlines live.json)" ]
ok $? "$(offlines replayed.json) of $(offlines live.json) removals are in the recording"
is "$(tail -n 1 replayed.json | jq -c '[.trust.disagreements, .trust.unseen_changes, .trust.pending, .trust.moved, .trust.miscounted, .lost]')" \
	'[0,0,0,0,0,0]' "the replay trusts its state"
slubnode-trace report --json --all --by-cache -i ring.rec >report.replayed 2>err
held() { jq -c '[.total.held, .total.structures, [.nodes[] | [.node, .held, .structures, .homes]], ([.by_cache[] | [.cache, .structures, .held]] | sort)]' "$1"; }
held report.replayed >a && held report.live >b && cmp a b
ok $? "report" || note "$(cat a b err)"
slubnode-trace check --allow-idle -i ring.rec >out 2>err
is $? 3 "check is inconclusive: what was before is not known" || note "$(cat out)"
done_testing
