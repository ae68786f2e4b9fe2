# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# Stale accesses to a cache of --watch-cache: the watchpoints find and confirm each of 100
# loads and 100 stores of each word of a freed structure. The structure is freed with its
# cache and, on a kernel that does this, by the offline of its node.
# kernels: 5.10 7.x (5.10 frees at the offline of a node, too; 7.x only with the cache)
# alone: node 1 must never have had memory, or a destroyed cache has two structures
# timeout: 180 300
# needs: built poke victim
# needs: programs layout
# needs: sources poke
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

times=100

# access ADDRESS: load the word $times times, and store its value as often
access()
{
	local n=0

	while [ $n -lt $times ]; do
		echo "r ${1#0x} 8" >/proc/poke
		n=$((n + 1))
	done
	read -r there </proc/poke
	while [ $n -gt 0 ]; do
		echo "w ${1#0x} 8 $there" >/proc/poke
		n=$((n - 1))
	done
}

# QEMU 7.2 with several threads does not trap the instruction that takes the lock; a real
# CPU does. Both trap the plain store that releases it.
lock_and_unlock() # ADDRESS
{
	lock "$1"
	store "$1" 1 0
	unlocks=1
}

# watched WAY WORDFILE: run the tool once, for fields that together have at most as many
# words as there are debug registers
watched()
{
	local cache fields

	cache=stale_$((runs = runs + 1))
	fields=$(cut -d' ' -f1 "$2" | uniq | tr '\n' ' ')
	victim_create $cache
	# Its structure keeps the slab of the freed structure allocated.
	victim_create neighbour_$runs
	[ "$1" != offline ] || node_online 1
	# shellcheck disable=SC2046
	trace_start $cache.json --detect watchpoint --watch-cache $cache \
		$(for f in $fields; do echo "--watch-field $f"; done)
	ok $? "attached to $cache: $fields"
	case $1 in
	offline) node=1; node_offline 1 ;;
	destruction) node=0; victim_destroy $cache ;;
	esac
	wait_for 10 grep -q "\"event\":\"freed\".*\"cache\":\"$cache\"" "$trace_file"
	address=$(freed_structures $cache $node | cut -d' ' -f1)
	is "$(echo "$address" | wc -w)" 1 "one structure is freed by $1: $address"
	# Wait until a timer interrupt has run on each CPU after the free.
	usleep 300000
	unlocks=0 locks=0
	while read -r field offset; do
		access "$(plus "$address" "$offset")"
		[ "$field" != list_lock ] || lock_and_unlock "$(plus "$address" "$offset")"
	done <"$2"
	trace_stop
	status_is $? 1 "exit status: a finding"
	findings watchpoint confirmed >found
	while read -r field offset; do
		grep "\"word\":\"$(plus "$address" "$offset")\"" found |
			grep "\"field\":\"$field\"" >hits
		is "$(grep '"function":"poke_read"' hits | grep -c '"source":"[^"]*/poke.c:'"$load_line"'"')" \
			$times "$field at $offset: the line of the load"
		is "$(grep -c '"function":"poke_read"' hits)" $times \
			"$field at $offset: $times of $times loads"
		[ "$field" != list_lock ] || { check_lock hits; continue; }
		is "$(grep -c '"function":"poke_write"' hits)" $times \
			"$field at $offset: $times of $times stores"
	done <"$2"
	is "$(count_findings "")" $(($(wc -l <"$2") * 2 * times + unlocks + locks)) \
		"no other findings"
	is "$(grep -c "\"cache\":\"$cache\".*\"address\":\"$address\"" found)" \
		"$(count_findings "")" "each names the cache and the structure"
	is "$(fact lost)" 0 "no event lost"
	rm "$trace_file"
}

check_lock() # HITS
{
	is "$(grep -c '"function":"poke_write"' "$1")" $((times + 1)) \
		"list_lock: $times of $times stores, and the one that unlocks"
	locks=$(grep -c '"function":"poke_lock"' "$1")
	[ "$locks" -eq 1 ] || { [ "$locks" -eq 0 ] && grep -q 'QEMU TCG' /proc/cpuinfo; }
	ok $? "list_lock: the locking exchange ($locks), unless the emulation misses it"
}

modprobe poke && modprobe victim
ok $? "modules"
knode_words >words
is "$(awk 'END { print $2 + 8 }' words)" "$(cat /sys/kernel/slab/kmem_cache_node/object_size)" \
	"the kernel's BTF has all words of the structure"
# Distribute whole fields to files of at most four words.
awk 'NR == FNR { size[$1]++; next }
	!($1 in file) { if (used + size[$1] > 4) { n++; used = 0 }
		used += size[$1]; file[$1] = "words." n + 0 }
	{ print >file[$1] }' words words

# The line of the load of 8 bytes.
load_line=$(sed -n '/^static.*poke_read(/,/^}/{/u64 \*)addr/=}' /lab/poke.c)
ok "$([ -n "$load_line" ]; echo $?)" "a load is line $load_line of its source"

runs=0
ways=destruction
kernel_frees && ways="destruction offline"
for way in $ways; do
	for file in words.*; do
		watched "$way" "$file"
	done
done
done_testing
