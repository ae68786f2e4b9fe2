# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# Node 1 goes offline and online again: structures are freed and allocated again up to
# Linux 5.11, and retained and reused since Linux 5.12. All ways of attaching give the same.
# timeout: 100
# needs: modules fat
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh


one_cycle() # WAY
{
	local caches before

	caches=$(cache_count)
	before=$(knode_objects)
	trace_start "$1.json" --attach "$1"
	ok $? "$1: attached"
	is "$(sed -n '1s/.*"probes":"\([^"]*\)".*/\1/p' "$1.json")" "$1" "$1: no other method is used"
	node_offline 1
	ok $? "$1: node 1 went offline"
	if kernel_frees; then
		is "$(knode_objects)" $((before - caches)) "$1: slabinfo: freed"
	else
		is "$(knode_objects)" "$before" "$1: slabinfo: retained"
	fi
	node_online 1
	ok $? "$1: node 1 is online again"
	is "$(knode_objects)" "$before" "$1: slabinfo: as before"
	trace_stop
	status_is "$(natural_status $?)" 0 "$1: exit status"

	is "$(fact start.caches)" "$caches" "$1: the caches of /proc/slabinfo"
	if kernel_frees; then
		is "$(fact node.1.freed)" "$caches" "$1: freed at offline"
		is "$(fact node.1.allocated)" "$caches" "$1: allocated at online"
		is "$(fact node.1.retained)" 0 "$1: none retained"
		is "$(fact node.1.reused)" 0 "$1: none reused"
		is "$(fact count.freed.offline)" "$caches" \
			"$1: the offline is the cause"
	else
		is "$(fact node.1.retained)" "$caches" "$1: retained at offline"
		is "$(fact node.1.reused)" "$caches" "$1: reused at online"
		is "$(fact node.1.freed)" 0 "$1: none freed"
		is "$(fact node.1.allocated)" 0 "$1: none allocated"
	fi
	is "$(fact node.1.live_now)" "$caches" "$1: all live at the end"
	is "$(fact node.1.late)" 0 "$1: none late"
	is "$(fact events.node)" "going-offline offline going-online online" \
		"$1: the node's transitions"
	is "$(fact structures.node)" 1 "$1: nothing on node 0"
	[ "$(fact trust.by_digest)" -gt 0 ]
	ok $? "$1: the digest of $(fact trust.by_digest) of $(fact trust.verified) walks was the ledger's"
	check_trust
}

caches_come_and_go() # WAY
{
	trace_start "$1-fat.json" --attach "$1" --cache 'fat_*'
	modprobe fat
	rmmod fat
	trace_stop
	is "$(fact count.cache-created)" 2 "$1: two caches of fat created"
	is "$(fact count.cache-destroyed)" 2 "$1: and destroyed"
	is "$(fact count.allocated.create)" 4 \
		"$1: a structure for each cache on two nodes"
	is "$(fact count.freed.destroy)" 4 "$1: all freed with their caches"
	is "$(fact total.allocated) $(fact total.freed) $(fact total.live_now)" "4 4 0" \
		"$1: the summary counts the same"
	is "$(fact caches)" 2 "$1: the filter applies to the summary"
}

# Compare the bytes with the sizes in sysfs, plus barns where the kernel has them.
known_before_the_start()
{
	local caches size object_bytes barns

	node_offline 1
	caches=$(cache_count)
	size=$(cat /sys/kernel/slab/kmem_cache_node/object_size)
	object_bytes=$(cat /sys/kernel/slab/kmem_cache_node/slab_size)
	trace_start before.json --duration 0.1
	trace_wait
	if kernel_frees; then
		is "$(fact node.1.retained_now)" 0 "nothing is held for a node without memory"
		return
	fi
	barns=$(fact node.1.barns_retained_now)
	is "$(fact node.1.retained_now)" "$caches" "the structures retained before the start are known"
	is "$(fact node.1.retained)" 0 "and are no transitions"
	# A barn: a lock, two lists, two counters; 48 bytes, in kmalloc-64.
	is "$(fact node.1.retained_charged_bytes)" $((caches * object_bytes + barns * 64)) \
		"bytes charged: objects of $object_bytes"
	is "$(fact node.1.retained_requested_bytes)" $((caches * size + barns * 48)) \
		"bytes requested: structures of $size"
}

node_online 1
ok $? "node 1 has memory"
ways=$(attach_ways)
for way in $ways; do
	one_cycle "$way"
done
for way in $ways; do
	caches_come_and_go "$way"
done
known_before_the_start
done_testing
