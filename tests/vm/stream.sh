# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The records of a live run give the same result again. In the run a node goes offline and
# online, a cache is destroyed, and a freed structure is written. A second model that is
# fed only with the records has the same transitions, findings, summary, caveats and
# verdict (tests/programs/second_model.c).
# kernels: 5.10 7.x (they have the most and the fewest events)
# timeout: 120
# needs: built poke victim
# needs: beside second_model
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

modprobe poke && modprobe victim
node_online 1
cat >cycle.sh <<'END'
. /lab/lib.sh
. /lab/freed.sh
node_offline 1
node_online 1
victim_create stream
victim_create neighbour # its structure keeps the slab
victim_destroy stream
# shellcheck disable=SC2317 # called by wait_for
freed() { grep -q '^stream ' freed; }
wait_for 20 freed
address=$(sed -n 's/^stream //p' freed | head -n 1)
store "$(plus "$address" 16)" 8 0123456789abcdef
# The canary compares once a second.
sleep 2
END
second_model sh cycle.sh >stream.tap
status=$?
# The test points of the program are those of this scenario.
sed '/^1\.\./d' stream.tap
tests=$(grep -c -E '^(not )?ok ' stream.tap) failures=$(grep -c '^not ok ' stream.tap)
is $status 0 "exit status"
victim_destroy neighbour
rmmod victim poke
done_testing
