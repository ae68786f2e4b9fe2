# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# CMD runs as without the tool: its environment, its signals, its end, and its fate if the
# tool ends first.
. "$(dirname "$0")/tap.bash"
tool=$PWD/slubnode-trace

needs_tracing "$tool"

log_is() { [[ $(tr '\n' ' ' <"$dir/log") == "$1" ]]; }

# --- errors: CMD cannot be started ---

# cannot_start COMMAND REASON NAME CMD...: test that only the error is printed
cannot_start()
{
	local command=$1 reason=$2 name=$3

	shift 3
	run 2 "$name" "$tool" "$command" -q "${options[@]}" -- "$@"
	err_has "^slubnode-trace: cannot start $1: $reason\$"
	[[ ! -s $tmp/out && $(wc -l <"$tmp/err") -le 2 ]]
	ok $? "$name: nothing else is printed"
}

mkdir "$tmp/a" "$tmp/b"
echo 'echo from a' >"$tmp/a/refused"
echo 'echo from a' >"$tmp/a/both"
echo 'echo from b' >"$tmp/b/both"
chmod +x "$tmp/b/both"
printf '#!/no/such/interpreter\n' >"$tmp/b/orphan"
printf '\177ELF garbage\0\n' >"$tmp/b/garbage"
cp /bin/true "$tmp/b/busy"
chmod +x "$tmp/b"/*

# A BTF that does not exist shows that CMD is looked up before anything is loaded.
options=(--btf /no/such/btf)
path=$PATH
PATH=$tmp/a:$tmp/b:$PATH
run 4 "a BTF that does not exist" "$tool" trace "${options[@]}" -- true
cannot_start trace 'No such file or directory' "not in PATH" no-such-program
cannot_start trace 'No such file or directory' "a path that does not exist" /no/such/program
cannot_start trace 'Not a directory' "a path through a file" /etc/passwd/program
cannot_start trace 'Permission denied' "not executable" "$tmp/a/refused"
cannot_start trace 'Permission denied' "in PATH, but not executable" refused
cannot_start trace 'Is a directory' "a directory" "$tmp/a"
cannot_start trace 'No such file or directory' "an empty name" ''

options=()
cannot_start trace 'No such file or directory' "an interpreter that does not exist" "$tmp/b/orphan"
err_has 'interpreter'
exec 6>>"$tmp/b/busy"
cannot_start trace 'Text file busy' "a program that is open for writing" "$tmp/b/busy"
exec 6>&-
run 0 "executable in the second directory of PATH only, without #!" "$tool" trace -q -- both
err_has '^from b$'
PATH=$path
# As with execvp(), the shell tries a file that the kernel does not recognize.
run 5 "a garbage binary fails as a command of the shell" "$tool" trace -q -- "$tmp/b/garbage"
err_has 'garbage'

# --- what CMD inherits ---

# This program writes its context. It is one process, because a shell blocks signals while
# it forks.
cat >"$tmp/context" <<'END'
use POSIX;
for $file (qw(status limits)) {
	open F, "/proc/self/$file";
	push @lines, grep /^(Sig(Blk|Ign)|Umask|Max)/, <F>;
}
push @lines, "group " . getpgrp . ", nice " . getpriority(0, 0) . "\n";
open F, "/proc/self/stat";
push @lines, "session " . (split / /, <F>)[5] . "\n";
close F;
for (sort glob "/proc/self/fd/*") {
	push @lines, "$_ $target\n" if $target = readlink and !m{/1$};
}
open F, ">", $ARGV[0];
print F @lines;
END

# inherits NAME "COMMAND..." [WRAPPER...]: test that CMD has the context that it has without
# the tool
inherits()
{
	local name=$1 way=$2

	shift 2
	rm -f "$tmp/traced"
	"$@" perl "$tmp/context" "$tmp/direct" 5</etc/passwd 7>"$tmp/seven" >"$tmp/out" 2>"$tmp/err"
	# shellcheck disable=SC2086
	"$@" "$tool" $way -q -- perl "$tmp/context" "$tmp/traced" \
		5</etc/passwd 7>"$tmp/seven" >"$tmp/out" 2>"$tmp/err"
	diff "$tmp/direct" "$tmp/traced" >>"$tmp/err"
	ok $? "${way%% /*}: $name"
}

inherits "group, session, signals, limits and descriptors are the caller's" trace
grep -q '/5 /etc/passwd' "$tmp/traced"
ok $? "descriptor 5 is inherited"
odd=(prlimit "--nofile=99:99" --memlock=4096
	env "--ignore-signal=PIPE,USR2" "--block-signal=USR1,WINCH")
inherits "ignored and blocked signals, low limits" check "${odd[@]}"
inherits "ignored and blocked signals, low limits" "trace -o $tmp/file" "${odd[@]}"
run 0 "a caller that ignores SIGCHLD" timeout 20 env --ignore-signal=CHLD "$tool" trace -q -- \
	awk '/^SigIgn/ { print; exit !(substr($2, 12, 1) ~ /[13579bdf]/) }' /proc/self/status
run 0 "CMD's output" "$tool" trace -q -- echo mine
err_has '^mine$'
! grep -q '^mine' "$tmp/out"
ok $? "it is not on standard output"
echo input | "$tool" trace -q -o "$tmp/file" -- cat 2>"$tmp/err" | cat >"$tmp/out"
[[ $(<"$tmp/out") == input && ! -s $tmp/err ]]
ok $? "with --output, CMD is part of a pipeline"

# --- signals ---

# CMD writes each signal to a log, and ends when the file `end' exists.
cat >"$tmp/cmd" <<'END'
for signal in INT QUIT TERM HUP USR1; do
	trap "echo $signal >>$1/log" $signal
done
echo $$ >"$1/pid"
until [ -e "$1/end" ]; do sleep 0.05; done
echo end >>"$1/log"
END

# start DIR COMMAND [OPTION...]: start the tool in a process group and session of its own,
# with no signal ignored
start()
{
	dir=$tmp/$1
	shift
	mkdir "$dir"
	: >"$dir/log"
	setsid env --default-signal "$tool" "$@" -- sh "$tmp/cmd" "$dir" >"$dir/out" 2>"$dir/err" &
	traced=$!
	wait_until test -s "$dir/pid"
	cmd=$(<"$dir/pid")
}

# ends STATUS NAME: test the exit status of the tool
ends()
{
	wait "$traced" 2>/dev/null
	status=$?
	cp "$dir/out" "$dir/err" "$tmp"
	[[ $status -eq $1 ]]
	ok $? "$2 (exit status $status, wanted $1)"
}

cmd_goes_on() # NAME
{
	local before

	before=$(<"$dir/log")
	sleep 0.2
	lives "$cmd" && [[ $(<"$dir/log") == "$before" ]]
	ok $? "$1: CMD continues"
	touch "$dir/end"
	wait_until dead "$cmd"
	log_is "${before:+${before//$'\n'/ } }end "
	ok $? "$1: CMD ends as without the tool"
}

# The test of --duration takes long, so it runs beside the others.
started=${EPOCHREALTIME/./}
start duration trace --duration 0.5
overdue=$traced
(wait_until dead "$overdue" || wait_until dead "$overdue"
	echo $(((${EPOCHREALTIME/./} - started) / 1000)) >"$dir/ms") &

for signal in TERM HUP; do
	start $signal trace
	kill -$signal "$traced"
	wait_until log_is "$signal "
	ok $? "SIG$signal is forwarded"
	sleep 0.2
	lives "$traced" && log_is "$signal "
	ok $? "SIG$signal is forwarded once, and the tool waits for CMD"
	touch "$dir/end"
	ends 0 "SIG$signal: the status is CMD's"
	out_has '^No memory was removed or added'
done

start second check
kill -TERM "$traced"
wait_until log_is 'TERM '
kill -TERM "$traced"
ends 5 "check: a second SIGTERM ends the tool"
err_has "sh is still running, as process $cmd"
out_has '^fail  *command.*is still running'
cmd_goes_on "a second SIGTERM"

start third trace
kill -HUP "$traced"
wait_until log_is 'HUP '
kill -TERM "$traced"
ends 5 "SIGTERM after SIGHUP ends the tool"
out_has '^No memory was removed or added'
cmd_goes_on "SIGTERM after SIGHUP"

start terminal trace
kill -INT "$traced"
kill -QUIT "$traced"
sleep 0.3
lives "$traced" && log_is ''
ok $? "SIGINT and SIGQUIT are not forwarded, and the tool waits for CMD"
kill -INT -- "-$traced"
wait_until log_is 'INT '
ok $? "SIGINT of the terminal reaches CMD once"
touch "$dir/end"
ends 0 "SIGINT of the terminal: the status is CMD's"
err_has 'waiting for sh to end'
out_has '^No memory was removed or added'

# --- unexpected ends ---

programs_of() { sed -n 's/^prog_id:[[:space:]]*//p' "/proc/$1"/fdinfo/* | sort -u; }
unloaded() { ! bpftool -j prog show | jq -r '.[].id' | grep -q -x -F "$programs"; }

