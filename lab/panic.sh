# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# Record to standard output, a serial port, and let the kernel panic a second after a cycle of node 1.
# tests/panic replays what has left the guest by then.
# timeout: 200
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh

node_online 1 || exit
cat >cycle.sh <<'END'
. /lab/lib.sh
node_offline 1
node_online 1
sleep 1
echo c >/proc/sysrq-trigger
END
slubnode-trace trace --detect none -o /dev/null --record /dev/ttyS1 -- sh cycle.sh >&2
echo "the kernel did not panic" >&2
