# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The assertions of check, on kernels that satisfy them and on kernels that violate them.
# inconclusive.sh tests what is equal on all kernels; tests/cli/check.sh and
# tests/check-kernel test the formats.
# timeout: 100
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/check.sh
. /lab/check.sh

node_online 1
caches=$(cache_count)
check 0 "the behavior of this kernel" --sweep 0.02 --expect $does --max-retained 1M -- sh cycle.sh
for name in command recording removal no-access-call no-access-window no-access-canary no-leak \
	expect-$does; do
	result $name pass
done
result reuse "$(kernel_frees && echo skip || echo pass)"
is "$(tail -n 1 out | sed 's/.*"does":"\([^"]*\)".*/\1/')" $there "it $there"
tail -n 1 out | grep -q "\"$did\":$caches,"
ok $? "$did: $caches structures"

# Only the first check needs to detect accesses, which doubles the time of a start.
check 1 "the opposite behavior, although CMD fails" --detect none --expect $other -- sh -c 'sh cycle.sh; exit 9'
result command fail
result expect-$other fail
result no-leak pass
reports expect-$other "\"evidence_count\":$caches,"
reports expect-$other "\"event\":\"$did\",\"cause\":\"offline\",.*\"node\":1,.*\"comm\":\"[a-z.]*sh\",\"pid\":"

if kernel_frees; then
	check 0 "a limit that is not exceeded" --detect none --max-retained 0 -- sh cycle.sh
else
	object_bytes=$(cat /sys/kernel/slab/kmem_cache_node/slab_size)
	check 1 "a limit that is exceeded" --detect none --max-retained $((caches * object_bytes - 1)) -- sh cycle.sh
	result max-retained fail
	# The structures are retained before the start, and then reused: the peak counts.
	node_offline 1
	check 1 "a limit that is exceeded before the start" --detect none --max-retained $((caches * object_bytes - 1)) \
		--allow-idle -- sh -c '. /lab/lib.sh; node_online 1'
fi
done_testing
