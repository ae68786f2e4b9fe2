# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# Nothing is attached: the differences between two walks are reported.
# kernels: 5.10 7.x (without the iterator and with it)
# timeout: 80
# needs: modules fat
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh

node_online 1
caches=$(cache_count)
trace_start polled.json --attach none
ok $? "started"
node_offline 1
wait_for 20 grep -q '"event":"offline"' polled.json
ok $? "the offline is seen"
node_online 1
wait_for 20 grep -q '"event":"online"' polled.json
ok $? "the online is seen"
modprobe fat
wait_for 20 grep -q '"event":"cache-created".*"fat_cache"' polled.json
ok $? "a new cache is seen"
rmmod fat
trace_stop
status_is $? 0 "exit status"
is "$(fact start.probes)" none "nothing was attached"
is "$(fact events.node)" "offline online" "the node's changes"
if kernel_frees; then
	is "$(fact stable.freed.node1)" "$caches" "freed"
	is "$(fact stable.allocated.node1)" "$caches" "allocated"
	is "$(fact stable.all)" $((2 * caches)) "nothing else"
else
	is "$(fact stable.retained.node1)" "$caches" "retained"
	# Between two polls a structure may have been freed and allocated again.
	is "$(fact stable.same-address.node1)" "$caches" "at the same address"
	is "$(fact stable.all)" $((2 * caches)) "nothing else"
fi
is "$(fact count.cache-created)" 2 "two caches of fat created"
is "$(fact count.cache-destroyed)" 2 "and destroyed"
is "$(fact count.freed.destroy)" 4 "with their structures"
check_trust
done_testing
