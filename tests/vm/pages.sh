# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The page allocator clears the pages of freed structures, which have left the cache by then
# (init_on_free=1): no access is confirmed, and no byte is a stray write. Enough caches are
# destroyed to empty whole slabs of node structures. Since Linux 6.2 the descriptor of such
# a page still names the cache while the page is cleared.
# kernels: 5.10 6.12 (5.10 also frees structures at a removal)
# timeout: 240
# append: init_on_free=1
# needs: built victim
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

modprobe victim
slabs() { awk '$1 == "kmem_cache_node" { print $15 }' /proc/slabinfo; }
node_online 1
caches=200 returned=0
trace_start pages.json --detect watchpoint,canary --watch-cache 'pages*' --watch-field list_lock
ok $? "attached"
for cycle in $(seq "${CYCLES:-2}"); do
	node_offline 1
	for i in $(seq $caches); do victim_create "pages$i"; done
	for i in $(seq $caches); do victim_destroy "pages$i"; done
	sleep 1.2 # the canary compares once a second
	before=$(slabs)
	echo 1 >/sys/kernel/slab/kmem_cache_node/shrink
	returned=$((returned + before - $(slabs)))
	sleep 1.2
	node_online 1
done
trace_stop
note "exit status $? after $cycle cycles"
[ $returned -ge "$cycle" ]
ok $? "slabs of node structures were given back ($returned)"
[ "$(fact total.freed)" -ge $((cycle * caches)) ]
ok $? "structures were freed ($(fact total.freed))"
is "$(count_findings watchpoint confirmed)" 0 "no access is confirmed"
is "$(count_findings canary)" 0 "no stray write is found"
done_testing
