# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# A dangling pointer: a module writes the address of a freed structure back into its cache,
# and the next traced reader of the cache is a finding of the call tier. The readers are the
# file objects in sysfs and the allocation traces.
# kernels: 5.10 7.x (since 5.14 the traces are in debugfs, since 7.1 the pointers lie elsewhere)
# timeout: 60
# append: slub_debug=U,dangling slab_debug=U,dangling
# needs: built poke victim
# needs: programs layout
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

slab=/sys/kernel/slab

modprobe poke && modprobe victim
victim_create donor
trace_start dangling.json --detect call
ok $? "attached"
# Node 1 has no memory: its pointer is NULL, and only readers use it.
victim_create dangling
wait_for 10 grep -q '"event":"cache-created".*"cache":"dangling"' dangling.json
ok $? "a cache is created"
cache=$(sed -n 's/.*"event":"cache-created".*"cache":"dangling","cache_address":"\([^"]*\)".*/\1/p' \
	dangling.json)
node_ptr=$(plus "$cache" "$(node_ptr_offset 1)")
is "$(load "$node_ptr")" 0x0 "its pointer for node 1 is NULL"
address=$(victim_free donor)
ok $? "a structure of another cache is freed"
cat $slab/dangling/objects >/dev/null
usleep 100000

# Since Linux 5.14 the allocation traces are a file of debugfs.
locations=$slab/dangling/alloc_calls walker=list_locations
[ -e $locations ] ||
	locations=/sys/kernel/debug/slab/dangling/alloc_traces walker=slab_debug_trace_open
store "$node_ptr" 8 "$address"
# /bin/cat is a process of its own; the cat of the shell is not.
/bin/cat $slab/dangling/objects >was
cat $locations >where
ok $? "$locations can be read"
store "$node_ptr" 8 0
note "read: $(cat was where)"
cat $slab/dangling/objects $locations >/dev/null

trace_stop
status_is $? 1 "exit status: a finding"
is "$(count_findings "")" 2 "two findings"
is "$(count_findings call confirmed $walker)" 1 "one of them in $walker"
findings call confirmed show_slab_objects >found
is "$(wc -l <found)" 1 "of the call tier, confirmed, in show_slab_objects"
is "$(member address <found)" "$address" "the finding names that structure"
is "$(member comm <found)" cat "the task is cat"
is "$(member proof <found)" state "the proof is the state of the structure"
grep -q '"stack":\[[^]]*"sysfs_kf_seq_show+' found
ok $? "the stack begins in sysfs" || note "$(sed 's/.*"stack"/"stack"/' found)"
is "$(summary .findings.call.confirmed)" 2 "the summary counts them"
check_trust
done_testing
