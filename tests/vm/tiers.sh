# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# `slubnode-trace probes' describes each tier as this kernel permits, and a finding names a
# reader in a container by both of its pids.
# kernels: 5.10 7.x (the functions that the tiers need differ most)
# alone: node 1 must never have had memory, or a destroyed cache has two structures
# timeout: 100
# needs: built poke victim
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

slubnode-trace probes --json >probes.json
is $? 0 "probes --json"
jq -r '.tiers[] | "\(.tier) \(.available) \(.promises | length) \(.missing)"' probes.json >tiers
is "$(cut -d' ' -f1 tiers | tr '\n' ' ')" "call window watchpoint canary " "names the four tiers"
slubnode-trace probes >probes.txt
is $? 0 "probes"
while read -r tier available promises missing; do
	# All tiers are available on each kernel of the matrix.
	is "$available" true "$tier is available here"
	[ "$promises" -gt 0 ]
	ok $? "$tier has promises"
	is "$missing" null "nothing is missing for $tier"
	grep -q "^$tier  *[a-z]" probes.txt
	ok $? "the text describes $tier"
done <tiers

modprobe poke && modprobe victim
victim_create contained
# Its structure keeps the slab of the freed structure allocated.
victim_create neighbour
trace_start tiers.json --watch-cache contained --watch-field nr_partial
ok $? "attached"
address=$(victim_free contained 0)
ok $? "a structure is freed"
usleep 100000
# The kernel names functions where it hides addresses. Up to Linux 5.12 it cannot be asked.
! has_btf_name bpf_snprintf || echo 2 >/proc/sys/kernel/kptr_restrict
word=$(plus "$address" 8)
cat >inside.sh <<END
# /proc is of the initial namespace, so this pid is of the initial namespace.
read -r outside rest </proc/self/stat
echo "\$outside \$\$ \$(readlink /proc/self/ns/pid | tr -cd 0-9)"
echo "r ${word#0x} 8" >/proc/poke
END
# The shell that reads must not be the first process of its namespace.
unshare -p -f sh -c 'sh inside.sh; true' >pids
echo "r ${word#0x} 8" >/proc/poke
trace_stop
status_is $? 1 "exit status: a finding"
echo 0 >/proc/sys/kernel/kptr_restrict
is "$(count_findings watchpoint confirmed poke_read)" 2 "two loads, two findings"
read -r outside inside namespace <pids
[ "$outside" -ne "$inside" ]
ok $? "the reader is $outside, and $inside in namespace $namespace"
findings watchpoint >found
is "$(sed -n 1p found | member pid)" "$outside" "the first finding has its pid"
is "$(sed -n 1p found | member ns_pid)" "$inside" "the first finding has the pid in its namespace"
is "$(sed -n 1p found | member pid_ns)" "$namespace" "the first finding has the namespace"
is "$(sed -n 2p found | member pid)" $$ "the second finding has the pid of this shell"
is "$(sed -n 2p found | member ns_pid)" $$ "the pid is the same in the initial namespace"
is "$(sed -n 2p found | member pid_ns)" "$(readlink /proc/self/ns/pid | tr -cd 0-9)" \
	"the second finding has the initial namespace"
done_testing
