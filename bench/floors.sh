# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the least program costs that does the same: reading the kernel's BTF, attaching empty
# programs to the functions that a trace attaches to, in each way that the kernel has, and one
# walk over all caches.
# timeout: 900
# dimm: 128
# needs: programs clock hooks cycles bpf_usage
# needs: built many_caches
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=bench/lib.sh
. /lab/bench.sh

cycles=${CYCLES:-10}

slubnode-trace --json probes | jq -r '.probes[].function // empty' | sort -u >functions
[ -s functions ] || fail "no functions"
row floor.functions "$(wc -l <functions)"

# empty WAY: attach the empty programs and end. Sets attach and detach.
empty()
{
	local begin end reached status

	rm -f whole reached
	clock whole hooks "$1" functions clock reached
	status=$?
	[ $status -ne 77 ] || return 1
	[ $status -eq 0 ] || fail "hooks $1 ended with $status"
	read -r begin end <whole
	read -r reached <reached
	attach=$((reached - begin))
	detach=$((end - reached))
}

empty btf
for _ in 1 2 3; do
	empty btf
	row floor.btf "$attach"
	btf=$attach
done
# The last of these ways that the kernel has is the best.
for way in fentry kprobe multi session; do
	empty $way || continue
	row floor.attach.$way "$attach"
	row floor.exit.$way "$detach"
	best=$way
done
row floor.attach $((attach + btf))
row floor.exit "$detach"

for size in few many; do
	# A structure of a new cache must not lie on the node, which could then not go offline.
	few_or_many $size
	node_online 1 || fail "node 1 is not online"
	hooks "$best" functions cycles 1 "$(online_kind)" $((cycles + 1)) >"times" || fail "a cycle failed"
	tail -n +3 "times" | awk -v size=$size '
		{ elapsed += $2 }
		$1 == "online" { print "row floor.cycle." size, elapsed; elapsed = 0 }'

	echo 1 >/proc/sys/kernel/bpf_stats_enabled
	slubnode-trace -o /dev/null report --watch=1 &
	sleep 10
	walk=$(bpf_usage | awk '$2 ~ /^walk/ && $3 { printf "%.0f\n", $4 / $3 }')
	kill -INT $!
	wait $!
	echo 0 >/proc/sys/kernel/bpf_stats_enabled
	[ -n "$walk" ] || fail "the walk did not run"
	row floor.walk.$size "$walk"
	row floor.report.$size $((walk + btf))
	node_offline 1 || fail "node 1 is not offline"
done
