# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# A kernel with 70 possible nodes, of which the last one is removable: its structures are
# followed, and the readers are compared at its pointers, too.
# kernels: 5.10 7.x (without the iterator and with it)
# timeout: 240
# nodes: 2
# gap: 68
# append: possible_cpus=2
# memory: 768
# needs: built poke victim
# needs: programs layout hammer
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh
# shellcheck source=lab/guest/check.sh
. /lab/check.sh

slab=/sys/kernel/slab
far=69

is "$(cat $sys/node/possible)" "0-$far" "the possible nodes"
modprobe poke && modprobe victim

# The call tier: a reader's cache points to a freed structure, at node 69. The node has no
# memory, so that only the traced readers use the pointer.
victim_create donor
trace_start call.json --detect call
ok $? "attached"
victim_create dangling
wait_for 10 grep -q '"event":"cache-created".*"cache":"dangling"' call.json
ok $? "a cache is created"
cache=$(sed -n 's/.*"event":"cache-created".*"cache":"dangling","cache_address":"\([^"]*\)".*/\1/p' \
	call.json)
node_ptr=$(plus "$cache" "$(node_ptr_offset $far)")
is "$(load "$node_ptr")" 0x0 "its pointer for node $far is NULL"
address=$(victim_free donor)
ok $? "a structure of another cache is freed"
store "$node_ptr" 8 "$address"
cat $slab/dangling/objects >/dev/null
store "$node_ptr" 8 0
trace_stop
status_is $? 1 "exit status: a finding"
is "$(count_findings call confirmed show_slab_objects)" 1 "the call is found"
victim_destroy dangling

# Their objects must not lie on node 69.
for v in a b; do
	victim_create race_$v 256 && { ! kernel_frees || victim_fill race_$v 25000; }
done
node_online $far
caches=$(cache_count)
cat >far.sh <<END
. /lab/lib.sh
node_offline $far && node_online $far
END
check 0 "node $far" --detect none --expect $does -- sh far.sh
result expect-$does pass
is "$(tail -n 1 out | sed 's/.*"does":"\([^"]*\)".*/\1/')" $there "it $there"
tail -n 1 out | grep -q "\"$did\":$caches,"
ok $? "$did: $caches structures"

# The window tier, with readers in flight while structures are freed: see race.sh.
if kernel_frees; then
	trace_start window.json --detect window
	: >run
	pids=
	for v in a b a b; do
		hammer run $slab/race_$v/objects_partial >>reads &
		pids="$pids $!"
	done
	node_cycles $far 8
	rm run
	# shellcheck disable=SC2086
	wait $pids
	trace_stop
	status_is $? 1 "exit status: findings"
	[ "$(findings window exposure show_slab_objects | grep -c "\"node\":$far,")" -gt 0 ]
	ok $? "readers were in flight when structures of node $far were freed"
fi
done_testing
