# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# check: what it demands, on a kernel that does and on one that does not. inconclusive.sh
# has what is the same on each kernel; tests/cli/check.sh and tests/check-kernel have the
# formats.
# timeout: 100
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/check.sh
. /lab/check.sh

node_online 1
caches=$(cache_count)
check 0 "what this kernel does" --expect $does --max-retained 1M -- sh cycle.sh
for name in command recording removal no-access-call no-access-window no-access-canary no-leak \
	expect-$does; do
	result $name pass
done
result reuse "$(kernel_frees && echo skip || echo pass)"
is "$(tail -n 1 out | sed 's/.*"does":"\([^"]*\)".*/\1/')" $there "it $there"
tail -n 1 out | grep -q "\"$did\":$caches,"
ok $? "$did: $caches structures"

# Only the first needs to look for accesses, which doubles the time of a start.
check 1 "the opposite, though CMD fails" --detect none --expect $other -- sh -c 'sh cycle.sh; exit 9'
result command fail
result expect-$other fail
result no-leak pass
says expect-$other "\"evidence_count\":$caches,"
says expect-$other "\"event\":\"$did\",\"cause\":\"offline\",.*\"node\":1,.*\"comm\":\"[a-z.]*sh\",\"pid\":"

if kernel_frees; then
	check 0 "no budget is exceeded" --detect none --max-retained 0 -- sh cycle.sh
else
	object_bytes=$(cat /sys/kernel/slab/kmem_cache_node/slab_size)
	check 1 "a budget that does not" --detect none --max-retained $((caches * object_bytes - 1)) -- sh cycle.sh
	result max-retained fail
	# Retained before, and given back: the peak is what counts.
	node_offline 1
	check 1 "a budget for what was there before" --detect none --max-retained $((caches * object_bytes - 1)) \
		--allow-idle -- sh -c '. /lab/lib.sh; node_online 1'
fi
done_testing
