# shellcheck shell=dash disable=SC2154 # trace_file is trace.sh's
# SPDX-License-Identifier: GPL-2.0-only
#
# Print what people see, at 80 columns: each screen after a line "=== NAME". tests/screens
# compares them with tests/golden.
# alone: node 1 must never have had memory, or a destroyed cache has two structures
# timeout: 400
# needs: built poke victim
# needs: programs layout
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh
export COLUMNS=80

cat >cycle.sh <<'END_OF_CYCLE'
. /lab/lib.sh
node_offline 1 || exit
# The structures are looked at while the node is away.
usleep 500000
node_online 1
END_OF_CYCLE

screen() # NAME COMMAND...
{
	echo "=== $1"
	shift
	"$@" 2>err
	echo "exit status $?"
}

# --- an access to a freed structure, before node 1 has memory ---

modprobe poke && modprobe victim || exit
trace_start created.json --detect none --cache shown
victim_create shown
# Its structure keeps the slab of the freed structure allocated.
victim_create neighbour
trace_stop
word=$(knode_words | sed -n 's/^nr_partial //p')
address=$(sed -n 's/.*"event":"allocated".*"cache":"shown".*"address":"\(0x[0-9a-f]*\)".*/\1/p' created.json)
cat >stale.sh <<END_OF_STALE
. /lab/lib.sh
echo "destroy shown" >/proc/victim
# Wait until a timer interrupt has run on each CPU after the free.
usleep 1000000
echo "r $(plus "$address" "$word" | sed 's/^0x//') 8" >/proc/poke
END_OF_STALE
screen finding slubnode-trace trace --detect watchpoint --watch-cache shown --watch-field nr_partial \
	-- sh stale.sh
victim_destroy neighbour
rmmod victim poke

# --- a removal ---

screen empty slubnode-trace report
node_online 1 || exit
screen before slubnode-trace report --node 1
# A kernel that frees the structures can free them while a reader runs. That is a finding of the cycle,
# which not each run has: the screen is that of a cycle without it.
if kernel_frees; then tiers=call,watchpoint,canary; else tiers=all; fi
screen cycle slubnode-trace trace --detect $tiers -- sh cycle.sh
if kernel_frees; then other=retain; else other=free; fi
screen check slubnode-trace check --detect none --expect $other -- sh cycle.sh
screen idle slubnode-trace check -- true
node_offline 1
screen report slubnode-trace report
screen nothing slubnode-trace trace -d 0.5
screen probes slubnode-trace probes
