# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# What scenarios share. Read it with ". /lab/lib.sh"; the shell is busybox's.

sys=/sys/devices/system
inject=/sys/kernel/debug/notifier-error-inject/memory/actions

# --- results, as TAP ---

tests=0 failures=0 planned=

# plan N: how many tests there will be; without it done_testing prints the plan
plan() { planned=$1; echo "1..$1"; }

note() { printf '%s\n' "$*" | sed 's/^/# /'; }

# ok STATUS NAME: passed when STATUS is 0, as in: mytest; ok $? "it works"
ok()
{
	tests=$((tests + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tests - $2"
		return 0
	fi
	failures=$((failures + 1))
	echo "not ok $tests - $2"
	return 1
}

# is GOT WANT NAME
is()
{
	[ "$1" = "$2" ]
	ok $? "$3" && return 0
	note "got '$1', want '$2'"
	return 1
}

# skip_all REASON: this kernel has nothing to test
skip_all() { echo "1..0 # SKIP $*"; exit 0; }

# done_testing: print the plan and end, with 1 when any test failed
done_testing()
{
	[ -n "$planned" ] || { planned=$tests; echo "1..$tests"; }
	[ "$tests" -eq "$planned" ] || note "planned $planned tests, ran $tests"
	[ "$failures" -eq 0 ] || note "$failures of $tests failed"
	[ "$failures" -eq 0 ] && [ "$tests" -eq "$planned" ] || exit 1
	[ -z "$SHARED" ] || leave_as_found
	exit 0
}

# leave_as_found: in a guest that scenarios share, unload the modules that this one has
# loaded and take node 1 offline. What it does not know, each scenario undoes itself.
leave_as_found()
{
	local module

	# Since 6.18 each destruction of a cache waits for RCU: make that short.
	echo 0 >/sys/module/rcutree/parameters/jiffies_till_first_fqs
	for module in $(cut -d' ' -f1 /proc/modules); do
		grep -q "^module $module\$" /run/before || rmmod "$module"
	done
	! node_has_memory 1 || node_offline 1
}

# wait_for SECONDS COMMAND...: until the command succeeds; 1 when time is out
wait_for()
{
	local end

	end=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$end" ] || return 1
		usleep 50000
	done
}

# --- the kernel ---

kernel_release() { uname -r; }

# has_btf_name NAME: does the kernel's BTF name it?
has_btf_name()
{
	tr '\0' '\n' </sys/kernel/btf/vmlinux 2>/dev/null | grep -q -x -F -- "$1"
}

# Are there node notifiers (since Linux 6.17)? A guest looks once.
has_node_notify()
{
	if [ ! -e /run/node_notify ]; then
		has_btf_name node_notify
		echo $? >/run/node_notify
	fi
	return "$(cat /run/node_notify)"
}

# The structures of kmem_cache_node that exist. Shrunk first: objects on
# per-CPU slabs count as active otherwise.
knode_objects()
{
	shrink_knodes
	awk '$1 == "kmem_cache_node" { print $2 }' /proc/slabinfo
}

# Merged caches have one row.
cache_count() { tail -n +3 /proc/slabinfo | wc -l; }

# --- nodes ---

# in_list N LIST: is N in a list such as 0-2,4?
in_list()
{
	local range IFS=,

	for range in $2; do
		[ "$1" -ge "${range%-*}" ] && [ "$1" -le "${range#*-}" ] && return 0
	done 2>/dev/null
	return 1
}

node_has_memory() { in_list "$1" "$(cat $sys/node/has_memory)"; }
node_has_normal_memory() { in_list "$1" "$(cat $sys/node/has_normal_memory)"; }

# node_blocks N: numbers of the node's memory blocks, ascending
node_blocks()
{
	local b

	for b in "$sys/node/node$1"/memory[0-9]*; do
		[ -e "$b" ] && echo "${b##*/memory}"
	done | sort -n
}

# block_state BLOCK STATE: 0, or 1 with the reason in $block_error
block_state()
{
	[ "$(cat "$sys/memory/memory$1/state")" != "$2" ] || return 0
	block_error=$({ echo "$2" >"$sys/memory/memory$1/state"; } 2>&1) && return 0
	block_error=${block_error##*: }
	return 1
}

# node_online N [online_kernel|online_movable]
#
# The default is what gives the node SLUB structures and lets it go again: up
# to 6.17 only memory in a normal zone gets them, and later kernels put the
# caches' own memory there, so that such a node stays.
node_online()
{
	local b kind=$2

	if [ -z "$kind" ]; then
		kind=online_kernel
		has_node_notify && kind=online_movable
	fi
	[ -n "$(node_blocks "$1")" ] || { echo "node $1 has no memory blocks" >&2; return 1; }
	for b in $(node_blocks "$1"); do
		[ "$(cat "$sys/memory/memory$b/state")" = offline ] || continue
		block_state "$b" "$kind" && continue
		echo "node $1: memory block $b: $kind: $block_error" >&2
		return 1
	done
}

# Send the empty slabs of kmem_cache_node home: up to 6.17 a cache that was made
# while the node was online had its structure there, and its slab stays behind.
shrink_knodes() { echo 1 >/sys/kernel/slab/kmem_cache_node/shrink; }

# write_offline BLOCK: like block_state BLOCK offline, but ends in bounded time.
#
# From 6.1 on a structure can land on a block after the kernel looked for such
# pages: then it tries until it is killed. Shrinking while it tries may free it.
write_offline()
{
	local pid ticks=0

	(block_state "$1" offline || { echo "$block_error"; exit 1; }) >/tmp/.offline &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		usleep 20000
		ticks=$((ticks + 1))
		[ $ticks -lt 50 ] || shrink_knodes
		[ $ticks -lt $((offline_timeout * 50)) ] || kill -KILL $pid
	done
	wait $pid && return 0
	block_error=$(cat /tmp/.offline)
	block_error=${block_error:-killed, the kernel still tried again}
	return 1
}

# node_offline N: every block, the last first. A busy one is tried again, with
# kmem_cache_node shrunk, $offline_tries times in all; one attempt takes no
# longer than about $offline_timeout seconds. Returns 1 and prints the
# reason when it cannot.
offline_tries=60 offline_timeout=5
node_offline()
{
	local b try

	for b in $(node_blocks "$1" | sort -rn); do
		try=1
		until write_offline "$b"; do
			case $block_error in
			*busy* | *unavailable* | *again* | *nterrupted*) ;;
			*)
				echo "node $1: memory block $b: offline: $block_error" >&2
				return 1 ;;
			esac
			if [ "$try" -ge "$offline_tries" ]; then
				echo "node $1: memory block $b: offline: $block_error" \
					"(tried $try times)" >&2
				return 1
			fi
			try=$((try + 1))
			usleep 50000
			shrink_knodes
		done
	done
}

# node_cycles N CYCLES: it goes and comes, each time wholly; the kernel may refuse
# to let it go for as long as one of its structures lives, which is tried again.
# TAP: as often as wanted.
node_cycles()
{
	local done=0 refused=0

	while [ $done -lt "$2" ] && [ $refused -lt $((10 + $2 / 10)) ]; do
		node_offline "$1" || { refused=$((refused + 1)); continue; }
		node_online "$1" || break
		done=$((done + 1))
	done
	is $done "$2" "$2 cycles of node $1"
	note "$refused refused by the kernel"
}

# inject_error ACTION ERRNO: make MEM_GOING_ONLINE or MEM_GOING_OFFLINE fail,
# with -12 for example; 0 ends it.
# needs: modules memory-notifier-error-inject
inject_error()
{
	[ -d $inject ] || modprobe memory-notifier-error-inject || return 1
	echo "$2" >"$inject/$1/error"
}

# --- caches that come and go ---

# churn_start [MODULE]...: load and unload modules that create caches at init,
# each in a loop of its own, until churn_stop
# needs: modules fat isofs
churn_start()
{
	local m

	[ $# -gt 0 ] || set -- fat isofs
	rm -rf /tmp/churn
	mkdir /tmp/churn
	: >/tmp/churn/run
	for m; do
		# What it depends on stays.
		modprobe "$m" && rmmod "$m" || return 1
		: >"/tmp/churn/$m.err"
		churn_loop "$m" &
	done
}

churn_loop()
{
	local n=0 ko

	ko=/lib/modules/$(uname -r)/$1.ko
	while [ -e /tmp/churn/run ]; do
		insmod "$ko" || break
		rmmod "$1" || break
		n=$((n + 1))
	done 2>>"/tmp/churn/$1.err"
	echo "$n" >"/tmp/churn/$1"
}

# churn_stop: print how many modules were loaded and unloaded since
# churn_start; 1 when a loop had failed
churn_stop()
{
	local f n=0

	rm -f /tmp/churn/run
	# No wait: in a $(churn_stop) the loops are not our children.
	for f in /tmp/churn/*.err; do
		until [ -s "${f%.err}" ]; do usleep 20000; done
		n=$((n + $(cat "${f%.err}")))
	done
	echo "$n"
	! cat /tmp/churn/*.err | grep . >&2
}
