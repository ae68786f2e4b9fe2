# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# Caches are created and destroyed at full speed while node 1 goes offline and online:
# there is no false transition, and after each change the ledger agrees with a new walk.
# CYCLES in the environment is the number of cycles. The last bug that this found, an
# event that 7.x lost by preemption, showed in one of 400 cycles: 15 cycles find it with
# 4 % (1 - (399 / 400)^15), 100 with 22 %. 15 cycles find a bug of each tenth cycle with
# 79 %.
# kernels: 5.10 7.x (the first frees, and the last preempts programs)
# timeout: 180 1800
# needs: modules fat isofs
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
detect=none

cycles=${CYCLES:-${LONG:+100}}
cycles=${cycles:-15}

node_online 1
caches=$(cache_count)
trace_start churn.json
ok $? "attached"
churn_start
ok $? "caches are created and destroyed"

# A cache that is created while the node is online can place a structure on the node.
node_cycles 1 "$cycles"
churned=$(churn_stop)
ok $? "the churn ran until the end"
note "$churned modules loaded and unloaded in $(cut -d. -f1 /proc/uptime) s"
trace_stop
status=$?
want=0
[ "$(fact lost)" -eq 0 ] || want=3
is $status $want "exit status, with $(fact lost) events lost"
[ $want -eq 0 ] || note "$(grep inconclusive "$trace_file.err")"

is "$(fact node.1.offlines)" "$cycles" "all offlines were seen"
is "$(fact node.1.onlines)" "$cycles" "all onlines were seen"
[ "$(fact trust.verified)" -gt $((2 * cycles)) ]
ok $? "a walk after each ($(fact trust.verified) in all)"
[ "$(fact count.cache-created 0)" -ge "$churned" ]
ok $? "the created caches were seen"

# Each structure of node 1 had each transition once in each cycle, in caches that stay. While
# caches are being created, it is not always known that a structure was not freed and
# allocated again.
if kernel_frees; then
	there=freed back=allocated
	are_back=$(fact stable.allocated.node1)
else
	there=retained back="reused, or at the same address"
	are_back=$(($(fact stable.reused.node1 0) + $(fact stable.same-address.node1 0)))
fi
is "$(fact stable.$there.node1)" $((cycles * caches)) "$there"
is "$are_back" $((cycles * caches)) "$back"
is "$(fact stable.all)" $((2 * cycles * caches)) "nothing else"
is "$(fact count.leaked 0)" 0 "no leak"
is "$(fact count.cache-unaliased 0)" 0 "the tool's own iterator does not count as a user of a cache"
check_trust "$(churn_skips)"
note "$(grep ^trust /tmp/facts | tr '\n' ' ')"
done_testing
