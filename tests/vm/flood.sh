# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# Records arrive faster than they are read, because a freed structure is loaded all the time. A
# signal and --duration end the trace all the same.
# kernels: 6.12 (the loop that reads is the tool's, not the kernel's)
# timeout: 250
# needs: built poke victim
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

modprobe poke && modprobe victim

# flood NAME: trace, free the structure of the cache NAME, and load it in the background until the
# file `quiet' exists
# shellcheck disable=SC2154 # trace_pid is trace.sh's
flood()
{
	local name=$1 address

	shift
	rm -f quiet
	victim_create "$name"
	victim_create "$name.neighbour" # its structure keeps the slab
	# The end reads what the ring buffer holds, and reading is slow in a guest.
	trace_start "$name.json" --ring-buffer 256 --detect watchpoint --watch-cache "$name" \
		--watch-field nr_partial "$@"
	address=$(victim_free "$name" 0)
	ok $? "$name: the free is seen" || done_testing
	address=$(plus "$address" 8)
	while [ ! -e quiet ]; do
		echo "r ${address#0x} 8 2000" >/proc/poke
	done &
	reader=$!
}

# ends NAME SECONDS: the trace ends with a finding in this time; then the flood ends
ends()
{
	local started took

	started=$(date +%s)
	wait_for 90 test ! -e /proc/$trace_pid/exe
	took=$(($(date +%s) - started))
	[ $took -le "$2" ]
	ok $? "$1: it took $took seconds, at most $2"
	echo >quiet
	wait $reader
	wait $trace_pid
	is $? 1 "$1: exit status" || note "$(cat "$1.json.err")"
	is "$(tail -n 1 "$1.json" | cut -c 1-17)" '{"type":"summary"' "$1: the summary is printed"
	note "$(tail -n 1 "$1.json" | cut -c 1-300)"
}

flood signal
usleep 3000000
kill -TERM $trace_pid
ends signal 45
flood duration --duration 8
ends duration 55
done_testing
