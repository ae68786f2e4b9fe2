# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# TAP for the tests of the command line.

tests=0 failures=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

ok() # STATUS NAME
{
	tests=$((tests + 1))
	if [[ $1 -eq 0 ]]; then
		echo "ok $tests - $2"
	else
		failures=$((failures + 1))
		echo "not ok $tests - $2"
		sed 's/^/# out: /' "$tmp/out"
		sed 's/^/# err: /' "$tmp/err"
	fi
}

# run WANTED_STATUS NAME COMMAND...: run a command with output to $tmp/out and $tmp/err
run()
{
	local want=$1 name=$2 got=0

	shift 2
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null || got=$?
	[[ $got -eq $want ]]
	ok $? "$name (exit status $got, wanted $want)"
}

out_has() { grep -q -- "$1" "$tmp/out"; ok $? "standard output contains: $1"; }
err_has() { grep -q -- "$1" "$tmp/err"; ok $? "standard error contains: $1"; }
err_lacks() { ! grep -q -- "$1" "$tmp/err"; ok $? "standard error does not contain: $1"; }

# repeat_tap NAME: repeat the points of the TAP in $tmp/out, which must have a plan
repeat_tap()
{
	local line

	cp "$tmp/out" "$tmp/tap"
	while read -r line; do
		case $line in
		'ok '*) ok 0 "${line#*- }" ;;
		'not ok '*) ok 1 "${line#*- }" ;;
		esac
	done <"$tmp/tap"
	grep -q '^1\.\.[1-9]' "$tmp/tap"
	ok $? "$1 comes to its end"
}

wait_until() # COMMAND...: wait until it succeeds, for at most ten seconds
{
	local i

	for ((i = 0; i < 200; i++)); do
		"$@" && return
		sleep 0.05
	done
	return 1
}

lives() { [[ $(ps -o stat= -p "$1") == [!Z]* ]]; }
dead() { ! lives "$1"; }

# needs_tracing TOOL: skip the file where nothing can be traced
needs_tracing()
{
	[[ $(id -u) -eq 0 ]] || { echo "1..0 # SKIP only root can trace"; exit; }
	"$1" probes -q >/dev/null 2>&1 || { echo "1..0 # SKIP nothing can be traced here"; exit; }
}

# write_cmd: write a script, which runs with $tmp as its argument, writes its end to a file, and fails
# with status 7.
write_cmd()
{
	cat >"$tmp/cmd" <<-'END'
	echo $$ >"$1/started"
	sleep 0.7
	echo >"$1/ended"
	exit 7
	END
}

cmd_has_ended() # NAME: as it would have ended alone
{
	[[ -e $tmp/ended ]]
	ok $? "$1: CMD has run to its end"
	rm -f "$tmp/ended" "$tmp/started"
}

done_testing()
{
	echo "1..$tests"
	[[ $failures -eq 0 ]]
}