start killed trace
programs=$(programs_of "$traced")
[[ $programs ]]
ok $? "programs are loaded"
[[ ! $(programs_of "$cmd") ]]
ok $? "CMD holds none of them"
kill -KILL "$traced"
ends 137 "SIGKILL ends the tool"
wait_until unloaded
ok $? "nothing remains loaded"
cmd_goes_on "SIGKILL"

run 3 "an output that fails" "$tool" trace -q -o /dev/full -- sh -c "sleep 0.5; echo >$tmp/finished"
[[ -e $tmp/finished ]]
ok $? "CMD has ended before the tool does"
"$tool" trace -- sh -c "sleep 0.5; echo >$tmp/piped" 2>"$tmp/err" | head -n 1 >"$tmp/out"
[[ ${PIPESTATUS[0]} -eq 0 && -e $tmp/piped ]]
ok $? "a reader that ends early: CMD has ended before the tool does"

run 0 "CMD ends, and leaves a daemon" "$tool" trace -q -- \
	sh -c "sleep 300 & echo \$! >$tmp/daemon"
lives "$(<"$tmp/daemon")"
ok $? "the daemon continues"
kill "$(<"$tmp/daemon")"

# held SIGNAL [-]: send a signal to the tool, or to its group, while the tool has a child
# that has not executed CMD yet
held()
{
	dir=$tmp/held.$1
	mkdir "$dir"
	setsid env --default-signal "$tool" trace -- touch "$dir/ran" >"$dir/out" 2>"$dir/err" &
	traced=$!
	child=
	until [[ $child ]]; do
		read -r child <"/proc/$traced/task/$traced/children" || lives "$traced" || break
	done 2>/dev/null
	kill "-$1" -- "${2-}$traced"
}

