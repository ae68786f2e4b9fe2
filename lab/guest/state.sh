# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# state.sh: print the state that a scenario must restore, one item a line.
# state.sh FILE: compare this state with FILE for some seconds, because the kernel frees
# caches and programs after a delay. Returns 1 and prints the differences if there are any.

sys=/sys/devices/system

state()
{
	sed 's/ .*//; s/^/module /' /proc/modules
	ls /sys/kernel/slab | sed 's/^/cache /'
	grep -H . $sys/node/has_memory $sys/memory/memory*/state
	bpf_usage | awk '$1 == "program" { print "BPF program", $5, $2 }'
	# Kernel threads are in brackets.
	ps -o args | sed '/^\[/d; /^COMMAND/d; /init$/d; /state.sh/d; /^ps /d; /^s[oe][rd]/d; s/^/process /'
	grep -H . /proc/sys/kernel/kptr_restrict /sys/kernel/tracing/kprobe_events
	ls /sys/kernel/tracing/instances | sed 's/^/tracing instance /'
}

[ $# -gt 0 ] || { state | sort; exit; }
end=$(($(date +%s) + 4))
while :; do
	state | sort >/run/after
	cmp -s "$1" /run/after && exit
	[ "$(date +%s)" -lt $end ] || break
	usleep 100000
done
echo "it leaves the guest in another state than it found it:"
awk 'NR == FNR { before[$0]; next }
	!($0 in before) { print "left: " $0 }
	{ delete before[$0] }
	END { for (line in before) print "gone: " line }' "$1" /run/after
exit 1
