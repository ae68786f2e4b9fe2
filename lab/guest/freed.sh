# shellcheck shell=dash disable=SC2154 # trace_file is trace.sh's
# SPDX-License-Identifier: GPL-2.0-only
#
# Functions for scenarios that access freed node structures: layouts, loads and stores,
# caches to destroy, and the findings of a trace (trace.sh).

# --- the kernel's structures ---

# knode_words: print the words of struct kmem_cache_node as "FIELD OFFSET", a word a
# line; a field of 16 bytes has two. The words come from the kernel's BTF and not from the
# tool, which is under test.
# needs: programs layout
knode_words()
{
	layout kmem_cache_node |
		awk '{ for (at = $2; at < $2 + $3; at += 8) print $1, at }'
}

# free_word_offset: print the offset of the word that SLUB's free list uses: the middle of
# the object ("mm/slub: move freelist pointer away from object edges", Linux 5.7)
free_word_offset()
{
	echo $(($(cat /sys/kernel/slab/kmem_cache_node/object_size) / 2 / 8 * 8))
}

# node_ptr_offset NODE: print the offset in struct kmem_cache of the pointer s->node[NODE],
# which is s->per_node[NODE].node since Linux 7.1
# needs: programs layout
node_ptr_offset()
{
	local array each node

	array=$(layout kmem_cache | sed -n 's/^node \([0-9]*\) .*/\1/p')
	[ -z "$array" ] || { echo $((array + 8 * $1)); return; }
	array=$(layout kmem_cache | sed -n 's/^per_node \([0-9]*\) .*/\1/p')
	each=$(layout kmem_cache_per_node_ptrs | awk '{ n += $3 } END { print n }')
	node=$(layout kmem_cache_per_node_ptrs | sed -n 's/^node \([0-9]*\) .*/\1/p')
	echo $((array + each * $1 + node))
}

# --- loads and stores; needs: built poke ---

# load ADDRESS [BYTES]: load and print the value, as 0x...
load()
{
	echo "r ${1#0x} ${2:-8}" >/proc/poke || return
	read -r loaded </proc/poke
	loaded=0x${loaded#0x}
	echo "$loaded"
}

# store ADDRESS BYTES VALUE
store() { echo "w ${1#0x} $2 ${3#0x}" >/proc/poke; }

# lock ADDRESS: compare and exchange 4 bytes, as a spinlock is taken
lock() { echo "lock ${1#0x}" >/proc/poke; }

# plus ADDRESS N: print the sum in hexadecimal
plus() { printf '0x%x\n' $(($1 + $2)); }

# --- caches; needs: built victim ---

victim_create() { echo "create $1 ${2:-200}" >/proc/victim; }
victim_fill() { echo "fill $1 $2 ${3-}" >/proc/victim; } # CACHE SLABS [NODE]
victim_destroy() { echo "destroy $1" >/proc/victim; }

# --- the contents of the trace in $trace_file ---

# freed_structures [CACHE-REGEX [NODE]]: print "ADDRESS NODE CACHE TIME_NS", a structure
# a line, in the order of the frees
freed_structures()
{
	grep '"type":"structure","event":"freed"' "$trace_file" |
		sed -n 's/.*"time_ns":\([0-9]*\),"node":\([0-9]*\),"cache":"\([^"]*\)".*"address":"\([^"]*\)".*/\4 \2 \3 \1/p' |
		awk -v cache="^(${1-.*})\$" -v node="${2-}" '$3 ~ cache && (node == "" || $2 == node)'
}

# victim_free CACHE [NODE]: destroy the cache, and print the address of its structure (of the one
# of NODE) when the free is traced. Returns 1 on a timeout.
# needs: built victim
victim_free()
{
	victim_destroy "$1"
	wait_for 20 grep -q "\"event\":\"freed\".*\"node\":${2:-[0-9]*},\"cache\":\"$1\"" "$trace_file" || return
	freed_structures "$1" "${2-}" | head -n 1 | cut -d' ' -f1
}

# cycle_and_store CACHE: take node 1 offline and online, create and destroy the cache, and write to
# its freed structure, which the canary sees
# needs: built poke victim
cycle_and_store()
{
	local address

	node_offline 1
	usleep 500000
	node_online 1
	victim_create "$1"
	victim_create neighbour # its structure keeps the slab
	address=$(victim_free "$1") && store "$(plus "$address" 16)" 8 0123456789abcdef
	sleep 2 # the canary compares once a second
}

# access_freed CACHE [NODE]: destroy the cache, and load and store nr_partial of its freed structure
# (of the one of NODE), until the debug registers and the canary have found it
# needs: built poke victim
access_freed()
{
	local address tier

	address=$(victim_free "$@") || return
	# Wait until a timer interrupt has run on each CPU after the free.
	usleep 700000
	load "$(plus "$address" 8)"
	store "$(plus "$address" 8)" 8 5a5a
	for tier in watchpoint canary; do
		wait_for 10 grep -q "\"finding\",\"tier\":\"$tier\"" "$trace_file"
	done
}

# findings [TIER [STRENGTH [FUNCTION]]]: print the lines of these findings; "" matches any
findings()
{
	grep '"type":"finding"' "$trace_file" |
		{ if [ -n "${1-}" ]; then grep "\"tier\":\"$1\""; else cat; fi; } |
		{ if [ -n "${2-}" ]; then grep "\"strength\":\"$2\""; else cat; fi; } |
		{ if [ -n "${3-}" ]; then grep "\"function\":\"$3\""; else cat; fi; }
}

# count_findings [TIER [STRENGTH [FUNCTION]]]: print the number of these findings
count_findings() { findings "$@" | wc -l; }

# member NAME: print the value of this member on each JSON line of the input, without
# quotes; the first one, if several objects of a line have it
member()
{
	awk -v start="[{,]\"$1\":" 'match($0, start) {
		value = substr($0, RSTART + RLENGTH)
		sub(/[,}].*/, "", value)
		gsub(/"/, "", value)
		print value
	}'
}

# summary JQ-FILTER: apply the filter to the summary, which is the last object
summary() { tail -n 1 "$trace_file" | jq -r "$1"; }
