# The oracle of race.sh: which reads of /sys/kernel/slab were in flight when the
# structure that they could have fetched was freed, by ftrace's own events. It
# prints "CYCLE TID ADDRESS VERDICT BEFORE AFTER", how many microseconds the free
# came after the window's beginning and before its end, VERDICT being
#
#	sure	the free lies in the window by more than `edge' microseconds
#	edge	it lies within that of the window's beginning or end: two
#		observers, each with a probe of its own, may differ
#
# and "CYCLE begin|end NANOSECONDS", what the trace spans. A line of it:
#   hammer-116  [000] d... 46.856433: enter: (show_slab_objects+0x0/0x420) s=0x.. node=0x..

function tell(task, before, after,    verdict)
{
	verdict = (before < edge || after < edge) ? "edge" : "sure"
	printf "%d %s %s %s %.0f %.0f\n", cycle, task, address[task], verdict, before, after
}

/^#/ { next }
{
	task = $1
	sub(/.*-/, "", task)
	now = $4 * 1000000
	if (!begun++)
		printf "%d begin %.0f\n", cycle, now * 1000
}
$5 == "enter:" {
	entered[task] = now
	address[task] = substr($8, 6)
	if (address[task] != "0x0")
		last[$7] = address[task]
	else {
		# An observer that was earlier may have seen the pointer.
		address[task] = last[$7]
		if (now - freed[last[$7]] < edge)
			tell(task, freed[last[$7]] - now, 0)
		address[task] = "none"
	}
	flying[task]
	next
}
$5 == "leave:" {
	if (task in overlap)
		tell(task, overlap[task] - entered[task], now - overlap[task])
	delete overlap[task]
	delete flying[task]
	left[task] = now
	next
}
$5 == "kmem_cache_free:" {
	pointer = "0x" substr($7, 5)
	freed[pointer] = now
	frees++
	for (task in address) {
		if (address[task] != pointer)
			continue
		if (task in flying)
			overlap[task] = now
		else if (now - left[task] < edge)
			tell(task, 0, left[task] - now)
	}
}
END {
	# Their end was not seen: whatever is still in flight is told.
	for (task in overlap)
		tell(task, overlap[task] - entered[task], edge)
	printf "%d end %.0f\n", cycle, now * 1000
	print cycle, "frees", frees + 0
}
