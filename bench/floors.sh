# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the least program costs that does the same: reading the kernel's BTF, attaching empty
# programs to the functions that a trace attaches to, in each way that the kernel has, one walk
# over all caches, and reading as many records and writing as many bytes as the tool. With the
# argument "hooks" only the first two.
# timeout: 900
# dimm: 128
# needs: programs clock hooks cycles bpf_usage drain
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
	read -r begin end _ <whole
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

[ "$1" != hooks ] || exit 0

# written: print how many bytes the programs of BPF have written to ring buffers
written() { bpf_usage | awk '$1 == "ring" { sum += $3 } END { if (!NR) exit 1; printf "%.0f\n", sum }'; }

# least RECORD_BYTES OUTPUT_BYTES: print the least CPU time for these records and this output
least()
{
	rm -f copied
	drain "$1" "$2" copied || fail "drain ended with $?"
}

# of_refreshes SIZE: print rows of the floors of a report, and of one refresh of report --watch
of_refreshes()
{
	local walk ring lines bytes

	echo 1 >/proc/sys/kernel/bpf_stats_enabled
	slubnode-trace --json -o watch report --watch=1 &
	tool=$!
	sleep 5
	ring=$(written) lines=$(wc -l <watch) bytes=$(wc -c <watch)
	sleep 10
	walk=$(bpf_usage | awk '$2 ~ /^walk/ && $3 { printf "%.0f\n", $4 / $3 }')
	ring=$(($(written) - ring))
	lines=$(($(wc -l <watch) - lines)) bytes=$(($(wc -c <watch) - bytes))
	kill -INT $tool
	wait $tool
	echo 0 >/proc/sys/kernel/bpf_stats_enabled
	[ -n "$walk" ] && [ "$lines" -ge 9 ] || fail "the walk did not run"
	row "floor.walk.$1" "$walk"
	row "floor.report.$1" $((walk + btf))
	row "floor.refresh.$1" $((walk + $(least $((ring / lines)) $((bytes / lines)))))
}

# of_json SIZE: print rows of the records and the output of a cycle, and of their floor
of_json()
{
	local ring bytes

	background -o lines --json trace
	ring=$(written) bytes=$(wc -c <lines)
	cycles 1 "$(online_kind)" "$cycles" $tool >"times" || fail "a cycle failed"
	ring=$((($(written) - ring) / cycles)) bytes=$((($(wc -c <lines) - bytes) / cycles))
	end_background
	row "floor.json.records.$1" $ring
	row "floor.json.output.$1" $bytes
	for _ in 1 2 3; do
		row "floor.json.$1" "$(least $ring $bytes)"
	done
}

for size in few many; do
	# A structure of a new cache must not lie on the node, which could then not go offline.
	few_or_many $size
	node_online 1 || fail "node 1 is not online"
	hooks "$best" functions cycles 1 "$(online_kind)" $((cycles + 1)) >"times" || fail "a cycle failed"
	tail -n +3 "times" | awk -v size=$size '
		{ elapsed += $2 }
		$1 == "online" { print "row floor.cycle." size, elapsed; elapsed = 0 }'

	of_refreshes $size
	of_json $size
	node_offline 1 || fail "node 1 is not offline"
done
