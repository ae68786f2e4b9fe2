# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# Print a run in base64, for tests/perfetto/vm on the host: JSON Lines, a blank line, and a trace for
# Perfetto. A node goes offline and online again, and a freed structure is read and written.
# timeout: 240
# needs: built poke victim
# needs: beside two_views
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

modprobe poke && modprobe victim
# Before the node comes online, so that no structure lies on it. The neighbour keeps the slab of what
# is freed.
victim_create stale >&2
victim_create neighbour >&2
node_online 1 >&2
cat >cycle.sh <<'END'
. /lab/lib.sh
. /lab/freed.sh
found() { wait_for 10 grep -q "\"finding\",\"tier\":\"$1\"" run.json; }
node_offline 1
victim_destroy stale
wait_for 10 grep -q '"event":"freed".*"cache":"stale"' run.json
address=$(grep -m 1 '"event":"freed".*"cache":"stale"' run.json | sed 's/.*"address":"\([^"]*\)".*/\1/')
# Wait until a timer interrupt has run on each CPU after the free.
usleep 700000
load "$(plus "$address" 8)"
store "$(plus "$address" 8)" 8 5a5a
found watchpoint
found canary
node_online 1
END
two_views run.json run.pftrace stale sh cycle.sh >&2
base64 run.json
echo
base64 run.pftrace
