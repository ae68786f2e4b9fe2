# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# Without --watch-cache the four debug registers watch many words in turns, and most stale
# accesses are missed. In a long run of loads, from random words of random freed structures,
# the share that is found must be the coverage that the tool reports.
# READS in the environment is the number of loads, SEED the seed of an earlier run.
# kernels: 6.12 (debug registers and their schedule do not depend on the kernel)
# alone: node 1 must never have had memory, or a destroyed cache has two structures
# timeout: 120 600
# needs: built poke victim
# needs: programs layout
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

reads=${READS:-6000}

modprobe poke && modprobe victim
knode_words >words
for n in 0 1 2 3 4 5 6 7 8 9; do
	victim_create share_$n
	# Its structure keeps the slab of the freed structure allocated.
	victim_create neighbour_$n
done
trace_start share.json --detect watchpoint --watch-turn 20ms
ok $? "attached"
for n in 0 1 2 3 4 5 6 7 8 9; do
	victim_destroy share_$n
done
wait_for 10 sh -c "[ \$(grep -c '\"event\":\"freed\".*\"cache\":\"share_' share.json) -ge 10 ]"
freed_structures "share_." 0 >structures
is "$(grep -c . structures)" 10 "ten structures are freed"
while read -r address _; do
	while read -r _ offset; do
		plus "$address" "$offset"
	done <words
done <structures | sed 's/^0x//' >places
seed=${SEED:-$(od -An -N 3 -t u4 /dev/urandom | tr -d ' ')}
note "SEED=$seed repeats these loads"
awk -v reads="$reads" -v seed="$seed" '
	{ place[n++] = $1 }
	END {
		srand(seed)
		while (reads--)
			print "r", place[int(rand() * n)], 8
	}' places >commands
# The first load comes long after the free.
usleep 100000
while read -r command; do
	echo "$command" >/proc/poke
done <commands
trace_stop
status_is $? 1 "exit status: findings"
is "$(fact lost)" 0 "no event lost"
found=$(count_findings watchpoint "" poke_read)
is "$(count_findings "")" "$found" "no other findings"
is "$(count_findings watchpoint confirmed poke_read)" "$found" "all of them are confirmed"
coverage=$(summary .detection.watchpoint.coverage)
[ "$found" -ge 100 ]
ok $? "enough loads are found for a share ($found of $reads)"
# Binomial: 3.5 standard deviations are exceeded once in 2000 runs.
jq -n -r --argjson n "$reads" --argjson found "$found" --argjson p "$coverage" '
	($n * $p * (1 - $p) | sqrt) as $sigma |
	"\($found) found, \($n * $p | round) expected, sigma \($sigma | round)",
	($p > 0 and $p < 1 and ($found - $n * $p | fabs) < 3.5 * $sigma)' >share
tail -n 1 share | grep -q true
ok $? "the share found is the coverage reported"
note "$(head -n 1 share)"
note "$(summary .detection.watchpoint | tr -d ' \n')"
done_testing
