# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# Print a recording, for tests/perfetto/vm on the host. A node goes offline and online again, and a
# freed structure is read and written.
# timeout: 240
# needs: built poke victim
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
trace_file=run.json
node_offline 1
access_freed stale
node_online 1
END
slubnode-trace trace --json -o run.json --record run.slub --watch-cache stale --watch-field nr_partial \
	--sweep 0.5 -- sh cycle.sh >&2
[ $? -eq 1 ] && cat run.slub
