# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# No reader is lost: four programs read /proc/slabinfo and /sys/kernel/slab without a pause,
# and caches are created and destroyed, while node 1 goes offline and online. On a kernel
# that preempts a program, fentry loses readers; there the counters must show it.
# CYCLES in the environment is the number of cycles.
# timeout: 180 900
# needs: modules fat isofs
# needs: programs hammer
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

cycles=${CYCLES:-${LONG:+50}}
cycles=${cycles:-4}

# A program is skipped while a system call on a map is preempted on its CPU. A walk must not make
# one for each slab. Deletes are rare otherwise: that of a window whose reader did not return for
# a minute is one, and a reader whose return was skipped seems not to return.
event=/sys/kernel/tracing/events/syscalls/sys_enter_bpf
echo 'cmd == 3' >$event/filter # BPF_MAP_DELETE_ELEM, include/uapi/linux/bpf.h
is "$(cat $event/filter)" "cmd == 3" "calls of bpf(2) can be recorded"

# under_load FILE METHOD: trace under the load; sets windows, lost, skipped and deleted
under_load()
{
	local pids=

	trace_start "$1" --detect call,window --attach "$2"
	ok $? "attached by $2"
	echo 1 >$event/enable
	churn_start
	: >run
	for _ in 1 2 3 4; do
		hammer run /proc/slabinfo /sys/kernel/slab/*/objects >>reads &
		pids="$pids $!"
	done
	node_cycles 1 "$cycles"
	usleep 3000000
	rm run
	# shellcheck disable=SC2086
	wait $pids
	churn_stop >/dev/null
	ok $? "the churn ran until the end"
	echo 0 >$event/enable
	deleted=$(grep -c 'sys_bpf(' /sys/kernel/tracing/trace)
	trace_stop
	windows=$(summary .detection.window.readers)
	lost=$(summary .detection.window.lost)
	skipped=$(summary .detection.window.skipped)
	note "$windows windows, $lost lost, $skipped runs skipped"
	check_trust "$(churn_skips)"
}

node_online 1
under_load auto.json auto
[ "$windows" -gt 20000 ]
ok $? "many readers"
is "$lost" 0 "no window is lost"
# The kernel skips a program in an interrupt that allocates in the middle of another one. With 50
# cycles on Linux 7.x these are one or two, by kprobes as by kprobe sessions, and all are of the
# allocator's functions; programs that are preempted would be a third of all.
[ "$skipped" -le $((windows / 200000)) ]
ok $? "no program is skipped, but for one in 200,000 by an interrupt ($skipped)"
[ "$deleted" -le "$skipped" ]
ok $? "no element of a map is deleted, but for the window of a skipped return ($deleted)"

# Only Linux 7.0 and later have lazy preemption in a cloud kernel.
if [ "$(uname -r | cut -d. -f1)" -ge 7 ]; then
	under_load fentry.json fentry
	[ "$skipped" -gt 0 ]
	ok $? "by fentry, skipped programs are counted"
	[ "$lost" -gt 0 ]
	ok $? "by fentry, lost windows are counted"
fi
echo 0 >$event/filter
is "$(grep -c ^garbage reads)" 0 "no garbage read"
done_testing
