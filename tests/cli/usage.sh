# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# What needs no kernel: help, version, wrong usage.
. "$(dirname "$0")/tap.bash"
tool=./slubnode-trace

run 2 "no command" $tool
out_has 'Commands:'
out_has 'trace  *print events as they happen'
run 0 "--help" $tool --help
out_has 'Exit status'
run 0 "trace --help" $tool trace --help
out_has '--duration=SECONDS'
out_has '--cache=GLOB'
run 0 "probes --help" $tool probes --help
run 0 "--version" $tool --version
out_has '^slubnode-trace [0-9]'
out_has '^libbpf [0-9]'
out_has 'clang version'
out_has "^kernel $(uname -r)"

run 2 "a command that is none" $tool frobnicate
err_has "unknown command 'frobnicate'"
run 2 "an option that is none" $tool trace --frobnicate
run 2 "a format that is none" $tool --format yaml trace
err_has "invalid argument 'yaml' for --format"
for seconds in 0 -1 nan 1x ''; do
	run 2 "--duration '$seconds'" $tool trace --duration="$seconds"
	err_has "invalid duration '$seconds' for --duration"
	err_has '^hint: use seconds'
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
