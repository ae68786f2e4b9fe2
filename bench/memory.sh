# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The memory of a trace that is attached: its resident pages and the maps of its BPF programs.
# The argument is few or many; the nodes are those of the guest, and all have memory. Before that,
# the same of /bin/least, the least program with a BPF program and a ring buffer (bench/least.c).
# timeout: 600
# dimm: 128
# memory: 1024
# needs: programs bpf_usage
# needs: built many_caches
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=bench/lib.sh
. /lab/bench.sh

few_or_many "$1"
for node in "$sys"/node/node[1-9]*; do
	node_online "${node##*node}" || fail "node ${node##*node} is not online"
done
least &
least=$!
wait_for 30 map_bytes >/dev/null || fail "the least program did not start"
sleep 2
row "floor.rss.$1" "$(rss $least)"
row "floor.maps.$1" "$(map_bytes)"
kill $least
wait $least
background trace
row "memory.rss.$1" "$(rss $tool)"
maps=$(map_bytes) || fail "no maps"
row "memory.maps.$1" "$maps"
end_background
