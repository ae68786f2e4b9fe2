# shellcheck shell=dash disable=SC2034 # for scenarios
# SPDX-License-Identifier: GPL-2.0-only
#
# For scenarios that run `check': cycle.sh, a CMD that takes node 1 offline and online;
# what this kernel does and what it does not; one check and its assertions.

cat >cycle.sh <<'END'
. /lab/lib.sh
node_offline 1 && node_online 1
END

# Where structures are freed, an allocation is caught in flight now and then: a true
# finding, and not what is tested here (race.sh does).
natural=
! kernel_frees || natural='--allow window:___slab_alloc'

if kernel_frees; then
	does=free other=retain did=freed there=frees
else
	does=retain other=free did=retained there=retains
fi

# check STATUS NAME [OPTION...] [-- CMD...]: JSON into out
check()
{
	local want=$1 name=$2 got

	shift 2
	# shellcheck disable=SC2086
	slubnode-trace check --json -q $natural "$@" >out 2>err
	got=$?
	is $got "$want" "$name: exit status $want" || note "$(cat out err)"
}

# result NAME WANT: of an assertion of the last check
result()
{
	is "$(sed -n "s/.*\"assertion\",\"name\":\"$1\",\"result\":\"\([a-z]*\)\".*/\1/p" out)" \
		"$2" "$1: $2"
}

says() { grep "\"name\":\"$1\"" out | grep -q "$2"; ok $? "$1 says: $2"; }
