#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Take the memory of a node offline and online again, and judge by slubnode-trace(8) what happens to
# the structures of SLUB. The output is KTAP; the exit status is that of a kselftest (4: skipped).
#
#   NODE            the node; the default is the last one all of whose memory blocks are removable
#   CYCLES          removals (1)
#   SLUBNODE_TRACE  the program (slubnode-trace)
#   CHECK_OPTIONS   more options of slubnode-trace check, such as --expect retain

sys=/sys/devices/system
tool=${SLUBNODE_TRACE:-slubnode-trace}

skip()
{
	printf 'KTAP version 1\n1..0 # SKIP %s\n' "$*"
	exit 4
}

# Print the blocks of node $1.
blocks() { ls -d $sys/node/node"$1"/memory[0-9]* 2>/dev/null; }

# Return 0 if each memory block of node $1 may be removable.
removable()
{
	[ -n "$(blocks "$1")" ] || return 1
	for block in $(blocks "$1"); do
		[ "$(cat "$block/removable")" = 1 ] || return 1
	done
}

# Return 0 if node $1 has a CPU: it runs this test, and its memory is not the one to take away.
has_cpu() { [ -n "$(cat $sys/node/node"$1"/cpulist)" ]; }

# Write state $1 to each block of the node. Returns 1 if one keeps its state.
change()
{
	for block in $(blocks "$node"); do
		[ "$(cat "$block/state")" != "$1" ] || continue
		echo "$1" >"$block/state" || return 1
	done
}

cycle()
{
	for _ in $(seq "${CYCLES:-1}"); do
		change offline || { change online; return 1; }
		change online || return 1
	done
}

if [ "$1" = cycle ]; then
	node=$2
	cycle
	exit
fi

[ "$(id -u)" = 0 ] || skip "it needs root"
command -v "$tool" >/dev/null || skip "there is no $tool"
node=${NODE:-}
if [ -z "$node" ]; then
	for path in "$sys"/node/node[0-9]*; do
		id=${path##*/node}
		if [ "$id" != 0 ] && ! has_cpu "$id" && removable "$id"; then node=$id; fi
	done
fi
[ -n "$node" ] || skip "no node without CPUs has removable memory"
removable "$node" || skip "the memory of node $node cannot be removed"
# shellcheck disable=SC2086
exec "$tool" check --exit-codes kselftest --ktap $CHECK_OPTIONS -- sh "$0" cycle "$node"
