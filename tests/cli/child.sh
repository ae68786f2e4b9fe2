# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# CMD and all that it starts: signals reach it, and nothing outlives a killed tool.
. "$(dirname "$0")/tap.bash"
tool=./slubnode-trace

[[ $(id -u) -eq 0 ]] || { echo "1..0 # SKIP root alone can trace"; exit; }
"$tool" probes -q >/dev/null 2>&1 || { echo "1..0 # SKIP nothing can be traced here"; exit; }

# A child, one of another session, and one that has lost its parent; each leaves its pid.
cat >"$tmp/family" <<'END'
echo $$ >"$1/pid.cmd"
trap 'echo usr1 >"$1/usr1"' USR1
sleep 300 & echo $! >"$1/pid.child"
setsid sh -c 'echo $$ >"$0/pid.session"; exec sleep 300' "$1" &
(setsid sh -c '(trap "" TERM HUP; echo $$ >"$0/pid.orphan"; exec sleep 300) &' "$1" &)
until [ -s "$1/pid.session" ] && [ -s "$1/pid.orphan" ]; do sleep 0.05; done
sh -c 'echo $PPID' >"$1/ready"
while :; do sleep 0.1; done
END

start() # COMMAND
{
	rm -f "$tmp"/pid.* "$tmp/ready" "$tmp/usr1"
	setsid -w "$tool" "$1" -q -- sh "$tmp/family" "$tmp" >"$tmp/out" 2>"$tmp/err" &
	setsid=$!
	for ((i = 0; i < 200; i++)); do [[ -s $tmp/ready ]] && break; sleep 0.1; done
	cmd=$(<"$tmp/pid.cmd")
	guardian=$(parent "$cmd")
	traced=$(parent "$guardian")
	sleepers=$(descendants "$guardian")
}

parent() { sed 's/.*) . \([0-9]*\) .*/\1/' "/proc/$1/stat"; }

# All that have $1 among their ancestors.
descendants()
{
	ps -e -o pid=,ppid= | awk -v root="$1" '
		{ parent[$1] = $2 }
		END { for (p in parent) for (a = parent[p]; a > 1; a = parent[a])
			if (a == root) { print p; break } }'
}

# Does any of the pids $1 live? Zombies do not.
living() { ps -o stat= -p "$(echo $1 | tr ' ' ,)" 2>/dev/null | grep -q -v '^Z'; }

gone() # PIDS NAME
{
	local i

	for ((i = 0; i < 100; i++)); do living "$1" || break; sleep 0.1; done
	! living "$1"
	ok $? "$2"
}

# Ids of the BPF programs that a process holds.
programs_of() { sed -n 's/^prog_id:[[:space:]]*//p' "/proc/$1"/fdinfo/* 2>/dev/null | sort -u; }

# Killed ones are told by bash too, unless it is hushed.
await() { wait "$setsid" 2>/dev/null; }

for command in ${COMMANDS:-trace check}; do
	start "$command"
	[[ $(echo "$sleepers" | wc -w) -ge 4 ]]
	ok $? "$command: CMD has a family ($(echo $sleepers))"
	programs=$(programs_of "$traced")
	[[ $programs ]]
	ok $? "$command: its programs are loaded"
	[[ ! $(programs_of "$guardian") && $(find "/proc/$guardian/fd" -type l | wc -l) -le 5 ]]
	ok $? "$command: the guardian holds none of them"
	kill -USR1 "$traced"
	for ((i = 0; i < 50; i++)); do [[ -s $tmp/usr1 ]] && break; sleep 0.1; done
	[[ -s $tmp/usr1 ]]
	ok $? "$command: SIGUSR1 is handed on"
	kill -KILL "$traced"
	gone "$guardian $sleepers" "$command killed: nothing is left of CMD's family"
	await
	left=$(bpftool -j prog show | jq -r '.[].id' | grep -c -x -F "$programs")
	[[ $left -eq 0 ]]
	ok $? "$command killed: nothing stays loaded ($left)"

	start "$command"
	kill -KILL -- "-$(ps -o pgid= -p "$traced" | tr -d ' ')"
	gone "$guardian $sleepers" "$command's group killed: nothing is left"
	await

	start "$command"
	kill -KILL "$guardian"
	gone "$guardian $sleepers" "$command's guardian killed: nothing is left"
	await
	[[ $? -eq 5 ]]
	ok $? "$command's guardian killed: CMD has failed"

	start "$command"
	kill -TERM "$traced"
	await
	[[ $? -eq 5 ]]
	ok $? "$command ended by SIGTERM: CMD has failed"
	gone "$guardian $sleepers" "$command ended by SIGTERM: nothing is left"

	run 5 "$command: the time is over" "$tool" "$command" -q -d 1 -- \
		sh -c 'setsid sleep 301 & sleep 301'
	! ps -e -o args= | grep -q '^sleep 301'
	ok $? "$command: the time is over: nothing is left"
done
done_testing
