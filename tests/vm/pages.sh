# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The page allocator clears a page of freed structures, which has left the cache by then
# (init_on_free=1): no access is confirmed, and no byte is a stray write. Since Linux 6.2 the
# descriptor of such a page still names the cache while the page is cleared. Exactly one slab
# is filled with the structures that are watched, and emptied.
# kernels: 5.10 6.12 (up to Linux 6.1 the descriptor forgets the cache before)
# timeout: 240
# cpus: 1
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
per_slab=$(awk '$1 == "kmem_cache_node" { print $5 }' /proc/slabinfo)
fillers=0
filler()
{
	fillers=$((fillers + 1))
	victim_create "filler$fillers"
}
# The first structure of a new slab, and then the others of it.
before=$(slabs)
while [ "$(slabs)" -eq "$before" ]; do filler; done
for i in $(seq 2 "$per_slab"); do filler; done
returned=0
trace_start pages.json --detect watchpoint,canary --watch-cache 'pages*' --watch-field list_lock
ok $? "attached"
for cycle in $(seq "${CYCLES:-3}"); do
	for i in $(seq "$per_slab"); do victim_create "pages$i"; done
	for i in $(seq "$per_slab"); do victim_destroy "pages$i"; done
	sleep 1.2 # the canary compares once a second
	before=$(slabs)
	echo 1 >/sys/kernel/slab/kmem_cache_node/shrink
	returned=$((returned + before - $(slabs)))
	sleep 1.2
done
trace_stop
note "exit status $? after $cycle cycles"
[ $returned -ge "$cycle" ]
ok $? "slabs of node structures were given back ($returned)"
[ "$(fact total.freed)" -ge $((cycle * per_slab)) ]
ok $? "structures were freed ($(fact total.freed))"
is "$(count_findings watchpoint confirmed)" 0 "no access is confirmed"
is "$(count_findings canary)" 0 "no stray write is found"
done_testing
