# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The demo: node 1 loses its memory and gets it back while the tool watches.
# Standard output is the tool's alone.
# timeout: 120
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh

cat >cycle.sh <<'END'
. /lab/lib.sh
echo "--- the memory of node 1 is removed"
node_offline 1 || exit
echo "--- and comes back"
node_online 1
END

node_online 1 || exit
echo "--- Linux $(uname -r): node 1 has memory; /proc/slabinfo counts $(knode_objects)" \
	"kmem_cache_node objects of $(cache_count) caches" >&2
slubnode-trace --format "$1" trace -- sh cycle.sh
status=$?
echo "--- /proc/slabinfo now counts $(knode_objects) kmem_cache_node objects" >&2
exit $status
