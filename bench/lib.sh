# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# Functions for the measurements, which run in a guest of lab/run --icount: 1 ns of its clocks
# is one instruction. A measurement prints "row NAME VALUE"; times are in ns, memory is in bytes.
# A row that is measured several times is printed several times: bench/page takes the median.

row() { echo "row $1 $2"; }

# fail WORDS: end the scenario, so that its rows are "not measured"
fail() { echo "$*" >&2; exit 1; }

# few_or_many few|many: make 3,000 more caches for many, and print how many there are
few_or_many()
{
	if [ "$1" = many ] && ! grep -q ^many_caches /proc/modules; then
		insmod /lib/modules/*/many_caches.ko count=3000 || fail "no caches"
	fi
	row "caches.$1" "$(cache_count)"
}

# background [OPTION...]: start a trace in the background, and wait until it is attached
background()
{
	slubnode-trace -o /dev/null "$@" 2>err &
	tool=$!
	wait_for 60 grep -q '^tracing' err || fail "not attached: $(cat err)"
	# Its initial walk is written, and nothing is left to do.
	sleep 2
}

# end_background: end the trace
end_background()
{
	kill -INT "$tool"
	wait "$tool"
	status=$?
	[ $status -eq 0 ] || fail "the trace ended with $status: $(cat err)"
}

# sched FIELD PID: print the sum of a field of schedstat over the threads: 1 is the CPU time, 3
# how often a thread was put on a CPU, which is a wake-up on an idle machine
sched() { cat /proc/"$2"/task/*/schedstat | awk -v f="$1" '{ sum += $f }
	END { if (!NR) exit 1; printf "%.0f\n", sum }'; }

# busy: print the time for which the machine's only CPU was not idle, in ns. Returns 1 if
# /proc/timer_list has no idle times.
busy()
{
	awk '/^now at/ { now = $3 }
		/idle_sleeptime|iowait_sleeptime/ { idle += $3; seen++ }
		END { if (seen != 2) exit 1; printf "%.0f\n", now - idle }' /proc/timer_list
}

# timer_interrupts: print the number of interrupts of the CPU's timer
timer_interrupts() { awk '$1 == "LOC:" { print $2 }' /proc/interrupts; }

# map_bytes: print the memory of all maps of BPF. Returns 1 if there are none.
map_bytes()
{
	bpf_usage | awk '$1 == "map" { sum += $3 } END { if (!sum) exit 1; printf "%.0f\n", sum }'
}

# rss PID: print its resident memory in bytes
rss() { awk '/^VmRSS/ { printf "%.0f\n", $2 * 1024 }' "/proc/$1/status"; }

# online_kind: print how the memory of a node comes online, so that it can go offline again
online_kind() { if has_node_notify; then echo online_movable; else echo online_kernel; fi; }
