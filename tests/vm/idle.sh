# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# A trace that waits: while nothing is freed the tool does not wake up and adds no timer
# interrupts, and after a cache was destroyed it does so a few times. All the same a load of
# the freed structure is found and confirmed at once, and a second free is noticed.
# kernels: 5.10 7.x (attached by fentry, and by sessions of kprobes)
# alone: node 1 must never have had memory, or a destroyed cache has two structures
# timeout: 300
# needs: built poke victim
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

# wake_ups: print how often the threads of the tool have waited
wake_ups() { cat /proc/$trace_pid/task/*/status | awk '/^voluntary/ { n += $2 } END { print n }'; }

# timer_interrupts: print their number on all CPUs
timer_interrupts() { awk '/LOC:/ { for (i = 2; i <= 3; i++) n += $i } END { print n }' /proc/interrupts; }

# cpu_ms: print the CPU time of the tool in milliseconds
cpu_ms() { cat /proc/$trace_pid/task/*/schedstat | awk '{ n += $1 } END { print int(n / 1000000) }'; }

# idle SECONDS: count in woken, interrupted and worked what happens in this time
idle()
{
	woken=$(wake_ups) interrupted=$(timer_interrupts) worked=$(cpu_ms)
	sleep "$1"
	worked=$(($(cpu_ms) - worked))
	interrupted=$(($(timer_interrupts) - interrupted))
	woken=$(($(wake_ups) - woken))
	note "$1 seconds: $woken wake-ups, $worked ms of CPU, $interrupted timer interrupts"
}

# confirmed NUMBER: return 0 if exactly NUMBER loads are reported as confirmed
# shellcheck disable=SC2317 # called by wait_for
confirmed() { [ "$(count_findings watchpoint confirmed poke_read)" -eq "$1" ]; }

# loads NAME: load the freed structure of a cache three times. A timer interrupt has run on each
# CPU since the free.
loads()
{
	word=$(plus "$(freed_structures "$1" 0 | cut -d' ' -f1)" 8)
	for n in 1 2 3; do echo "r ${word#0x} 8" >/proc/poke; done
}

modprobe poke && modprobe victim
ok $? "modules"
for name in first second; do
	victim_create $name
	# Its structure keeps the slab of the freed structure allocated.
	victim_create neighbour_$name
done
span=${LONG:+20}
span=${span:-10}
sleep 2
before=$(timer_interrupts)
sleep $span
alone=$(($(timer_interrupts) - before))
note "$span seconds without the tool: $alone timer interrupts"

trace_start idle.json
ok $? "attached"
maps=$(cat /proc/$trace_pid/fdinfo/* 2>/dev/null |
	awk '/^map_type/ { map = 1 } /^prog_type/ { map = 0 } map && /^memlock/ { n += $2 } END { print n }')
[ "$maps" -le 4194304 ]
ok $? "the maps take at most 4 MiB ($((maps / 1024)) KiB)"
sleep 1
idle $span
is $woken 0 "nothing is freed: no wake-up in $span seconds"
[ $interrupted -le $((alone + 10 * span)) ]
ok $? "and no timer interrupts of its own"

victim_destroy first
wait_for 10 grep -q '"event":"freed".*"cache":"first"' idle.json
ok $? "a structure is freed"
idle $span
[ $woken -le $((2 * span)) ]
ok $? "then at most two wake-ups a second ($woken)"
[ $interrupted -le $((alone + 20 * span)) ]
ok $? "and few timer interrupts"
idle $span
[ $woken -le $((span + 4)) ]
ok $? "and one a second in the next $span seconds ($woken)"
trace_stop
status_is $? 0 "exit status"
is "$(fact lost)" 0 "no event lost"

# All words fit the registers, so that there are no turns.
trace_start watch.json --detect watchpoint --watch-cache 'first' --watch-cache second \
	--watch-field nr_partial
victim_create first
victim_destroy first
wait_for 10 grep -q '"event":"freed".*"cache":"first"' watch.json
sleep 1
idle $span
is $woken 0 "all words are watched: no wake-up in $span seconds"
loads first
wait_for 40 confirmed 3
ok $? "3 of 3 loads are reported and confirmed"
# The heartbeats begin again.
victim_destroy second
wait_for 10 grep -q '"event":"freed".*"cache":"second"' watch.json
usleep 200000
loads second
wait_for 40 confirmed 6
ok $? "and 3 of 3 after a second free"
trace_stop
status_is $? 1 "exit status: findings"
is "$(summary '.detection.watchpoint.coverage > 0.95')" true \
	"coverage: $(summary .detection.watchpoint.coverage)"
is "$(fact lost)" 0 "no event lost"

# Nothing happens in the kernel after a write has failed.
slubnode-trace trace --detect none -o /dev/full 2>full.err &
full=$!
wait_for 60 test ! -e /proc/$full/exe
ok $? "an output that fails ends the trace" || kill $full
wait $full
grep -q 'cannot write /dev/full' full.err
ok $? "with a message"
done_testing
