# shellcheck shell=dash disable=SC2154 # trace_file is trace.sh's
# SPDX-License-Identifier: GPL-2.0-only
#
# For scenarios that touch freed node structures: layouts, loads and stores,
# caches to destroy, and what a trace (trace.sh) found.

# --- the kernel's structures ---

# knode_words: the words of struct kmem_cache_node as "FIELD OFFSET", a word a
# line: a field of 16 bytes has two. By the kernel's own BTF, and not by asking
# the tool, which is what is tested.
# needs: programs layout
knode_words()
{
	layout kmem_cache_node |
		awk '{ for (at = $2; at < $2 + $3; at += 8) print $1, at }'
}

# The word of a freed structure that SLUB's free list uses: in the middle of the
# object ("mm/slub: move freelist pointer away from object edges", v5.7).
free_word_offset()
{
	echo $(($(cat /sys/kernel/slab/kmem_cache_node/object_size) / 2 / 8 * 8))
}

# --- loads and stores; needs: built poke ---

# load ADDRESS [BYTES]: what is there, as 0x...
load()
{
	echo "r ${1#0x} ${2:-8}" >/proc/poke || return
	read -r loaded </proc/poke
	loaded=0x${loaded#0x}
	echo "$loaded"
}

# store ADDRESS BYTES VALUE
store() { echo "w ${1#0x} $2 ${3#0x}" >/proc/poke; }

# lock ADDRESS: 4 bytes, as a spinlock is taken
lock() { echo "lock ${1#0x}" >/proc/poke; }

# plus ADDRESS N, in hexadecimal
plus() { printf '0x%x\n' $(($1 + $2)); }

# --- caches; needs: built victim ---

victim_create() { echo "create $1 ${2:-200}" >/proc/victim; }
victim_fill() { echo "fill $1 $2" >/proc/victim; }
victim_destroy() { echo "destroy $1" >/proc/victim; }

# --- what the trace in $trace_file says ---

# freed_structures [CACHE-REGEX [NODE]]: "ADDRESS NODE CACHE TIME_NS", a
# structure a line, in the order of the frees
freed_structures()
{
	grep '"type":"structure","event":"freed"' "$trace_file" |
		sed -n 's/.*"time_ns":\([0-9]*\),"node":\([0-9]*\),"cache":"\([^"]*\)".*"address":"\([^"]*\)".*/\4 \2 \3 \1/p' |
		awk -v cache="^(${1-.*})\$" -v node="${2-}" '$3 ~ cache && (node == "" || $2 == node)'
}

# findings [TIER [STRENGTH [FUNCTION]]]: the lines of those; "" is any
findings()
{
	grep '"type":"finding"' "$trace_file" |
		{ if [ -n "${1-}" ]; then grep "\"tier\":\"$1\""; else cat; fi; } |
		{ if [ -n "${2-}" ]; then grep "\"strength\":\"$2\""; else cat; fi; } |
		{ if [ -n "${3-}" ]; then grep "\"function\":\"$3\""; else cat; fi; }
}

# count_findings [TIER [STRENGTH [FUNCTION]]]
count_findings() { findings "$@" | wc -l; }

# member NAME: its value on each JSON line of the input, without quotes; where
# several objects of a line have it, the first
member()
{
	awk -v start="[{,]\"$1\":" 'match($0, start) {
		value = substr($0, RSTART + RLENGTH)
		sub(/[,}].*/, "", value)
		gsub(/"/, "", value)
		print value
	}'
}

# summary JQ-FILTER: of the summary, the last object
summary() { tail -n 1 "$trace_file" | jq -r "$1"; }
