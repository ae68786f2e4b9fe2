# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# For scenarios that trace: the tool in the background, and its summary.

# What this kernel does with a node's structures when its memory goes: named by
# the matrix's kernels, so that a tool that misreads a kernel fails.
kernel_frees()
{
	case $(uname -r) in
	5.10.*) return 0 ;;
	*) return 1 ;;
	esac
}

# trace_start FILE [OPTION...]: JSON Lines into FILE, when it is attached. Where
# lifetimes are all that matters, detect=none saves half of the time that it takes.
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

# trace_stop: ends it; its exit status
trace_stop()
{
	kill -INT $trace_pid
	trace_wait
}

# trace_wait: its exit status, when it ends by itself
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

# fact NAME [WHEN_THERE_IS_NONE]: of the last trace; see facts.jq
fact() { sed -n "s/^$1 //p" /tmp/facts | grep . || echo "${2-none}"; }

# churn_skips: how many events a churn may lose. With lazy preemption a task may be
# cut short in the middle of a program, which the kernel then skips in the next task
# on that CPU. The tool counts it, and calls itself inconclusive. Rare, and nothing
# false may follow from it.
churn_skips()
{
	[ "$(uname -r | cut -d. -f1)" -lt 7 ] && echo 0 || echo 2
}

# check_trust [LOST]: the ledger against the kernel, whatever the scenario. LOST
# events at the most were lost (0).
check_trust()
{
	is "$(fact last)" summary "the last object is the summary"
	[ "$(fact lost)" -le "${1:-0}" ]
	ok $? "events lost: $(fact lost), ${1:-0} at the most"
	is "$(fact trust.disagreements)" 0 "the ledger and the walks agree"
	is "$(fact trust.malformed)" 0 "no malformed record"
	is "$(fact total.leaked)" 0 "nothing leaked"
	is $(($(fact total.live_now) + $(fact total.retained_now))) "$(knode_objects)" \
		"as many structures as /proc/slabinfo counts"
}
