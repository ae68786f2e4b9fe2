# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The output never harms CMD, which takes node 1 offline and online: a full disk, a reader that
# ends, a reader that never reads. Signals end the tool while the programs are loaded, and if the
# shell ignores them for a background job. tests/cli/output.sh has more of it, without events.
# kernels: 5.10 7.x (they have the most and the fewest events)
# timeout: 250
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh

cat >cycle.sh <<'END'
. /lab/lib.sh
node_offline 1 && node_online 1 && echo >ended
exit 7
END

cmd_has_ended() # NAME
{
	[ -e ended ]
	ok $? "$1: CMD has run to its end"
	rm -f ended
}

not_printed() { grep -q 'lines\{0,1\} \(were\|was\) not printed' err; ok $? "$1: lines were not printed"; }

# --- CMD ---

node_online 1
slubnode-trace trace --detect none -o /dev/full -- sh cycle.sh >out 2>err
is $? 5 "a full disk: CMD's failure" || note "$(cat err)"
cmd_has_ended "a full disk"
is "$(grep -c '^slubnode-trace: cannot write /dev/full: No space left on device$' err)" 1 \
	"a full disk: the error is reported once" || note "$(cat err)"
not_printed "a full disk"
(slubnode-trace trace --json --detect none -- sh cycle.sh 2>err; echo $? >status) | head -n 1 >out
is "$(cat status)" 5 "a reader that ends: CMD's failure" || note "$(cat err)"
cmd_has_ended "a reader that ends"

# A pipe that is full and is not read.
mkfifo stalled
exec 8<>stalled
head -c 65536 /dev/zero >&8
slubnode-trace trace --json --detect none -- sh cycle.sh >&8 2>err
is $? 5 "a stalled reader: CMD's failure" || note "$(cat err)"
cmd_has_ended "a stalled reader"
not_printed "a stalled reader"
if kernel_frees; then other=retain; else other=free; fi
slubnode-trace check --detect none --expect $other -- sh cycle.sh >&8 2>err
is $? 1 "a stalled reader of check: the verdict" || note "$(cat err)"
cmd_has_ended "a stalled reader of check"
not_printed "a stalled reader of check"

# --- signals ---

slubnode-trace trace -- touch ran >out 2>err &
usleep 300000
kill -TERM $!
wait $!
is $? 5 "SIGTERM while the programs are loaded"
grep -q 'touch was not started' err && [ ! -e ran ]
ok $? "CMD has not run" || note "$(cat err)"

# The shell ignores SIGINT for this job, and CMD inherits that.
slubnode-trace trace --detect none -- sh -c 'echo $$ >pid; exec sleep 60' >out 2>err &
wait_for 60 test -s pid
kill -INT $!
wait $!
is $? 5 "SIGINT that was ignored at the start ends the tool" || note "$(cat err)"
kill "$(cat pid)"
ok $? "CMD continues"

exec 8>&-
done_testing
