# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# A report, from the exec to the end of the process, and the CPU time of one refresh of
# report --watch. Its reports are lines of JSON, which can be counted.
# needs: programs clock
# needs: built many_caches
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=bench/lib.sh
. /lab/bench.sh

for size in few many; do
	few_or_many $size
	sleep 5 # the only CPU still has work of the boot to do, which would count
	for _ in 1 2 3 4; do
		rm -f whole
		clock whole slubnode-trace report >/dev/null || fail "report ended with $?"
		read -r begin end _ <whole
		[ -z "$warm" ] || row report.$size $((end - begin))
		warm=1
	done
	slubnode-trace --json -o watch report --watch=1 &
	tool=$!
	sleep 5
	for _ in 1 2 3; do
		cpu=$(sched 1 $tool)
		lines=$(wc -l <watch)
		sleep 10
		cpu=$(($(sched 1 $tool) - cpu))
		lines=$(($(wc -l <watch) - lines))
		[ $lines -ge 9 ] || fail "$lines refreshes in 10 s"
		row refresh.$size $((cpu / lines))
	done
	kill -INT $tool
	wait $tool
done
