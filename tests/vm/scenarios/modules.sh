# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
#
# The lab's own modules (tests/vm/modules): they load and do what they say.
#
# timeout: 120
# needs: built many_caches poke
# shellcheck source=tests/vm/guest/lib.sh
. /lab/lib.sh

plan 16

# Hundredths of a second since boot.
now() { read -r up _ </proc/uptime; echo "${up%.*}${up#*.}"; }

# count_many: the caches of many_caches that slabinfo shows
count_many() { grep -c '^many_[0-9]' /proc/slabinfo; }

count=3000
before=$(cache_count)
start=$(now)
modprobe many_caches count=$count size=40; ok $? "many_caches loads"
note "loaded in $(($(now) - start))0 ms"
is "$(count_many)" $count "slabinfo shows its caches"
is $(($(cache_count) - before)) $count "and as many more in all"
is "$(cat /sys/kernel/slab/many_2999/object_size)" 40 "their objects have the size asked for"
note "$(grep -E '^(MemAvailable|Slab):' /proc/meminfo | tr -s ' \n' ' ')"
# From 6.18 on each destruction waits for RCU. Let it be short.
echo 0 >/sys/module/rcutree/parameters/jiffies_till_first_fqs
start=$(now)
rmmod many_caches; ok $? "many_caches unloads"
note "unloaded in $(($(now) - start))0 ms"
is "$(count_many)" 0 "its caches are gone"

# peek ADDR LEN
peek() { echo "r $1 $2" >/proc/poke && cat /proc/poke; }

insmod "/lib/modules/$(uname -r)/poke.ko"; ok $? "poke loads"
echo word >/proc/poke
word=$(cat /proc/poke)
is "$(peek "$word" 8)" 1122334455667788 "its word is read"
is "$(peek "0x$word" 4)" 55667788 "half of it"
written=1
echo "w $word 8 $word" >/proc/poke && written=0
ok $written "its word is written"
is "$(peek "$word" 8)" "$word" "and reads back"
echo "w $word 1 5a" >/proc/poke
is "$(peek "$word" 8)" "${word%??}5a" "one byte of it is written"
! echo "r $word 3" 2>/dev/null >/proc/poke; ok $? "three bytes are refused"
! echo "w $word 8" 2>/dev/null >/proc/poke; ok $? "a store of nothing is refused"
grep -q ' poke_read\b.*\[poke\]' /proc/kallsyms &&
	grep -q ' poke_write\b.*\[poke\]' /proc/kallsyms
ok $? "its functions have their names"
rmmod poke; ok $? "poke unloads"

done_testing
