# shellcheck shell=dash disable=SC2034 # for scenarios
# SPDX-License-Identifier: GPL-2.0-only
#
# Functions for scenarios that run `check'. cycle.sh is a CMD that takes node 1 offline and
# online; $does, $did and $there describe what this kernel does with structures.

cat >cycle.sh <<'END'
. /lab/lib.sh
node_offline 1 || exit
# The structures are looked at while the node is away.
usleep 500000
node_online 1
END

# On a kernel that frees structures, an allocation is sometimes in flight across a free.
# This is a true finding, which race.sh tests; here it is ignored.
natural=
! kernel_frees || natural='--allow window:___slab_alloc'

if kernel_frees; then
	does=free other=retain did=freed there=frees
else
	does=retain other=free did=retained there=retains
fi

# check STATUS NAME [OPTION...] [-- CMD...]: run check with JSON output to the file out
check()
{
	local want=$1 name=$2 got

	shift 2
	# shellcheck disable=SC2086
	slubnode-trace check --json -q $natural "$@" >out 2>err
	got=$?
	is $got "$want" "$name: exit status $want" || note "$(cat out err)"
}

# result NAME WANT: test the result of an assertion of the last check
result()
{
	is "$(sed -n "s/.*\"assertion\",.*\"name\":\"$1\",\"result\":\"\([a-z]*\)\".*/\1/p" out)" \
		"$2" "$1: $2"
}

# reports NAME REGEX: test the text of an assertion of the last check
reports() { grep "\"name\":\"$1\"" out | grep -q "$2"; ok $? "$1 reports: $2"; }
