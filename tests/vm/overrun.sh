# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# There are more stale accesses than a small ring buffer holds: the lost accesses are
# counted and shown, and the exit status is not 0, with findings or without.
# kernels: 6.12 (the ring buffer is the tool's, not the kernel's)
# alone: after many structures came and went, its structure can have a slab to itself, which
#        then leaves the cache (seen on 7.x after canary)
# timeout: 60
# needs: built poke victim
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

accesses=5000

modprobe poke && modprobe victim
victim_create overrun
# Its structure keeps the slab of the freed structure allocated.
victim_create neighbour
# The buffer has room for the initial scan; otherwise the free itself could be lost.
trace_start overrun.json --ring-buffer 256 --detect watchpoint --watch-cache overrun \
	--watch-field nr_partial
ok $? "attached"
address=$(victim_free overrun 0)
ok $? "the free is seen" || done_testing
usleep 100000
# One command does all loads, so that the reader of the ring buffer cannot keep up.
echo "r $(plus "$address" 8 | sed 's/^0x//') 8 $accesses" >/proc/poke
trace_stop
status=$?
[ $status -eq 1 ] || [ $status -eq 3 ]
ok $? "exit status $status is not that of a clean run"
found=$(count_findings watchpoint "" poke_read)
lost=$(summary .detection.watchpoint.lost)
hits=$(summary .detection.watchpoint.hits)
[ "$lost" -gt 0 ]
ok $? "$lost accesses were lost"
is $((found + lost)) $accesses "with the $found that were reported, all are accounted for"
[ "$hits" -ge $accesses ]
ok $? "the debug register saw them all ($hits hits)"
grep -q "inconclusive: $lost accesses" overrun.json.err &&
	grep -q 'hint: .*--ring-buffer' overrun.json.err
ok $? "standard error reports it, with a hint"
note "$(cat overrun.json.err)"
done_testing
