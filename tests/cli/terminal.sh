# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Streams and terminals: colors on a terminal alone, --quiet, --verbose, --output, --ready-fd, and
# patterns that match no cache.
. "$(dirname "$0")/tap.bash"
tool=$PWD/slubnode-trace
needs_tracing "$tool"

esc=$'\033'
escapes() { grep -q "$esc" "$tmp/out"; ok $? "$1: it has colors"; }
no_escapes() { ! grep -q "$esc" "$tmp/out"; ok $? "$1: it has no escape"; }

# on_terminal STATUS NAME VARIABLE=VALUE... COMMAND: run a command on a terminal
on_terminal()
{
	local status=$1 name=$2

	shift 2
	run "$status" "$name" env "${@:1:$#-1}" script -qec "${*: -1}" /dev/null
}

idle='--attach none --allow-idle -- true'
on_terminal 3 "check on a terminal" TERM=xterm NO_COLOR= "$tool check $idle"
escapes "check on a terminal"
for set in TERM=dumb TERM= NO_COLOR=1; do
	on_terminal 3 "check, $set" TERM=xterm NO_COLOR= "$set" "$tool check $idle"
	no_escapes "check, $set"
done
on_terminal 3 "check --color=never" TERM=xterm NO_COLOR= "$tool check --color=never $idle"
no_escapes "check --color=never"
# shellcheck disable=SC2086
run 3 "check, to a file" env TERM=xterm NO_COLOR= "$tool" check $idle
no_escapes "check, to a file"
# shellcheck disable=SC2086
run 3 "check --color=always, to a file" env NO_COLOR=1 TERM=dumb "$tool" check --color=always $idle
escapes "check --color=always"
for command in report probes 'trace -d 0.2'; do
	on_terminal 0 "$command --color=never" TERM=xterm NO_COLOR= "$tool $command --color=never"
	no_escapes "$command --color=never"
	# shellcheck disable=SC2086
	run 0 "$command --color=auto, to a file" env TERM=xterm NO_COLOR= "$tool" $command --color=auto
	no_escapes "$command, to a file"
	# shellcheck disable=SC2086
	run 0 "$command --json --color=always" "$tool" $command --json --color=always
	no_escapes "$command --json"
done
on_terminal 0 "trace --help" TERM=xterm NO_COLOR= "$tool trace --help"
no_escapes "--help"

run 3 "check -q" "$tool" check -q --attach none --allow-idle -- true
[[ $(wc -l <"$tmp/out") -eq 1 && $(<"$tmp/out") == Verdict:* && ! -s $tmp/err ]]
ok $? "check --quiet prints its verdict alone"
run 0 "trace -q" "$tool" trace -q -d 0.2
! grep -q '^Linux ' "$tmp/out" && [[ -s $tmp/out ]]
ok $? "trace --quiet prints its end alone"
run 0 "trace -v" "$tool" trace -v -d 0.2
err_has '^# notifier: \(attached by\|not attached\)'

run 0 "--output FILE" "$tool" trace -v -o "$tmp/file" -- echo mine
[[ $(<"$tmp/out") == mine ]]
ok $? "--output: standard output is CMD's"
grep -q '^# notifier' "$tmp/err" && ! grep -q '^# notifier\|^mine' "$tmp/file"
ok $? "--output: messages go to standard error, and the output to FILE"

cat >"$tmp/cmd" <<'END'
cat "$1"
! { true >&3; } 2>/dev/null || echo inherited
END
run 0 "--json --output FILE" "$tool" trace --json -o "$tmp/file" -- echo mine
[[ $(<"$tmp/out") == mine ]]
ok $? "--json --output: standard output is CMD's"
tail -n 1 "$tmp/err" | grep -q '^No memory was removed or added\.' && jq -e . "$tmp/file" >/dev/null
ok $? "--json --output: the answer is the last line on standard error"
run 3 "check --tap --output FILE" "$tool" check --tap -o "$tmp/file" --attach none --allow-idle -- echo mine
[[ $(<"$tmp/out") == mine ]]
ok $? "check --tap --output: standard output is CMD's"
tail -n 1 "$tmp/err" | grep -q '^Verdict: ' && grep -q '^1\.\.' "$tmp/file"
ok $? "check --tap --output: the verdict is the last line on standard error"
run 3 "check --tap --text FILE --output FILE" "$tool" check --tap -o "$tmp/file" --text "$tmp/text" --attach none -- true
! grep -q '^Verdict: ' "$tmp/err" && grep -q '^Verdict: ' "$tmp/text"
ok $? "check --text: the text is in its file alone"
run 0 "--ready-fd" "$tool" trace -q --ready-fd 3 -o "$tmp/file" -- sh "$tmp/cmd" "$tmp/ready" 3>"$tmp/ready"
[[ $(<"$tmp/out") == ready ]]
ok $? "it is written to before CMD begins, and CMD does not inherit it"
run 0 "a report with a pattern that matches no cache" "$tool" report --all --cache 'no-such-*' --cache 'kmalloc-*'
err_has "warning: no cache matches 'no-such-\*' now"
run 3 "a check with a pattern that matches no cache" "$tool" check --attach none --allow-idle \
	--cache 'no-such-*' --cache 'kmalloc-*' -- true
err_has "warning: no cache matches 'no-such-\*' now"
out_has "no cache matched 'no-such-\*'"
run 0 "a trace with such a pattern" "$tool" trace -d 0.2 --cache 'no-such-*' --cache 'kmalloc-*'
err_has "warning: no cache matches 'no-such-\*' now"
for command in 'trace -d 0.2' 'check -d 0.2' report probes; do
	# shellcheck disable=SC2086
	run "$([[ $command == check* ]] && echo 3 || echo 0)" "$command --json" "$tool" $command --json
	head -n 1 "$tmp/out" | jq -e '.schema == 1 and (now - .wall_ns / 1e9 | fabs) < 60' >/dev/null
	ok $? "$command: the first line has the schema's version and the wall clock"
done
done_testing
