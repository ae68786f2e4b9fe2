# The oracle of race.sh: which reads of /sys/kernel/slab were in flight when the
# structure that they could have fetched was freed, by ftrace's own events:
#
#	enter	show_slab_objects() is entered; s, and s->node[1] at that moment
#	inside	its first instruction, once the probes at its entry are done
#	kfree	it gives back its array, after it has looked at all structures
#	leave	it has returned
#	offline	SLUB's callback is entered, which takes one pointer after the other
#		out of its cache and frees the structure
#	kmem_cache_free	there, when the structure has been freed
#
# So a structure was taken away between the event before its own and its own,
# however long the machine took the CPU away in between. The tool's probes lie
# between enter and inside, and between kfree and leave. A reader was surely in
# flight if all of the first lies between inside and kfree; if only some of it
# lies between enter and leave, two observers may differ. Printed:
#
#	CYCLE TID ADDRESS sure|edge FROM TO
#
# FROM and TO: microseconds from enter to the free and from the free to leave;
# and "CYCLE begin|end NANOSECONDS", what the trace spans. A line of it:
#   hammer-116  [000] d... 46.856433: enter: (show_slab_objects+0x0/0x420) s=0x.. node=0x..

function tell(task, pointer, verdict, at)
{
	printf "%d %s %s %s %.0f %.0f\n", cycle, task, pointer, verdict,
		at - entered[task, pointer], left[task, pointer] - at
}

/^#/ { next }
{
	task = $1
	sub(/.*-/, "", task)
	now = $4 * 1000000
	if (!begun++)
		printf "%d begin %.0f\n", cycle, now * 1000
}
$5 == "offline:" { before = now; next }
$5 == "enter:" {
	# Of one that is gone from its cache, what was read before is remembered.
	pointer = substr($8, 6)
	if (pointer ~ /^0x0*$/)
		next
	flying[task] = pointer
	entered[task, pointer] = now
	delete left[task, pointer]
	delete inner[task]
	delete done[task]
	tasks[task]
	next
}
$5 == "inside:" { if (task in flying) inner[task] = now; next }
$5 == "kfree:" { if (task in flying) done[task] = now; next }
$5 == "leave:" {
	if (!(task in flying))
		next
	pointer = flying[task]
	delete flying[task]
	left[task, pointer] = now
	if (!(task in overlap))
		next
	# The free may have come between its last look and its return.
	if (surely[task] && done[task] > overlap[task])
		tell(task, pointer, "sure", overlap[task])
	else
		tell(task, pointer, "edge", overlap[task])
	delete overlap[task]
	next
}
$5 == "kmem_cache_free:" {
	pointer = "0x" substr($7, 5)
	frees++
	for (task in tasks) {
		if (task in flying && flying[task] == pointer) {
			overlap[task] = now
			surely[task] = task in inner && before > inner[task]
		} else if ((task, pointer) in left && left[task, pointer] >= before) {
			tell(task, pointer, "edge", now)
		}
	}
	before = now
}
END {
	printf "%d end %.0f\n", cycle, now * 1000
	print cycle, "frees", frees + 0
}
