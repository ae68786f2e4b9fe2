# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the command line promises on a real kernel: CMD, filters, signals,
# privileges, hidden symbols.
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh

slubnode-trace trace -q -- true >out 2>err
is $? 0 "CMD that succeeds"
is "$(wc -c <err)" 0 "--quiet says nothing"
slubnode-trace trace -q -- sh -c 'echo mine; exit 7' >out 2>err
is $? 5 "CMD that fails"
! grep -q mine out && grep -q mine err
ok $? "CMD's output stays out of ours"
slubnode-trace trace -q -- /no/such/program >out 2>err
is $? 2 "CMD that is not there"
grep -q 'cannot start /no/such/program' err
ok $? "is named"

slubnode-trace trace -q -o file -- sh -c 'kill -KILL $$' >out 2>err
is $? 5 "CMD that is killed"
slubnode-trace trace -- sh -c 'echo $$ >pid; exec sleep 60' >out 2>err &
wait_for 60 test -s pid
kill -TERM $!
wait $!
is $? 5 "SIGTERM ends CMD too"
! kill -0 "$(cat pid)" 2>/dev/null
ok $? "nothing is left of it"
grep -q Summary out
ok $? "and the summary is written"

node_online 1
slubnode-trace --json trace --node 0 -q -o nodes.json -- sh -c '. /lab/lib.sh; node_offline 1; node_online 1'
is "$(grep -c '"node":1' nodes.json)" 0 "--node 0 hides node 1"
grep -q '"node":0' nodes.json
ok $? "and shows node 0"

slubnode-trace probes >out 2>err
is $? 0 "probes"
grep -q 'Tracing: possible' out
ok $? "says that tracing is possible"
slubnode-trace probes --json | grep -q '"can_trace":true'
ok $? "probes --json says it too"

if ! has_btf_name bpf_iter__kmem_cache; then
	echo 2 >/proc/sys/kernel/kptr_restrict
	slubnode-trace trace -d 1 >out 2>err
	is $? 4 "hidden symbols: cannot run here"
	grep -q 'sysctl kernel.kptr_restrict=1' err
	ok $? "and says what to do"
	echo 0 >/proc/sys/kernel/kptr_restrict
fi

done_testing
