# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# What needs no kernel: help, version, wrong usage.
. "$(dirname "$0")/tap.bash"
tool=./slubnode-trace

run 2 "no command" $tool
out_has 'Commands:'
out_has 'trace  *print changes as they happen'
run 0 "--help" $tool --help
out_has 'Exit status'
run 0 "trace --help" $tool trace --help
out_has '--duration=TIME'
out_has '--cache=GLOB'
run 0 "probes --help" $tool probes --help
run 0 "-h" $tool -h
cp "$tmp/out" "$tmp/help"
out_has 'Exit status'
run 0 "help" $tool help
cmp -s "$tmp/out" "$tmp/help"
ok $? "help is --help"
for command in trace check report probes bugreport; do
	run 0 "$command --help" $tool $command --help
	cp "$tmp/out" "$tmp/help"
	[[ $(grep -c "^  slubnode-trace $command " "$tmp/out") -eq 2 ]]
	ok $? "$command --help has two examples"
	[[ $(tail -n 1 "$tmp/out") != '' && $(wc -L <"$tmp/out") -le 79 ]]
	ok $? "$command --help fits 80 columns"
	run 0 "$command -h" $tool $command -h
	cmp -s "$tmp/out" "$tmp/help"
	ok $? "$command -h is $command --help"
	run 0 "help $command" $tool help $command
	cmp -s "$tmp/out" "$tmp/help"
	ok $? "help $command is $command --help"
done
# The command's own options come first.
first_option() { sed -n 's/^ .*\(--[a-z-]*\)[= ].*/\1/p' "$tmp/out" | head -n 1; }
run 0 "report --help" $tool report --help
[[ $(first_option) == --all ]]
ok $? "report --help begins with its own options"
run 0 "check --help" $tool check --help
[[ $(first_option) == --allow ]]
ok $? "check --help begins with its own options"
run 0 "COLUMNS=60" env COLUMNS=60 $tool check --help
[[ $(wc -L <"$tmp/out") -le 60 ]]
ok $? "--help fits COLUMNS"
run 0 "--version" $tool --version
out_has '^slubnode-trace [0-9]'
out_has '^libbpf [0-9]'
out_has 'clang version'
out_has "^kernel $(uname -r)"

run 2 "a command that is none" $tool frobnicate
err_has "no command 'frobnicate'$"
run 2 "a command that is misspelled" $tool trac
err_has "no command 'trac'; did you mean 'trace'?"
err_has '^hint: '
run 2 "help on a command that is misspelled" $tool help reportt
err_has "did you mean 'report'?"
run 2 "an option that is none" $tool trace --frobnicate
run 2 "a format that is none" $tool --format yaml trace
err_has "invalid argument 'yaml' for --format"
err_has '^hint: use one of text, json, html, perfetto'
for command in report check probes; do
	run 2 "$command --format perfetto" $tool $command --format perfetto
	err_has "$command has no format 'perfetto'"
	run 2 "--format perfetto $command" $tool --format perfetto $command
done
run 2 "a binary format and a terminal" script -qec "$tool trace --format perfetto -d 1" /dev/null
out_has 'perfetto is a binary format, and standard output is a terminal'
out_has '^hint: .* -o FILE'
run 2 "a page and a terminal" script -qec "$tool trace --format html -d 1" /dev/null
out_has 'html is a page for a browser, and standard output is a terminal'
for seconds in 0 -1 nan 1x ''; do
	run 2 "--duration '$seconds'" $tool trace --duration="$seconds"
	err_has "invalid duration '$seconds' for --duration"
	err_has '^hint: use 90, 90s, 5m or 1h'
done
# One message, and one hint.
run 2 "--duration 5x" $tool trace -d 5x
[[ $(wc -l <"$tmp/err") -eq 2 ]]
ok $? "the message has two lines"
for option in --duration --sweep --watch-turn; do
	for time in 90s 5m 250ms 1h 0.5s; do
		run 0 "$option $time" $tool trace $option $time --help
	done
done
run 0 "report --watch=250ms" $tool report --watch=250ms --help
run 0 "--duration 90" $tool trace --duration 90 --help
run 2 "--watch-turn without a unit" $tool trace --watch-turn 100
err_has '^hint: use a unit'
for size in 4096 64k 64KiB 8M; do
	run 0 "--ring-buffer $size" $tool trace --ring-buffer $size --help
	run 0 "--max-retained $size" $tool check --max-retained $size --help
done
for size in x 1T 64KB -1; do
	run 2 "--ring-buffer $size" $tool trace --ring-buffer=$size
	err_has "invalid size '$size' for --ring-buffer"
done
possible=/sys/devices/system/node/possible
if [[ -e $possible && $(<"$possible") != *1000* ]]; then
	run 2 "a node that cannot be" $tool trace --node 0,1000
	err_has 'there is no node 1000'
	err_has "^hint: the possible nodes .* $(<"$possible")"
fi
for fd in 1 -3 x 77; do
	run 2 "--ready-fd $fd" $tool trace --ready-fd=$fd
	err_has "invalid file descriptor '$fd' for --ready-fd"
done
for list in x 1- 3-1 1,,2 99999 ''; do
	run 2 "--node '$list'" $tool trace --node="$list"
done
for top in 0 -1 x; do
	run 2 "report --top $top" $tool report --top=$top
done
run 2 "report --sort by-colour" $tool report --sort by-colour
run 2 "report --watch=0" $tool report --watch=0
run 2 "--ring-buffer 0" $tool trace --ring-buffer 0
run 2 "--output that cannot be written" $tool probes --output /no/such/directory/file
err_has 'cannot write /no/such/directory/file'
done_testing
