# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# A machine with one CPU: the watchpoints find each of 100 stale loads, and the coverage is that
# of one CPU.
# cpus: 1
# alone: node 1 must never have had memory, or a destroyed cache has two structures
# kernels: 6.12 (nothing differs but the number of CPUs)
# timeout: 100
# needs: built poke victim
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

modprobe poke && modprobe victim
ok $? "modules"
is "$(cat $sys/cpu/online)" 0 "one CPU"
victim_create only
# Its structure keeps the slab of the freed structure allocated.
victim_create neighbour
trace_start only.json --detect watchpoint --watch-cache only --watch-field nr_partial
ok $? "attached"
address=$(victim_free only 0)
ok $? "a structure is freed" || done_testing
word=$(plus "$address" 8)
# Wait until a timer interrupt has run after the free.
usleep 200000
n=0
while [ $n -lt 100 ]; do echo "r ${word#0x} 8" >/proc/poke; n=$((n + 1)); done
trace_stop
status_is $? 1 "exit status: a finding"
is "$(count_findings watchpoint confirmed poke_read)" 100 "100 of 100 loads"
is "$(summary .detection.watchpoint.cpus)" 1 "one CPU watches"
is "$(summary .detection.watchpoint.cpus_unwatched)" 0 "it always did"
is "$(summary '.detection.watchpoint.coverage > 0.95')" true \
	"coverage: $(summary .detection.watchpoint.coverage)"
is "$(fact lost)" 0 "no event lost"
done_testing
