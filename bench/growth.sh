# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the tool costs on a larger machine: CPU time and memory of a report, of a hotremove with the
# return of the memory, and of a trace after a cache was destroyed. NAME is in the names of the rows;
# the nodes and CPUs are those of the guest. Without --icount the times are of a clock.
# arguments: NAME MORE_CACHES
# timeout: 3600
# dimm: 128
# needs: programs clock cycles bpf_usage
# needs: built many_caches victim
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=bench/lib.sh
. /lab/bench.sh

name=growth.$1

# cycle WHO [PID]: print the CPU times of three cycles
cycle()
{
	cycles 1 "$(online_kind)" 4 $2 >"times" || fail "a cycle failed"
	# The first cycle fills caches.
	tail -n +3 times | awk -v name="$name" -v who="$1" '
		{ cpu += $3; tool += $4 }
		$1 == "online" {
			print "row " name ".cycle." who, cpu
			if (who != "bare") print "row " name ".cycle.tool", tool
			cpu = tool = 0
		}'
}

# A structure of a new cache must not lie on a node that goes offline.
[ "$2" -eq 0 ] || insmod /lib/modules/*/many_caches.ko count="$2" || fail "no caches"
for node in "$sys"/node/node[1-9]*; do
	node_online "${node##*node}" || fail "node ${node##*node} is not online"
done
row "$name.caches" "$(cache_count)"
row "$name.nodes" "$(ls -d "$sys"/node/node[0-9]* | wc -l)"
row "$name.cpus" "$(nproc)"

for _ in 1 2 3 4; do
	rm -f whole
	clock whole slubnode-trace report >/dev/null || fail "report ended with $?"
	read -r _ _ cpu memory <whole
	[ -z "$warm" ] || row "$name.report" "$cpu"
	[ -z "$warm" ] || row "$name.report.memory" "$memory"
	warm=1
done

cycle bare
background trace
row "$name.rss" "$(rss $tool)"
maps=$(map_bytes) || fail "no maps"
row "$name.maps" "$maps"
cycle trace $tool

insmod /lib/modules/*/victim.ko && echo create victim 64 >/proc/victim && echo destroy victim >/proc/victim ||
	fail "no cache was destroyed"
sleep 1
cpu=$(sched 1 $tool) wakeups=$(sched 3 $tool)
sleep 60
row "$name.idle" $(($(sched 1 $tool) - cpu))
row "$name.idle.wakeups" $(($(sched 3 $tool) - wakeups))
end_background
