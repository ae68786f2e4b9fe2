# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The watchpoints follow the CPUs. CPU 1 of 4 is offline from the start, and the others watch.
# Then it comes online, goes and comes back: its loads are found, and the coverage shows the
# time for which it did not watch.
# cpus: 4
# alone: node 1 must never have had memory, or a destroyed cache has two structures
# kernels: 5.10 6.12 (the perf events are the same on all)
# timeout: 200 300
# needs: built poke victim
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

times=100

cpu_set() { echo "$2" >$sys/cpu/cpu"$1"/online; }

# load_on CPU: load the watched word $times times there, and wait until the trace has the
# findings: their first symbols take the tool a second, in which it follows no CPU
load_on()
{
	taskset -c "$1" sh -c "n=0
		while [ \$n -lt $times ]; do echo 'r ${word#0x} 8' >/proc/poke; n=\$((n + 1)); done"
	all=$((all + times))
	export all
	wait_for 10 eval 'test $(count_findings) -ge $all'
}

# loads_on CPU: print the number of findings of this CPU
loads_on() { findings watchpoint confirmed poke_read | grep -c "\"cpu\":$1,"; }

# start NAME: trace a cache and free its structure; sets word
start()
{
	all=0
	victim_create "$1"
	# Its structure keeps the slab of the freed structure allocated.
	victim_create "neighbour_$1"
	trace_start "$1.json" --verbose --detect watchpoint --watch-cache "$1" --watch-field nr_partial
	ok $? "attached"
	address=$(victim_free "$1" 0)
	ok $? "a structure is freed" || done_testing
	word=$(plus "$address" 8)
	# Wait until a timer interrupt has run on each CPU after the free.
	usleep 200000
}

# watched MEMBER: print a member of the coverage
watched() { summary ".detection.watchpoint.$1"; }

modprobe poke && modprobe victim
ok $? "modules"

cpu_set 1 0
is "$(cat $sys/cpu/online)" 0,2-3 "CPU 1 of 4 is offline"
start hole
for cpu in 2 3; do load_on $cpu; done
trace_stop
status_is $? 1 "exit status: a finding"
is "$(loads_on 2)" $times "$times of $times loads on CPU 2"
is "$(loads_on 3)" $times "$times of $times loads on CPU 3"
is "$(watched available)" true "the tier is available"
is "$(watched limits)" "" "nothing limits it"
is "$(watched cpus)" 3 "3 CPUs watch"
is "$(watched cpus_unwatched)" 0 "no CPU was online and did not watch"
is "$(watched 'coverage > 0.95')" true "coverage: $(watched coverage)"

# CPU 1 comes online for the first time, goes, and comes back.
start back
load_on 2
watched_again=0
export watched_again
for round in first second; do
	cpu_set 1 1
	watched_again=$((watched_again + 1))
	wait_for 20 eval 'test $(grep -c "CPU 1 is watched again" back.json.err) -ge $watched_again'
	ok $? "CPU 1 comes online for the $round time, and is watched"
	# Wait until a timer interrupt has run there.
	usleep 200000
	load_on 1
	[ $round = second ] || cpu_set 1 0
done
trace_stop
status_is $? 1 "exit status: a finding"
is "$(loads_on 1)" $((2 * times)) "CPU 1 came online twice: $((2 * times)) of $((2 * times)) loads"
is "$(loads_on 2)" $times "$times of $times loads on CPU 2"
is "$(watched cpus)" 4 "4 CPUs watch"
is "$(watched cpus_unwatched)" 1 "one CPU did not watch for a time"
is "$(watched 'unwatched_ns > 0')" true "CPU 1 did not watch for $(watched unwatched_ns) ns"
is "$(summary '.detection.watchpoint | .watched_word_ns < .freed_word_ns')" true \
	"and the coverage shows it: $(watched coverage)"
is "$(fact lost)" 0 "no event lost"
done_testing
