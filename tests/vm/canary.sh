# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# Each stray write into a freed structure is found once, with the old and the new value.
# The kernel's own writes to freed memory are no findings: it allocates the memory again,
# stores its free list there, and frees the page for other users.
# kernels: 5.10 7.x (7.x has barns and other words; 6.1 and 6.12 have those of 5.10)
# timeout: 160 300
# needs: built poke victim many_caches
# needs: modules fat isofs
# needs: programs layout
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

# Wait for two intervals and more, in which one sweep begins and ends.
interval=0.5
sweeps() { sleep 1; usleep 300000; }

modprobe poke && modprobe victim
node_online 1
node_offline 1
free_word=$(free_word_offset)
knode_words | grep -v " $free_word\$" >words
caches=$(wc -l <words)

# Each cache has a neighbour that stays, so that no slab of structures becomes empty and
# goes to the page allocator while its bytes are compared.
n=0
while [ $n -lt "$caches" ]; do
	victim_create "canary_$n"
	victim_create "neighbour_$n"
	n=$((n + 1))
done
trace_start canary.json --detect canary --sweep $interval
ok $? "attached"
n=0
while [ $n -lt "$caches" ]; do
	victim_destroy "canary_$n"
	n=$((n + 1))
done
wait_for 10 sh -c "[ \$(grep -c '\"event\":\"freed\".*\"cache\":\"canary_' canary.json) -ge $caches ]"
sweeps
is "$(count_findings "")" 0 "freed and not written: no finding"

# Write one word of each structure, so that a finding is one word: 1, 2, 4 or 8 bytes, at
# the beginning of the word or after it.
n=0 bytes=1
while read -r field offset; do
	address=$(freed_structures "canary_$n" 0 | cut -d' ' -f1)
	at=$offset
	[ "$bytes" -eq 8 ] || at=$((offset + n % (9 - bytes)))
	old=$(load "$(plus "$address" "$offset")")
	value=$(load "$(plus "$address" "$at")" $bytes)
	# Invert all bits.
	store "$(plus "$address" "$at")" $bytes "$(printf '%x' $((~value)) | tail -c $((2 * bytes)))"
	new=$(load "$(plus "$address" "$offset")")
	echo "$address $field $offset $old $new canary_$n $bytes"
	n=$((n + 1))
	bytes=$((bytes * 2 % 15))
done <words >strays
# On the first finding the tool reads all symbols, which takes long.
# shellcheck disable=SC2317 # called by wait_for
reported() { [ "$(count_findings "")" -ge "$1" ]; }
wait_for 20 reported "$caches"
while read -r address field offset old new cache bytes; do
	grep '"type":"finding","tier":"canary","strength":"confirmed"' canary.json |
		grep "\"cache\":\"$cache\".*\"address\":\"$address\"" >hits
	is "$(wc -l <hits)" 1 "$bytes bytes of $field at $offset: one confirmed finding"
	grep -q -F "\"changes\":[{\"field\":\"$field\",\"offset\":$offset,\"old\":\"$old\",\"new\":\"$new\"}]" hits
	ok $? "from $old to $new" || note "$(sed 's/.*"changes"/"changes"/; s/\].*/]/' hits)"
done <strays
sweeps
is "$(count_findings "")" "$caches" "each write is found only once"

# A second write to the same word is another finding.
read -r address field offset old new cache bytes <strays
store "$(plus "$address" "$offset")" 8 "${old#0x}"
wait_for 20 reported $((caches + 1))
is "$(findings canary confirmed | grep -c "\"address\":\"$address\"")" 2 \
	"a second write to the same word is a second finding"

# From here on only the kernel writes.
before=$(count_findings "")

# The structures are allocated again.
node_online 1
n=0
while [ $n -lt "$caches" ]; do
	victim_create "canary_$n"
	n=$((n + 1))
done
sweeps
# The kernel may refuse the offline while these structures exist.
while [ $n -gt 0 ]; do
	n=$((n - 1))
	victim_destroy "canary_$n"
done
node_offline 1
ok $? "node 1 went online and offline"
sweeps
is "$(count_findings "")" "$before" "allocated again, freed again: no finding"

churn_start
sleep 3
churned=$(churn_stop)
ok $? "churn ($churned modules)"
shrink_knodes
sweeps
is "$(count_findings "")" "$before" "writes of the free list: no finding"

# Whole slabs of structures go to the page allocator and are used for other data.
echo 0 >/sys/module/rcutree/parameters/jiffies_till_first_fqs
slabs() { awk '$1 == "kmem_cache_node" { print $15 }' /proc/slabinfo; }
modprobe many_caches count=400
had=$(slabs)
rmmod many_caches
shrink_knodes
[ "$(slabs)" -lt "$had" ]
ok $? "$(slabs) of $had slabs of structures remain"
mount -o remount,size=80% /tmp
dd if=/dev/urandom of=/tmp/block bs=1M count=1 2>/dev/null
filled=0
while [ "$(awk '/^MemFree/ { print int($2 / 1024) }' /proc/meminfo)" -gt 50 ] &&
	cat /tmp/block; do
	filled=$((filled + 1))
done >/tmp/filled
note "$filled MiB of memory were written"
sweeps
is "$(count_findings "")" "$before" "pages freed and used for other data: no finding"
rm /tmp/filled
sweeps

trace_stop
status_is $? 1 "exit status: findings"
is "$(count_findings "")" "$before" "no more findings at the end"
looks=$(summary .detection.canary.looks)
[ "$looks" -gt 10 ]
ok $? "$looks sweeps"
check_trust "$(churn_skips)"
done_testing
