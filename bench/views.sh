# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# A recording of a million records, answered by each view: the time, and the most memory that is
# resident. The kernel frees and allocates the structures in each cycle. CYCLES in the environment
# is the number of cycles.
# timeout: 3600
# memory: 1024
# dimm: 128
# needs: programs cycles clock
# needs: built many_caches
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=bench/lib.sh
. /lab/bench.sh

# replay VIEW ARG...: print the rows of a command that reads the recording
replay()
{
	name=$1
	shift
	rm -f whole
	busybox time -v clock whole slubnode-trace "$@" -i run.slub >/dev/null 2>usage
	status=$?
	[ $status -le 1 ] || fail "$name ended with $status: $(cat usage)"
	read -r begin end _ <whole
	row "views.time.$name" $((end - begin))
	row "views.rss.$name" $(($(sed -n 's/.*Maximum resident set size (kbytes): //p' usage) * 1024))
}

few_or_many many
node_online 1 || fail "node 1 is not online"
background trace --detect none --record run.slub
cycles 1 "$(online_kind)" "${CYCLES:-160}" $tool >/dev/null || fail "a cycle failed"
end_background
row views.bytes "$(stat -c %s run.slub)"
row views.events "$(slubnode-trace trace --json -i run.slub 2>/dev/null | wc -l)"
for format in text json html perfetto; do
	replay $format trace --format $format -o /dev/null
done
replay check check
replay report report
