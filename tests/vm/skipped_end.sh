# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel skips the program at the return of a function of SLUB's own work: its thread does
# not stay in that function for ever. A program writes such entries, because a skip cannot be
# provoked.
# kernels: 7.x (it has all ways to attach)
# timeout: 120
# needs: built victim
# needs: programs stuck_worker
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

nobody_works() { [ -z "$(stuck_worker)" ]; }

# forgotten: let something happen, because the tool sleeps otherwise: the program's entries are not
# in the count of functions that run. Returns 0 if nobody works then.
# shellcheck disable=SC2317 # called by wait_for
forgotten()
{
	victim_create other
	victim_destroy other
	sleep 2
	nobody_works
}

modprobe victim
for way in $(attach_ways); do
	trace_start $way.json --detect call,window --attach $way
	ok $? "$way: attached"
	sh -c true &
	gone=$!
	wait $gone
	stuck_worker $gone
	ok $? "$way: the end of a thread that has ended is not seen"
	wait_for 30 forgotten
	ok $? "$way: the thread is forgotten"
	# This shell enters a function again, which proves that it had left the other.
	stuck_worker $$
	ok $? "$way: the end of a function of this shell is not seen"
	victim_create again
	nobody_works
	ok $? "$way: the next function of the thread ends as the outermost"
	victim_destroy again
	trace_stop
	status_is $? 0 "$way: exit status"
	is "$(summary .detection.freed_skipped)" 2 "$way: both are counted"
done
done_testing
