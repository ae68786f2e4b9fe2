# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# A minute in which nothing happens: the instructions of the machine, the tool's own, its wake-ups
# and the timer's interrupts. First without the tool, then with a trace, then with a trace in
# which a cache was destroyed, then with a program that has empty BPF programs at the same functions.
# timeout: 600
# needs: programs hooks
# needs: built many_caches
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=bench/lib.sh
. /lab/bench.sh

# minute NAME [PID]
minute()
{
	local busy machine timer cpu=0 wakeups=0

	# First what is not asked without the tool: the machine's instructions include the asking.
	[ -z "$2" ] || { cpu=$(sched 1 "$2") && wakeups=$(sched 3 "$2"); } ||
		fail "the trace has ended"
	busy=$(busy) && timer=$(timer_interrupts) || fail "the CPU's times are not known"
	sleep 60
	row "idle.$1.timer" $(($(timer_interrupts) - timer))
	machine=$(busy) || fail "the CPU's times are not known"
	row "idle.$1.machine" $((machine - busy))
	[ -n "$2" ] || return 0
	row "idle.$1.tool" $(($(sched 1 "$2") - cpu))
	row "idle.$1.wakeups" $(($(sched 3 "$2") - wakeups))
}

destroy_cache()
{
	{ insmod /lib/modules/*/many_caches.ko count=1 && rmmod many_caches; } || fail "no cache was destroyed"
	sleep 1
}

sleep 10
minute bare
minute bare
background trace
sleep 5
minute nothing $tool
minute nothing $tool
destroy_cache
minute freed $tool
minute freed $tool
end_background
slubnode-trace --json probes | jq -r '.probes[].function // empty' | sort -u >functions
hooks session functions sleep 100000 &
tool=$!
sleep 10
destroy_cache
minute floor $tool
