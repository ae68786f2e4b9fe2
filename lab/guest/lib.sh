# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# Functions for all scenarios. A scenario sources this file by ". /lab/lib.sh"; the shell
# is busybox's.

sys=/sys/devices/system
inject=/sys/kernel/debug/notifier-error-inject/memory/actions

# --- results, as TAP ---

tests=0 failures=0 planned=

# plan N: print the plan of N tests; without it done_testing prints the plan
plan() { planned=$1; echo "1..$1"; }

note() { printf '%s\n' "$*" | sed 's/^/# /'; }

# ok STATUS NAME: print a result, which is passed if STATUS is 0: mytest; ok $? "it works"
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

# is GOT WANT NAME: print a result, which is passed if both strings are equal
is()
{
	[ "$1" = "$2" ]
	ok $? "$3" && return 0
	note "got '$1', want '$2'"
	return 1
}

# skip_all REASON: end without a test, because this kernel has nothing to test
skip_all() { echo "1..0 # SKIP $*"; exit 0; }

# done_testing: print the plan and end, with status 1 if a test failed
done_testing()
{
	[ -n "$planned" ] || { planned=$tests; echo "1..$tests"; }
	[ "$tests" -eq "$planned" ] || note "planned $planned tests, ran $tests"
	[ "$failures" -eq 0 ] || note "$failures of $tests failed"
	[ "$failures" -eq 0 ] && [ "$tests" -eq "$planned" ] || exit 1
	[ -z "$SHARED" ] || leave_as_found
	exit 0
}

# leave_as_found: in a guest that scenarios share, unload the modules that this scenario
# has loaded and take node 1 offline. A scenario undoes all its other changes itself.
leave_as_found()
{
	local module

	# Since Linux 6.18 each destruction of a cache waits for RCU: shorten the wait.
	echo 0 >/sys/module/rcutree/parameters/jiffies_till_first_fqs
	for module in $(cut -d' ' -f1 /proc/modules); do
		grep -q "^module $module\$" /run/before || rmmod "$module"
	done
	! node_has_memory 1 || node_offline 1
}

# wait_for SECONDS COMMAND...: wait until the command succeeds. Returns 1 on a timeout.
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

# has_btf_name NAME: return 0 if the kernel's BTF contains the name
has_btf_name()
{
	tr '\0' '\n' </sys/kernel/btf/vmlinux 2>/dev/null | grep -q -x -F -- "$1"
}

# attach_ways: print the ways of attaching that the kernel has. Kprobe sessions are a part of
# FPROBE, since Linux 6.10.
attach_ways()
{
	echo fentry kprobe
	! grep -q ' bpf_session_cookie$' /proc/kallsyms || echo kprobe.session
}

# has_node_notify: return 0 if the kernel has node notifiers (since Linux 6.17). A guest
# searches BTF only once.
has_node_notify()
{
	if [ ! -e /run/node_notify ]; then
		has_btf_name node_notify
		echo $? >/run/node_notify
	fi
	return "$(cat /run/node_notify)"
}

# knode_objects: print the number of allocated objects of kmem_cache_node. The cache is
# shrunk first, because free objects on per-CPU slabs count as active.
knode_objects()
{
	shrink_knodes
	awk '$1 == "kmem_cache_node" { print $2 }' /proc/slabinfo
}

# cache_count: print the number of caches; merged caches have one row
cache_count() { tail -n +3 /proc/slabinfo | wc -l; }

# --- nodes ---

# in_list N LIST: return 0 if N is in a list such as 0-2,4
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

# node_blocks N: print the numbers of the node's memory blocks, ascending
node_blocks()
{
	local b

	for b in "$sys/node/node$1"/memory[0-9]*; do
		[ -e "$b" ] && echo "${b##*/memory}"
	done | sort -n
}

# block_state BLOCK STATE: set the state. Returns 1 with the reason in $block_error.
block_state()
{
	[ "$(cat "$sys/memory/memory$1/state")" != "$2" ] || return 0
	block_error=$({ echo "$2" >"$sys/memory/memory$1/state"; } 2>&1) && return 0
	block_error=${block_error##*: }
	return 1
}

# node_online N [online_kernel|online_movable]: bring all blocks of the node online
#
# The default gives the node SLUB structures and permits its offline. Up to Linux 6.16
# only memory in a normal zone gets structures. Later kernels place the memory of caches
# in a normal zone, so that a node with such a zone cannot go offline.
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

# shrink_knodes: free the empty slabs of kmem_cache_node. Up to Linux 6.16 the structure
# of a cache that is created while the node is online can lie on the node, and its slab
# stays on the node after the cache is destroyed.
shrink_knodes() { echo 1 >/sys/kernel/slab/kmem_cache_node/shrink; }

# write_offline BLOCK: like block_state BLOCK offline, but ends in bounded time
#
# On Linux 6.1 and later a structure can be allocated on a block after the kernel has
# examined the pages of the block. The kernel then tries until the writer is killed.
# Shrinking the cache meanwhile can free the page.
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

# node_offline N: take every block offline, the last block first. A busy block is tried
# at most $offline_tries times, and kmem_cache_node is shrunk in between. An attempt takes
# at most about $offline_timeout seconds. Returns 1 and prints the reason on an error.
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

# node_cycles N CYCLES: take the node offline and online CYCLES times. The kernel may
# refuse an offline while a structure on the node is allocated; the offline is then tried
# again. Prints a result, which is passed if all cycles were made.
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

# inject_error ACTION ERRNO: make MEM_GOING_ONLINE or MEM_GOING_OFFLINE fail with ERRNO,
# such as -12; 0 ends the injection.
# needs: modules memory-notifier-error-inject
inject_error()
{
	[ -d $inject ] || modprobe memory-notifier-error-inject || return 1
	echo "$2" >"$inject/$1/error"
}

# --- caches that are created and destroyed ---

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
		# The modules that it depends on stay loaded.
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

# churn_stop: print how many modules were loaded and unloaded since churn_start. Returns
# 1 if a loop failed.
churn_stop()
{
	local f n=0

	rm -f /tmp/churn/run
	# `wait' cannot be used: in $(churn_stop) the loops are not children of the subshell.
	for f in /tmp/churn/*.err; do
		until [ -s "${f%.err}" ]; do usleep 20000; done
		n=$((n + $(cat "${f%.err}")))
	done
	echo "$n"
	! cat /tmp/churn/*.err | grep . >&2
}
