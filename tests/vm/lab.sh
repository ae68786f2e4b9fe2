# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The lab itself: a node goes online and offline, and its structures are freed or retained
# as in this kernel's generation.
#
# kernels: 5.10 7.x (a freeing kernel and a retaining one)
# alone: node 1 must never have had memory
# timeout: 60
# nodes: 2
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh

# One node has one structure for each cache; merged caches are one cache and have one row
# in /proc/slabinfo.
caches=$(cache_count)
boot=$(knode_objects)

[ "$(node_blocks 1 | wc -l)" -ge 2 ]; ok $? "node 1 has two blocks or more"
! node_has_memory 1; ok $? "node 1 has no memory at boot"

node_online 1; ok $? "node 1 comes online"
node_has_memory 1; ok $? "node 1 has memory"
online=$(knode_objects)
is $((online - boot)) "$caches" "every cache got a structure"

node_offline 1; ok $? "node 1 goes offline"
! node_has_memory 1; ok $? "node 1 has no memory after the offline"
offline=$(knode_objects)
case $(kernel_release) in
5.10.*)
	is "$offline" "$boot" "the structures were freed" ;;
*)
	is "$offline" "$online" "the structures were retained" ;;
esac

node_online 1; ok $? "node 1 is online again"
is "$(knode_objects)" "$online" "there are as many structures as before"

done_testing
