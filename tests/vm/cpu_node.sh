# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# A node without memory that has a CPU. Since Linux 7.1 its CPU uses barns and sheaves of the
# node: they are in use, and held only when the CPU is offline. Node 1 first has never had
# memory, and then has lost it.
# cpu-node: 1
# only: 7.x (older kernels have no such barns, and a node with a CPU keeps memory of the kernel)
# timeout: 150
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
detect=none

# report: report, and print counts of node 1
report()
{
	slubnode-trace --json report | jq -r '.nodes[] | select(.node == 1) |
		"structures \(.structures) held \(.held) barns \(.barns) in use \(.barns_in_use)"'
}

# bytes: print the charged bytes of node 1
bytes() { slubnode-trace --json report | jq '.nodes[0].charged_bytes'; }

cpu_set() { echo "$1" >$sys/cpu/cpu1/online; }

is "$(cat $sys/node/has_cpu)" 0-1 "both nodes have a CPU"
is "$(cat $sys/node/has_memory)" 0 "node 0 alone has memory"
is "$(cat $sys/node/node1/cpulist)" 1 "CPU 1 is of node 1"
caches=$(cache_count)
size=$(cat /sys/kernel/slab/kmem_cache_node/slab_size)
barns=$(slubnode-trace --json report --all | jq '.nodes[0].barns')
[ "$barns" -gt 0 ]
ok $? "$barns caches have barns for a node"

# Some work for the CPU, so that its barns get sheaves.
taskset -c 1 sh -c 'for n in 1 2 3; do ls -R /sys/kernel/slab >/dev/null; done'
is "$(report)" "structures 0 held 0 barns 0 in use $barns" "nothing is held, and its barns are in use"
is "$(bytes)" 0 "no byte is held"
slubnode-trace report >report.txt
is "$(head -n 1 report.txt)" "Node 1 has no memory, and nothing is held for it" \
	"the text says that nothing is held"
is "$(sed -n 's/.* \([0-9]*\) node structures$/\1/p' report.txt)" "$(knode_objects)" \
	"as many structures as /proc/slabinfo: a barn alone is none"
is "$(grep -c "Node 1's CPUs use its $barns barns" report.txt)" 1 \
	"the text says what is in use"

cpu_set 0
is "$(cat $sys/node/has_cpu)" 0 "CPU 1 is offline"
is "$(report)" "structures 0 held 0 barns $barns in use 0" "now its barns are left over"
slubnode-trace report | head -n 1 | grep -q "^Node 1 has no memory; $barns barns are held for it, "
ok $? "the text says so"
[ "$(bytes)" -ge $((barns * 64)) ]
ok $? "and their bytes: $(bytes)"
cpu_set 1

# The same for a node that has lost its memory, by report, trace and check.
node_online 1
trace_start lost.json
node_offline 1
cpu_set 0
trace_stop
is "$(fact total.retained_now)" "$caches" "the structures are held"
slubnode-trace --json report >report.json
is "$(fact total.barns_retained_now)" "$(jq .nodes[0].barns report.json)" \
	"CPU 1 went offline, too: as many barns as in the report"
# Objects that CPU 1 freed by kfree_rcu() can fill a sheaf of the barns a grace period later. The
# report has its bytes, too.
least=$((caches * size + $(fact total.barns_retained_now) * 64))
is "$(fact total.retained_charged_bytes)" $least "the bytes of the structures and the barns"
is "$(jq ".nodes[0] | if .sheaves > 0 then .charged_bytes > $least else .charged_bytes == $least end" \
	report.json)" true \
	"the report has as many, or sheaves: $(jq -c '.nodes[0] | [.charged_bytes, .sheaves]' report.json)"
cpu_set 1
is "$(report)" "structures $caches held $caches barns 0 in use $barns" "CPU 1 is back: no barn is held"
is "$(bytes)" $((caches * size)) "bytes: only those of the structures"
node_online 1
slubnode-trace --json check --max-retained $((caches * size)) -- sh -c \
	". /lab/lib.sh; node_offline 1; node_online 1" >check.json
is $? 0 "check --max-retained counts no barn in use"
done_testing
