# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# check: each reason for an inconclusive result, a CMD that fails, and a check that is killed.
# suspects.sh has the reasons that need hidden symbols.
# kernels: 6.12 (the test is of the tool and not of the kernel)
# only: 6.1 6.12 (5.10 and 7.x do not disable ftrace while a trampoline is attached)
# timeout: 240
# needs: programs bpf_usage
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/check.sh
. /lab/check.sh

node_online 1

check 5 "CMD that fails" --detect none --expect $does -- sh -c 'sh cycle.sh; exit 9'
reports command 'ended with status 9'

# Inconclusive is not a pass.
check 3 "idle" -- true
result removal inconclusive
result no-leak inconclusive
reports removal 'allow-idle'
check 0 "idle, and allowed" --detect none --allow-idle --expect $does -- true
result removal skip
result expect-$does skip
# Walks pause while their records are read, so the tool must not read.
cat >unread.sh <<'END'
kill -STOP $PPID
for cycle in 1 2 3 4 5; do sh cycle.sh; done
kill -CONT $PPID
END
check 3 "events lost" --detect none --ring-buffer 4 --expect $does -- sh unread.sh
result recording inconclusive
reports recording 'events were lost.*--ring-buffer'
result no-leak inconclusive
check 3 "no probe" --attach none --expect $does -- sh cycle.sh
result recording inconclusive
reports recording 'no probe is attached (by --attach none)'


# Nothing was watched.
check 3 "no structure is selected" --detect none --cache 'nope*' -- sh cycle.sh
result recording inconclusive
reports recording 'no node structure was watched.*report --all --by-cache'
result no-leak inconclusive
check 3 "no structure is selected, idle" --detect none --allow-idle --cache 'nope*' -- true
cat >movable.sh <<'END'
. /lab/lib.sh
node_online 1 online_movable && node_offline 1
END
node_offline 1
check 3 "memory that counts for no structure" --detect none -- sh movable.sh
result removal inconclusive
reports removal 'had no structure that was watched'
result no-leak inconclusive
node_online 1

# gone: wait until the kernel has removed the programs of the last run, as slubnode-trace(8) says
# before a change of kernel.ftrace_enabled
# shellcheck disable=SC2317 # called by wait_for
no_programs() { ! bpf_usage | grep -q ^program; }
gone() { wait_for 30 no_programs; ok $? "the programs of the last run are gone"; }

# Programs that are attached and do not run.
cat >unseen.sh <<'END'
. /lab/lib.sh
echo 0 >/proc/sys/kernel/ftrace_enabled
node_offline 1 && node_online 1
echo 1 >/proc/sys/kernel/ftrace_enabled
END
gone
check 3 "programs stop" --detect none --allow-idle -- sh unseen.sh
result recording inconclusive
reports recording 'no program saw it: kernel.ftrace_enabled was 0'
result no-leak inconclusive
# All is as before when the tool looks: only the uevents of the blocks show the change.
cat >undone.sh <<'END'
kill -STOP $PPID
sh unseen.sh
kill -CONT $PPID
END
gone
check 3 "programs stop, and the tool does not look" --detect none --allow-idle -- sh undone.sh
result recording inconclusive
reports recording 'changed 2 times and no program saw it'
gone
echo 0 >/proc/sys/kernel/ftrace_enabled
check 4 "programs would not run" --detect none --allow-idle -- true
grep -q 'kernel.ftrace_enabled is 0' err
ok $? "the message names the switch"
echo 1 >/proc/sys/kernel/ftrace_enabled

cat >disarmed.sh <<'END'
. /lab/lib.sh
echo 0 >/sys/kernel/debug/kprobes/enabled
node_offline 1 && node_online 1
echo 1 >/sys/kernel/debug/kprobes/enabled
END
check 3 "kprobes are switched off" --attach kprobe --detect none --allow-idle -- sh disarmed.sh
reports recording 'no program saw it: /sys/kernel/debug/kprobes/enabled was 0'
echo 0 >/sys/kernel/debug/kprobes/enabled
check 4 "kprobes would not run" --attach kprobe --detect none --allow-idle -- true
check 0 "fentry runs all the same" --attach fentry --detect none --allow-idle -- sh cycle.sh
echo 1 >/sys/kernel/debug/kprobes/enabled

# After SIGKILL nothing is attached any more, and CMD continues.
gone
before=$(grep -c . /sys/kernel/tracing/enabled_functions)
slubnode-trace check -q -- sh -c 'echo $$ >pid; exec sleep 301' >/dev/null 2>&1 &
tool=$!
wait_for 60 test -s pid
[ "$(grep -c . /sys/kernel/tracing/enabled_functions)" -gt "$before" ]
ok $? "something is attached"
kill -KILL $tool
detached() { [ "$(grep -c . /sys/kernel/tracing/enabled_functions)" -eq "$before" ]; }
wait_for 10 detached
ok $? "SIGKILL: nothing remains attached"
kill "$(cat pid)"
ok $? "SIGKILL: CMD continues"
done_testing
