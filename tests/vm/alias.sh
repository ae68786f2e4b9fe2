# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# Merged caches are one cache, and the tool reports when aliases are created and destroyed.
# kernels: 5.10 7.x (without and with the iterator, which finds the caches, and sheaves)
# append: slab_merge
# timeout: 120
# needs: built alias
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
detect=none

merged() # NAME: return 0 if it is a link to the cache of alias_two
{
	[ "$(basename "$(readlink "/sys/kernel/slab/$1")")" = \
		"$(basename "$(readlink /sys/kernel/slab/alias_two)")" ]
}

caches=$(cache_count)
for way in $(attach_ways); do
	trace_start $way.json --attach $way
	modprobe alias
	merged alias_one
	ok $? "$way: the kernel has merged them"
	new=$(($(cache_count) - caches))
	rmmod alias
	trace_stop
	status_is $? 0 "$way: exit status"
	is "$(fact count.cache-created 0)" $new "$way: caches created: $new"
	is "$(fact count.cache-aliased 0)" $((2 - new)) "$way: the other caches are aliases"
	grep -q '"event":"cache-aliased".*"alias":"alias_two"' $way.json
	ok $? "$way: alias_two is an alias"
	is "$(fact count.cache-unaliased 0)" $((2 - new)) "$way: the aliases are destroyed"
	is "$(fact count.cache-destroyed 0)" $new "$way: caches destroyed: $new"
	check_trust
done
done_testing
