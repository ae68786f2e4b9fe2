# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# Readers of /sys/kernel/slab run while node 1 goes offline and online. The tool's exposures
# must be those of an independent oracle, for each pair of reader and structure. The oracle
# is race.awk, which judges the events of ftrace.
# CYCLES in the environment is the number of cycles. A cycle has 0.93 overlaps (186 in
# 200). The last bug that this found, overlaps of which the oracle could not be sure,
# showed in 105 of 238 overlaps: 12 cycles find it with 99.8 % (1 - (133 / 238)^11).
# timeout: 200 1800
# memory: 768
# only: 5.10 (no later kernel frees a structure while readers run)
# needs: built victim
# needs: programs layout hammer
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

cycles=${CYCLES:-${LONG:+30}}
cycles=${cycles:-12}
slab=/sys/kernel/slab
tracing=/sys/kernel/tracing
oracle=$tracing/instances/oracle

# Long lists make long windows: the free falls into one in most cycles.
modprobe victim
for v in a b; do
	victim_create race_$v 256 && victim_fill race_$v 25000
done
node_online 1
caches=$(cache_count)

# Print a filter for addresses in a function, which ends at the next symbol.
code_of() # FUNCTION FIELD
{
	grep -A 1 " $1\$" /proc/kallsyms | sed 's/ .*//' | tr '\n' ' ' >code
	read -r from to <code
	echo "$2 >= 0x$from && $2 < 0x$to"
}

# Record s->node[1] at the entry of the reader and after the call to the tool's probe, which
# is 5 bytes long, and the frees by SLUB's callback.
node1=$(($(layout kmem_cache | sed -n 's/^node \([0-9]*\) .*/\1/p') + 8))
cat >$tracing/kprobe_events <<END
p:oracle/enter show_slab_objects s=%di:x64 node=+$node1(%di):x64
p:oracle/inside show_slab_objects+5 node=+$node1(%di):x64
r64:oracle/leave show_slab_objects
p:oracle/freeing kmem_cache_free x=%si:x64 from=+0(%sp):x64
END
ok $? "the oracle's probes"
mkdir $oracle
echo mono >$oracle/trace_clock
echo 16384 >$oracle/buffer_size_kb
echo 0 >$oracle/tracing_on
code_of slab_memory_callback call_site >$oracle/events/kmem/kmem_cache_free/filter
code_of slab_memory_callback from >$oracle/events/oracle/freeing/filter
code_of show_slab_objects call_site >$oracle/events/kmem/kfree/filter
for event in kmem_cache_free kfree; do
	echo 1 >$oracle/events/kmem/$event/enable
done
echo 1 >$oracle/events/oracle/enable

trace_start race.json --detect call,window
ok $? "attached"

# The structures are freed with the last block; only its offline is traced by the oracle.
cycle()
{
	last=$(node_blocks 1 | head -n 1)
	for block in $(node_blocks 1 | sed 1d); do
		write_offline "$block" || return
	done
	: >run
	: >$oracle/trace
	echo 1 >$oracle/tracing_on
	# The readers start after the oracle, so that it records the entry of each window.
	pids=
	for victim in a b a; do
		hammer run $slab/race_$victim/objects_partial >>reads &
		pids="$pids $!"
	done
	hammer run $slab/race_?/objects_partial $slab/race_?/total_objects $slab/dentry/partial \
		$slab/kmalloc-[1-9]*/objects >>reads &
	pids="$pids $!"
	usleep 20000
	write_offline "$last"
	gone=$?
	rm run
	# shellcheck disable=SC2086
	wait $pids
	echo 0 >$oracle/tracing_on
	[ $gone -eq 0 ] || return 1
	awk -v cycle="$done" -f /lab/race.awk $oracle/trace >>oracle.txt
	node_online 1
}

done=0
: >oracle.txt
while [ $done -lt "$cycles" ] && cycle; do
	done=$((done + 1))
done
is $done "$cycles" "$cycles cycles of node 1"
is "$(cat $oracle/per_cpu/cpu*/stats | awk '/overrun/ { n += $NF } END { print n }')" 0 \
	"the oracle lost nothing"
is "$(awk '$2 == "frees" { n += $3 } END { print n }' oracle.txt)" $((cycles * caches)) \
	"the oracle recorded the free of each structure"
trace_stop
status_is $? 1 "exit status: findings"
is "$(fact lost)" 0 "no event lost"

# The findings of the tool, in the format of race.awk: FREED_NS TID ADDRESS
findings window exposure show_slab_objects |
	sed 's/.*"address":"\([^"]*\)".*"freed_ns":\([0-9]*\).*"tid":\([0-9]*\),"cpu".*/\2 \3 \1/' \
		>tool.txt
awk '
	FNR == NR && $2 == "begin" { begin[$1] = $3; cycles++; next }
	FNR == NR && $2 == "end" { end[$1] = $3; next }
	FNR == NR && $2 == "frees" { next }
	FNR == NR {
		verdict[$1 " " $2 " " $3] = $4
		times[$1 " " $2 " " $3] = $5 " us after the entry, " $6 " us before the return"
		count[$4]++
		next
	}
	{
		found = "never"
		for (c = 0; c < cycles; c++)
			if ($1 >= begin[c] && $1 <= end[c])
				found = c
		pair = found " " $2 " " $3
		if (pair in reported)
			print "twice", pair
		reported[pair]
		if (!(pair in verdict))
			print "false", pair
	}
	END {
		for (pair in verdict) {
			if (verdict[pair] == "sure" && !(pair in reported))
				print "missed", pair, times[pair]
			if (verdict[pair] == "edge" && pair in reported)
				count["edge and reported"]++
		}
		for (what in count)
			print what, count[what]
	}' oracle.txt tool.txt >verdict
note "$cycles cycles, $(awk '/^reads/ { n += $2 } END { print n }' reads) reads;" \
	"the oracle is sure of $(sed -n 's/^sure //p' verdict | grep . || echo 0) overlaps;" \
	"$(sed -n 's/^edge \([0-9]\)/\1/p' verdict | grep . || echo 0) are undecided," \
	"of which the tool reported" \
	"$(sed -n 's/^edge and reported //p' verdict | grep . || echo 0);" \
	"the tool found $(wc -l <tool.txt)"
[ "$(grep -c ' sure ' oracle.txt)" -ge $((cycles / 5)) ]
ok $? "there were overlaps"
for what in missed false twice; do
	is "$(grep -c "^$what" verdict)" 0 "none $what"
	grep "^$what" verdict | head -n 20 | while read -r line; do note "$line"; done
done
is "$(count_findings call)" 0 "no call finding: the pointers are removed before the structures are freed"
check_trust
note "garbage read: $(grep -c ^garbage reads)"
done_testing
