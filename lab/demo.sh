# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The demo: the memory of node 1 is removed and added again while the tool traces.
# Only the tool writes to standard output, and its last line is the answer.
# timeout: 120
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh

cat >cycle.sh <<'END'
. /lab/lib.sh
echo "--- the memory of node 1 is removed"
node_offline 1 || exit
echo "--- the memory of node 1 is added again"
node_online 1 || exit
echo "--- /proc/slabinfo counts $(knode_objects) kmem_cache_node objects"
END

node_online 1 || exit
echo "--- Linux $(uname -r): node 1 has memory; /proc/slabinfo counts $(knode_objects)" \
	"kmem_cache_node objects of $(cache_count) caches" >&2
# A page is not written to a terminal, which the guest's console is.
if [ "$1" = html ]; then
	slubnode-trace --format html -o page.html trace -- sh cycle.sh >&2
	status=$?
	cat page.html
	exit $status
fi
COLUMNS=80 slubnode-trace --format "$1" trace -- sh cycle.sh
