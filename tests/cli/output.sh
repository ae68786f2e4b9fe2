# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# The output never harms CMD: a full disk, a reader that ends, closed descriptors; and the signals that
# end the tool all the same. stalled.sh has a reader that never reads.
. "$(dirname "$0")/tap.bash"
tool=${TOOL:-$PWD/slubnode-trace}

needs_tracing "$tool"

write_cmd
cmd=(sh "$tmp/cmd" "$tmp")

# --- a disk that is full ---

for command in "trace" "trace --json" "check" "check --tap"; do
	# shellcheck disable=SC2086
	run 5 "$command -o /dev/full: CMD's failure" timeout 30 "$tool" $command -o /dev/full -- "${cmd[@]}"
	cmd_has_ended "$command -o /dev/full"
	[[ $(grep -c '^slubnode-trace: cannot write /dev/full: No space left on device$' "$tmp/err") -eq 1 ]]
	ok $? "the error is reported once, with its reason"
	err_lacks 'failed: No space\|last walk\|broke the recording'
done
run 3 "trace -o /dev/full: CMD that succeeds" timeout 30 "$tool" trace -o /dev/full -- true
err_has 'lines\{0,1\} \(were\|was\) not printed'
run 3 "trace -o /dev/full without CMD ends" timeout 30 "$tool" trace -o /dev/full
err_has 'cannot write /dev/full: No space left on device'
for command in "report --all --by-cache -o" "report --json --all -o" "probes -o" "check -d 0.1 --junit" "check -d 0.1 --text"; do
	# shellcheck disable=SC2086
	run 3 "$command to a full disk" timeout 30 "$tool" $command /dev/full
	err_has 'cannot write /dev/full: No space left on device'
done
# The disk becomes full in the middle of a line.
head -c 1 /dev/zero >"$tmp/file"
run 3 "trace --json to a file that cannot grow" \
	prlimit --fsize=20000:20000 timeout 30 "$tool" trace --json -o "$tmp/file" -- true
err_has 'cannot write .*file: File too large'
[[ $(tail -c 1 "$tmp/file" | od -An -c) != *[!\\n\ ]* ]]
ok $? "no line is cut"

# --- a reader that ends ---

"$tool" trace --json -- "${cmd[@]}" 2>"$tmp/err" | head -c 1 >"$tmp/out"
[[ ${PIPESTATUS[0]} -eq 5 ]]
ok $? "trace -- CMD | head: the exit status is that of CMD's failure (${PIPESTATUS[0]})"
cmd_has_ended "trace -- CMD | head"
err_lacks 'write\|printed'
"$tool" trace -- true 2>"$tmp/err" | true
[[ ${PIPESTATUS[0]} -eq 0 ]]
ok $? "trace -- true | true: exit status 0"
timeout 30 "$tool" trace 2>"$tmp/err" | head -n 1 >"$tmp/out"
[[ ${PIPESTATUS[0]} -eq 3 ]]
ok $? "trace | head: the trace ends, with status 3"
err_lacks 'write\|printed'
"$tool" trace -- "${cmd[@]}" 2>&1 | true
[[ ${PIPESTATUS[0]} -eq 5 ]]
ok $? "trace -- CMD 2>&1 | true: exit status 5"
cmd_has_ended "trace -- CMD 2>&1 | true"
"$tool" check -- "${cmd[@]}" 2>"$tmp/err" | true
[[ ${PIPESTATUS[0]} -eq 5 ]]
ok $? "check -- CMD | true: the verdict is unaffected"
cmd_has_ended "check -- CMD | true"

# --- signals that are ignored at the start ---

# start [CMD...]: start a trace as a shell starts a background job
start()
{
	rm "$tmp/err"
	env --ignore-signal=INT,QUIT "$tool" trace "$@" >"$tmp/out" 2>"$tmp/err" &
	traced=$!
}

for signal in INT QUIT TERM; do
	start
	wait_until grep -q -s Ctrl-C "$tmp/err"
	kill -$signal $traced
	wait_until dead $traced
	ok $? "SIG$signal ends a trace in the background"
	wait $traced
	status=$?
	[[ $status -eq 0 ]]
	ok $? "its exit status is 0 ($status)"
done
cat >"$tmp/deaf" <<'END'
echo $$ >"$1/started"
until [ -e "$1/end" ]; do sleep 0.05; done
echo >"$1/ended"
END
start -- sh "$tmp/deaf" "$tmp"
wait_until test -s "$tmp/started"
deaf=$(<"$tmp/started")
(((0x$(awk '/^SigIgn/ { print $2 }' "/proc/$deaf/status") & 6) == 6))
ok $? "CMD inherits that SIGINT and SIGQUIT are ignored"
kill -INT $traced
wait_until dead $traced
ok $? "SIGINT ends the tool although CMD ignores it"
wait $traced
[[ $? -eq 5 ]]
ok $? "its exit status is 5"
err_has "sh is still running, as process $deaf"
out_has '^No memory was removed or added'
touch "$tmp/end"
wait_until dead "$deaf"
cmd_has_ended "SIGINT that CMD ignores"

# --- a file that keeps its content ---

keeps() # STATUS NAME COMMAND...: test that a command that cannot begin does not touch FILE
{
	echo precious >"$tmp/file"
	run "$@"
	[[ $(<"$tmp/file") == precious ]]
	ok $? "$2: FILE is unchanged"
}

printf '#!/no/such/interpreter\n' >"$tmp/orphan"
chmod +x "$tmp/orphan"
keeps 2 "CMD that does not exist" "$tool" trace -o "$tmp/file" -- /no/such/program
keeps 2 "CMD without its interpreter" "$tool" trace -o "$tmp/file" -- "$tmp/orphan"
keeps 4 "a BTF that does not exist" "$tool" trace -o "$tmp/file" --btf /no/such/btf -- true
keeps 4 "report: a BTF that does not exist" "$tool" report -o "$tmp/file" --btf /no/such/btf
cp "$tool" "$tmp/tool"
chmod 755 "$tmp" "$tmp/tool"
chmod 666 "$tmp/file"
keeps 4 "no privileges" setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
	--bounding-set=-all "$tmp/tool" trace -o "$tmp/file" -- true
run 0 "a trace that begins" "$tool" trace -q -o "$tmp/file" -- true
! grep -q precious "$tmp/file" && grep -q '^No memory was removed or added' "$tmp/file"
ok $? "it replaces the content of FILE"

# --- descriptors that are closed ---

run 0 "standard error is closed" timeout 30 sh -c \
	'exec "$0" trace --json -v -d 1 -o "$1" 2>&-' "$tool" "$tmp/file"
[[ $(head -c 1 "$tmp/file") == '{' ]] && ! grep -q -a '^[^{]' "$tmp/file"
ok $? "the messages are not in the output file"
run 3 "standard output is closed" timeout 30 sh -c 'exec "$0" trace -v -d 1 >&-' "$tool"
err_has 'cannot write standard output: Bad file descriptor'
done_testing
