# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# A reader that never reads harms neither CMD nor the end of the tool.
. "$(dirname "$0")/tap.bash"
tool=${TOOL:-$PWD/slubnode-trace}

needs_tracing "$tool"

write_cmd
cmd=(sh "$tmp/cmd" "$tmp")

# A pipe that is full, and whose reader sleeps. Its writers are this shell and the tool.
mkfifo "$tmp/stalled"
exec 8<>"$tmp/stalled"
head -c 65536 /dev/zero >&8

run_ms() # WANTED_STATUS MAX_MS NAME COMMAND...: as run, with standard output to the pipe
{
	local want=$1 max=$2 name=$3 got=0 started=${EPOCHREALTIME/./} ms

	shift 3
	timeout -s KILL 60 "$@" >&8 2>"$tmp/err" </dev/null || got=$?
	ms=$(((${EPOCHREALTIME/./} - started) / 1000))
	[[ $got -eq $want && $ms -le $max ]]
	ok $? "$name (exit status $got, wanted $want, in $ms ms)"
}

: >"$tmp/out"
run_ms 5 20000 "a stalled reader: trace -- CMD" "$tool" trace --json -- "${cmd[@]}"
cmd_has_ended "a stalled reader"
err_has 'lines\{0,1\} \(were\|was\) not printed'
run_ms 3 20000 "a stalled reader: trace -- true" "$tool" trace -- true
run_ms 3 20000 "a stalled reader: --duration" "$tool" trace --json --duration 1
run_ms 5 20000 "a stalled reader: check -- CMD" "$tool" check -- "${cmd[@]}"
cmd_has_ended "a stalled reader of check"
err_has 'lines\{0,1\} \(were\|was\) not printed'
timeout -s KILL 60 "$tool" trace -v -d 1 >&8 2>&8
[[ $? -eq 3 ]]
ok $? "a stalled reader of both outputs: --duration"
for signal in TERM INT; do
	rm "$tmp/err"
	env --default-signal "$tool" trace --json >&8 2>"$tmp/err" &
	traced=$!
	wait_until grep -q -s Ctrl-C "$tmp/err"
	sleep 1
	kill -$signal $traced
	wait $traced
	[[ $? -eq 3 ]]
	ok $? "a stalled reader: SIG$signal"
	err_has 'lines\{0,1\} \(were\|was\) not printed'
done
exec 8>&-
done_testing
