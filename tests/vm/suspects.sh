# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# check: where kernel symbols are hidden, it is not known whether a structure was freed, and the
# watchpoints confirm nothing. A tier that is required is inconclusive with a stale load and
# without one.
# only: 7.x (up to Linux 6.12 the caches cannot be found without symbols)
# alone: node 1 must never have had memory, or a destroyed cache has two structures
# timeout: 180
# needs: built poke victim
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/check.sh
. /lab/check.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh
detect=none

modprobe poke && modprobe victim
ok $? "modules"
cat >destroy.sh <<'END'
echo "destroy $1" >/proc/victim
until grep -q "\"event\":\"freed\".*\"cache\":\"$1\"" hidden.json; do usleep 20000; done
usleep 200000
END
cat >load.sh <<'END'
sh destroy.sh $1
. /lab/trace.sh
. /lab/freed.sh
trace_file=hidden.json
word=$(plus "$(freed_structures $1 0 | cut -d' ' -f1)" 8)
for n in 1 2 3; do echo "r ${word#0x} 8" >/proc/poke; done
usleep 200000
END

# judge STATUS NAME CACHE SCRIPT [OPTION...]: check what the script does to the cache
judge()
{
	local want=$1 name=$2 cache=$3 script=$4

	shift 4
	victim_create "$cache"
	# Its structure keeps the slab of the freed structure allocated.
	victim_create "neighbour_$cache"
	check "$want" "$name" --allow-idle --detect watchpoint --watch-cache "$cache" \
		--watch-field nr_partial --min-coverage 0 "$@" -- sh "$script" "$cache"
}

# The trace has the addresses of the freed structures.
trace_start hidden.json
ok $? "attached"
echo 2 >/proc/sys/kernel/kptr_restrict
judge 3 "a stale load" suspected load.sh
result no-access-watchpoint inconclusive
reports recording 'whether they were freed or leaked is not known'
judge 3 "no stale load, but nothing could be confirmed" limited destroy.sh
result no-access-watchpoint inconclusive
echo 0 >/proc/sys/kernel/kptr_restrict
judge 0 "symbols are read" known destroy.sh
result no-access-watchpoint pass
judge 1 "a stale load is confirmed" stale load.sh
result no-access-watchpoint fail
trace_stop
status_is $? 0 "the trace has no finding"
done_testing
