# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The lab itself: does a node come and go, and do its structures do what this
# kernel's generation does?
#
# alone: node 1 must never have had memory
# timeout: 60
# nodes: 2
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh

# The structures that one node has: one a cache, and a few for caches that
# share a row of slabinfo do not exist (merged ones are one cache).
caches=$(cache_count)
boot=$(knode_objects)

[ "$(node_blocks 1 | wc -l)" -ge 2 ]; ok $? "node 1 has two blocks or more"
! node_has_memory 1; ok $? "node 1 has no memory at boot"

node_online 1; ok $? "node 1 comes online"
node_has_memory 1; ok $? "node 1 has memory"
online=$(knode_objects)
is $((online - boot)) "$caches" "every cache got a structure"

node_offline 1; ok $? "node 1 goes offline"
! node_has_memory 1; ok $? "node 1 has no memory any more"
offline=$(knode_objects)
case $(kernel_release) in
5.10.*)
	is "$offline" "$boot" "the structures were freed" ;;
*)
	is "$offline" "$online" "the structures were kept" ;;
esac

node_online 1; ok $? "node 1 comes back"
is "$(knode_objects)" "$online" "there are as many structures as before"

done_testing
