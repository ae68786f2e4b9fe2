# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The lab's own modules and programs (lab/modules, lab/programs) work as documented.
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

# now: print the hundredths of a second since boot
now() { read -r up _ </proc/uptime; echo "${up%.*}${up#*.}"; }

# count_many: print the number of caches of many_caches in /proc/slabinfo
count_many() { grep -c '^many_[0-9]' /proc/slabinfo; }

count=3000
before=$(cache_count)
start=$(now)
modprobe many_caches count=$count size=40; ok $? "many_caches loads"
note "loaded in $(($(now) - start))0 ms"
is "$(count_many)" $count "slabinfo shows its caches"
is $(($(cache_count) - before)) $count "the number of all caches grows by as many"
is "$(cat /sys/kernel/slab/many_2999/object_size)" 40 "their objects have the size asked for"
note "$(grep -E '^(MemAvailable|Slab):' /proc/meminfo | tr -s ' \n' ' ')"
# Since Linux 6.18 each destruction waits for RCU: shorten the wait.
echo 0 >/sys/module/rcutree/parameters/jiffies_till_first_fqs
start=$(now)
rmmod many_caches; ok $? "many_caches unloads"
note "unloaded in $(($(now) - start))0 ms"
is "$(count_many)" 0 "its caches are destroyed"

# peek ADDR LEN: print the bytes
peek() { echo "r $1 $2" >/proc/poke && cat /proc/poke; }

insmod "/lib/modules/$(uname -r)/poke.ko"; ok $? "poke loads"
echo word >/proc/poke
word=$(cat /proc/poke)
is "$(peek "$word" 8)" 1122334455667788 "its word is read"
is "$(peek "0x$word" 4)" 55667788 "half of the word is read"
written=1
echo "w $word 8 $word" >/proc/poke && written=0
ok $written "its word is written"
is "$(peek "$word" 8)" "$word" "the new value is read"
echo "w $word 1 5a" >/proc/poke
is "$(peek "$word" 8)" "${word%??}5a" "one byte of it is written"
echo "w $word 8 1122334455667788" >/proc/poke
lock "$word"; ok $? "the word is exchanged with the lock prefix"
is "$(cat /proc/poke)" 55667788 "the exchange gives the old value"
is "$(peek "$word" 8)" 1122334455667788 "the word keeps its value"
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
! victim_create victim_a 2>/dev/null; ok $? "a second cache of a name is refused"
victim_fill victim_a 500
partial=$(cut -d' ' -f1 $slab/victim_a/partial)
[ "$partial" -gt 300 ]; ok $? "one has many partial slabs ($partial)"
is "$(cut -d' ' -f1 $slab/victim_b/partial)" 0 "the other has none"
victim_destroy victim_a; ok $? "it destroys one cache"
[ ! -e $slab/victim_a ] && [ -e $slab/victim_b ]; ok $? "the other cache remains"
rmmod victim && [ ! -e $slab/victim_b ]; ok $? "its unload destroys the other caches"

[ "$(layout kmem_cache_node | grep -c -E '^(nr_partial|partial) ')" -eq 2 ]
ok $? "layout prints the fields of struct kmem_cache_node"
: >run
hammer run $slab/*/objects >reads &
pid=$!
sleep 1
rm run
wait $pid
is "$(sed 's/[0-9]*$//' reads)" "reads " "hammer reads, and no garbage ($(cat reads))"

done_testing
