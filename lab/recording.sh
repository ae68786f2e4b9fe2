# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# Record a cycle of node 1 and a store to a freed structure, and print the recording; lab/recordings
# writes it to tests/recordings.
# timeout: 200
# needs: built poke victim
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh

modprobe poke && modprobe victim || exit
node_online 1 || exit
cat >cycle.sh <<'END'
. /lab/lib.sh
. /lab/freed.sh
node_offline 1
usleep 500000
node_online 1
victim_create shown
victim_create neighbour # its structure keeps the slab
victim_destroy shown
# shellcheck disable=SC2317 # called by wait_for
freed() { grep -q '"event":"freed".*"cache":"shown"' live.json; }
wait_for 20 freed
address=$(sed -n 's/.*"event":"freed".*"cache":"shown".*"address":"\([^"]*\)".*/\1/p' live.json | head -n 1)
store "$(plus "$address" 16)" 8 0123456789abcdef
sleep 2 # the canary compares once a second
END
slubnode-trace trace --json -o live.json --record run.slub -- sh cycle.sh >&2
[ $? -eq 1 ] && cat run.slub
