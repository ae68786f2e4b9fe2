# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# A recording is replayed as the live run was: text, JSON and exit status of trace and check, with
# findings, with losses, without probes, and with a CMD that fails. A tool that is killed loses at most
# a second.
# kernels: 5.10 7.x (they have the most and the fewest events)
# timeout: 240
# needs: built poke victim
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/check.sh
. /lab/check.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

cat >finding.sh <<'END'
. /lab/lib.sh
. /lab/freed.sh
trace_file=live.json
cycle_and_store replay
END

# same WANT NAME: compare the exit status $status and the file live with a replay's
same() # STATUS NAME REPLAY...
{
	local live=$1 name=$2

	shift 2
	slubnode-trace "$@" >replayed 2>replayed.err
	is $? "$live" "$name: exit status $live" || note "$(cat replayed.err)"
	cmp live replayed
	ok $? "$name: $(wc -c <live) bytes are the same" || note "$(diff live replayed | head -n 10)"
}

# --- findings ---

modprobe poke && modprobe victim
node_online 1
slubnode-trace trace --json -o live.json --record finding.rec -- sh finding.sh 2>err
status=$?
is $status 1 "trace with a finding" || note "$(cat err)"
grep -q '"type":"finding"' live.json
ok $? "there is a finding"
cp live.json live
same $status "JSON with a finding" trace --json --input finding.rec
note "$(wc -c <finding.rec) bytes of recording"
slubnode-trace trace -i finding.rec --by-cache --node 1 >one 2>&1
slubnode-trace --node 1 trace -i - --by-cache <finding.rec >two 2>&1
cmp one two
ok $? "a pipe, and options before the command"
victim_destroy neighbour
rmmod victim poke

# --- text, and an exit status for each conclusion ---

slubnode-trace trace --events --by-cache -t relative --record text.rec -- sh cycle.sh >live 2>err
same $? "text" trace --events --by-cache -t relative -i text.rec
slubnode-trace trace --node 1 --cache 'kmalloc-*' --record text.rec -- sh cycle.sh >live 2>err
same $? "a filter, which the recording keeps" trace -i text.rec
slubnode-trace trace --record failed.rec -- sh -c '. /lab/lib.sh; node_offline 1; exit 7' >live 2>err
status=$?
[ $status -eq 5 ] || [ $status -eq 1 ]
ok $? "a CMD that fails" || note "$(cat live err)"
same $status "a CMD that fails" trace -i failed.rec
node_online 1

# shellcheck disable=SC2086
slubnode-trace check $natural --record pass.rec --junit junit --text text --tap -- sh cycle.sh >live 2>err
status=$?
same $status "check --tap" check -i pass.rec --tap --junit junit2 --text text2
cmp text text2 && cmp junit junit2
ok $? "check --text and --junit"
# shellcheck disable=SC2086
slubnode-trace check --expect $other $natural --json --record fail.rec -- sh cycle.sh >live 2>err
status=$?
is $status 1 "check of a wrong expectation"
same $status "check of a wrong expectation, which the recording keeps" check --json -i fail.rec
# shellcheck disable=SC2086
slubnode-trace check -i fail.rec --expect $does >live 2>err
is $? 0 "an option of the replay replaces the recorded one" || note "$(cat live err)"

# --- no probes ---

slubnode-trace trace --json --attach none --record polled.rec -- sh cycle.sh >live 2>err
same $? "polled" trace --json -i polled.rec
slubnode-trace check --attach none --record polled.rec -- sh cycle.sh >live 2>err
same $? "check, polled" check -i polled.rec

# --- losses ---

detect=none
trace_start lost.json --ring-buffer 4 --record lost.rec
# Walks pause while their records are read, so the tool must not read.
kill -STOP $trace_pid
for _ in 1 2 3 4 5; do
	node_offline 1 && node_online 1 || break
done
kill -CONT $trace_pid
trace_stop
status=$?
is $status 3 "events were lost"
cp lost.json live
same $status "losses" trace --json -i lost.rec

# --- report ---

node_offline 1
slubnode-trace trace --record held.rec -- true >/dev/null 2>&1
slubnode-trace report --by-cache --bytes >live 2>err
same $? "report" report --by-cache --bytes -i held.rec
node_online 1

# --- a full disk ---

mkdir small
mount -t tmpfs -o size=4k none small
slubnode-trace trace --detect none --record small/rec -- sh -c '. /lab/lib.sh; node_offline 1 && node_online 1 && echo >ended' >out 2>err
is $? 3 "a full disk: inconclusive" || note "$(cat err)"
[ -e ended ] && grep -q 'small/rec is not whole: No space left on device' err
ok $? "a full disk: CMD has run to its end" || note "$(cat err)"
slubnode-trace trace -i small/rec >out 2>err
is $? 3 "a full disk: the recording is not whole"
umount small

# --- the tool is killed ---

trace_start killed.json --record killed.rec
node_offline 1
node_online 1
sleep 1
uptime=$(cut -d' ' -f1 /proc/uptime)
kill -KILL $trace_pid
wait $trace_pid
slubnode-trace trace --json -i killed.rec >replayed 2>err
is $? 3 "a killed tool: inconclusive"
grep -q 'is not whole: it has no end' err
ok $? "a killed tool: the recording has no end" || note "$(cat err)"
is "$(grep -c '"type":"node"' replayed)" 4 "nothing older than a second was lost before $uptime s"
head -c 5000 pass.rec >cut.rec
slubnode-trace check --allow-idle -i cut.rec >out 2>err
is $? 3 "a file that is cut: inconclusive"
grep -q 'it is cut: it ends at byte 5000' err
ok $? "a file that is cut: the place" || note "$(cat err)"
done_testing
