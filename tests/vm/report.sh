# shellcheck shell=dash disable=SC2154 # what fields() sets
# SPDX-License-Identifier: GPL-2.0-only
#
# `report' after a removal that was not traced: counts, bytes, pinned pages and homes, each
# compared with a source that is independent of the tool.
# kernels: 5.10 7.x (without the iterator and with it)
# alone: node 1 must never have had memory
# timeout: 120
# needs: modules fat
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
detect=none

# report FILTER: run report and print a value by a filter of jq
report() { slubnode-trace --json report --by-cache >report.json && field "$1"; }
field() { jq -r "$1" report.json; }

# fields NAME=FILTER...: set variables from report.json by one start of jq, which takes
# half a second
fields()
{
	local word program=

	for word; do
		program="$program\"${word%%=*}=\" + (${word#*=} | tostring | @sh),"
	done
	eval "$(jq -r "${program%,}" report.json)"
}

# Print the number of pages of kmem_cache_node slabs, by /proc/slabinfo.
knode_slabs()
{
	shrink_knodes
	awk '$1 == "kmem_cache_node" { print $15 * $6 }' /proc/slabinfo
}

# Print the node of a memory block, by sysfs.
node_of_block() # BLOCK
{
	ls -d "$sys/memory/memory$1"/node[0-9]* | sed 's/.*node//'
}

# Print the virtual address, the physical address and the length of each kcore segment.
kcore_segments()
{
	local count i=0

	count=$(dd if=/proc/kcore bs=1 skip=56 count=2 2>/dev/null | od -An -t u2 | tr -d ' ')
	while [ $i -lt "$count" ]; do
		dd if=/proc/kcore bs=1 skip=$((64 + 56 * i + 16)) count=24 2>/dev/null |
			od -An -v -t x8 | tr '\n' ' '
		echo
		i=$((i + 1))
	done
}

# Print the home of a virtual address, by kcore and sysfs. The 64-bit arithmetic of the
# shell wraps on both sides of a subtraction. The node of a block is read once.
block_bytes=$((0x$(cat $sys/memory/block_size_bytes)))
home_of() # ADDRESS
{
	local virtual physical bytes block

	while read -r virtual physical bytes; do
		[ $(($1 - 0x$virtual)) -ge 0 ] && [ $(($1 - 0x$virtual)) -lt $((0x$bytes)) ] ||
			continue
		block=$(((0x$physical + $1 - 0x$virtual) / block_bytes))
		eval "node=\${node_of_$block-}"
		if [ -z "$node" ]; then
			node=$(node_of_block $block)
			eval "node_of_$block=$node"
		fi
		echo "$node"
		return
	done <segments
	echo "unknown"
}

caches=$(cache_count)
size=$(cat /sys/kernel/slab/kmem_cache_node/object_size)
object_bytes=$(cat /sys/kernel/slab/kmem_cache_node/slab_size)

report . >/dev/null
fields nodes='.nodes | length' structures='.nodes[0].structures' found=.caches missing=.missing
is "$missing" "{}" "no structure is missing"
is "$nodes" 1 "node 1 is without memory"
is "$structures" 0 "and has no structures yet"
is "$found" "$caches" "as many caches as /proc/slabinfo"
slabs=$(knode_slabs)

node_online 1
node_offline 1
ok $? "node 1 went online and offline without a trace"
report . >/dev/null
ok $? "report"
fields structures='.nodes[0].structures' rows='.by_cache | length' \
	each='.by_cache | map(.structures) | unique | @csv' barns='.nodes[0].barns' \
	sheaves='.nodes[0].sheaves' requested='.nodes[0].requested_bytes' \
	charged='.nodes[0].charged_bytes' sum='.by_cache | map(.charged_bytes) | add' \
	total=.total.charged_bytes pinned=.total.pinned_pages homes='.nodes[0].homes | length' \
	held='.nodes[0].held' late='.nodes[0].late'
if kernel_frees; then
	is "$structures" 0 "none is retained"
	is "$rows" 0 "of no cache"
	is "$pinned" 0 "no page is pinned"
