# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The command line on a kernel that can be traced: CMD, filters, signals, hidden
# symbols.
# kernels: 5.10 7.x (5.10 has no iterator and needs symbols)
# timeout: 120
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh

# The last line, where node 1 has no memory; structures are held for it if it had some before.
answered() { tail -n 1 out | grep -q '^No memory was removed or added\. Node 1 has no memory, and .* held for it'; }

slubnode-trace trace -q -- true >out 2>err
is $? 0 "CMD that succeeds"
is "$(wc -c <err)" 0 "--quiet prints no message"
slubnode-trace trace -q -- sh -c 'echo mine; exit 7' >out 2>err
is $? 5 "CMD that fails"
! grep -q mine out && grep -q mine err
ok $? "CMD's output goes to standard error"
slubnode-trace trace -q -- /no/such/program >out 2>err
is $? 2 "CMD that does not exist"
grep -q 'cannot start /no/such/program' err
ok $? "the error names it"
echo '#!/no/such/interpreter' >orphan
chmod +x orphan
slubnode-trace trace -- ./orphan >out 2>err
is $? 2 "CMD whose interpreter does not exist, with everything attached"
[ ! -s out ] && grep -q 'cannot start ./orphan' err
ok $? "the error is all that is printed"

slubnode-trace trace -q -o file -- sh -c 'kill -KILL $$' >out 2>err
is $? 5 "CMD that is killed"
slubnode-trace trace -- sh -c 'echo $$ >pid; exec sleep 60' >out 2>err &
wait_for 60 test -s pid
kill -TERM $!
wait $!
is $? 5 "SIGTERM is forwarded and ends CMD"
! kill -0 "$(cat pid)" 2>/dev/null
ok $? "CMD has ended"
answered
ok $? "the answer is the last line"

rm pid
slubnode-trace trace -- sh -c 'trap "echo >asked" TERM; echo $$ >pid; while sleep 0.1; do :; done' \
	>out 2>err &
wait_for 60 test -s pid
kill -TERM $!
wait_for 60 test -s asked
kill -TERM $!
wait $!
is $? 5 "a second SIGTERM ends the tool"
answered
ok $? "the answer is the last line again"
grep -q "sh is still running, as process $(cat pid)" err
ok $? "CMD is reported"
kill -KILL "$(cat pid)"
ok $? "CMD continues"

node_online 1
slubnode-trace --json trace --node 0 -q -o nodes.json -- sh -c '. /lab/lib.sh; node_offline 1; node_online 1'
is "$(grep -c '"node":1' nodes.json)" 0 "--node 0 hides node 1"
grep -q '"node":0' nodes.json
ok $? "--node 0 shows node 0"

slubnode-trace probes >out 2>err
is $? 0 "probes"
head -n 1 out | grep -q '^Linux .* can be traced: changes of structures by .*, accesses to freed ones by call, window, watchpoint, canary$'
ok $? "probes starts with its answer" || note "$(head -n 1 out)"
slubnode-trace probes --json | grep -q '"can_trace":true'
ok $? "probes --json reports it, too"

if ! has_btf_name bpf_iter__kmem_cache; then
	echo 2 >/proc/sys/kernel/kptr_restrict
	slubnode-trace trace -d 1 >out 2>err
	is $? 4 "hidden symbols: cannot run here"
	grep -q 'sysctl kernel.kptr_restrict=1' err
	ok $? "hidden symbols: the hint names the sysctl"
	echo 0 >/proc/sys/kernel/kptr_restrict
fi

done_testing
