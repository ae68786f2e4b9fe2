# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# In the guest: take node 1 offline and online while readers run, and judge this kernel by
# `check'. The arguments are options of check.
# needs: modules fat?
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh

cannot() # WHAT, and a list of reasons on standard input
{
	echo "Linux $(uname -r) cannot be judged: $1" >&2
	printf 'TAP version 13\n1..1\nnot ok 1 - run\n'
	while IFS='	' read -r name what; do
		printf '  %-34s %s\n' "$name" "$what" >&2
		echo "# missing: $name${what:+ ($what)}"
	done
	exit 4
}

config=
[ ! -e /lab/config ] || config=/lab/config
if [ -e /lab/btf ]; then
	export btf=/lab/btf
	set -- --btf $btf "$@"
fi
sh /lab/needs.sh nodes $config >missing
[ ! -s missing ] || sh /lab/needs.sh programs $config >>missing
[ ! -s missing ] || cannot "it was built without" <missing
[ -n "$(node_blocks 1)" ] || cannot "this machine has no removable node" <<'END'
node 1 with memory blocks	the machine's; or CONFIG_ACPI_NUMA, the kernel's
END
node_online 1 2>reason || cannot "node 1 does not come online" <reason

cycle=/lab/cycle.sh
# Readers run only during the cycle, one for each CPU.
if [ ! -e $cycle ]; then
cycle=cycle.sh
cat >$cycle <<'END'
. /lab/lib.sh
hammer()
{
	while :; do cat /sys/kernel/slab/*/*; done >/dev/null 2>&1
}
hammer & first=$!
hammer & second=$!
node_offline 1 || exit
# A cache that is created now shows whether it gets a structure for the removed node.
modprobe fat 2>/dev/null
node_online 1
status=$?
kill $first $second
exit $status
END
fi

# If the check cannot be run, the tool itself gives the reason. A cycle of one's own has its words.
slubnode-trace check --tap --junit junit.xml --text text "$@" -- sh $cycle 2>err
status=$?
[ $status -eq 0 ] && [ $cycle = cycle.sh ] || grep -v 'polling at intervals' err >&2
cat text >&2
cat junit.xml
exit $status
