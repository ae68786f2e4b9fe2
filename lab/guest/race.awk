# SPDX-License-Identifier: GPL-2.0-only
#
# The oracle of race.sh: which reads of /sys/kernel/slab were in flight when the
# structure that they could have fetched was freed, by ftrace's own events:
#
#	enter	show_slab_objects() is entered; s, and s->node[1] at that moment
#	inside	its first instruction, once the probes at its entry are done; s->node[1]
#	kfree	it frees its array, after it has read all structures
#	leave	it has returned
#	freeing	SLUB's callback enters kmem_cache_free() with a structure
#	kmem_cache_free	it has freed the structure
#
# The tool's probes lie between enter and inside, and between kfree and leave. A
# reader that had the pointer at enter and at inside was certainly in flight if the free
# ended before its kfree. It was certainly not in flight if it left before the freeing.
# Both hold even if a CPU was preempted for long. In all other cases two observers may
# differ. The output is
#
#	CYCLE TID ADDRESS sure|edge FROM TO
#
# with the microseconds FROM enter to the free and from the free TO leave, and "CYCLE
# begin|end NANOSECONDS" for the first and the last time of the trace. A line of input:
#   hammer-116  [000] d... 46.856433: enter: (show_slab_objects+0x0/0x420) s=0x.. node=0x..

function judge(task, pointer, verdict, at)
{
	printf "%d %s %s %s %.0f %.0f\n", cycle, task, pointer, verdict,
		at - entered[task, pointer], left[task, pointer] - at
}

function gone(field) { return field ~ /=0x0*$/ } # node=0x0

/^#/ { next }
{
	task = $1
	sub(/.*-/, "", task)
	now = $4 * 1000000
	if (!begun++)
		printf "%d begin %.0f\n", cycle, now * 1000
}
$5 == "enter:" {
	# If the pointer was removed from its cache, keep the values of the reads before.
	if (gone($8))
		next
	pointer = substr($8, 6)
	flying[task] = pointer
	entered[task, pointer] = now
	delete left[task, pointer]
	delete sighted[task]
	delete done[task]
	tasks[task]
	next
}
$5 == "inside:" {
	if (task in flying && !gone($7))
		sighted[task]
	next
}
$5 == "kfree:" { if (task in flying) done[task] = now; next }
$5 == "leave:" {
	if (!(task in flying))
		next
	pointer = flying[task]
	delete flying[task]
	left[task, pointer] = now
	if (!(task in overlap))
		next
	if (task in sighted && done[task] > overlap[task])
		judge(task, pointer, "sure", overlap[task])
	else
		judge(task, pointer, "edge", overlap[task])
	delete overlap[task]
	next
}
$5 == "freeing:" { freeing[substr($7, 3)] = now; next }
$5 == "kmem_cache_free:" {
	pointer = "0x" substr($7, 5)
	if (!(pointer in freeing))
		next # race.sh counts the frees and notices it
	frees++
	for (task in tasks) {
		if (task in flying && flying[task] == pointer)
			overlap[task] = now
		else if ((task, pointer) in left && left[task, pointer] >= freeing[pointer])
			judge(task, pointer, "edge", now)
	}
	delete freeing[pointer]
}
END {
	printf "%d end %.0f\n", cycle, now * 1000
	print cycle, "frees", frees + 0
}
