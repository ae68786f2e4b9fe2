# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# check: what it demands, each way to be inconclusive, and the exit statuses. The
# formats are for tests/cli/check.sh and tests/check-kernel.
# timeout: 160
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh

cat >cycle.sh <<'END'
. /lab/lib.sh
node_offline 1 && node_online 1
END

# Where structures are freed, an allocation is caught in flight now and then: a true
# finding, and not what is tested here (race.sh does).
natural=
! kernel_frees || natural='--allow window:___slab_alloc'

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

node_online 1
caches=$(cache_count)
if kernel_frees; then
	does=free other=retain did=freed there=frees
else
	does=retain other=free did=retained there=retains
fi

check 0 "what this kernel does" --expect $does --max-retained 1M -- sh cycle.sh
for name in command recording removal no-access-call no-access-window no-access-canary no-leak \
	expect-$does; do
	result $name pass
done
result reuse "$(kernel_frees && echo skip || echo pass)"
is "$(tail -n 1 out | sed 's/.*"does":"\([^"]*\)".*/\1/')" $there "it $there"
tail -n 1 out | grep -q "\"$did\":$caches,"
ok $? "$did: $caches structures"

check 1 "the opposite, though CMD fails" --expect $other -- sh -c 'sh cycle.sh; exit 9'
result command fail
result expect-$other fail
result no-leak pass
says expect-$other "\"evidence_count\":$caches,"
says expect-$other "\"event\":\"$did\",\"cause\":\"offline\",.*\"node\":1,.*\"comm\":\"[a-z.]*sh\",\"pid\":"

check 5 "CMD that fails" --expect $does -- sh -c 'sh cycle.sh; exit 9'
says command 'ended with status 9'

if kernel_frees; then
	check 0 "no budget is exceeded" --max-retained 0 -- sh cycle.sh
else
	slot=$(cat /sys/kernel/slab/kmem_cache_node/slab_size)
	check 1 "a budget that does not" --max-retained $((caches * slot - 1)) -- sh cycle.sh
	result max-retained fail
	# Retained before, and given back: the peak is what counts.
	node_offline 1
	check 1 "a budget for what was there before" --max-retained $((caches * slot - 1)) \
		--allow-idle -- sh -c '. /lab/lib.sh; node_online 1'
fi

# Inconclusive is not a pass.
check 3 "idle" -- true
result removal inconclusive
result no-leak inconclusive
says removal 'allow-idle'
check 0 "idle, and allowed" --allow-idle --expect $does -- true
result removal skip
result expect-$does skip
check 3 "events lost" --ring-buffer 4 --expect $does -- sh cycle.sh
result recording inconclusive
says recording 'events were lost.*--ring-buffer'
result no-leak inconclusive
check 3 "no probe" --attach none --expect $does -- sh cycle.sh
result recording inconclusive
says recording 'no probe is attached (by --attach none)'

# SIGKILL leaves nothing attached, and CMD goes on.
before=$(grep -c . /sys/kernel/tracing/enabled_functions)
slubnode-trace check -q -- sh -c 'echo $$ >pid; exec sleep 301' >/dev/null 2>&1 &
tool=$!
wait_for 60 test -s pid
[ "$(grep -c . /sys/kernel/tracing/enabled_functions)" -gt "$before" ]
ok $? "something is attached"
kill -KILL $tool
detached() { [ "$(grep -c . /sys/kernel/tracing/enabled_functions)" -eq "$before" ]; }
wait_for 10 detached
ok $? "SIGKILL: nothing stays attached"
kill "$(cat pid)"
ok $? "SIGKILL: CMD goes on"
done_testing