cmd_has_not_run() # NAME
{
	wait_until dead "$child"
	ok $? "$1: the held child ends"
	[[ ! -e $dir/ran ]]
	ok $? "$1: CMD has not run"
}

held KILL
ends 137 "SIGKILL during the loading"
cmd_has_not_run "SIGKILL"
held TERM
ends 5 "SIGTERM during the loading"
err_has 'touch was not started'
out_has '^No memory was removed or added'
cmd_has_not_run "SIGTERM"
held INT -
ends 5 "SIGINT of the terminal during the loading"
err_has 'touch was not started'
cmd_has_not_run "SIGINT"

# --- the end after --duration ---

dir=$tmp/duration traced=$overdue cmd=$(<"$tmp/duration/pid")
ends 5 "CMD that survives --duration"
wait_until test -s "$dir/ms"
ms=$(<"$dir/ms")
((ms >= 5500 && ms < 20000))
ok $? "the tool waits for five seconds ($ms ms since its start)"
log_is 'TERM '
ok $? "CMD is sent SIGTERM once"
err_has "sh is still running, as process $cmd"
out_has '^No memory was removed or added'
cmd_goes_on "--duration"
run 5 "CMD that SIGTERM ends after --duration" "$tool" trace -d 0.3 -- sleep 300
err_has 'still running after 0.3 seconds'
err_has 'ended by signal 15'
done_testing
