# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The checks of states.sh and states-debug.sh (tests/vm): a node goes offline and online, and
# caches come and go, between walks over all caches.

# count_states KIND STATE: print the number of such lines of the file states
count_states() { grep -c "^$1 $2 " states; }

check_states()
{
	modprobe victim
	node_online 1
	object_states walk '. /lab/lib.sh; node_offline 1' walk '. /lab/lib.sh; node_online 1' walk \
		'. /lab/freed.sh; victim_create states; victim_destroy states' walk >states 2>states.err
	is $? 0 "object_states walks" || note "$(cat states.err)"
	is "$(count_states walk '\(initial\|verify\)')" 5 "five walks over all caches"
	[ "$(count_states structure allocated)" -gt 300 ]
	ok $? "structures are allocated ($(count_states structure allocated))"
	is "$(count_states structure free)" 0 "none of them is called free"
	is "$(count_states structure unknown)" 0 "the state of each is known"
	is "$(count_states dropped allocated)" 0 "no dropped structure is called allocated"
	is "$(count_states dropped unknown)" 0 "the state of each dropped one is known"
	[ "$(count_states dropped free)" -gt 0 ]
	ok $? "dropped ones are free ($(count_states dropped free))"
	# walk REASON STRUCTURES IN-USE UNCOUNTED QUIET ALLOCATED
	grep '^walk \(initial\|verify\)' states >walks
	is "$(awk '$3 != $4' walks)" "" "the objects in use are the structures"
	is "$(awk '$5' walks)" "" "each slab was counted"
	is "$(awk '!$6' walks)" "" "the walks were quiet"
	is "$(awk '$7 < 0' walks)" "" "allocations are counted"
	note "$(cat walks)"
}
