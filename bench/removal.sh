# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The memory of a node goes offline and comes online again: without the tool, with a trace, and
# with a trace whose output is JSON. See cycles.c for what the times are.
# timeout: 900
# dimm: 128
# needs: programs cycles
# needs: built many_caches
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=bench/lib.sh
. /lab/bench.sh

cycles=${CYCLES:-10}

# measure NAME SIZE: print the rows of the cycles
measure()
{
	cycles 1 "$(online_kind)" $((cycles + 1)) $tool >"times" || fail "a cycle failed"
	# The first cycle fills caches.
	tail -n +3 "times" | awk -v name="$1.$2" '
		{
			print "row removal." $1 "." name, $2
			elapsed += $2; cpu += $3; tool += $4
		}
		$1 == "online" {
			print "row removal.cycle." name, elapsed
			print "row removal.cycle_cpu." name, cpu
			if (name !~ /bare/) print "row removal.tool." name, tool
			elapsed = cpu = tool = 0
		}'
}

for size in few many; do
	# A structure of a new cache must not lie on the node, which could then not go offline.
	few_or_many $size
	node_online 1 || fail "node 1 is not online"
	tool=
	measure bare $size
	background trace
	measure text $size
	end_background
	background --json trace
	measure json $size
	end_background
	node_offline 1 || fail "node 1 is not offline"
done
