# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Recordings as input, on a machine that they are not of: answers, refusals, and the wrong usage.
. "$(dirname "$0")/tap.bash"
tool=$PWD/slubnode-trace
recordings=$PWD/build/recordings
recording=$recordings/6.12.slub
export COLUMNS=80

for k in 5.10 6.1 6.12 7.x; do
	run 1 "trace of $k" "$tool" trace -i "$recordings/$k.slub"
	out_has '^[12] stale \(write\|accesses\) confirmed'
	zstd -qt <"$recordings/$k.slub"
	ok $? "zstd -t of $k"
done
run 1 "check" "$tool" check -i "$recording"
out_has 'fail .*no-access-canary'
run 1 "check --expect" "$tool" check --json --expect free --allow any:'*' --require none -i "$recording"
out_has '"name":"expect-free","result":"fail"'
run 0 "report" "$tool" report -i "$recording" --all
out_has '^Every node has memory'
run 1 "a node that this machine does not have" "$tool" trace --node 1000,0 -i "$recording"
run 1 "standard input" bash -c '"$1" trace -i - <"$2"' run "$tool" "$recording"
# Reading a large file takes longer than a second.
env TERM=xterm script -qec "(head -c 4000 $recording; sleep 2; tail -c +4001 $recording) | $tool check -i -" /dev/null \
	>"$tmp/out" 2>&1 </dev/null
out_has 'reading the recording \.\.\. 1 s'
run 1 "no capability" setpriv --inh-caps=-all --bounding-set=-all "$tool" trace -q -i "$recording"

# --- files that are no recording, or not a whole one ---

run 2 "no file" "$tool" trace -i "$tmp/none"
err_has 'cannot read the recording .*: No such file or directory'
run 2 "an empty file" "$tool" check -i /dev/null
err_has 'it is not a recording of slubnode-trace'
run 2 "a program" "$tool" report -i "$tool"
err_has 'it is not a recording'
run 2 "a directory" "$tool" trace -i "$tmp"
err_has 'Is a directory'
{ head -c 24 "$recording"; printf '\x02'; tail -c +26 "$recording"; } >"$tmp/newer"
run 2 "the next major version" "$tool" trace -i "$tmp/newer"
err_has 'its format has version 2.0, and this slubnode-trace reads up to 1: a newer one is needed'
size=$(wc -c <"$recording")
head -c $((size - 200)) "$recording" >"$tmp/cut"
for command in '1 trace' '1 check' '3 check --allow any:*' '3 report'; do
	read -ra words <<<"$command"
	run "${words[0]}" "${words[*]:1}: a file that is cut" "$tool" "${words[@]:1}" -i "$tmp/cut"
	err_has 'is not whole: it is cut: it ends at byte '$((size - 200))
	err_has 'hint: it has the run until 20'
done
head -c 2000 "$recording" >"$tmp/begin"
run 3 "a file that ends before the first walk does" "$tool" report -i "$tmp/begin"
err_has 'no walk over all caches'
[[ ! -s $tmp/out ]]
ok $? "no report of what is not known"
# The head has come, and nothing of the run: nothing is said of a run that nobody knows.
head -c 600 "$recording" >"$tmp/begin"
run 3 "a file that is cut after its head" "$tool" trace -i "$tmp/begin"
err_has '^hint: it has nothing of the run'
err_lacks 'select none'
! grep -q '^Linux' "$tmp/out"
ok $? "it does not name a kernel"
{ head -c $((size - 200)) "$recording"; printf xxxx; tail -c 196 "$recording"; } >"$tmp/damaged"
run 3 "a file that is damaged" "$tool" check --allow any:'*' -i "$tmp/damaged"
err_has 'it is damaged: the frame at byte [0-9]* '
out_has 'the recording is not whole'

# --- usage ---

run 2 "--input with a command" "$tool" trace -i "$recording" -- true
err_has 'exclude each other'
run 2 "--input with --record" "$tool" check -i "$recording" --record "$tmp/new"
err_has 'exclude each other'
run 2 "--input with --watch" "$tool" report -i "$recording" --watch
run 2 "probes with --input" "$tool" probes -i "$recording"
err_has 'probes takes no --input'
for option in '--ready-fd 3' --attach=fentry --ring-buffer=8M; do
	# shellcheck disable=SC2086
	run 2 "--input with $option" "$tool" trace -i "$recording" $option 3>"$tmp/ready"
done
cp "$recording" "$tmp/same"
for command in 'trace --json' report bugreport; do
	# shellcheck disable=SC2086
	run 2 "$command: --input and --output are one file" "$tool" $command -i "$tmp/same" -o "$tmp/same"
	cmp -s "$recording" "$tmp/same"
	ok $? "the recording is as it was"
done
echo old >"$tmp/old.tar"
run 2 "bugreport of a file that is not there" "$tool" bugreport -i "$tmp/none" -o "$tmp/old.tar"
[[ $(<"$tmp/old.tar") == old ]]
ok $? "the last report is as it was"
run 2 "--record-size alone" "$tool" trace --record-size 1M
err_has 'needs --record'
run 2 "a ring that is too small" "$tool" trace --record "$tmp/x" --record-size 1k
err_has 'invalid size'
[[ ! -e $tmp/new && ! -e $tmp/x ]]
ok $? "no file was created"

# --- a report for others ---

echo old >"$tmp/report.tar"
chmod 644 "$tmp/report.tar"
run 0 "bugreport" "$tool" bugreport --no-tasks -i "$recording" -o "$tmp/report.tar"
err_has 'not of this boot'
tar -C "$tmp" -xf "$tmp/report.tar" >"$tmp/out" 2>"$tmp/err"
ok $? "the archive"
run 1 "the recording in it" "$tool" trace --json -i "$tmp/slubnode-bugreport/recording.slub"
! grep -q '"comm":"sh"' "$tmp/out"
ok $? "no names of tasks"
[[ $(stat -c %a "$tmp/report.tar") == 600 ]]
ok $? "only the user can read it"
run 2 "bugreport of nothing" "$tool" bugreport -o "$tmp/report.tar"
err_has 'needs --input and --output'
run 3 "bugreport of a file that is cut" "$tool" bugreport -i "$tmp/cut" -o "$tmp/report.tar"
err_has 'is not whole'
for option in --json --node=1 --format=html; do
	run 2 "bugreport $option" "$tool" bugreport "$option" -i "$recording" -o "$tmp/x"
	err_has 'bugreport \(takes\|has\) no '
done

# Where nothing can be attached, the run is inconclusive for other reasons, too.
# shellcheck disable=SC2016
run 3 "a recording that cannot grow" bash -c 'set -o pipefail
	prlimit --fsize=1000 "$0" check --tap --allow-idle --record "$1" -- true | cat' "$tool" "$tmp/full"
out_has '^not ok [0-9]* - record$'

for option in --junit --text; do
	cp "$recording" "$tmp/both"
	run 2 "check $option to its input" "$tool" check -i "$tmp/both" $option "$tmp/both"
	cmp -s "$recording" "$tmp/both"
	ok $? "the recording is as it was"
done
done_testing
