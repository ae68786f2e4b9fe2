# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The lab's own modules and programs (lab/modules, lab/programs): they
# load and do what they say.
#
# kernels: 5.10 7.x (the oldest and the newest interface to modules)
# timeout: 120
# needs: built many_caches poke victim
# needs: programs layout hammer
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

plan 30

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
echo "w $word 8 1122334455667788" >/proc/poke
lock "$word"; ok $? "it is exchanged under the lock prefix"
is "$(cat /proc/poke)" 55667788 "for what was there"
is "$(peek "$word" 8)" 1122334455667788 "and keeps its value"
! echo "r $word 3" 2>/dev/null >/proc/poke; ok $? "three bytes are refused"
! echo "w $word 8" 2>/dev/null >/proc/poke; ok $? "a store of nothing is refused"
grep -q ' poke_read\b.*\[poke\]' /proc/kallsyms &&
	grep -q ' poke_write\b.*\[poke\]' /proc/kallsyms &&
	grep -q ' poke_lock\b.*\[poke\]' /proc/kallsyms
ok $? "its functions have their names"
rmmod poke; ok $? "poke unloads"

slab=/sys/kernel/slab
modprobe victim; ok $? "victim loads"
victim_create victim_a && victim_create victim_b
ok $? "it creates two caches"
[ -d $slab/victim_a ] && [ ! -L $slab/victim_a ] && [ ! -L $slab/victim_b ]
ok $? "which are not merged"
! victim_create victim_a 2>/dev/null; ok $? "one of a kind"
victim_fill victim_a 500
partial=$(cut -d' ' -f1 $slab/victim_a/partial)
[ "$partial" -gt 300 ]; ok $? "one has many partial slabs ($partial)"
is "$(cut -d' ' -f1 $slab/victim_b/partial)" 0 "the other has none"
victim_destroy victim_a; ok $? "it destroys one"
[ ! -e $slab/victim_a ] && [ -e $slab/victim_b ]; ok $? "and leaves the other"
rmmod victim && [ ! -e $slab/victim_b ]; ok $? "it takes the rest with it"

[ "$(layout kmem_cache_node | grep -c -E '^(nr_partial|partial) ')" -eq 2 ]
ok $? "layout knows struct kmem_cache_node"
: >run
hammer run $slab/*/objects >reads &
pid=$!
sleep 1
rm run
wait $pid
is "$(sed 's/[0-9]*$//' reads)" "reads " "hammer reads, and no garbage ($(cat reads))"

done_testing