else
	is "$structures" "$caches" "as many are retained as there are caches"
	is "$rows" "$caches" "one of each"
	is "$each" 1 "and no more"
	is "$sheaves" 0 "barns of a removed node are empty"
	# A barn: a lock, two lists, two counters; 48 bytes, in kmalloc-64.
	is "$requested" $((caches * size + barns * 48)) "requested"
	is "$charged" $((caches * object_bytes + barns * 64)) "charged"
	is "$sum" "$total" "the caches' bytes add up"
	is "$pinned" $(($(knode_slabs) - slabs)) "pinned: the slabs that came with node 1"
	is "$homes" 1 "all on one node"
	is "$held" "$caches" "all of them are held"
	is "$late" null "one report cannot show which are late"
fi

# Compare the home of each address; a trace contains the addresses.
node_online 1
trace_start homes.json
node_offline 1
node_online 1
trace_stop
node_offline 1
kcore_segments >segments
if ! kernel_frees; then
	sed -n 's/.*"event":"retained".*"address":"\(0x[0-9a-f]*\)".*/\1/p' homes.json >addresses
	is "$(wc -l <addresses)" "$caches" "the addresses of all"
	home=$(report '.nodes[0].homes | keys | join(" ")')
	while read -r address; do home_of "$address"; done <addresses | sort | uniq -c |
		awk '{ print $2, $1 }' >by_sysfs
	is "$(cat by_sysfs)" "$home $caches" "kcore and the memory blocks name the same home"
fi

# A cache that is created while node 1 has memory in a normal zone has its structure on
# node 1, which is a home other than node 0.
if ! has_node_notify; then
	node_online 1
	trace_start other.json --cache fat_cache
	modprobe fat
	trace_stop
	address=$(sed -n 's/.*"event":"allocated".*"node":1,.*"address":"\(0x[0-9a-f]*\)","barn.*/\1/p' other.json)
	kcore_segments >segments
	is "$(home_of "$address")" 1 "kcore: the structure of a new cache lies on node 1"
	is "$(slubnode-trace --json report --all --node 1 --cache fat_cache |
		jq -c '.nodes[0].homes')" '{"1":1}' "report shows it"
	rmmod fat
	node_offline 1
	ok $? "the structure is freed with its cache, and node 1 goes offline"
fi

# A cache that is created now has a late structure.
slubnode-trace --json report --watch=0.5 --by-cache >watch.json 2>watch.err &
watch_pid=$!
wait_for 20 test -s watch.json
modprobe fat
before=$(wc -l <watch.json) # for wait_for's eval
export before
wait_for 20 eval 'test $(wc -l <watch.json) -ge $((before + 2))'
kill -INT $watch_pid
wait $watch_pid
is $? 0 "--watch ends by a signal"
tail -n 1 watch.json >report.json
fields found=.caches late=.total.late \
	on_dead='.by_cache | map(select(.cache | startswith("fat_"))) | length'
is "$found" $((caches + 2)) "two new caches of fat"
if has_node_notify; then
	is "$on_dead" 2 "have a structure for the node without memory"
	is "$late" 2 "--watch reports them as late"
else
	is "$on_dead" 0 "have no structure for the node without memory"
	is "$late" 0 "nothing is late"
fi
rmmod fat

node_online 1
is "$(report '.nodes | length')" 0 "node 1 is online again: nothing to report"
is "$(slubnode-trace --json report --all | jq -c '[.nodes[] | .structures]')" "[$caches,$caches]" \
	"--all shows both nodes"
width=$(slubnode-trace report --all --by-cache | awk 'length > 80' | wc -l)
is "$width" 0 "the text fits 80 columns"
is "$(slubnode-trace report --all --top 3 | grep -c ' 0-1$')" 3 "--top"
is "$(slubnode-trace --json report --all --cache 'kmalloc-*' --by-cache |
	jq '(.by_cache | length > 0) and ([.by_cache[].cache | startswith("kmalloc-")] | all)')" true "--cache"
slubnode-trace -v report 2>&1 >/dev/null | grep -q 'the walk over .* caches took .* ms'
ok $? "--verbose prints the time of the walk"
done_testing
