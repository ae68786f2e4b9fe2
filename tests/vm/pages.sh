# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The page allocator clears the pages of freed structures, which have left the cache by then
# (init_on_free=1): no access is confirmed, and no byte is a stray write.
# kernels: 5.10 (it frees structures at a removal)
# timeout: 150
# append: init_on_free=1
# needs: built victim
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

modprobe victim
node_online 1
trace_start pages.json --detect watchpoint,canary
ok $? "attached"
for cycle in $(seq "${CYCLES:-8}"); do
	node_offline 1
	for i in 1 2 3 4; do victim_create "pages$i"; done
	sleep 1 # the canary compares once a second
	for i in 1 2 3 4; do victim_destroy "pages$i"; done
	echo 1 >/sys/kernel/slab/kmem_cache_node/shrink
	node_online 1
done
trace_stop
note "exit status $? after $cycle cycles"
[ "$(fact total.freed)" -ge $((cycle * 100)) ]
ok $? "structures were freed ($(fact total.freed))"
is "$(count_findings watchpoint confirmed)" 0 "no access is confirmed"
is "$(count_findings canary)" 0 "no stray write is found"
done_testing
