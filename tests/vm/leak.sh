# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# A module drops a cache's pointer to a node structure, and nobody frees that:
# it is leaked, once, and nothing else is. Slabs of two pages, so that most
# structures do not lie on the first.
# kernels: 5.10 7.x (a freeing kernel and a retaining one)
# timeout: 80
# append: slub_min_order=1
# needs: built poke
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
detect=none

# peek ADDRESS: 8 bytes, as 0x...
peek() { echo "r ${1#0x} 8" >/proc/poke && echo "0x$(sed 's/^0x//' /proc/poke)"; }

# The address of the pointer itself: the word of the cache that holds it.
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

# What the trace says of it, at last.
find_victim()
{
	local line cache

	line=$(grep "\"event\":\"\(reused\|allocated\)\".*\"node\":1,\"cache\":\"$victim\"" leak.json |
		tail -n 1)
	cache=$(echo "$line" | sed 's/.*"cache_address":"\([^"]*\)".*/\1/')
	structure=$(echo "$line" | sed 's/.*"address":"\([^"]*\)","barn.*/\1/')
	pointer=$(pointer_to "$cache" "$structure")
	ok $? "the pointer of $victim is at $pointer"
}

victim=fsverity_info # small, of every kernel here, and nobody uses it

modprobe poke
ok $? "poke"
node_online 1
trace_start leak.json
ok $? "attached"
node_offline 1
node_online 1
transition='"event":"\(reused\|allocated\)".*"node":1,"cache":"'$victim'"'
wait_for 10 grep -q "$transition" leak.json
ok $? "$victim has a structure for node 1"
find_victim
echo "w ${pointer#0x} 8 0" >/proc/poke
# A look: what the tool does when a node changes.
node_offline 1
node_online 1
wait_for 10 grep -q '"event":"leaked"' leak.json
ok $? "the leak is reported while it traces"
trace_stop
is $? 1 "exit status: a finding"
is "$(fact total.leaked)" 1 "one structure leaked"
grep '"event":"leaked"' leak.json | grep -q "\"address\":\"$structure\""
ok $? "the one that was dropped"
is "$(fact count.leaked.outside)" 1 "outside of any event that explains it"
is "$(fact trust.disagreements)" 0 "the ledger and the walks agree"
is "$(fact node.1.leaked)" 1 "of node 1"
is "$(fact trust.pending)" 0 "nothing is left pending"

# The same as `check' sees it; the cache has got another structure.
find_victim
cat >drop.sh <<END
. /lab/lib.sh
echo "w ${pointer#0x} 8 0" >/proc/poke
node_offline 1
node_online 1
END
slubnode-trace check --json -q -- sh drop.sh >check.json
is $? 1 "check: exit status: a violation"
leak='"assertion","name":"no-leak","result":"fail"'
is "$(grep "$leak" check.json | sed 's/.*"evidence_count":\([0-9]*\).*/\1/')" 1 \
	"check: the assertion that failed, with its evidence"
grep "$leak" check.json | grep -q "\"event\":\"leaked\".*\"cache\":\"$victim\",\"address\":\"$structure\""
ok $? "check: the structure that was dropped"
done_testing
