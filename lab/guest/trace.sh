# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# Functions for scenarios that trace: the tool in the background, and its summary.

# kernel_frees: return 0 if this kernel frees the structures of a node that loses its
# memory. The release decides, so that a scenario fails if the tool misreads a kernel.
kernel_frees()
{
	case $(uname -r) in
	5.10.*) return 0 ;;
	*) return 1 ;;
	esac
}

# trace_start FILE [OPTION...]: start a trace with JSON Lines to FILE, and wait until it
# is attached. In a scenario that needs lifetimes only, detect=none halves the time of the
# start.
trace_start()
{
	trace_file=$1
	shift
	# shellcheck disable=SC2086
	slubnode-trace --json --output "$trace_file" trace ${detect:+--detect $detect} "$@" \
		2>"$trace_file.err" &
	trace_pid=$!
	wait_for 60 grep -qs '"type":"start"' "$trace_file" && return 0
	note "$(cat "$trace_file.err")"
	return 1
}

# trace_stop: end the trace. Returns its exit status.
trace_stop()
{
	kill -INT $trace_pid
	trace_wait
}

# trace_wait: wait for the end of the trace. Returns its exit status.
trace_wait()
{
	local status

	wait $trace_pid
	status=$?
	# Structures are many, and jq is slow in a guest: awk counts them.
	grep -v '"type":"structure"' "$trace_file" | jq -n -r -f /lab/facts.jq >/tmp/facts
	awk -F '"' -f /lab/structures.awk "$trace_file" >>/tmp/facts
	return $status
}

# status_is GOT WANT NAME: print a result, which is passed if the exit status of the last trace is WANT
status_is()
{
	is "$1" "$2" "$3" && return 0
	note "$(grep -h -E '"type":"(finding|lost)"' "$trace_file" | head -n 3; cat "$trace_file.err")"
	return 1
}

# natural_status STATUS: print the exit status of the last trace; 0 if it is 1 because of nothing but
# readers in flight across a free, which a kernel that frees structures sometimes has by itself
natural_status()
{
	if kernel_frees && [ "$1" -eq 1 ] && grep -q '"type":"finding"' "$trace_file" &&
		! grep '"type":"finding"' "$trace_file" | grep -v -q '"tier":"window","strength":"exposure"'; then
		echo 0
	else
		echo "$1"
	fi
}

# fact NAME [DEFAULT]: print a fact of the last trace; see facts.jq
fact() { sed -n "s/^$1 //p" /tmp/facts | grep . || echo "${2-none}"; }

# churn_skips: print how many events a churn may lose. With lazy preemption a task can be
# preempted inside a BPF program, and the kernel then skips this program in the next task
# on that CPU. The tool counts the skipped run and its result is inconclusive. This is
# rare, and no false result may follow from it.
churn_skips()
{
	[ "$(uname -r | cut -d. -f1)" -lt 7 ] && echo 0 || echo 2
}

# check_trust [LOST]: compare the ledger with the kernel, as after any scenario. At most
# LOST events (default 0) may be lost.
check_trust()
{
	is "$(fact last)" summary "the last object is the summary"
	[ "$(fact lost)" -le "${1:-0}" ]
	ok $? "events lost: $(fact lost), at most ${1:-0}"
	is "$(fact trust.disagreements)" 0 "the ledger and the walks agree"
	is "$(fact trust.malformed)" 0 "no malformed record"
	is "$(fact total.leaked)" 0 "nothing leaked"
	is "$(fact total.dangling) $(fact total.missing)" "0 0" "nothing dangles or is missing"
	is "$(fact trust.moved)" 0 "no structure changed its pointer"
	is "$(fact trust.miscounted)" 0 \
		"the objects in use are those of the ledger, in $(fact trust.counted) walks"
	is $(($(fact total.live_now) + $(fact total.retained_now))) "$(knode_objects)" \
		"the number of structures is that of /proc/slabinfo"
}
