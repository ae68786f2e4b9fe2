# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# A module clears a cache's pointer to a node structure without a free: the structure is
# reported as leaked, once, and no other is. Slabs have two pages, so that structures
# also lie on the second page.
# kernels: 5.10 7.x (a freeing kernel and a retaining one)
# timeout: 80
# append: slub_min_order=1
# needs: built poke
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
detect=none

# peek ADDRESS: print the 8 bytes as 0x...
peek() { echo "r ${1#0x} 8" >/proc/poke && echo "0x$(sed 's/^0x//' /proc/poke)"; }

# Print the address of the pointer itself, by a search through the words of the cache.
pointer_to() # CACHE STRUCTURE
{
	local offset=0 at

	while [ $offset -lt 4096 ]; do
		at=$(printf '0x%x' $(($1 + offset)))
		[ "$(($(peek "$at")))" -eq "$(($2))" ] && echo "$at" && return
		offset=$((offset + 8))
	done
	return 1
}

# Set structure and pointer from the last transition of the structure in the trace.
find_victim()
{
	local line cache

	line=$(grep "\"event\":\"\(reused\|same-address\|allocated\)\".*\"node\":1,\"cache\":\"$victim\"" leak.json |
		tail -n 1)
	cache=$(echo "$line" | sed 's/.*"cache_address":"\([^"]*\)".*/\1/')
	structure=$(echo "$line" | sed 's/.*"address":"\([^"]*\)","barn.*/\1/')
	pointer=$(pointer_to "$cache" "$structure")
	ok $? "the pointer of $victim is at $pointer"
}

victim=fsverity_info # it is small, exists on all kernels of the lab, and is not used

modprobe poke
ok $? "poke"
node_online 1
trace_start leak.json
ok $? "attached"
node_offline 1
node_online 1
transition='"event":"\(reused\|same-address\|allocated\)".*"node":1,"cache":"'$victim'"'
wait_for 10 grep -q "$transition" leak.json
ok $? "$victim has a structure for node 1"
find_victim
echo "w ${pointer#0x} 8 0" >/proc/poke
# A change of the node makes the tool walk all caches.
node_offline 1
node_online 1
wait_for 10 grep -q '"event":"leaked"' leak.json
ok $? "the leak is reported during the trace"
trace_stop
status_is $? 1 "exit status: a finding"
is "$(fact total.leaked)" 1 "one structure leaked"
grep '"event":"leaked"' leak.json | grep -q "\"address\":\"$structure\""
ok $? "it is the structure that was dropped"
is "$(fact count.leaked.outside)" 1 "no event explains the leak"
is "$(fact trust.disagreements)" 0 "the ledger and the walks agree"
is "$(fact node.1.leaked)" 1 "the structure is of node 1"
is "$(fact trust.pending)" 0 "nothing is left pending"

# check reports the same; the cache has another structure now.
find_victim
cat >drop.sh <<END
. /lab/lib.sh
echo "w ${pointer#0x} 8 0" >/proc/poke
node_offline 1
node_online 1
END
slubnode-trace check --json -q -- sh drop.sh >check.json
is $? 1 "check: exit status: a violation"
leak='"assertion",.*"name":"no-leak","result":"fail"'
is "$(grep "$leak" check.json | sed 's/.*"evidence_count":\([0-9]*\).*/\1/')" 1 \
	"check: the assertion that failed, with its evidence"
grep "$leak" check.json | grep -q "\"event\":\"leaked\".*\"cache\":\"$victim\",\"address\":\"$structure\""
ok $? "check: the structure that was dropped"
done_testing
