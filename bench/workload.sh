# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# A load that allocates and frees objects of many caches while nothing happens to any node:
# alone, beside a trace, beside empty programs at the same functions and, if the guest has the
# root of bench/peers, beside the alternatives. Each of them is told to find the allocations and frees
# of node structures, or knows no filter.
# timeout: 1800
# needs: programs clock hooks allocate
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=bench/lib.sh
. /lab/bench.sh

# load NAME: run the load three times
load()
{
	for _ in 1 2 3; do
		rm -f whole
		clock whole allocate 2000 || fail "the load failed"
		read -r begin end _ <whole
		row "workload.$1" $((end - begin))
	done
}

# beside NAME COMMAND...: run the load beside a command that must then still run
beside()
{
	local name=$1 pid status

	shift
	"$@" >out 2>err &
	pid=$!
	sleep 30
	kill -0 $pid 2>/dev/null || fail "$* ended: $(cat out err)"
	load "$name"
	kill -0 $pid 2>/dev/null || fail "$* ended: $(cat out err)"
	row "workload.rss.$name" "$(rss $pid)"
	kill -INT $pid
	sleep 10
	kill -KILL $pid 2>/dev/null
	wait $pid
}

peer() { exec chroot /peers "$@"; }

# The first runs make the slabs.
for _ in 1 2 3 4; do allocate 2000; done
load bare
background trace
load trace
end_background
slubnode-trace --json probes | jq -r '.probes[].function // empty' | sort -u >functions
for way in fentry session; do
	beside floor_$way hooks $way functions sleep 100000
done

[ -e /lab/root.tar ] || exit 0
mkdir /peers && tar -xf /lab/root.tar -C /peers && rm /lab/root.tar
for dir in proc sys dev; do
	mount --rbind /$dir /peers/$dir || fail "mount"
done

# shellcheck disable=SC2016 # bpftrace's
{
	node='*kaddr("kmem_cache_node")'
	beside bpftrace_fentry peer bpftrace -e \
		"fentry:kmem_cache_free /(uint64)args.s == $node/ { printf(\"freed %p\\n\", args.x) }
		fexit:kmem_cache_alloc_node_noprof /(uint64)args.s == $node/ { printf(\"allocated %p\\n\", retval) }"
	beside bpftrace_kprobe peer bpftrace -e \
		"kprobe:kmem_cache_free /arg0 == $node/ { printf(\"freed %llx\\n\", arg1) }
		kprobe:kmem_cache_alloc_node_noprof /arg0 == $node/ { @ours[tid] = 1 }
		kretprobe:kmem_cache_alloc_node_noprof /@ours[tid]/ { printf(\"allocated %llx\\n\", retval); delete(@ours[tid]) }"
	# bpftrace 0.23.2 crashes where a program reads the arguments of a tracepoint: it counts.
	beside bpftrace_tracepoint peer bpftrace -e \
		'tracepoint:kmem:kmem_cache_free { @freed = count() } tracepoint:kmem:kmem_cache_alloc { @allocated = count() }'
}
beside perf_kmem peer perf kmem record -o /tmp/perf.data
beside memleak peer memleak-libbpf 100000

[ -e /lab/vmlinux ] || exit 0
cat >/peers/tmp/structures.py <<'END'
from drgn.helpers.linux.slab import for_each_slab_cache
structures = 0
for cache in for_each_slab_cache(prog):
    for nid in range(prog["nr_node_ids"].value_()):
        if cache.node[nid].value_():
            structures += 1
print(structures)
END
mkdir -p /peers/lab && mount --bind /lab /peers/lab
# The first run fills the page cache.
for _ in 1 2 3 4; do
	rm -f whole
	clock whole chroot /peers drgn -q -c /proc/kcore --no-default-symbols -s /lab/vmlinux \
		/tmp/structures.py >structures || fail "drgn failed"
	read -r begin end _ <whole
	[ -z "$warm" ] || row peer.drgn $((end - begin))
	warm=1
done
