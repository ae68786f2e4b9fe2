# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# How often each BPF program runs while the memory of a node goes offline and online again, with
# 3,000 more caches, and for how long, as the kernel counts.
# timeout: 600
# dimm: 128
# needs: programs cycles bpf_usage
# needs: built many_caches
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=bench/lib.sh
. /lab/bench.sh

few_or_many many
node_online 1 || fail "node 1 is not online"
background trace
cycles 1 "$(online_kind)" 1 >/dev/null || fail "a cycle failed"
echo 1 >/proc/sys/kernel/bpf_stats_enabled
cycles 1 "$(online_kind)" 1 >/dev/null || fail "a cycle failed"
bpf_usage >usage || fail "no programs"
echo 0 >/proc/sys/kernel/bpf_stats_enabled
awk '$1 == "program" { print "row program.runs." $2, $3; print "row program.time." $2, $4 }
	$1 == "map" { print "row map." $2, $3 }' usage
end_background
