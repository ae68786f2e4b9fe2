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
trace_file=live.json
cycle_and_store shown
END
slubnode-trace trace --json -o live.json --record run.slub -- sh cycle.sh >&2
[ $? -eq 1 ] && cat run.slub
